"""Size of the published binary, and cold start (process start to the end of the first frame) against the bare C program that opens and
hashes the same models. Prints a markdown table.

usage: start.py HOST BENCHMARKS RIVAL LIBRARY REPOSITORY
"""
import os
import subprocess
import sys
import time

RUNS = 11


def timed(command, line=None):
    start = time.monotonic_ns()
    subprocess.run(command, input=line, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
    return time.monotonic_ns() - start


def write(config, source):
    with open(config, "w", encoding="utf-8") as file:
        file.write("runtime: { threads: 1 }\npacks:\n  shapes: { manifest: ../../models/shapes/manifest.json }\n"
                   f"sources:\n  table: {{ open: '{source}', pack: shapes, policy: {{ kind: fixed, path: light }} }}\n")


def main():
    host, ours, rival, library, repository = sys.argv[1:]
    models = [f"{repository}/models/shapes/{name}.onnx" for name in ("light", "heavy_1", "heavy_2")]
    folder = os.path.join(repository, "out", "bench")
    config = os.path.join(folder, "start.yaml")
    write(config, "sim://tabletop?frames=1&width=320&height=240")
    # The rival has a frame for nothing: a picture is near that, while a simulated table first makes its textures.
    subprocess.run([host, "run", config, "--frames", "1", "--quiet", "--annotate", os.path.join(folder, "start")], check=True, stdout=subprocess.DEVNULL)
    write(config, os.path.join(folder, "start", "table-000000.jpg"))
    pairs = [(timed([host, "run", config, "--frames", "1", "--quiet"]), timed([rival, library, models[0], "1", "320", "240", "0.00392157", "cold", *models[1:]]))
             for _ in range(RUNS)]
    a, b = (sorted(p[i] for p in pairs) for i in (0, 1))
    print("| what | EdgeRoute | rival | ratio |")
    print("|---|---|---|---|")
    print(f"| host binary, everything in it | {os.path.getsize(host) / 1e6:.2f} MB | | |")
    print(f"| cold start to the first answer of a picture and a clean end, shapes pack (3 sessions opened and warmed up, hashes checked) "
          f"| {a[0] / 1e6:.0f} ms | bare C, the same sessions and hashes: {b[0] / 1e6:.0f} ms | {a[0] / b[0]:.2f} |")
    worker = subprocess.Popen([ours, "frame", library, f"{repository}/models/shapes/manifest.json", f"{repository}/models/shapes", "light>heavy_1>heavy_2", "640", "480"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    answer, _ = worker.communicate("run 200\nrun 2000\n")
    print(f"| managed bytes allocated in 2,000 frames of the shapes pack | {answer.split()[-1]} | | |")


main()
