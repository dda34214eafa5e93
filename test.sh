#!/usr/bin/env bash
# Installs what the tests need, builds once, runs everything. Ends with one line: N passed, N failed.
set -euo pipefail
cd "$(dirname "$0")"

export DEBIAN_FRONTEND=noninteractive DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export DOTNET_CLI_UI_LANGUAGE=en LC_ALL=C.UTF-8
js=tests/Warren.Interop.Tests/js
results=$(mktemp -d)
passed=0
failed=0

finish() {
  local code=$?
  trap - EXIT
  rm -rf "$results"
  if ((code != 0 && failed == 0)); then
    failed=1 # a step before the tests: install, restore, build
  fi
  echo "$passed passed, $failed failed"
  exit $((failed > 0 ? 1 : 0))
}
trap finish EXIT

step() { printf '\n== %s\n' "$*"; }

as_root() {
  if ((EUID == 0)); then "$@"; else sudo -n --preserve-env=DEBIAN_FRONTEND "$@"; fi
}

# One step that counts as one test.
count() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    echo "FAILED: $name"
    failed=$((failed + 1))
  fi
}

# The clients that talk to the broker. Debian's packages belong to /usr/bin/python3, whatever python3 is on PATH.
install_clients() {
  local missing=()
  /usr/bin/python3 -c 'import pika' 2>/dev/null || missing+=(python3-pika)
  /usr/bin/python3 -c 'import kombu' 2>/dev/null || missing+=(python3-kombu)
  /usr/bin/python3 -c 'import celery' 2>/dev/null || missing+=(python3-celery)
  /usr/bin/python3 -c 'import paho.mqtt' 2>/dev/null || missing+=(python3-paho-mqtt)
  command -v mosquitto_rr >/dev/null || missing+=(mosquitto-clients)
  command -v amqp-publish >/dev/null || missing+=(amqp-tools)
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  if ((${#missing[@]} > 0)); then
    step "apt-get install ${missing[*]}"
    as_root apt-get update -qq
    as_root apt-get install -y -qq --no-install-recommends "${missing[@]}"
  fi

  if [[ -f $js/package-lock.json && ! $js/node_modules/.package-lock.json -nt $js/package-lock.json ]]; then
    step 'npm ci'
    npm ci --prefix "$js" --no-audit --no-fund
  fi
}

# A test project is a program; its summary line is "Total: 76, Errors: 0, Failed: 1, Skipped: 0, …".
run_tests() {
  local name=$1
  local program=tests/$name/bin/Release/net10.0/$name
  local output=$results/$name.txt
  local code=0
  step "$name"
  timeout --kill-after=10 "${TEST_LIMIT_SECONDS:-600}" "$program" -noColor >"$output" 2>&1 || code=$?
  cat "$output"
  local summary total errors failures skipped
  summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$output" | tail -n 1) || true
  if [[ -z $summary ]]; then
    if ((code != 0)) && ! grep -q 'Total: 0$' "$output"; then
      echo "FAILED: $name ended with exit code $code and without a summary"
      failed=$((failed + 1))
    fi
    return
  fi

  read -r total errors failures skipped <<<"${summary//[^0-9]/ }"
  local bad=$((errors + failures))
  passed=$((passed + total - failures - skipped))
  if ((bad == 0 && code != 0)); then
    bad=1
  fi
  failed=$((failed + bad))
}

install_clients

step 'dotnet build'
dotnet restore Warren.slnx -v quiet
dotnet build Warren.slnx -c Release --no-restore -warnaserror -v quiet

step 'dotnet format'
count 'dotnet format' dotnet format whitespace Warren.slnx --no-restore --verify-no-changes

export WARREN_EXE=$PWD/src/Warren.Cli/bin/Release/net10.0/warren
for project in tests/*/*.csproj; do
  run_tests "$(basename "$project" .csproj)"
done

step 'fuzz'
count 'fuzz' timeout --kill-after=10 300 fuzz/Warren.Fuzz/bin/Release/net10.0/Warren.Fuzz all --seconds "${FUZZ_SECONDS:-60}"
