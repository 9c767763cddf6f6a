#!/usr/bin/env bash
# Coverage-guided fuzzing of what reads bytes of others: AFL++ drives, SharpFuzz tells it which branches an input took. Called by
# ./build.sh soak fuzz TARGET [SECONDS]. What is found stays in out/fuzz/TARGET and is the next run's beginning; exit code 1: something crashed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
target=$1 seconds=${2:-600}
out=$PWD/out/fuzz
bin=$out/bin
mkdir -p "$out"
export EDGEROUTE_REPOSITORY=$PWD TMPDIR=/dev/shm DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

if [ ! -x "$out/tools/sharpfuzz" ]; then
  dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$out/tools" >"$out/tool.log" 2>&1 || { cat "$out/tool.log" >&2; exit 1; }
fi
if [ ! -e "$bin/instrumented" ] || [ -n "$(find runtime tests/EdgeRoute.TestBench -name '*.cs' -newer "$bin/instrumented" -not -path '*/obj/*' -print -quit)" ]; then
  rm -rf "$bin"
  dotnet publish tests/EdgeRoute.TestBench -c Release -o "$bin" --nologo -v q >"$out/publish.log" 2>&1 || { tail -5 "$out/publish.log" >&2; exit 1; }
  # Before the parts are instrumented: then they run under the fuzzer alone.
  for name in $(dotnet "$bin/EdgeRoute.TestBench.dll" fuzz-targets | grep -xE '[a-z]+'); do
    mkdir -p "$out/seeds/$name"
    dotnet "$bin/EdgeRoute.TestBench.dll" fuzz-seeds "$name" "$out/seeds/$name"
  done
  for part in EdgeRoute.{Core,Protocol,Documents,ControlChannel,Engine} YamlDotNet MessagePack SixLabors.ImageSharp; do
    "$out/tools/sharpfuzz" "$bin/$part.dll" >>"$out/publish.log" 2>&1 || { tail -3 "$out/publish.log" >&2; exit 1; }
  done
  touch "$bin/instrumented"
fi

program=(dotnet "$bin/EdgeRoute.TestBench.dll")
from=$out/seeds/$target
[ ! -d "$out/$target" ] || from=-
export AFL_SKIP_BIN_CHECK=1 AFL_NO_UI=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_FORKSRV_INIT_TMOUT=120000
afl-fuzz -i "$from" -o "$out/$target" -t 10000 -m none -V "$seconds" "${program[@]}" fuzz-take "$target" >"$out/$target.log" 2>&1 \
  || { tail -5 "$out/$target.log" >&2; exit 1; }
stats=$out/$target/default/fuzzer_stats
of() { sed -n "s/^$1 *: //p" "$stats"; }
crashes=$(find "$out/$target/default/crashes" "$out/$target/default/hangs" -type f -name 'id*' | wc -l)
echo "fuzz $target: $(of run_time) s, $(of execs_done) inputs, $(of corpus_count) kept for new branches, coverage $(of bitmap_cvg), $crashes crashes or hangs in out/fuzz/$target/default"
[ "$crashes" = 0 ]
