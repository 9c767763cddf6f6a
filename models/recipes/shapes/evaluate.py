#!/usr/bin/python3
"""Measures the exits of the shapes pack by clutter, chooses its thresholds on validation tables, and writes manifest.json, labels.txt and the figures
in README.md. Test tables are never used to choose anything."""
import argparse
import hashlib
import itertools
import json
import pathlib

import numpy
import torch

import decoding
import world
from export import load, stages_of
from networks import Heavy, Light, multiply_count
from targets import to_input

VALIDATION_SEED, TEST_SEED = 1_000_001, 1_000_002
EXITS = ["light", "heavy_1", "heavy_2"]
LEVELS = [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1.001)]

# Signals that mean sure when they are large; the others mean sure when they are small.
ABOVE = ("margin", "max_probability")

# What the cascade may lose against the last exit, in F1, on validation tables.
LOSS_MOST = 0.01

# A resting table's thumbnail differs from the one before by its noise, below 0.001 on calm tables; one thing that glides makes 0.0015 to 0.005 of it.
# Slow beginnings stay unseen, so an answer is never older than a tenth of a second.
REUSE = {"motion_at_most": 0.0012, "age_ms_at_most": 100}

COLORS = ["red", "orange", "yellow", "green", "blue", "purple"]
SHAPES = ["disc", "square", "triangle", "star", "cross"]


def gather(seed, count, clutter, networks):
    """Runs all exits over frames of a camera's size; returns the frames' truths and per exit the decoded answers."""
    light, heavy = networks
    stream = world.Stream(seed, count, 640, 480, clutter)
    truths, answers = [], {name: [] for name in EXITS}
    stages = {name: module for name, module, _, _ in stages_of(light, heavy)}
    with torch.no_grad():
        for _ in range(count):
            frame = stream.frame()
            truths.append((None,) + frame[1:])
            pixels = frame[0][None].copy()
            answers["light"].append(decoding.decode(stages["light"](to_input(pixels, Light.side))[0].numpy()))
            cells, features = stages["heavy_1"](to_input(pixels, Heavy.side))
            answers["heavy_1"].append(decoding.decode(cells[0].numpy()))
            answers["heavy_2"].append(decoding.decode(stages["heavy_2"](features)[0].numpy()))
    stream.close()
    return truths, answers


class Exit:
    """An exit's answers to a set of frames, matched with the truth."""

    def __init__(self, answers, truths):
        self.confidences = [answer[1] for answer in answers]
        matched = [decoding.match(answer, truth) for answer, truth in zip(answers, truths)]
        self.verdicts = [verdicts for verdicts, _ in matched]
        self.wanted = numpy.array([wanted for _, wanted in matched])

    def counts(self, threshold):
        """Per frame: right, wrong, missed."""
        right = numpy.array([int((v[c >= threshold] == 1).sum()) for v, c in zip(self.verdicts, self.confidences)])
        wrong = numpy.array([int((v[c >= threshold] == 0).sum()) for v, c in zip(self.verdicts, self.confidences)])
        return numpy.stack([right, wrong, self.wanted - right], 1)

    def precision(self, chosen):
        pick = [index for index in numpy.nonzero(chosen)[0]]
        if not pick:
            return float("nan")
        return decoding.average_precision(
            numpy.concatenate([self.confidences[i] for i in pick]), numpy.concatenate([self.verdicts[i] for i in pick]), self.wanted[pick].sum())

    def signals(self, threshold):
        rows = [decoding.signals_of(confidences, threshold) for confidences in self.confidences]
        return {name: numpy.array([row[name] for row in rows]) for name in rows[0]}


def f1(counts):
    right, wrong, missed = counts.sum(0)
    return 2 * right / max(1, 2 * right + wrong + missed)


def best_threshold(found):
    return max(numpy.arange(0.2, 0.66, 0.05).round(2), key=lambda threshold: f1(found.counts(threshold)))


def stops(signal, values, limit):
    return values >= limit if signal in ABOVE else values <= limit


def rules_of(signals):
    """Every signal with the limits worth trying: its quantiles."""
    for name, values in signals.items():
        for limit in numpy.unique(numpy.quantile(values, numpy.linspace(0, 1, 21)).round(3)):
            yield name, float(limit)


def route(first, second, counts, costs):
    """Counts and cost per frame when `first` (stops at light) and `second` (stops at heavy_1) decide."""
    path = numpy.where(first, 0, numpy.where(second, 1, 2))
    return numpy.choose(path[:, None], [counts[name] for name in EXITS]), numpy.choose(path, costs), path


def choose_rules(signals, counts, costs):
    wanted = f1(counts["heavy_2"]) - LOSS_MOST
    best = None
    for rule_1 in rules_of(signals["light"]):
        first = stops(rule_1[0], signals["light"][rule_1[0]], rule_1[1])
        for rule_2 in rules_of(signals["heavy_1"]):
            second = stops(rule_2[0], signals["heavy_1"][rule_2[0]], rule_2[1])
            result, cost, _ = route(first, second, counts, costs)
            if f1(result) >= wanted and (best is None or cost.mean() < best[0]):
                best = (cost.mean(), rule_1, rule_2)
    if best is None:
        raise RuntimeError(f"no cascade comes within {LOSS_MOST} of the last exit; the checkpoint is not trained enough")
    return best[1:]


def manifest_of(pack, thresholds, rules):
    def digest(name):
        return hashlib.sha256((pack / name).read_bytes()).hexdigest()

    def frame(side):
        return {"tensor": "frame", "width": side, "height": side, "channels": "rgb", "layout": "nchw", "element": "float32", "fit": "stretch",
                "mean": [0], "std": [255]}

    def leave(name):
        return {"head": "fastestdet", "outputs": ["cells"], "detection_threshold": float(thresholds[name]), "doubt_floor": decoding.DOUBT_FLOOR,
                "nms_overlap": decoding.NMS_OVERLAP, "detection_limit": decoding.DETECTION_LIMIT,
                "objectness_power": decoding.OBJECTNESS_POWER, "class_power": decoding.CLASS_POWER}

    def rule(signal, limit, following):
        return {"signal": signal, "stop_at_least" if signal in ABOVE else "stop_at_most": limit, "next": following}

    return {
        "manifest": 1, "name": "shapes", "version": "0.1.0", "title": "Coloured shapes on a table, light and heavy with two exits",
        "task": "detection",
        "licence": {"spdx": "Apache-2.0", "origin": "trained by models/recipes/shapes on generated pictures"},
        "labels_file": "labels.txt",
        "stages": [
            {"name": "light", "file": "light.onnx", "sha256": digest("light.onnx"), "input": frame(Light.side), "exit": leave("light")},
            {"name": "heavy_1", "file": "heavy_1.onnx", "sha256": digest("heavy_1.onnx"), "input": frame(Heavy.side), "exit": leave("heavy_1")},
            {"name": "heavy_2", "file": "heavy_2.onnx", "sha256": digest("heavy_2.onnx"),
             "features": [{"tensor": "features", "from_stage": "heavy_1", "from_tensor": "features"}], "exit": leave("heavy_2")},
        ],
        "edges": [
            {"from": "frame", "to": "light"}, {"from": "frame", "to": "heavy_1"}, {"from": "light", "to": "heavy_1"},
            {"from": "heavy_1", "to": "heavy_2"}, {"from": "frame", "to": "previous"},
        ],
        "policies": {
            "fixed_route": "heavy_1>heavy_2",
            "cascade": {"entry": "light", "exits": {"light": rule(*rules[0], "heavy_1"), "heavy_1": rule(*rules[1], "heavy_2")},
                        "reuse": REUSE},
        },
    }


