#!/bin/sh
# Deploys the infrastructure without azd, or shows what that would change. Prints the outputs as NAME=value.
# Usage: deploy.sh create|what-if <environment> <location>
set -eu
action="${1:?create or what-if}"
environment="${2:?name the environment}"
location="${3:?name the region}"
here="$(dirname "$0")/.."

# main.parameters.json is written for azd, which replaces ${NAME=default} itself.
parameters="$(mktemp)"
trap 'rm -f "$parameters"' EXIT
trap 'exit 130' INT HUP TERM
if [ -z "${AZURE_PRINCIPAL_ID:-}" ]; then
  AZURE_PRINCIPAL_ID="$(az ad sp show --id "${servicePrincipalId:?set AZURE_PRINCIPAL_ID}" --query id --output tsv)"
fi
[ -n "$AZURE_PRINCIPAL_ID" ] || { echo "Who deploys is unknown: set AZURE_PRINCIPAL_ID." >&2; exit 1; }
export AZURE_PRINCIPAL_ID
AZURE_ENV_NAME="$environment" AZURE_LOCATION="$location" AZURE_PRINCIPAL_TYPE="${AZURE_PRINCIPAL_TYPE:-ServicePrincipal}" \
node -e '
  const text = require("fs").readFileSync(process.argv[1], "utf8");
  process.stdout.write(text.replace(/\$\{(\w+)(?:=([^}]*))?\}/g, (_, name, otherwise) => process.env[name] || otherwise || ""));
' "$here/main.parameters.json" > "$parameters"

if [ "$action" = what-if ]; then
  az deployment sub what-if --location "$location" --name "tokenbroker-$environment" --template-file "$here/main.bicep" --parameters "@$parameters"
else
  az deployment sub create --location "$location" --name "tokenbroker-$environment" --template-file "$here/main.bicep" --parameters "@$parameters" --output none
  az deployment sub show --name "tokenbroker-$environment" --query properties.outputs --output json | node -e '
    const outputs = JSON.parse(require("fs").readFileSync(0, "utf8"));
    // Azure Resource Manager lower-cases the first letters of output names.
    for (const [name, { value }] of Object.entries(outputs)) console.log(`${name.toUpperCase()}=${value}`);
  '
fi
