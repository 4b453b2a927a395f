#!/bin/sh
# Adds a new version of the key that signs ID tokens. It is published at once and signs from 15 minutes after on; the version before it
# stays published until its last token has expired.
# Usage: rotate-signing-key.sh [vault]    (default: AZURE_KEY_VAULT_NAME)
set -eu
vault="${1:-${AZURE_KEY_VAULT_NAME:?name the vault}}"
umask 077
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
trap 'exit 130' INT HUP TERM
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$file" 2>/dev/null || { echo "openssl has made no key." >&2; exit 1; }
az keyvault secret set --vault-name "$vault" --name id-token-signing-key --file "$file" --encoding utf-8 --output none
echo "A new version of id-token-signing-key lies in $vault."
