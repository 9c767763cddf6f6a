#!/usr/bin/env bash
# The one entry point: each verb does the set-up it needs, says what it installs, and is quick the second time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
out=$root/out
host=$out/linux-x64/edgerouted
yes=${CI:+1}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# Debian packages by what needs them.
debs_build=(clang zlib1g-dev)                      # the Native AOT linker step
debs_natives=(npm)                                 # fetches the pinned ONNX Runtime
debs_run=(libgstreamer1.0-0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav libturbojpeg0 libssl3)
debs_test=(python3 python3-gi gir1.2-gst-rtsp-server-1.0 gcc binutils libc6-dev libjpeg-turbo-progs python3-jsonschema python3-msgpack openssl iproute2)
debs_bench=(gcc libc6-dev python3-opencv python3-numpy python3-msgpack)

# What the tests run in Debug as well, where rings and queues are small enough to wrap in every test and assertions speak.
debug_rooms=(Core Protocol ControlChannel Engine.Frames Engine.Loop Engine.Outputs Engine.Tracing Engine.Capture)

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

usage() {
  cat <<'U'
usage: ./build.sh VERB [--yes]

  demo [SECONDS]   set up, publish, let the simulated robot arm work (default 30 s), compare with always heavy, write a contact sheet
  test             set up, run every test, those of rings, queues and loops in Debug too (what .ci/run calls)
  check            compile everything and run the structure tests only; fast
  publish [RID]    Native AOT binary into out/RID (default linux-x64; linux-arm64 where its packs are to be had)
  tools            the laptop tool into out/tools: edgeroute top, budget, pair, calibrate, replay, explain, ...
  bench            speed and memory against named rivals; writes RESULTS.md and the rows the README shows
  soak [SECONDS]   four sources at once with a server that is killed again and again (default 300)
  soak fuzz [MESSAGES [SEED]]
                   damaged messages against the codec of the control channel (default 10,000,000)
  natives          fetch the pinned ONNX Runtime libraries only
  clean            remove build outputs (not the fetched natives)

  --yes            install missing Debian packages without asking (implied where CI is set)

examples:
  ./build.sh demo
  ./build.sh publish linux-arm64
U
}

# Installs the missing ones of the Debian packages named, after asking.
need_debs() {
  local missing=()
  for p in "$@"; do
    [ "$p" = npm ] && command -v npm >/dev/null && continue   # any npm will do, wherever it comes from
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || fail "needs these Debian packages, and there is no apt-get here: ${missing[*]}"
  say "Debian packages to install: ${missing[*]}"
  if [ -z "${yes:-}" ]; then
    [ -t 0 ] || fail "not asked to install anything: run again with --yes, or: apt-get install ${missing[*]}"
    read -r -p "Install them now? [y/N] " answer
    [[ $answer == [yY]* ]] || fail "stopped; install them and run again: apt-get install ${missing[*]}"
  fi
  local sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq || say "apt-get update failed; trying with the lists at hand"
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$out/apt.log" 2>&1 \
    || { tail -5 "$out/apt.log" >&2; fail "apt-get could not install ${missing[*]}; the whole log is out/apt.log"; }
}

need_dotnet() {
  command -v dotnet >/dev/null || fail "the .NET SDK is not on PATH; install .NET SDK 10 and run again"
  [ "$(dotnet --version | cut -d. -f1)" -ge 10 ] || fail "needs .NET SDK 10 or newer, found $(dotnet --version)"
}

# Runs a long command with its output in a log; shows the end of it only when it fails.
logged() {
  local name=$1; shift
  say "$name"
  "$@" >"$out/$name.log" 2>&1 || { grep -E 'error|warning' "$out/$name.log" | sort -u | head -20 >&2; tail -15 "$out/$name.log" >&2; fail "$name failed; the whole log is out/$name.log"; }
}

natives() {
  need_debs "${debs_natives[@]}"
  runtime/natives/install.sh "$@"
}

