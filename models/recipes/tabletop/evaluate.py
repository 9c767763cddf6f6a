#!/usr/bin/python3
"""Measures the tabletop pack in the closed loop, chooses the cascade's thresholds on validation tables, and writes manifest.json and the figures in README.md. Episodes run
through the real engine (`edgeroute episodes`). Test tables are never used to choose anything."""
import argparse
import itertools
import json
import math
import pathlib
import shutil
import subprocess
import tempfile

import torch

import manifest
import world
from networks import Heavy, Light, TOKENS, conv_multiplications, multiplications

VALIDATION_SEED, TEST_SEED = 3_000_001, 2_000_001
HEAVY = "heavy_1>heavy_2>heavy_3"

# Signals are compared with these; a verdict above says the plan is sure enough.
LIGHT_LIMITS = (0.55, 0.65, 0.75, 0.82)
FIRST_LIMITS = (0.7, 2)
SECOND_LIMITS = (0.7, 2)
CASCADE_KEEPS = (0.25, 0.125)

# What a cascade may lose on the few episodes of the first round, and how many go on to a second round of how many times as many.
NEAR_ENOUGH, FINAL_LIMIT, FINAL_FACTOR = 0.005, 12, 16

# Steps carried out of a plan.
CHUNKS = (1, 2, 4, 6, 8, 12)


def multiply_adds():
    """Multiply-adds of every path's frame, by its name."""
    light = conv_multiplications(Light().body, Light.side) + multiplications(48, TOKENS, 48, 0)
    heavy = Heavy()
    stem = conv_multiplications(heavy.stem, Heavy.side) + multiplications(96, TOKENS, 64, len(heavy.stages[0]))
    found = {"light": light}
    for before, base in (("", 0), ("light>", light)):
        found[f"{before}heavy_1"] = base + stem
        for keep in manifest.KEEPS:
            kept = max(1, round(keep * TOKENS))
            name = f"{before}heavy_1>heavy_2" + ("" if keep == 1 else f"@keep={keep:g}")
            found[name] = base + stem + multiplications(96, kept, 64, len(heavy.stages[1]))
            found[f"{name}>heavy_3"] = found[name] + multiplications(96, kept, 64, len(heavy.stages[2]))
    return found


def rule(limit, following):
    return {"signal": "max_probability", "stop_at_least": limit, "next": following}


def cascade(light, first, second, keep):
    """A limit above 1 never stops: confidences end there."""
    exits = {"light": rule(light, "heavy_1"), "heavy_1": rule(first, "heavy_2" if keep == 1 else f"heavy_2@keep={keep:g}"), "heavy_2": rule(second, "heavy_3")}
    # Motion and age do not end a plan: the arm itself moves, and a plan ends by its steps, by what the arm holds, or by another instruction.
    return {"entry": "light", "exits": exits, "reuse": {"motion_at_most": 1, "age_ms_at_most": 600000}}


class Bench:
    """Runs episodes with a copy of the pack, so that trying a manifest leaves the pack alone."""

    def __init__(self, pack, arithmetic):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tabletop-"))
        self.arithmetic = arithmetic
        for path in pack.glob("*.onnx"):
            shutil.copy(path, self.folder)

    def run(self, policies, count, seed, settings=None, steps=manifest.EXECUTE_STEPS, clutter="uniform"):
        manifest.write(self.folder, settings or cascade(0.7, 2, 2, 1), self.arithmetic, steps)
        command = ["dotnet", str(world.WRITER), "episodes", "--pack", str(self.folder), "--count", str(count), "--seed", str(seed), "--clutter", str(clutter), "--json"]
        for policy in policies:
            command += ["--policy", policy]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
        found = json.loads(done.stdout)
        for one in found:
            print(f"  {one['policy']:45s} steps {steps:2d}  placed {100 * share(one['all']):5.1f} %  busy {100 * share(one['busy']):5.1f} %  {one['device_ms']:6.2f} ms/episode", flush=True)
        return found

    def close(self):
        shutil.rmtree(self.folder)


def share(tally):
    return tally["placed_count"] / max(1, tally["episode_count"])


