"""Frames of four cameras with and without watchers: p99 of the latency in pairs of runs, one after the other. With: three subscribers of full telemetry and
traces, of which one reads nothing after its first message. Prints rows of a markdown table."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
sys.path.insert(0, os.path.join(root, "tools", "clients", "python"))
import edgeroute  # noqa: E402

FRAMES_A_CAMERA, CAMERAS, FPS = 450, 4, 30


def config(folder):
    sources = "".join(
        f'  cam{i}: {{ open: "sim://tabletop?width=160&height=120&fps={FPS}&seed={i + 1}", pack: shapes, take: newest, pace: source, policy: {{ kind: cascade }} }}\n'
        for i in range(CAMERAS))
    path = os.path.join(folder, "load.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"runtime: {{ threads: 1 }}\npacks: {{ shapes: {{ manifest: {root}/models/shapes/manifest.json }} }}\nsources:\n{sources}"
                   f"control: {{ unix: {folder}/control.sock }}\n")
    return path


def run(binary, folder, watched):
    host = subprocess.Popen([binary, "run", config(folder), "--json", "--quiet", "--frames", str(FRAMES_A_CAMERA * CAMERAS)],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    counts, threads = [0, 0], []
    if watched:
        socket = os.path.join(folder, "control.sock")
        while not os.path.exists(socket):
            if host.poll() is not None:
                raise SystemExit(host.stderr.read())
        stalled = edgeroute.connect(unix=socket)
        wait_for_engine(stalled)
        stalled.call("subscribe", kind="trace", detail="full", rate_hz=0.0)
        stalled.call("subscribe", kind="telemetry", rate_hz=20.0)
        threads = [threading.Thread(target=read, args=(socket, counts, i)) for i in range(2)]
        for thread in threads:
            thread.start()
    out, error = host.communicate()
    for thread in threads:
        thread.join()
    if host.returncode != 0:
        raise SystemExit(error)
    report = json.loads(out[out.index("{"):])
    return report["total"]["latency"]["p99_ms"], report["total"]["latency"]["p50_ms"], counts


def wait_for_engine(device):
    while True:
        try:
            return device.call("describe")
        except edgeroute.Refused:
            time.sleep(0.1)  # The doors open before the engine is built.


def read(socket, counts, index):
    try:
        with edgeroute.connect(unix=socket) as device:
            wait_for_engine(device)
            device.call("subscribe", kind="telemetry", rate_hz=20.0)
            with device.subscribe("trace", detail="full") as traces:
                for _ in traces:
                    counts[index] += 1
    except edgeroute.EdgeRouteError:
        return  # The device has ended.


def main():
    binary = sys.argv[1]
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    ratios, medians, seen = [], [], 0
    for _ in range(pairs):
        with tempfile.TemporaryDirectory() as folder:
            alone, alone50, _ = run(binary, folder, watched=False)
        with tempfile.TemporaryDirectory() as folder:
            watched, watched50, counts = run(binary, folder, watched=True)
        ratios.append(watched / alone)
        medians.append(watched50 / alone50)
        seen += sum(counts)
    total = 2 * pairs * FRAMES_A_CAMERA * CAMERAS
    print(f"| {CAMERAS} cameras at {FPS}/s, 3 watchers of full telemetry (one stalled) against none, {pairs} pairs | p99 ratio {statistics.median(ratios):.3f} "
          f"({min(ratios):.3f} to {max(ratios):.3f}) | p50 ratio {statistics.median(medians):.3f} | {100 * seen / total:.1f} % of the traces read |")


main()