# Something newer than the stamp among what the binary is made of?
is_fresh() {
  local stamp=$1; shift
  [ -e "$stamp" ] && [ -z "$(find "$@" Directory.*.props -newer "$stamp" \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.Substitutions.xml' -o -name '*.so*' \) -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]
}

publish() {
  local rid=${1:-linux-x64}
  need_dotnet
  need_debs "${debs_build[@]}"
  natives
  mkdir -p "$out/$rid"
  if is_fresh "$out/$rid/edgerouted" runtime; then say "publish $rid: up to date"; return; fi
  if [ "$rid" = linux-arm64 ] && [ "$(uname -m)" != aarch64 ]; then explain_arm64; fi
  logged "publish-$rid" dotnet publish runtime/EdgeRoute.Host -c Release -r "$rid" -o "$out/$rid" --nologo
  cp -u "runtime/natives/lib/$rid/libonnxruntime.so.1" "$out/$rid/"
  say "out/$rid/edgerouted: $(stat -c %s "$out/$rid/edgerouted") bytes"
}

tools() {
  need_dotnet
  natives
  if is_fresh "$out/tools/edgeroute" runtime tools; then say "tools: up to date"; return; fi
  logged publish-tools dotnet publish tools/EdgeRoute.Cli -c Release -o "$out/tools" --nologo
  cp -u runtime/natives/lib/linux-x64/libonnxruntime.so.1 "$out/tools/"
  touch "$out/tools/edgeroute"
  say "out/tools/edgeroute"
}

# Cross-publishing needs the arm64 compiler pack; some package sources do not carry it.
explain_arm64() {
  say "looking for the linux-arm64 Native AOT packs"
  dotnet restore runtime/EdgeRoute.Host -r linux-arm64 >"$out/restore-arm64.log" 2>&1 && return
  local missing
  missing=$(grep -oE 'Unable to find package [A-Za-z0-9.-]+' "$out/restore-arm64.log" | awk '{print $NF}' | sed 's/\.$//' | sort -u | tr '\n' ' ' || true)
  [ -n "$missing" ] || { tail -5 "$out/restore-arm64.log" >&2; fail "restore for linux-arm64 failed; the whole log is out/restore-arm64.log"; }
  fail "the package source has no linux-arm64 Native AOT packs (missing: $missing).
Nothing here can stand in for them. Either add a package source that carries them and run this again,
or run './build.sh publish linux-arm64' on the Jetson itself with the .NET SDK installed: there the same command is a native build."
}

demo() {
  need_debs "${debs_run[@]}"
  publish linux-x64
  say "a simulated robot arm, told in words what to put where; each plan takes the path that the pack's cascade finds enough"
  "$host" demo device-configs/demo.yaml --seconds "${1:-30}" --sheet out/demo/episodes.png
}

run_tests() {
  need_dotnet
  need_debs "${debs_run[@]}" "${debs_test[@]}"
  publish linux-x64
  tools
  natives --providers || say "the GPU provider libraries could not be fetched; their tests will be skipped"
  rm -rf "$out/results"
  local rc=0
  for project in EdgeRoute.Tests EdgeRoute.SystemTests; do
    logged "build-$project" dotnet build "tests/$project" -c Release --nologo -v q
    say "$project"
    EDGEROUTED=$host dotnet test "tests/$project" -c Release --no-build --nologo --logger "trx;LogFileName=$project.trx" \
      --logger "console;verbosity=minimal" --results-directory "$out/results" "$@" || rc=1
  done
  run_debug_tests "$@" || rc=1
  python3 tests/report.py "$out"/results/*.trx || rc=1
  return $rc
}

# Arguments, which may hold a filter, stand in for the choice of rooms.
run_debug_tests() {
  logged build-EdgeRoute.Tests-Debug dotnet build tests/EdgeRoute.Tests -c Debug --nologo -v q
  say "EdgeRoute.Tests in Debug: ${debug_rooms[*]}"
  local rooms
  rooms=$(printf '|FullyQualifiedName~EdgeRoute.Tests.%s.' "${debug_rooms[@]}")
  [ $# -gt 0 ] || set -- --filter "${rooms:1}"
  EDGEROUTED=$host dotnet test tests/EdgeRoute.Tests -c Debug --no-build --nologo --logger "trx;LogFileName=EdgeRoute.Tests.Debug.trx" \
    --logger "console;verbosity=minimal" --results-directory "$out/results" "$@"
}

check() {
  need_dotnet
  logged build dotnet build EdgeRoute.sln --nologo -v q
  dotnet test tests/EdgeRoute.Tests --no-build --nologo --filter 'FullyQualifiedName~Tidy|FullyQualifiedName~Abi'
}

bench() {
  need_debs "${debs_run[@]}" "${debs_bench[@]}"
  publish linux-x64
  tests/EdgeRoute.Benchmarks/bench.sh "$@"
}

soak_frames() {
  need_debs "${debs_run[@]}" "${debs_test[@]}"
  publish linux-x64
  tests/EdgeRoute.SystemTests/soak.sh "$@"
}

soak_fuzz() {
  need_dotnet
  logged build-EdgeRoute.TestBench dotnet build tests/EdgeRoute.TestBench -c Release --nologo -v q
  dotnet run --project tests/EdgeRoute.TestBench -c Release --no-build -- message-fuzz "$@"
}

verb=${1:-}
[ $# -gt 0 ] && shift
args=()
for a in "$@"; do if [ "$a" = --yes ]; then yes=1; else args+=("$a"); fi; done
mkdir -p "$out"
case $verb in
  demo) demo "${args[@]}" ;;
  test) run_tests "${args[@]}" ;;
  check) check ;;
  publish) publish "${args[@]}" ;;
  tools) need_debs "${debs_run[@]}"; tools ;;
  bench) bench "${args[@]}" ;;
  soak) if [ "${args[0]:-}" = fuzz ]; then soak_fuzz "${args[@]:1}"; else soak_frames "${args[@]}"; fi ;;
  natives) natives "${args[@]}" ;;
  clean) find . -path ./runtime/natives -prune -o \( -name bin -o -name obj \) -type d -prune -exec rm -rf {} +; rm -rf "$out" ;;
  -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac
