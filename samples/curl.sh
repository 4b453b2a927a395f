#!/usr/bin/env bash
# A game as a shell script: shows where the player signs in, polls, and prints the tokens. Usage: samples/curl.sh [broker] [app] [scope]
set -euo pipefail
broker="${1:-http://localhost:7071}" app="${2:-aura}" scope="${3:-}"
field() { sed -nE "s/.*\"$1\":\"?([^\",}]+).*/\1/p"; }

device="$(curl -sS "$broker/device_authorization" -d "client_id=$app" -d "scope=$scope")"
echo "Open $(field verification_uri_complete <<<"$device")"
interval="$(field interval <<<"$device")"
while true; do
  sleep "$interval"
  reply="$(curl -sS "$broker/token" -d grant_type=urn:ietf:params:oauth:grant-type:device_code \
    -d "client_id=$app" -d "device_code=$(field device_code <<<"$device")")"
  case "$(field error <<<"$reply")" in
    authorization_pending) ;;
    slow_down) interval=$((interval + 5)) ;;
    *) break ;;
  esac
done
echo "$reply"
