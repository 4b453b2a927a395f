#!/bin/sh
# Installs what some tests use beside .NET and Node, on Debian and Ubuntu. Without it those tests are skipped, or fail with CI=true.
set -eu
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo"

present() {
  command -v zbarimg && command -v rsvg-convert && { command -v chromium || command -v google-chrome; } && /usr/bin/python3 -c 'import msal, requests'
} >/dev/null 2>&1
if ! present; then
  export DEBIAN_FRONTEND=noninteractive
  $sudo apt-get update -qq
  $sudo apt-get install -y -qq --no-install-recommends zbar-tools librsvg2-bin python3-msal python3-requests
  command -v chromium >/dev/null || command -v google-chrome >/dev/null || $sudo apt-get install -y -qq --no-install-recommends chromium
fi

# From NuGet: the Bicep compiler, and the packages that the app is published with, where the feed has them.
version=0.49.2
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
if ! command -v bicep >/dev/null; then
  cat > "$folder/bicep.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageDownload Include="Azure.Bicep.CommandLine.linux-x64" Version="[$version]" /></ItemGroup>
</Project>
PROJECT
  dotnet restore "$folder/bicep.csproj" --packages "$folder/packages" --verbosity quiet
  $sudo install -m 755 "$folder/packages/azure.bicep.commandline.linux-x64/$version/tools/bicep" /usr/local/bin/bicep
fi
if [ ! -d "$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')microsoft.azure.webjobs.core" ]; then
  dotnet publish "$(dirname "$0")/../Functions" --configuration Release -p:StandIns=false --artifacts-path "$folder/artifacts" --output "$folder/app" --verbosity quiet ||
    echo "Without the real packages, the test of the published app is skipped."
fi
