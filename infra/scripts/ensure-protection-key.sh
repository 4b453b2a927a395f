#!/bin/sh
# Makes the protection key on the first deployment and never again. It goes from the generator into the vault by a pipe and a private
# file: not through an argument, a template, a parameter or an output.
# Usage: ensure-protection-key.sh [vault]    (default: AZURE_KEY_VAULT_NAME, which azd sets)
set -eu
vault="${1:-${AZURE_KEY_VAULT_NAME:?name the vault}}"
name=token-protection-key

if az keyvault secret list --vault-name "$vault" --query "[?name=='$name'].name" --output tsv | grep -qx "$name"; then
  echo "$name is in $vault already and stays as it is."
  exit 0
fi
umask 077
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
openssl rand -base64 32 | tr -d '\n' > "$file"
# A role that was assigned a moment ago takes up to a few minutes to be known.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if az keyvault secret set --vault-name "$vault" --name "$name" --file "$file" --encoding utf-8 --output none; then
    echo "$name is made and lies in $vault."
    exit 0
  fi
  echo "The vault does not take it yet (attempt $attempt of 10)." >&2
  sleep 30
done
exit 1
