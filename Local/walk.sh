#!/usr/bin/env bash
# Walks the whole flow against a running Local, as browser and as game, and ends with the token.
# Usage: Local/walk.sh [broker-url] [app] [scopes]
set -euo pipefail
broker="${1:-http://localhost:7071}"
app="${2:-lifescope}"
scopes="${3:-basic}"
jar="$(mktemp)"
trap 'rm -f "$jar"' EXIT
browser() { curl --silent --show-error --location --cookie "$jar" --cookie-jar "$jar" "$@"; }

echo "1. The game opens the player's browser: $broker/create-session?app=$app&scopes=$scopes"
stop() { echo "walk.sh: $1" >&2; exit 1; }
consent="$(browser --write-out '\n%{url_effective}' "$broker/create-session?app=$app&scopes=$scopes")"
provider="$(tail -n 1 <<<"$consent" | sed -E 's#^(https?://[^/]+).*#\1#')"
ticket="$(sed -nE 's/.*name="ticket" value="([^"]+)".*/\1/p' <<<"$consent")"
[ -n "$ticket" ] || stop "no consent page came back; is Local running at $broker?"

echo "2. The player signs in at $provider and approves"
page="$(browser --data-urlencode "ticket=$ticket" --data player=ada --data decision=approve "$provider/consent")"
code="$(grep -o 'id="access-code">.*</p>' <<<"$page" | sed -E 's/^[^>]*>//; s/<[^>]*>//g')"
[ -n "$code" ] || stop "no access code on the page"
echo "   The page shows the access code $code"

echo "3. The game redeems the code: $broker/exchange-code?access_code=$code"
curl --silent --show-error --fail-with-body "$broker/exchange-code?access_code=$code"
echo
