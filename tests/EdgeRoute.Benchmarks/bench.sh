#!/usr/bin/env bash
# Runs every benchmark against its named rival, writes the tables into RESULTS.md and a few of their rows into README.md. Called by ./build.sh bench.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=tests/EdgeRoute.Benchmarks
out=$PWD/out/bench
data=${EDGEROUTE_DATA:-$PWD/../shared/data}
host=${EDGEROUTED:-$PWD/out/linux-x64/edgerouted}
library=$(dirname "$host")/libonnxruntime.so
mkdir -p "$out"

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

say "publishing the benchmark program (Native AOT) and its C rivals"
dotnet publish "$here" -c Release -r linux-x64 -o "$out/bin" --nologo -v q >"$out/publish.log" 2>&1 || { tail -5 "$out/publish.log" >&2; exit 1; }
gcc -O3 -march=x86-64-v3 -o "$out/frame" "$here/rivals/frame.c" -ldl
ours=$out/bin/EdgeRoute.Benchmarks

{
  echo "# Results"
  echo
  echo "Written by \`./build.sh bench\`; ratios are against a named rival in the same run on the same machine. The README shows a few of the rows."
  echo
  echo "On $(nproc) cores of $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), one thread each, ONNX Runtime $("$host" doctor --json | sed -n "s/.*\"version\": \"\(1\.[0-9.]*\)\".*/\1/p" | head -1); minima, and medians of pairwise ratios."
  echo
} >"$out/results.md"

if [ -d "$data/detectors" ]; then
  say "whole frame on a fixed path, 768x432 RGB, against bare C"
  packs=$PWD/tests/fixtures/packs
  {
    echo "## Whole frame"
    echo
    echo "768x432 RGB: signals, decision, preprocessing, session, boxes, trace record, against a bare C program that only stretches and runs."
    echo
    /usr/bin/python3 "$here/frame.py" "$ours" "$out/frame" "$library" \
      "FastestDet 352" "$data/detectors/fastestdet_352.onnx" "$packs/coco-fastestdet-yolox/manifest.json" "$data" light 0.00392157 \
      "YOLOX-nano 416" "$data/detectors/yolox_nano_416.onnx" "$packs/coco-fastestdet-yolox/manifest.json" "$data" heavy 1
    echo
  } >>"$out/results.md"

  say "three policies on two real videos, the published binary"
  {
    echo "## Real video"
    echo
    echo "FastestDet -> YOLOX-nano, published binary. Agreement: F1 of the boxes at IoU 0.5 against always heavy; thresholds are hand-set, not calibrated."
    echo
    /usr/bin/python3 "$here/video.py" "$host" "$PWD" "$data"
    echo
  } >>"$out/results.md"

  say "budgets on three real videos, the published binary"
  {
    echo "## Budgets"
    echo
    echo "Budgets met by the price alone: the mean from the ninetieth frame on, 3 s of video, where the calibration has seen the beginning of the first video only."
    echo
    /usr/bin/python3 "$here/budgets.py" "$host" out/tools/edgeroute "$PWD" "$data"
    echo
  } >>"$out/results.md"

  say "identities of objects on real videos, against SORT and matching frame by frame"
  {
    echo "## Identities"
    echo
    echo "YOLOX-nano's boxes; counts after CLEAR MOT at every frame, also those not looked at. The reference objects are linked from all frames with past and future at hand; the videos have no labels."
    echo
    /usr/bin/python3 "$here/tracks.py" "$host" "$ours" "$PWD" "$data"
    echo
  } >>"$out/results.md"
else
  say "no folder of real models (EDGEROUTE_DATA): the tables of whole frames, videos, budgets and identities are left out"
fi

say "one decision among eight options against the threshold cascade"
{
  echo "## One decision"
  echo
  echo "Among eight options, with look-through plans and three estimators in each gain, against the threshold cascade; then the rules on results."
  echo
  echo "| what | p50, us | p99, us | managed bytes |"
  echo "|---|---|---|---|"
  "$ours" decide
  echo
} >>"$out/results.md"

say "the control channel: traces to one reader, and frames with and without watchers"
{
  echo "## Control channel"
  echo
  "$ours" channel
  echo
  echo "| frames with watchers against without | p99 | p50 | traces |"
  echo "|---|---|---|---|"
  /usr/bin/python3 "$here/channel.py" "$host"
  echo
} >>"$out/results.md"

say "a robot of another process against one in the engine's own"
{
  echo "## Robot of another process"
  echo
  echo "The tabletop arm on the same tables; 95 % intervals; the arm moves so long after an action came."
  echo
  echo "| arm | placed | interval | ticks an episode | |"
  echo "|---|---|---|---|---|"
  /usr/bin/python3 "$here/robot.py" "$host" out/tools/edgeroute
  echo
} >>"$out/results.md"

say "frames while the device's doors are attacked, beside quiet windows of the same run"
{
  echo "## Under attack"
  echo
  echo "One camera at 100/s, the light path; three windows of 6 s each, quiet and attacked in turns; the attacker, on the same two cores, yields to all."
  echo
  /usr/bin/python3 "$here/attacks.py" "$host" out/tools/edgeroute
  echo
  echo 'The same with `runtime: { realtime: 1 }`:'
  echo
  /usr/bin/python3 "$here/attacks.py" "$host" out/tools/edgeroute 3 6 "realtime: 1"
  echo
} >>"$out/results.md"

say "frames while whoever takes the answers takes none, beside windows of the same run without"
{
  echo "## Stalled consumers"
  echo
  echo "One camera at 100/s, the light path; five windows of 6 s each, without and with, in turns; medians, and the 95 % interval of the ratio's. The broker is stopped (SIGSTOP), the WebSocket's client reads nothing; a window begins once the first answer is lost."
  echo
  /usr/bin/python3 "$here/stalled.py" "$host" 5
  echo
} >>"$out/results.md"

say "binary size and cold start against C"
{
  echo "## Size and start"
  echo
  /usr/bin/python3 "$here/start.py" "$host" "$ours" "$out/frame" "$library" "$PWD"
  echo
} >>"$out/results.md"

say "preprocessing and JPEG against OpenCV"
/usr/bin/python3 "$here/preprocess.py" "$ours" "$out/preprocess.md" "$@"
{
  echo "## Frame to tensor"
  echo
  echo "Against OpenCV."
  echo
  grep -v '(vector128)' "$out/preprocess.md"   # the narrower kernel is the second choice on x64; its rows stay in out/bench
} >>"$out/results.md"

cp "$out/results.md" "$here/RESULTS.md"
/usr/bin/python3 "$here/results.py" "$here/RESULTS.md" README.md
say "results are in $here/RESULTS.md and, a few of them, in README.md"
