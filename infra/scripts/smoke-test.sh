#!/bin/sh
# Asks a deployed broker for its health and version, and that it refuses a code that nobody was given.
# Usage: smoke-test.sh <base url> [version]
set -eu
url="${1:?name the base URL}"
version="${2:-}"

# Whether what answered is ready, and of the version that is looked for.
is_it() {
  case "$health" in *'"status":"ready"'*) ;; *) return 1 ;; esac
  [ -n "$version" ] || return 0
  case "$health" in *"\"version\":\"$version\""* | *"\"version\":\"$version+"*) ;; *) return 1 ;; esac
}

# For a while after a deployment the version before it may go on answering.
for attempt in 1 2 3 4 5 6 7 8 9 10 11 12; do
  health="$(curl --silent --show-error --max-time 30 "$url/health" || true)"
  if is_it; then break; fi
  [ "$attempt" -lt 12 ] || { echo "Not ready, or another version answers: $health" >&2; exit 1; }
  sleep "${RETRY_SECONDS:-10}"
done

refusal="$(curl --silent --show-error --max-time 30 --write-out ' %{http_code}' "$url/exchange-code?access_code=22222222")"
case "$refusal" in *'"error":"invalid_grant"'*' 400') ;; *) echo "An unknown code was not refused: $refusal" >&2; exit 1 ;; esac

link="$(curl --silent --show-error --max-time 30 --output /dev/null --write-out '%{http_code}' "$url/create-session?app=nobody")"
[ "$link" = 400 ] || { echo "A bad link was answered with $link" >&2; exit 1; }
echo "$url answers as it should: $health"
