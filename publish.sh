#!/usr/bin/env bash
# Builds one file that runs without .NET installed: ./publish.sh [linux-x64|linux-arm64|osx-arm64|win-x64 …] [directory]
# Where the runtime of that platform cannot be had, the result needs .NET 10 on the machine it runs on; the script says so.
set -euo pipefail
cd "$(dirname "$0")"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
rid=${1:-linux-x64}
output=${2:-artifacts/$rid}
common=(publish src/Warren.Cli -c Release -r "$rid" -o "$output" -v quiet -p:NuGetLockFilePath=obj/publish.lock.json -p:PublishSingleFile=true -p:PublishReadyToRun=true)

if dotnet "${common[@]}" --self-contained true; then
  kind='self-contained'
else
  echo "publish.sh: no self-contained file for $rid; trying one that needs .NET 10 to be installed" >&2
  dotnet "${common[@]}" --self-contained false
  kind='needs .NET 10'
fi

program=$output/warren
[[ $rid == win-* ]] && program+=.exe
echo "$program ($kind, ReadyToRun, $(($(stat -c %s "$program" 2>/dev/null || stat -f %z "$program") / 1048576)) MiB)"
