#!/bin/sh
# Makes the protection key on the first deployment and never again. It goes from the generator into the vault by a private file: not
# through an argument, a template, a parameter or an output. With PROTECTION_KEY_BACKUP, the file of an earlier backup is restored instead.
# Usage: ensure-protection-key.sh [vault]    (default: AZURE_KEY_VAULT_NAME, which azd sets)
set -eu
vault="${1:-${AZURE_KEY_VAULT_NAME:?name the vault}}"
name=token-protection-key
umask 077
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
trap 'exit 130' INT HUP TERM
openssl rand -base64 32 | tr -d '\n' > "$file"
[ "$(wc -c < "$file")" -eq 44 ] || { echo "openssl has made no key." >&2; exit 1; }

put() {
  if [ -n "${PROTECTION_KEY_BACKUP:-}" ]; then
    az keyvault secret restore --vault-name "$vault" --file "$PROTECTION_KEY_BACKUP" --output none
  else
    az keyvault secret set --vault-name "$vault" --name "$name" --file "$file" --encoding utf-8 --output none
  fi
}

# A role that was assigned a moment ago takes up to a few minutes to be known; and only an answer counts as "no key yet".
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if names="$(az keyvault secret list --vault-name "$vault" --query '[].name' --output tsv)"; then
    if printf '%s\n' "$names" | grep -qx "$name"; then
      echo "$name is in $vault already and stays as it is."
      exit 0
    fi
    if put; then
      echo "$name lies in $vault now."
      exit 0
    fi
  fi
  echo "The vault does not answer yet (attempt $attempt of 10)." >&2
  sleep "${RETRY_SECONDS:-30}"
done
exit 1
