#!/usr/bin/env bash
# A game as a shell script: the player comes back to a port of this machine (RFC 8252) without typing anything.
# Usage: samples/redirect.sh [broker] [app] [scope]
set -euo pipefail
broker="${1:-http://localhost:7071}" app="${2:-aura}" scope="${3:-}" port="${PORT:-51234}"
base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

verifier="$(openssl rand 32 | base64url)" state="$(openssl rand 16 | base64url)"
challenge="$(printf %s "$verifier" | openssl dgst -sha256 -binary | base64url)"
redirect_uri="http://127.0.0.1:$port/callback"
echo "Open $broker/authorize?response_type=code&client_id=$app&redirect_uri=$redirect_uri&scope=${scope// /%20}&state=$state&code_challenge=$challenge&code_challenge_method=S256"

# The listener answers one request, and prints what came with it.
answer="$(python3 - "$port" <<'PY'
import http.server, sys, urllib.parse
class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        self.send_response(200); self.end_headers()
        self.wfile.write(b'You can close this page and go back to the game.')
        print(query.get('state', '-'), query.get('code', '-'), query.get('error', '-'), query.get('error_description', ''))
    def log_message(self, *_): pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Callback).handle_request()
PY
)"
read -r came_back code error description <<<"$answer"
[ "$came_back" = "$state" ] || { echo "This answer belongs to another sign-in." >&2; exit 1; }
[ "$code" != - ] || { echo "The sign-in failed: $error. $description" >&2; exit 1; }
curl -sS --fail-with-body "$broker/token" -d grant_type=authorization_code -d "client_id=$app" --data-urlencode "redirect_uri=$redirect_uri" \
  -d "code=$code" -d "code_verifier=$verifier"
echo
