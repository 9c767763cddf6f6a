#!/usr/bin/env bash
# Systematic tests of what threads hand to each other: Coyote rewrites the assembly, then plays each test under many schedules and finds those
# that break it. Called by ./build.sh soak schedules [COUNT]; exit code 1: one broke, and its trace is in out/schedules/bin/Output.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
count=${1:-1000}
out=$PWD/out/schedules
mkdir -p "$out"
# The tool was built for an older runtime; and it would send usage data.
export DOTNET_ROLL_FORWARD=Major COYOTE_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

if [ ! -x "$out/tools/coyote" ]; then
  dotnet tool install Microsoft.Coyote.CLI --version 1.7.11 --tool-path "$out/tools" >"$out/tool.log" 2>&1 || { cat "$out/tool.log" >&2; exit 1; }
fi
rm -rf "$out/bin"
dotnet build tests/EdgeRoute.Schedules -c Release -o "$out/bin" --nologo -v q >"$out/build.log" 2>&1 || { tail -5 "$out/build.log" >&2; exit 1; }
"$out/tools/coyote" rewrite "$out/bin/EdgeRoute.Schedules.dll" >"$out/rewrite.log" 2>&1 || { tail -5 "$out/rewrite.log" >&2; exit 1; }

failed=0
while IFS=: read -r file test; do
  class=$(basename "$file" .cs)
  if timeout 600 "$out/tools/coyote" test "$out/bin/EdgeRoute.Schedules.dll" -m "EdgeRoute.Schedules.$class.$test" -i "$count" >"$out/$test.log" 2>&1; then
    explored=$(sed -n 's/.*Explored \([0-9]*\) execution.* \([0-9]*\) unique.*/\1 schedules, \2 different/p' "$out/$test.log")
    echo "ok      $test: $explored"
  else
    echo "BROKEN  $test (out/schedules/$test.log):"
    grep -A2 'found bug' "$out/$test.log" | sed 's/^/        /' || tail -3 "$out/$test.log"
    failed=1
  fi
done < <(grep -A1 '\[Test\]' tests/EdgeRoute.Schedules/*Schedules.cs | sed -n 's/^\([^ ]*\.cs\)-.*public static [a-z A-Z]* \([A-Za-z_]*\)().*/\1:\2/p')
exit $failed
