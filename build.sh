#!/usr/bin/env bash
# The one entry point: each verb does the set-up it needs, says what it installs, and is quick the second time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$PWD
out=$root/out
case $(uname -m) in
  aarch64 | arm64) rid=linux-arm64 ;;
  *) rid=linux-x64 ;;
esac
host=$out/$rid/edgerouted
yes=${CI:+1}
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

# Packages of Debian and Ubuntu by what needs them; a|b is one that the two, or their releases, name differently.
debs_build=(clang zlib1g-dev)                      # the Native AOT linker step
debs_cross=(clang binutils-aarch64-linux-gnu gcc-aarch64-linux-gnu libc6-dev-arm64-cross)   # the same for arm64, on an x64 machine
debs_run=(libgstreamer1.0-0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-libav 'libturbojpeg0|libturbojpeg' 'libssl3|libssl3t64')
debs_wish=(v4l-utils ca-certificates avahi-daemon avahi-utils) # what a device is better off with: cameras, brokers' certificates, to be found
debs_package=(dpkg-dev binutils git lintian)
debs_test=(python3 python3-gi gir1.2-gst-rtsp-server-1.0 gcc binutils libc6-dev libjpeg-turbo-progs python3-jsonschema python3-msgpack openssl iproute2 strace mosquitto mosquitto-clients
  openssh-server                                   # stands for a board that 'edgeroute flash' reaches
  'chromium|chromium-browser')                     # drives the page of 'edgeroute ui'
debs_board=(mmdebstrap qemu-user-static)           # an emulated board, for tests of the arm64 binary on an x64 machine
debs_fuzz=(afl++ 'libturbojpeg0|libturbojpeg')
debs_bench=(gcc libc6-dev python3-opencv python3-numpy python3-msgpack)

# What the tests run in Debug as well, where rings and queues are small enough to wrap in every test and assertions speak.
debug_rooms=(Core Protocol ControlChannel Engine.Frames Engine.Loop Engine.Outputs Engine.Tracing Engine.Capture)

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
fail() { printf 'build.sh: %s\n' "$*" >&2; exit 1; }

