#!/bin/sh
# Installs what some tests use beside .NET and Node, on Debian and Ubuntu. Without it those tests are skipped, or fail with CI=true.
set -eu
present() {
  command -v zbarimg && command -v rsvg-convert && { command -v chromium || command -v google-chrome; } && /usr/bin/python3 -c 'import msal, requests'
} >/dev/null 2>&1
if present; then exit 0; fi
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -qq
$sudo apt-get install -y -qq --no-install-recommends zbar-tools librsvg2-bin python3-msal python3-requests
command -v chromium >/dev/null || command -v google-chrome >/dev/null || $sudo apt-get install -y -qq --no-install-recommends chromium
