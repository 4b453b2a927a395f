#!/bin/sh
# Makes the key that signs ID tokens on the first deployment and never again. It goes from the generator into the vault by a private
# file: not through an argument, a template, a parameter or an output.
# Usage: ensure-signing-key.sh [vault]    (default: AZURE_KEY_VAULT_NAME, which azd sets)
set -eu
vault="${1:-${AZURE_KEY_VAULT_NAME:?name the vault}}"
name=id-token-signing-key
umask 077
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
trap 'exit 130' INT HUP TERM
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$file" 2>/dev/null || { echo "openssl has made no key." >&2; exit 1; }

put() {
  az keyvault secret set --vault-name "$vault" --name "$name" --file "$file" --encoding utf-8 --output none
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
