#!/bin/sh
# Puts a game's client secret into the vault. It is typed unseen or piped in, so it reaches neither the shell's history nor the list of
# processes.
# Usage: set-client-secret.sh <app>[-<provider>] [vault]    (default: AZURE_KEY_VAULT_NAME)
set -eu
app="${1:?name the app}"
vault="${2:-${AZURE_KEY_VAULT_NAME:?name the vault}}"
case "$app" in *[!a-z0-9-]*) echo "An app name has lower-case letters and digits; a provider may follow after a dash." >&2; exit 2 ;; esac

umask 077
file="$(mktemp)"
trap 'stty echo 2>/dev/null || true; rm -f "$file"' EXIT
trap 'exit 130' INT HUP TERM
if [ -t 0 ]; then
  printf 'Client secret of %s: ' "$app" >&2
  stty -echo
  IFS= read -r secret
  stty echo
  echo >&2
else
  IFS= read -r secret || [ -n "$secret" ]
fi
[ -n "$secret" ] || { echo "That was empty; nothing is changed." >&2; exit 2; }
printf %s "$secret" > "$file"
az keyvault secret set --vault-name "$vault" --name "$app-client-secret" --file "$file" --encoding utf-8 --output none
echo "$app-client-secret lies in $vault. Running instances read it within five minutes, or at the provider's first invalid_client."
