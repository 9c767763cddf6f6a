#!/usr/bin/python3
"""Runs the preprocessing benchmark and OpenCV in turn and writes the ratios as markdown.

preprocess.py BINARY OUTPUT.md [ROUNDS] [SECONDS]

Minima over all rounds are compared: on a machine that others use too, the minimum is what the code costs.
"""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OPENCV = os.path.join(HERE, "opencv.py")
PYTHON = "/usr/bin/python3"


def keep_least(least, rows):
    for row in rows:
        key = (row["case"], row["kernel"])
        least[key] = min(least.get(key, row["min_us"]), row["min_us"])


def measure(binary, rounds, seconds):
    least = {}
    with tempfile.TemporaryDirectory() as frames:
        subprocess.run([PYTHON, OPENCV, "make", frames], check=True)
        for number in range(1, rounds + 1):
            print(f"preprocessing: round {number} of {rounds}", file=sys.stderr, flush=True)
            ours = [binary, "preprocess", "--json", "--frames", frames, "--seconds", str(seconds)]
            theirs = [PYTHON, OPENCV, "time", frames, str(seconds)]
            for command in (ours, theirs):
                output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
                keep_least(least, json.loads(output))
    return least


def table(least):
    cases = list(dict.fromkeys(case for case, _ in least))
    lines = ["| frame to tensor, one core, least time | EdgeRoute (kernel) us | OpenCV us | ratio |", "|---|---|---|---|"]
    for case in cases:
        kernels = {kernel: us for (name, kernel), us in least.items() if name == case and kernel != "opencv"}
        opencv = least.get((case, "opencv"))
        for kernel, us in sorted(kernels.items(), key=lambda item: item[1]):
            if kernel != "scalar":
                compared = f"{opencv:.0f} | {opencv / us:.1f} x" if opencv else "- | -"
                lines.append(f"| {case} | {us:.0f} ({kernel}) | {compared} |")
    lines.append("")
    lines.append("OpenCV: cvtColor into reused memory, then blobFromImage (letterbox: resize and copyMakeBorder before it); JPEG: imdecode first.")
    return "\n".join(lines) + "\n"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    seconds = float(sys.argv[4]) if len(sys.argv) > 4 else 0.2
    text = table(measure(sys.argv[1], rounds, seconds))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(text)
    print(text)


if __name__ == "__main__":
    main()
