#!/bin/sh
# Adds a new version of the protection key. It protects from 15 minutes after on; the versions before it open what they protected for as
# long as they are enabled.
# Usage: rotate-protection-key.sh [vault]    (default: AZURE_KEY_VAULT_NAME)
set -eu
vault="${1:-${AZURE_KEY_VAULT_NAME:?name the vault}}"
umask 077
file="$(mktemp)"
trap 'rm -f "$file"' EXIT
trap 'exit 130' INT HUP TERM
openssl rand -base64 32 | tr -d '\n' > "$file"
[ "$(wc -c < "$file")" -eq 44 ] || { echo "openssl has made no key." >&2; exit 1; }
az keyvault secret set --vault-name "$vault" --name token-protection-key --file "$file" --encoding utf-8 --output none
echo "A new version of token-protection-key lies in $vault."