def interval(tally):
    """The 95 % interval of a share (Wilson 1927)."""
    n, p, z = tally["episode_count"], share(tally), 1.959964
    middle, half = (p + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return 100 * (middle - half), 100 * (middle + half)


def choose(bench, count):
    """The cheapest cascade that places as many as always heavy on validation tables. Many are tried on few episodes; the cheapest of those that came near, on many."""
    heavy = bench.run([HEAVY], count, VALIDATION_SEED)[0]
    tried = []
    for light, first, second, keep in itertools.product(LIGHT_LIMITS, FIRST_LIMITS, SECOND_LIMITS, CASCADE_KEEPS):
        settings = cascade(light, first, second, keep)
        found = bench.run(["cascade"], count, VALIDATION_SEED, settings)[0]
        if share(found["all"]) >= share(heavy["all"]) - NEAR_ENOUGH:
            tried.append((found["device_ms"], settings))
    tried.sort(key=lambda one: one[0])
    heavy = bench.run([HEAVY], FINAL_FACTOR * count, VALIDATION_SEED + 1)[0]
    most, chosen = -1.0, None
    for _, settings in tried[:FINAL_LIMIT]:
        placed = share(bench.run(["cascade"], FINAL_FACTOR * count, VALIDATION_SEED + 1, settings)[0]["all"])
        if placed >= share(heavy["all"]):
            return settings
        most, chosen = max((most, chosen), (placed, settings), key=lambda one: one[0])
    if chosen is None:
        raise RuntimeError(f"no cascade comes within {100 * NEAR_ENOUGH:g} points of always heavy on validation tables; the checkpoint is not trained enough")
    print(f"no cascade places as many as always heavy ({100 * share(heavy['all']):.1f} %); the one that places most does {100 * most:.1f} %", flush=True)
    return chosen


def kept(pack):
    """The cascade that the pack's manifest has; some to begin with where there is none."""
    path = pack / "manifest.json"
    return json.loads(path.read_text())["policies"]["cascade"] if path.exists() else cascade(LIGHT_LIMITS[1], FIRST_LIMITS[-1], SECOND_LIMITS[1], CASCADE_KEEPS[0])


def row(name, one, more=()):
    low, high = interval(one["all"])
    cells = [name, f"{100 * share(one['all']):.1f}", f"{low:.1f} - {high:.1f}", f"{100 * share(one['calm']):.1f}", f"{100 * share(one['busy']):.1f}",
             f"{one['device_ms']:.2f}", f"{one['multiply_adds'] / 1e6:.0f}", f"{one['plan_count']:.1f}", *more]
    return "| " + " | ".join(cells) + " |\n"


HEAD = ("| {} | placed % | 95 % interval | clutter < 0.5 | >= 0.5 | ms an episode | M multiply-adds | plans |{}\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |{}\n")


def plan_ms(one):
    """Median device time of a frame that made a plan by the path."""
    return next(path["device_ms_p50"] for path in one["paths"] if path["name"] == one["policy"])


def table_of_paths(bench, count):
    paths = ["light", "heavy_1", "heavy_1>heavy_2", HEAVY]
    for keep in manifest.KEEPS[1:]:
        paths += [f"heavy_1>heavy_2@keep={keep:g}", f"heavy_1>heavy_2@keep={keep:g}>heavy_3"]
    found = bench.run(paths, count, TEST_SEED)
    text = HEAD.format("path, alone", " ms a plan |", " --- |")
    return text + "".join(row(f"`{one['policy']}`", one, [f"{plan_ms(one):.2f}"]) for one in found), found


def figures(bench, settings, count, others, full):
    text, paths = table_of_paths(bench, count)
    routed = bench.run(["cascade"], count, TEST_SEED, settings)[0]
    heavy = next(one for one in paths if one["policy"] == HEAVY)
    truncated = [one for one in paths if one["policy"].startswith("heavy_1") and "keep" not in one["policy"] and one is not heavy]
    calm = bench.run(["light", HEAVY], max(100, count // 2), TEST_SEED, clutter=0)
    error = math.sqrt(share(heavy["all"]) * (1 - share(heavy["all"])) / count)
    text += "\nRouted by the cascade of the manifest, thresholds chosen on other tables; every row beside it is the truncated heavy network (each exit alone):\n\n"
    text += HEAD.format("policy", " of heavy's ms |", " --- |")
    for name, one in [("cascade", routed), *((f"always `{one['policy']}`", one) for one in [*truncated, heavy])]:
        text += row(name, one, [f"{100 * one['device_ms'] / heavy['device_ms']:.0f} %"])
    text += f"\nStandard error of heavy's share: {100 * error:.1f} points. Without clutter (level 0, {calm[0]['all']['episode_count']} episodes): "
    text += f"light {100 * share(calm[0]['all']):.1f} %, heavy {100 * share(calm[1]['all']):.1f} %.\n"
    text += "\nThe length of what is carried out of each plan of 16 steps is a cost as the path is; the manifest says "
    text += f"{manifest.EXECUTE_STEPS}:\n\n| steps carried out | always heavy: placed % | ms an episode | cascade: placed % | ms an episode |\n| --- | --- | --- | --- | --- |\n"
    for steps in CHUNKS:
        two = bench.run([HEAVY, "cascade"], max(100, count // 2), TEST_SEED, settings, steps)
        text += f"| {steps} | {100 * share(two[0]['all']):.1f} | {two[0]['device_ms']:.2f} | {100 * share(two[1]['all']):.1f} | {two[1]['device_ms']:.2f} |\n"
    if full:
        precise = Bench(full, bench.arithmetic)
        exact = precise.run(["light", HEAVY], count, TEST_SEED)
        precise.close()
        light = next(one for one in paths if one["policy"] == "light")
        text += ("\nWeights are stored in half precision. The same networks in single precision, same tables: "
                 f"light {100 * share(exact[0]['all']):.1f} % (stored in half: {100 * share(light['all']):.1f} %), "
                 f"heavy {100 * share(exact[1]['all']):.1f} % ({100 * share(heavy['all']):.1f} %).\n")
    for other in others:
        second = Bench(other, bench.arithmetic)
        found = second.run(["light", "heavy_1", "heavy_1>heavy_2", HEAVY], count, TEST_SEED)
        second.close()
        text += "\nTrained again from another seed: " + ", ".join(f"`{one['policy']}` {100 * share(one['all']):.1f} %" for one in found) + ".\n"
    return text


def curve(work):
    """How training went: shares of questions about unseen frames answered right at half of the time, at three quarters and at the end."""
    state = torch.load(work / "checkpoint.pt", map_location="cpu")
    history, names = state["history"], ["light", *Heavy.exits]
    total = history[-1]["seconds"]
    text = (f"Trained for {total / 60:.0f} minutes on one thread of a busy machine, {history[-1]['frames']} frames with six questions each, seed {state['seed']}. "
            "Thing and pad both found within 0.03 of the table's side, in %:\n\n| of the time | " + " | ".join(names) + " |\n| --- |" + " --- |" * len(names) + "\n")
    for part in (0.25, 0.5, 0.75, 1):
        found = min(history, key=lambda one: abs(one["seconds"] - part * total))["found"]
        text += f"| {100 * part:.0f} % | " + " | ".join(f"{100 * found[name][0]:.1f}" for name in names) + " |\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pack", type=pathlib.Path, default=world.REPOSITORY / "models" / "tabletop")
    parser.add_argument("--work", type=pathlib.Path, default=world.REPOSITORY / "out" / "tabletop-1", help="folder of the checkpoint: the networks in single precision lie there")
    parser.add_argument("--other", type=pathlib.Path, action="append", default=[], help="folder with the networks of another seed, to be reported as well")
    parser.add_argument("--count", type=int, default=1000, help="test episodes")
    parser.add_argument("--choose", type=int, default=300, help="validation episodes for each cascade tried; 0 keeps the manifest's cascade")
    options = parser.parse_args()
    world.build_writer()
    arithmetic = multiply_adds()
    bench = Bench(options.pack, arithmetic)
    try:
        settings = choose(bench, options.choose) if options.choose else kept(options.pack)
        manifest.write(options.pack, settings, arithmetic)
        readme = options.pack / "README.md"
        if options.count and readme.exists():
            text = figures(bench, settings, options.count, options.other, options.work if (options.work / "light.onnx").exists() else None)
            before, rest = readme.read_text().split("<!-- figures -->")
            after = rest.split("<!-- end -->")[1]
            start = (f"{options.count} episodes of unseen tables, clutter evenly from 0 to 1, seed {TEST_SEED}; device time is preprocessing, stages and heads "
                     "on one thread of a two-core x64 machine.\n\n")
            trained = f"\n{curve(options.work)}" if (options.work / "checkpoint.pt").exists() else ""
            readme.write_text(f"{before}<!-- figures -->\n{start}{text}{trained}<!-- end -->{after}")
    finally:
        bench.close()


if __name__ == "__main__":
    main()
