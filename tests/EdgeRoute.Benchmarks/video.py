"""Always light, always heavy and the cascade on real videos with the published binary; prints a markdown table.

usage: video.py BINARY REPOSITORY DATA
"""
import json
import os
import subprocess
import sys
import tempfile

VIDEOS = ["one-by-one-person-detection", "car-detection"]
POLICIES = [("always light", "kind: fixed, path: light"), ("always heavy", "kind: fixed, path: heavy"), ("cascade", "kind: cascade")]
CONFIG = """
runtime: {{ threads: 1 }}
packs:
  detect: {{ manifest: "{repository}/tests/fixtures/packs/coco-fastestdet-yolox/manifest.json", files: "{data}" }}
sources:
  v: {{ open: "{data}/video/{video}.mp4", pack: detect, policy: {{ {policy} }} }}
"""


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0
    both = width * height
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def agreement(answers, teacher):
    hits = misses = extra = 0
    for mine, theirs in zip(answers, teacher):
        used = set()
        for box in mine["detections"]:
            best = max(((overlap(box["box"], t["box"]), i) for i, t in enumerate(theirs["detections"]) if t["class"] == box["class"] and i not in used),
                       default=(0, -1))
            if best[0] >= 0.5:
                used.add(best[1])
            else:
                extra += 1
        hits += len(used)
        misses += len(theirs["detections"]) - len(used)
    return 2 * hits / max(1, 2 * hits + misses + extra)


def run(binary, folder, **values):
    config, answers = os.path.join(folder, "c.yaml"), os.path.join(folder, "a.jsonl")
    with open(config, "w") as file:
        file.write(CONFIG.format(**values))
    report = subprocess.run([binary, "run", config, "--quiet", "--json", "--answers", answers], check=True, capture_output=True, text=True).stdout
    with open(answers) as file:
        return json.loads(report)["total"], [json.loads(line) for line in file]


def main():
    binary, repository, data = sys.argv[1:]
    print("| video | policy | paths | mean ms | p99 ms | agreement |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for video in VIDEOS:
            rows = [(name, *run(binary, folder, repository=repository, data=data, video=video, policy=policy)) for name, policy in POLICIES]
            teacher = rows[1][2]
            for name, report, answers in rows:
                times = sorted(a["work_ms"] for a in answers)
                paths = ", ".join(f"{p['path']} {p['share'] * 100:.0f} %" for p in report["paths"])
                print(f"| {video} | {name} | {paths} | {sum(times) / len(times):.2f} | {times[len(times) * 99 // 100]:.2f} | {agreement(answers, teacher):.3f} |")


main()
