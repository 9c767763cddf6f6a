#!/usr/bin/env bash
# Four sources at once for SECONDS (default 300): two video files in a loop, an RTSP server that is killed and started again every 20 s, and a folder
# of pictures. Prints memory over time, then checks the law (captured = sum of the ends) and that the RTSP source came back after every kill.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=${1:-300}
data=${EDGEROUTE_DATA:-$PWD/../shared/data}
[ -d "$data/video" ] || { echo "soak: needs the folder of real models and videos: set EDGEROUTE_DATA" >&2; exit 1; }
work=$(mktemp -d)
port=$((20000 + RANDOM % 20000))
server=
host=
trap '[ -n "$server" ] && kill -9 "$server" 2>/dev/null; [ -n "$host" ] && kill "$host" 2>/dev/null; rm -rf "$work"' EXIT

start_server() {
  /usr/bin/python3 tests/fixtures/rtsp/server.py "$port" >/dev/null 2>&1 &
  server=$!
}

cat >"$work/soak.yaml" <<Y
runtime: { threads: 1 }
packs:
  detect: { manifest: $PWD/tests/fixtures/packs/coco-fastestdet-yolox/manifest.json, files: $data }
sources:
  people:   { open: "$data/video/one-by-one-person-detection.mp4", loop: true, pace: source, take: newest, pack: detect, policy: { kind: cascade }, deadline_ms: 100 }
  cars:     { open: "$data/video/car-detection.mp4", loop: true, pace: source, take: newest, pack: detect, policy: { kind: cascade } }
  street:   { open: "rtsp://127.0.0.1:$port/cam", take: newest, stall_ms: 2000, pack: detect, policy: { kind: fixed, path: light } }
  pictures: { open: "$data/coco-val/images", loop: true, frames_per_second: 10, take: newest, pack: detect, policy: { kind: cascade } }
Y
start_server
"${EDGEROUTED:-out/linux-x64/edgerouted}" run "$work/soak.yaml" --json >"$work/report.json" 2>"$work/events.log" &
host=$!
end=$((SECONDS + seconds)); kills=0; first=; last=
while [ $SECONDS -lt $end ]; do
  sleep 20 & wait $!
  kill -0 "$host" 2>/dev/null || { tail -5 "$work/events.log"; echo "soak: the host died"; exit 1; }
  last=$(awk '/^Rss:/{print $2}' "/proc/$host/smaps_rollup"); [ -n "$first" ] || first=$last
  echo "t=$((seconds - end + SECONDS))s resident $((last / 1024)) MiB, server kills $kills"
  if [ $SECONDS -lt $((end - 15)) ]; then kill -9 "$server"; wait "$server" 2>/dev/null || true; kills=$((kills + 1)); start_server; fi
done
kill -TERM "$host"; wait "$host"; host=
python3 - "$work/report.json" "$first" "$last" "$kills" <<'P'
import json, sys
report = json.load(open(sys.argv[1]))
first, last, kills = (int(a) for a in sys.argv[2:5])
for source in report["sources"]:
    ends = source["ends"]
    print(f"{source['name']}: {ends['captured']} captured, dropped {ends['dropped']}, failed {ends['failed']}, faults {source['fault_count']},"
          f" restarts {source['restart_count']}, law {'holds' if source['is_law_kept'] else 'BROKEN'}")
street = next(s for s in report["sources"] if s["name"] == "street")
problems = [f"the law is broken for {s['name']}" for s in report["sources"] if not s["is_law_kept"]]
problems += [f"{s['name']} gave no answer" for s in report["sources"] if not s["paths"]]
problems += ["the RTSP source did not come back"] if kills and street["restart_count"] < kills else []
problems += [f"memory grew from {first} to {last} KiB"] if last > first * 1.1 else []
print("soak: " + ("; ".join(problems) if problems else "passed"))
sys.exit(1 if problems else 0)
P