usage() {
  cat <<'U'
usage: ./build.sh VERB [--yes]

  demo [SECONDS]   set up, publish, let the simulated robot arm work (default 30 s), compare with always heavy, write a contact sheet
  test             set up, run every test, those of rings, queues and loops in Debug too, and on an x64 machine the arm64 binary in an emulator
                   (what .ci/run calls)
  check            compile everything and run the structure tests only; fast
  publish [RID] [--gpu]
                   Native AOT binary into out/RID (default: this machine's, linux-x64 or linux-arm64; x64 machines build for arm64 too);
                   --gpu: with the CUDA and TensorRT providers beside it, into out/RID-gpu (linux-x64 only, 320 MB)
  package [RID...] Debian packages of device and laptop tool, and a tarball of the tool, into out/packages (default: this machine's RID;
                   x64 machines make linux-arm64 too)
  tools            the laptop tool into out/tools: edgeroute top, ui (its page is built with npm), budget, pair, calibrate, replay, explain, ...
  bench            speed and memory against named rivals; writes RESULTS.md and the rows the README shows
  soak [SECONDS]   four sources at once with a server that is killed again and again (default 300)
  soak fuzz [MESSAGES [SEED]]
                   damaged messages against the codec of the control channel (default 10,000,000)
  soak fuzz TARGET|all [SECONDS]
                   coverage-guided, of config, manifest, calibration, recording, journal, clients, wire, jpeg, picture, address or reply
                   (default 600 s a target)
  soak simulate [--hours H] [--seed N] [--seeds K]
                   whole devices in virtual time, with faults of cameras, stages, disk and clocks, requests and power cuts: every seed a
                   run that can be repeated (default: 24 hours of each of 100 seeds)
  soak schedules [COUNT]
                   what threads hand to each other, each test under COUNT schedules (default 1000)
  soak verdicts [COUNT [SEED]]
                   bent manifests and odd configs, each under a check and a start that must agree (default 10,000)
  soak sources [COUNT]
                   a source that comes and goes COUNT times while another runs, with a recording open (default 1000)
  soak faults [SECONDS [SEED]]
                   a disk, descriptors and memory that fail at random under frames and channel (default 1800)
  soak episodes [COUNT]
                   costs beyond what was predicted, lost cameras, halved clocks, failing stages: what was promised of age and allowances
                   holds in each (default 10,000 episodes)
  licences [--json] [--shipped]
                   every part that is not this project's own, where it goes, and its licence
  clean            remove build outputs

  --yes            install missing Debian packages without asking (implied where CI is set)

examples:
  ./build.sh demo
  ./build.sh publish linux-arm64
U
}

# Of the names a|b of one package, the first that is installed, else the first that apt knows, else the first.
deb_named() {
  local name
  for name in ${1//|/ }; do
    if dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then echo "$name"; return; fi
  done
  for name in ${1//|/ }; do
    if [ -n "$(apt-cache madison "$name" 2>/dev/null)" ]; then echo "$name"; return; fi
  done
  echo "${1%%|*}"
}

# Installs the missing ones of the packages named, after asking.
need_debs() {
  local missing=() named=() p
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$(deb_named "$p")" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return
  command -v apt-get >/dev/null || fail "needs these Debian packages, and there is no apt-get here: ${missing[*]}"
  for p in "${missing[@]}"; do named+=("$(deb_named "$p")"); done
  say "packages to install: ${named[*]}"
  if [ -z "${yes:-}" ]; then
    [ -t 0 ] || fail "not asked to install anything: run again with --yes, or: apt-get install ${named[*]}"
    read -r -p "Install them now? [y/N] " answer
    [[ $answer == [yY]* ]] || fail "stopped; install them and run again: apt-get install ${named[*]}"
  fi
  local sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get update -qq || say "apt-get update failed; trying with the lists at hand"
  named=()   # fresh lists may know another name
  for p in "${missing[@]}"; do named+=("$(deb_named "$p")"); done
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${named[@]}" >"$out/apt.log" 2>&1 \
    || { tail -5 "$out/apt.log" >&2; fail "apt-get could not install ${named[*]}; the whole log is out/apt.log"; }
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

# Something newer than the stamp among what the binary is made of?
is_fresh() {
  local stamp=$1; shift
  [ -e "$stamp" ] && [ -z "$(find "$@" Directory.*.props -newer "$stamp" \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name 'packages.lock.json' -o -name '*.Substitutions.xml' \) -not -path '*/obj/*' -not -path '*/bin/*' -print -quit)" ]
}

publish() {
  local rid=$rid flavour=cpu a
  for a in "$@"; do if [ "$a" = --gpu ]; then flavour=gpu; else rid=$a; fi; done
  local to=$out/$rid
  [ $flavour = cpu ] || to=$out/$rid-gpu
  need_dotnet
  case $(uname -m)-$rid in
    x86_64-linux-arm64) need_debs "${debs_cross[@]}" ;;
    x86_64-linux-x64 | aarch64-linux-arm64) need_debs "${debs_build[@]}" ;;
    *) fail "cannot publish $rid on this machine ($(uname -m)): linux-arm64 is built on arm64 or x64, linux-x64 on x64" ;;
  esac
  [ $flavour-$rid != gpu-linux-arm64 ] || fail "the package has its GPU build for linux-x64 only: on a Jetson set runtime.library to the
ONNX Runtime of your JetPack; edgerouted serves every version from 1.17 on"
  mkdir -p "$to"
  if is_fresh "$to/edgerouted" runtime; then say "publish $rid: up to date"; return; fi
  logged "publish-${to##*/}" dotnet publish runtime/EdgeRoute.Host -c Release -r "$rid" -o "$to" -p:OnnxRuntimeFlavour=$flavour --nologo \
    -p:RunAnalyzers=false   # the build of the tests runs them, and the AOT compiler has warnings of its own
  say "out/${to##*/}/edgerouted: $(stat -c %s "$to/edgerouted") bytes"
}

# The page of 'edgeroute ui'. Where it cannot be built the tool is whole but for that verb, which says what it lacks.
page() {
  local web=tools/EdgeRoute.Web to=$out/tools/page
  if [ -e "$to/index.html" ] && [ -z "$(find $web -newer "$to/index.html" -type f -not -path '*/node_modules/*' -print -quit)" ]; then return; fi
  command -v npm >/dev/null || { say "no npm: the laptop tool goes without its page, and 'edgeroute ui' says so (install Node.js 20 or newer with npm)"; return; }
  mkdir -p "$out/tools"
  (cd $web && { [ node_modules -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; } \
    && npm run build -- --outDir "$to" --emptyOutDir) >"$out/page.log" 2>&1 \
    || { say "the page could not be built (out/page.log): the laptop tool goes without it, and 'edgeroute ui' says so"; return; }
  say "out/tools/page"
}

tools() {
  need_dotnet
  page
  if is_fresh "$out/tools/edgeroute" runtime tools; then say "tools: up to date"; return; fi
  logged publish-tools dotnet publish tools/EdgeRoute.Cli -c Release -o "$out/tools" --nologo
  touch "$out/tools/edgeroute"
  say "out/tools/edgeroute"
}

# The laptop tool with a runtime of its own, for machines without .NET.
tools_alone() {
  local to=$out/tools-$1
  is_fresh "$to/edgeroute" runtime tools && return
  logged "publish-tools-$1" dotnet publish tools/EdgeRoute.Cli -c Release -r "$1" --self-contained -o "$to" --nologo \
    -p:ContinuousIntegrationBuild=true -p:DebugType=none
  touch "$to/edgeroute"
}

package() {
  local one
  [ $# -gt 0 ] || set -- "$rid"
  need_debs "${debs_run[@]}" "${debs_package[@]}"
  # The manual is written by the programs themselves, of this machine's kind.
  page
  for one in $(printf '%s\n' "$rid" "$@" | sort -u); do
    publish "$one"
    tools_alone "$one"
    [ ! -d "$out/tools/page" ] || cp -rT "$out/tools/page" "$out/tools-$one/page"
  done
  for one in "$@"; do
    tools/packaging/package.sh device "$one" "$out/$one" "$out/packages"
    tools/packaging/package.sh tools "$one" "$out/tools-$one" "$out/packages"
  done
}

# What an emulator needs of this machine; what it cannot have is told, and the tests of the arm64 binary are skipped.
need_board() {
  if [ "$rid" = linux-arm64 ]; then say "an arm64 machine: every test tries the arm64 binary, nothing is emulated"; return; fi
  need_debs "${debs_cross[@]}"
  (need_debs "${debs_board[@]}") || say "there is no emulator (why: above)"
}

# The arm64 binary and the arm64 libraries that an emulator runs it with, and a runner of unit tests with an arm64 framework.
emulated_board() {
  [ "$rid" != linux-arm64 ] || return 0
  publish linux-arm64
  is_fresh "$out/arm64/runner/EdgeRoute.TestRunner.dll" tests/EdgeRoute.TestRunner \
    || logged publish-TestRunner dotnet publish tests/EdgeRoute.TestRunner -c Release -r linux-arm64 --self-contained -o "$out/arm64/runner" --nologo
  say "an arm64 system for the emulator (a minute, once)"
  local debs=() p
  for p in "${debs_run[@]}" libstdc++6; do debs+=("$(deb_named "$p")"); done
  tests/EdgeRoute.SystemTests/Arm64/board.sh make "${debs[@]}" || say "there is none (why: above); the tests of the arm64 binary are skipped"
}

demo() {
  need_debs "${debs_run[@]}"
  publish
  say "a simulated robot arm, told in words what to put where; each plan takes the path that the pack's cascade finds enough"
  "$host" demo device-configs/demo.yaml --seconds "${1:-30}" --sheet out/demo/episodes.png
}

run_tests() {
  need_dotnet
  need_debs "${debs_run[@]}" "${debs_test[@]}"
  need_board
  local npm
  # What npm fetches and builds has nothing to do with the binary. A process group of its own, so that Ctrl-C reaches all of it.
  set -m
  { page; npm_peers; } </dev/null &
  npm=$!
  set +m
  trap "kill -- -$npm 2>/dev/null" EXIT
  publish
  wait "$npm"
  trap - EXIT
  tools
  rm -rf "$out/results"
  logged build-EdgeRoute.Tests dotnet build tests/EdgeRoute.Tests -c Release --nologo -v q
  logged build-EdgeRoute.SystemTests dotnet build tests/EdgeRoute.SystemTests -c Release --nologo -v q
  # Debug's assertions, optimized all the same: it is they that are looked for.
  logged build-EdgeRoute.Tests-Debug dotnet build tests/EdgeRoute.Tests -c Debug --nologo -v q -p:Optimize=true -p:RunAnalyzers=false
  say "the arm64 binary, then EdgeRoute.SystemTests, beside the others: out/EdgeRoute.SystemTests.log"
  local rc=0 rooms system
  # A process group of its own, so that Ctrl-C reaches whatever these tests have started.
  set -m
  system_tests "$@" >"$out/EdgeRoute.SystemTests.log" 2>&1 </dev/null &
  system=$!
  set +m
  trap "kill -- -$system 2>/dev/null" EXIT
  # The suite in front ends by itself at Ctrl-C; without this the next one would begin.
  trap 'exit 130' INT
  say EdgeRoute.Tests
  suite EdgeRoute.Tests EdgeRoute.Tests Release "$@" || rc=1
  say "EdgeRoute.Tests in Debug: ${debug_rooms[*]}"
  rooms=$(printf '|FullyQualifiedName~EdgeRoute.Tests.%s.' "${debug_rooms[@]}")
  # Arguments, which may hold a filter, stand in for the choice of rooms.
  if [ $# -gt 0 ]; then suite EdgeRoute.Tests.Debug EdgeRoute.Tests Debug "$@"; else suite EdgeRoute.Tests.Debug EdgeRoute.Tests Debug --filter "${rooms:1}"; fi \
    || rc=1
  say EdgeRoute.SystemTests
  wait "$system" || rc=1
  trap - EXIT INT
  cat "$out/EdgeRoute.SystemTests.log"
  python3 tests/report.py "$out"/results/*.trx || rc=1
  return $rc
}

# What the emulator needs is long in the making and half the time on one core, so other tests go on beside it.
system_tests() {
  emulated_board
  suite EdgeRoute.SystemTests EdgeRoute.SystemTests Release "$@"
}

# A suite by a name for its results, its project and its configuration; more arguments go to it. The assembly is run as it lies there: the
# project, which would be read again, may be in another build.
suite() {
  EDGEROUTED=$host dotnet test "tests/$2/bin/$3"/*/"$2.dll" --nologo --logger "trx;LogFileName=$1.trx" \
    --logger "console;verbosity=minimal" --results-directory "$out/results" "${@:4}"
}

# MessagePack, MCAP, YAML, gRPC and a live viewer of other hands, and a browser's driver, from a registry that only these tests ask.
npm_peers() {
  local peers
  for peers in grpc msgpack mcap foxglove page yaml; do
    [ -d "tests/fixtures/$peers/node_modules" ] && continue
    command -v npm >/dev/null && (cd "tests/fixtures/$peers" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) \
      >"$out/npm-$peers.log" 2>&1 \
      || say "no npm, or it could not fetch what tests/fixtures/$peers pins (out/npm-$peers.log): the tests that need it will be skipped"
  done
}

check() {
  need_dotnet
  logged build dotnet build EdgeRoute.sln --nologo -v q
  dotnet test tests/EdgeRoute.Tests --no-build --nologo --filter 'FullyQualifiedName~Tidy|FullyQualifiedName~Abi'
}

bench() {
  need_debs "${debs_run[@]}" "${debs_bench[@]}"
  publish
  tools
  EDGEROUTED=$host tests/EdgeRoute.Benchmarks/bench.sh "$@"
}

soak_frames() {
  need_debs "${debs_run[@]}" "${debs_test[@]}"
  publish
  EDGEROUTED=$host tests/EdgeRoute.SystemTests/soak.sh "$@"
}

soak_faults() {
  need_debs "${debs_run[@]}" "${debs_test[@]}"
  publish
  EDGEROUTED=$host /usr/bin/python3 tests/EdgeRoute.SystemTests/Faults/soak.py "$@"
}

test_bench() {
  need_dotnet
  logged build-EdgeRoute.TestBench dotnet build tests/EdgeRoute.TestBench -c Release --nologo -v q
  dotnet run --project tests/EdgeRoute.TestBench -c Release --no-build -- "$@"
}

# A number is a count of messages, a word a target.
soak_fuzz() {
  case ${1:-} in
    '' | [0-9]*) test_bench message-fuzz "$@"; return ;;
  esac
  need_dotnet
  need_debs "${debs_fuzz[@]}"
  local target rc=0
  for target in $(if [ "$1" = all ]; then test_bench fuzz-targets | grep -xE '[a-z]+'; else echo "$1"; fi); do
    tests/EdgeRoute.TestBench/Fuzzing/fuzz.sh "$target" "${@:2}" || rc=1
  done
  return $rc
}

soak_episodes() {
  need_dotnet
  EDGEROUTE_EPISODES=${1:-10000} dotnet test tests/EdgeRoute.Tests -c Release --nologo --filter FullyQualifiedName~HostileEpisodes \
    --logger "console;verbosity=detailed"
}

soak() {
  case ${1:-} in
    fuzz) soak_fuzz "${@:2}" ;;
    episodes) soak_episodes "${@:2}" ;;
    faults) soak_faults "${@:2}" ;;
    schedules) need_dotnet; tests/EdgeRoute.Schedules/schedules.sh "${@:2}" ;;
    simulate) test_bench simulate models/shapes/manifest.json "${@:2}" ;;
    sources) test_bench sources . "${@:2}" ;;
    verdicts) need_debs "${debs_run[@]}"; test_bench verdicts . "${@:2}" ;;
    *) soak_frames "$@" ;;
  esac
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
  package) package "${args[@]}" ;;
  tools) need_debs "${debs_run[@]}"; tools ;;
  bench) bench "${args[@]}" ;;
  licences) need_dotnet; logged restore dotnet restore EdgeRoute.sln; python3 tools/licences.py "${args[@]}" ;;
  soak) soak "${args[@]}" ;;
  clean) find . \( -name bin -o -name obj \) -type d -prune -exec rm -rf {} +; rm -rf "$out" ;;
  -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac
