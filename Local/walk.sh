#!/usr/bin/env bash
# Walks the whole flow against a running Local, as browser and as game, and ends with the token.
# Usage: Local/walk.sh [broker-url] [app]
set -euo pipefail
broker="${1:-http://localhost:7071}"
app="${2:-lifescope}"
jar="$(mktemp)"
trap 'rm -f "$jar"' EXIT
browser() { curl --silent --show-error --location --cookie "$jar" --cookie-jar "$jar" "$@"; }

echo "1. The game opens the player's browser: $broker/create-session?app=$app&scopes=basic"
consent="$(browser --write-out '\n%{url_effective}' "$broker/create-session?app=$app&scopes=basic")"
provider="$(tail -n 1 <<<"$consent" | sed -E 's#^(https?://[^/]+).*#\1#')"
ticket="$(sed -nE 's/.*name="ticket" value="([^"]+)".*/\1/p' <<<"$consent")"

echo "2. The player signs in at $provider and approves"
page="$(browser --data-urlencode "ticket=$ticket" --data player=ada --data decision=approve "$provider/consent")"
code="$(sed -nE 's/.*id="access-code">([^<]+)<.*/\1/p' <<<"$page")"
echo "   The page shows the access code $code"

echo "3. The game collects the token: $broker/exchange-code?access_code=$code"
curl --silent --show-error --fail "$broker/exchange-code?access_code=$code"
echo
