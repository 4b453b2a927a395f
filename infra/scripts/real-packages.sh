#!/bin/sh
# Turns the stand-ins off for every build until turned on again: for tools that call dotnet themselves, as azd does.
# Usage: real-packages.sh on|off
set -eu
file="$(dirname "$0")/../../artifacts/real-packages.props"
if [ "${1:?on or off}" = on ]; then
  mkdir -p "$(dirname "$file")"
  echo '<Project><PropertyGroup><StandIns>false</StandIns></PropertyGroup></Project>' > "$file"
else
  rm -f "$file"
fi
