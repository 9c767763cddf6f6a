"""Identity switches and fragments of trackers on real videos, of which all frames or a share are looked at; prints a markdown table.

usage: tracks.py BINARY BENCHMARK REPOSITORY DATA
"""
import json
import os
import subprocess
import sys
import tempfile

VIDEOS = ["one-by-one-person-detection", "car-detection", "bottle-detection"]
#: Faint detections help to link the reference objects; trackers get what the pack would report.
FAINT = 0.1
CONFIG = """
runtime: {{ threads: 1 }}
packs:
  detect: {{ manifest: "{manifest}", files: "{data}" }}
sources:
  v: {{ open: "{data}/video/{video}.mp4", pack: detect, policy: {{ kind: fixed, path: heavy }} }}
"""


def faint_pack(repository, folder):
    with open(os.path.join(repository, "tests/fixtures/packs/coco-fastestdet-yolox/manifest.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    exits = {stage["name"]: stage["exit"] for stage in manifest["stages"]}
    threshold = exits["heavy"]["detection_threshold"]
    for exit_ in exits.values():
        exit_["detection_threshold"], exit_["doubt_floor"] = FAINT, FAINT
    path = os.path.join(folder, "manifest.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(manifest, file)
    return path, threshold


def main():
    binary, benchmark, repository, data = sys.argv[1:]
    print("| video | frames looked at | tracker | objects | switches | fragments | recall |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        manifest, threshold = faint_pack(repository, folder)
        for video in VIDEOS:
            config, answers = os.path.join(folder, "c.yaml"), os.path.join(folder, f"{video}.jsonl")
            with open(config, "w", encoding="utf-8") as file:
                file.write(CONFIG.format(manifest=manifest, data=data, video=video))
            subprocess.run([binary, "run", config, "--quiet", "--answers", answers], check=True, stdout=subprocess.DEVNULL)
            rows = subprocess.run([benchmark, "tracks", answers, str(threshold)], check=True, capture_output=True, text=True).stdout
            for row in rows.splitlines():
                print(f"| {video} | " + " | ".join(row.split("|")) + " |", flush=True)


main()