def table(rows):
    head, *body = rows
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in body])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default=world.REPOSITORY / "out" / "shapes")
    parser.add_argument("--pack", type=pathlib.Path, default=world.REPOSITORY / "models" / "shapes")
    parser.add_argument("--frames", type=int, default=1000, help="validation tables, and as many test tables")
    options = parser.parse_args()
    torch.set_num_threads(1)
    world.build_writer()
    light, heavy, state = load(options.work)
    counts_by_stage = [multiply_count(module, *given) / 1e6 for (_, module, _, _), given in zip(
        stages_of(light, heavy), [(torch.zeros(1, 3, Light.side, Light.side),), (torch.zeros(1, 3, Heavy.side, Heavy.side),), (torch.zeros(1, 64, 24, 24),)])]
    alone = numpy.array([counts_by_stage[0], counts_by_stage[1], counts_by_stage[1] + counts_by_stage[2]])
    routed = numpy.array([alone[0], alone[0] + alone[1], alone[0] + alone[2]])

    truths, answers = gather(VALIDATION_SEED, options.frames, "auto", (light, heavy))
    exits = {name: Exit(answers[name], truths) for name in EXITS}
    thresholds = {name: best_threshold(exits[name]) for name in EXITS}
    rules = choose_rules({name: exits[name].signals(thresholds[name]) for name in EXITS[:2]},
                         {name: exits[name].counts(thresholds[name]) for name in EXITS}, routed)

    truths, answers = gather(TEST_SEED, options.frames, "auto", (light, heavy))
    exits = {name: Exit(answers[name], truths) for name in EXITS}
    clutter = numpy.array([truth[4] for truth in truths])
    counts = {name: exits[name].counts(thresholds[name]) for name in EXITS}
    signals = {name: exits[name].signals(thresholds[name]) for name in EXITS[:2]}
    result, cost, path = route(*[stops(rule[0], signals[name][rule[0]], rule[1]) for name, rule in zip(EXITS[:2], rules)], counts, routed)

    levels = [("all (auto)", numpy.ones(len(clutter), bool))] + [(f"{low}-{min(1, high)}", (clutter >= low) & (clutter < high)) for low, high in LEVELS]
    quality = [["clutter", "frames"] + [f"{name} AP50 / F1" for name in EXITS] + ["cascade F1", "cascade paths light / heavy_1 / heavy_2", "cascade MMACs"]]
    for label, chosen in levels:
        shares = [f"{(path[chosen] == index).mean():.2f}" for index in range(3)]
        quality.append([label, str(int(chosen.sum()))] + [f"{exits[name].precision(chosen):.3f} / {f1(counts[name][chosen]):.3f}" for name in EXITS]
                       + [f"{f1(result[chosen]):.3f}", " / ".join(shares), f"{cost[chosen].mean():.1f}"])
    check = json.loads((options.work / "check.json").read_text()) if (options.work / "check.json").exists() else {}
    price = [["stage", "input", "MMACs", "KB", "ms, one CPU thread (p10)", "largest difference from the trained network"]]
    for name, shape, amount in zip(EXITS, ["96x96", "192x192", "features of heavy_1"], counts_by_stage):
        seen = check.get(name)
        price.append([name, shape, f"{amount:.1f}", f"{(options.pack / (name + '.onnx')).stat().st_size / 1024:.0f}",
                      f"{seen['ms_p10']:.2f}" if seen else "-", f"{seen['largest_difference']:.1e}" if seen else "-"])

    (options.pack / "labels.txt").write_text("".join(f"{color} {shape}\n" for color, shape in itertools.product(COLORS, SHAPES)))
    (options.pack / "manifest.json").write_text(json.dumps(manifest_of(options.pack, thresholds, rules), indent=2) + "\n")
    (word_1, limit_1), (word_2, limit_2) = [(f"{name} is at {'least' if name in ABOVE else 'most'}", limit) for name, limit in rules]
    figures = "\n\n".join([
        f"Last training run: {state['seconds'] / 60:.0f} minutes, {state['frames']} tables. {options.frames} test tables of 640x480, seed {TEST_SEED}; "
        f"thresholds chosen on {options.frames} others, seed {VALIDATION_SEED}.",
        table(price), table(quality),
        f"The cascade stops at light when {word_1} {limit_1:g}, and at heavy_1 when {word_2} {limit_2:g}. Always heavy_2: {alone[2]:.1f} MMACs, "
        f"F1 {f1(counts['heavy_2']):.3f}; always heavy_1 (truncated heavy): {alone[1]:.1f} MMACs, F1 {f1(counts['heavy_1']):.3f}; "
        f"cascade: {cost.mean():.1f} MMACs, F1 {f1(result):.3f}."])
    page = options.pack / "README.md"
    before, _, rest = page.read_text().partition("<!-- figures -->\n")
    page.write_text(before + "<!-- figures -->\n" + figures + "\n<!-- end -->" + rest.partition("<!-- end -->")[2])
    print(figures)


if __name__ == "__main__":
    main()
