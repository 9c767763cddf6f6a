"""Budgets on real videos with the published binary: what a frame comes to from the ninetieth on, which is 3 s of video, against the budget. The
calibration is of the first video's beginning alone. Prints a markdown table.

usage: budgets.py BINARY TOOL REPOSITORY DATA
"""
import glob
import os
import statistics
import subprocess
import sys
import tempfile

VIDEOS = ["one-by-one-person-detection", "car-detection", "bottle-detection"]
PACK = "tests/fixtures/packs/coco-fastestdet-yolox/manifest.json"
SETTLED = 90
SKIPPED = 4
HEAVY = (2, 3)  # Nodes of the pack's route tree that end in its heavy stage: light>heavy and heavy.
CONFIG = """
runtime: {{ threads: 1 }}
packs: {{ detect: {{ manifest: "{repository}/{pack}", files: "{data}" }} }}
sources:
  v: {{ open: "{data}/video/{video}.mp4", pack: detect{extra}, policy: {{ kind: value, calibration: "{folder}/calibration.json" }}, budget: {{ {key}: {target} }} }}
trace: {{ file: "{folder}/run.erec" }}
"""


def device_ms(frame):
    return (frame["preprocessNs"] + frame["stagesNs"] + frame["headsNs"]) / 1e6


def is_heavy(frame):
    return float(frame["end"] != SKIPPED and frame["node"] in HEAVY)


def latency_ms(frame):
    return (frame["publishedNs"] - frame["captureNs"]) / 1e6


BUDGETS = [("device_ms", 4, device_ms, ""), ("device_ms", 6, device_ms, ""), ("heavy_share", 0.15, is_heavy, ""), ("heavy_share", 0.3, is_heavy, ""),
           ("latency_ms", 5, latency_ms, ", pace: source, take: newest")]


def main():
    binary, tool, repository, data = sys.argv[1:]
    sys.path.insert(0, os.path.join(repository, "tests", "fixtures", "protocol"))
    import read  # noqa: E402
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([tool, "calibrate", "--pack", f"{repository}/{PACK}", "--files", data, "--source", f"{data}/video/{VIDEOS[0]}.mp4", "--frames", "500",
                        "--threads", "1", "--sweep", f"{folder}/sweep", "--out", f"{folder}/calibration.json"], check=True, capture_output=True)
        print("| video | budget | frames | mean after 3 s | off by | mean of the first 3 s |")
        print("|---|---|---|---|---|---|")
        for video in VIDEOS:
            for key, target, figure, extra in BUDGETS:
                for old in glob.glob(f"{folder}/run*.erec"):
                    os.remove(old)
                with open(f"{folder}/device.yaml", "w", encoding="utf-8") as file:
                    file.write(CONFIG.format(repository=repository, pack=PACK, data=data, video=video, extra=extra, folder=folder, key=key, target=target))
                subprocess.run([binary, "run", f"{folder}/device.yaml", "--quiet"], check=True, capture_output=True)
                values = []
                for part in sorted(glob.glob(f"{folder}/run*.erec")):
                    with open(part, "rb") as file:
                        values += [figure(r["value"]) for r in read.read(file.read())["records"] if r["record"] == "trace"]
                mean = statistics.fmean(values[SETTLED:])
                print(f"| {video} | {key} {target} | {len(values)} | {mean:.3f} | {100 * (mean / target - 1):+.1f} % | {statistics.fmean(values[:SETTLED]):.3f} |",
                      flush=True)


main()
