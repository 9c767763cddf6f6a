#!/usr/bin/python3
"""Trains both detectors of the shapes pack side by side, on the same frames. Stop it whenever you like: the same command goes on where it was.

    python3 models/recipes/shapes/train.py --minutes 20

Afterwards: export.py, then evaluate.py (or train.sh, which runs all three)."""
import argparse
import pathlib
import time

import numpy
import torch

import world
from earlier import start_from
from networks import Heavy, Light
from targets import loss_of, make_targets, to_input

CHECKPOINT_SECONDS = 60
REPORT_SECONDS = 20
BATCH = 16

# The light network costs a thirtieth of the heavy one and learns more slowly: for each step of the heavy one it takes this many, from frames kept at its
# own small size, mirrored at random, so that both curves are flat at about the same time.
LIGHT_STEPS = 16
LIGHT_BATCH = 32

# It is there for the easy frames: the busiest tables are drawn this much less often than the calmest.
CALM_FIRST = 0.85

# Frames kept for it: 28 KB each.
LIGHT_KEPT = 4000


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20, help="training time in all, of this and earlier runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of torch; more than free cores is far slower than one")
    parser.add_argument("--work", type=pathlib.Path, default=world.REPOSITORY / "out" / "shapes", help="folder of the checkpoint")
    parser.add_argument("--earlier", type=pathlib.Path, help="folder of an earlier pack to start from, instead of from nothing")
    parser.add_argument("--rate", type=float, default=1, help="learning rate, relative to that of a start from nothing")
    parser.add_argument("--only-light", action="store_true", help="leave the heavy network as it is")
    return parser.parse_args()


class Learner:
    """A network, its optimiser, and the running mean of its weights, which is what gets exported."""

    def __init__(self, network, rate):
        self.network, self.rate = network, rate
        self.optimizer = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02)
        self.steps = 0
        self.restart_mean()

    def restart_mean(self):
        self.mean = {name: value.clone() for name, value in self.network.state_dict().items()}

    def step(self, pixels, targets, part):
        # One warm-up, then a cosine down to a hundredth.
        scale = min(1, (self.steps + 1) / 100) * (0.01 + 0.99 * (0.5 + 0.5 * numpy.cos(numpy.pi * min(1, part))))
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * scale
        losses = [loss_of(raw, targets) for raw in self.network(pixels)]
        self.optimizer.zero_grad(set_to_none=True)
        sum(losses).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10)
        self.optimizer.step()
        self.steps += 1
        self._follow()
        return [float(loss) for loss in losses]

    def _follow(self):
        keep = min(0.99, self.steps / (self.steps + 10))
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                self.mean[name].mul_(keep).add_(value, alpha=1 - keep)
            else:
                self.mean[name].copy_(value)

    def state(self):
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict(), "mean": self.mean, "steps": self.steps}

    def load(self, state):
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mean, self.steps = state["mean"], state["steps"]


class Kept:
    """The newest frames at a small size, as bytes, with their labels: batches are drawn from them again and again."""

    def __init__(self, side, limit):
        self.side, self.limit, self.total = side, limit, 0
        self.pixels = torch.zeros(limit, 3, side, side, dtype=torch.uint8)
        self.labels = [None] * limit
        self.chances = torch.zeros(limit)

    def add(self, frames, batch):
        small = (to_input(frames, self.side) * 255).round().to(torch.uint8)
        for pixels, labels in zip(small, batch):
            self.pixels[self.total % self.limit] = pixels
            self.labels[self.total % self.limit] = labels[1:]
            self.chances[self.total % self.limit] = 1 - CALM_FIRST * labels[4]
            self.total += 1

    def draw(self, size):
        picks = torch.multinomial(self.chances, size, replacement=True)
        pixels, batch = self.pixels[picks].float() / 255, [(None, *self.labels[pick]) for pick in picks]
        if torch.rand(()) < 0.5:
            # A table has no left and right.
            pixels = pixels.flip(3)
            batch = [(None, numpy.concatenate([1 - boxes[:, :1], boxes[:, 1:]], 1), *rest) for _, boxes, *rest in batch]
        return pixels, batch


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    world.build_writer()
    options.work.mkdir(parents=True, exist_ok=True)
    checkpoint = options.work / "checkpoint.pt"
    light, heavy = Learner(Light(), 4e-3 * options.rate), Learner(Heavy(), 3e-3 * options.rate)
    trained, runs, frames_before = 0.0, 0, 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        light.load(state["light"])
        heavy.load(state["heavy"])
        trained, runs, frames_before = state["seconds"], state["runs"], state["frames"]
        print(f"going on after {trained / 60:.1f} minutes")
    # Every run sees other tables than the runs before it; seeds from 1,000,000 are for validation and test.
    stream = world.Stream(options.seed * 1000 + runs)
    batches, kept = world.Batches(stream, BATCH), Kept(Light.side, LIGHT_KEPT)
    if options.earlier and not checkpoint.exists():
        frames = numpy.stack([frame[0] for frame in batches.next() + batches.next()])
        start_from(light.network, [options.earlier / "light.onnx"], to_input(frames, Light.side))
        start_from(heavy.network, [options.earlier / "heavy_1.onnx", options.earlier / "heavy_2.onnx"], to_input(frames, Heavy.side))
        for learner in (light, heavy):
            learner.restart_mean()
        print(f"starting from the pack in {options.earlier}")
    began, reported, saved, sums, count = time.monotonic(), 0.0, 0.0, numpy.zeros(3), 0

    def save():
        partial = checkpoint.with_suffix(".partial")
        torch.save({"light": light.state(), "heavy": heavy.state(), "seconds": trained + time.monotonic() - began, "runs": runs + 1,
                    "frames": frames_before + kept.total}, partial)
        partial.replace(checkpoint)

    while True:
        elapsed = time.monotonic() - began
        part = (trained + elapsed) / (60 * options.minutes)
        if elapsed - saved > CHECKPOINT_SECONDS or part >= 1:
            save()
            saved = elapsed
        if part >= 1:
            break
        batch = batches.next()
        frames = numpy.stack([frame[0] for frame in batch])
        heavy_losses = [0.0, 0.0] if options.only_light else heavy.step(to_input(frames, Heavy.side), make_targets(batch, Heavy.side), part)
        kept.add(frames, batch)
        for _ in range(LIGHT_STEPS):
            pixels, drawn = kept.draw(LIGHT_BATCH)
            light_losses = light.step(pixels, make_targets(drawn, Light.side), part)
        sums, count = sums + numpy.array(light_losses + heavy_losses), count + 1
        if elapsed - reported > REPORT_SECONDS:
            mean = sums / count
            print(f"{(trained + elapsed) / 60:6.1f} min  {kept.total:8d} frames  {count * BATCH / (elapsed - reported):5.0f}/s  "
                  f"loss light {mean[0]:.3f}  heavy_1 {mean[1]:.3f}  heavy_2 {mean[2]:.3f}", flush=True)
            reported, sums, count = elapsed, numpy.zeros(3), 0
    stream.close()


if __name__ == "__main__":
    main()
