#!/bin/sh
# Asks a deployed broker for its health and version, and that it refuses a code that nobody was given.
# Usage: smoke-test.sh <base url> [version]
set -eu
url="${1:?name the base URL}"
version="${2:-}"

for attempt in 1 2 3 4 5 6 7 8 9 10 11 12; do
  health="$(curl --silent --show-error --max-time 30 "$url/health" || true)"
  case "$health" in *'"status":"ready"'*) break ;; esac
  [ "$attempt" -lt 12 ] || { echo "Not ready: $health" >&2; exit 1; }
  sleep 10
done
if [ -n "$version" ]; then
  case "$health" in
    *"\"version\":\"$version\""* | *"\"version\":\"$version+"*) ;;
    *) echo "Another version answers: $health" >&2; exit 1 ;;
  esac
fi

refusal="$(curl --silent --show-error --max-time 30 --write-out ' %{http_code}' "$url/exchange-code?access_code=22222222")"
case "$refusal" in *'"error":"invalid_grant"'*' 400') ;; *) echo "An unknown code was not refused: $refusal" >&2; exit 1 ;; esac

link="$(curl --silent --show-error --max-time 30 --output /dev/null --write-out '%{http_code}' "$url/create-session?app=nobody")"
[ "$link" = 400 ] || { echo "A bad link was answered with $link" >&2; exit 1; }
echo "$url answers as it should: $health"
