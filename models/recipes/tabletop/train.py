#!/usr/bin/python3
"""Trains the networks of the tabletop pack, light and heavy side by side on the same frames. Stop it whenever you like: the same command goes on where it was.

    python3 models/recipes/tabletop/train.py --minutes 70

Afterwards: export.py, then evaluate.py (or train.sh, which runs all three)."""
import argparse
import pathlib
import time

import numpy
import torch
from torch.nn import functional

import optimizer
import plans
import world
from losses import dense_loss, exit_loss, targets_of
from networks import Heavy, Light, cell_centres, keep_best, score_of

CHECKPOINT_SECONDS = 60
REPORT_SECONDS = 60
BATCH = 48

# Questions asked about each picture: the backbone runs once for all of them, because language comes in late.
QUESTIONS = 6

# Share of the batches that drop tokens before the second stage, and how few are kept at least.
DROP_SHARE = 0.45
KEEP_LEAST = 8

# Of the time: warming up, and from where on the rate falls.
WARM_SHARE = 0.02
FALL_FROM = 0.25

EXIT_WEIGHTS = (0.5, 0.7, 1.0)
DENSE_WEIGHTS = (0.2, 0.3, 0.5)
DISTILL_WEIGHT = 0.3

# Seeds of frames that training never sees.
CHECK_SEED = 1_000_000
CHECK_FRAMES = 512
# A place this near to the true one is as good: well within the world's reach for grasping (0.045).
NEAR = 0.03


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=70, help="training time in all, of this and earlier runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="of torch; more than free cores is far slower than one")
    parser.add_argument("--chunk-steps", type=int, default=4000, help="steps of the chunk head's own training, which comes first and is not counted")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda on a machine with a GPU")
    parser.add_argument("--work", type=pathlib.Path, help="folder of the checkpoint; out/tabletop-SEED unless told otherwise")
    options = parser.parse_args()
    options.work = options.work or world.REPOSITORY / "out" / f"tabletop-{options.seed}"
    return options


def to_input(pixels, side, device):
    """[B, H, W, 3] bytes to [B, 3, side, side] in [0, 1], by the mean over areas."""
    whole = torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2).float() / 255
    return whole if whole.shape[2] == side else functional.interpolate(whole, size=(side, side), mode="area")


class Learner:
    """A network, its optimisers, and the running mean of its weights, which is what gets exported."""

    def __init__(self, network):
        self.network, self.steps = network, 0
        self.optimizers = optimizer.make(network)
        self.rates = [[group["lr"] for group in one.param_groups] for one in self.optimizers]
        self.mean = {name: value.clone() for name, value in network.state_dict().items()}

    def step(self, loss, part):
        scale = min(1, part / WARM_SHARE + 1e-2) * max(0.0, min(1, (1 - part) / (1 - FALL_FROM)))
        for one, rates in zip(self.optimizers, self.rates):
            for group, rate in zip(one.param_groups, rates):
                group["lr"] = rate * scale
            one.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 10)
        for one in self.optimizers:
            one.step()
        self.steps += 1
        keep = min(0.995, self.steps / (self.steps + 10))
        for name, value in self.network.state_dict().items():
            if value.dtype.is_floating_point:
                self.mean[name].mul_(keep).add_(value, alpha=1 - keep)
            else:
                self.mean[name].copy_(value)

    def state(self):
        return {"network": self.network.state_dict(), "optimizers": [one.state_dict() for one in self.optimizers], "mean": self.mean, "steps": self.steps}

    def load(self, state):
        self.network.load_state_dict(state["network"])
        for one, saved in zip(self.optimizers, state["optimizers"]):
            one.load_state_dict(saved)
        self.mean, self.steps = state["mean"], state["steps"]


def light_loss(light, frames, tokens, targets, device):
    centres = light.centres.expand(len(frames.clutter), -1, -1)
    logits, places, seen = light.fusion(light.tokens(to_input(frames.pixels, Light.side, device)), centres, light.language(tokens))
    return exit_loss(logits, places, targets) + DENSE_WEIGHTS[-1] * dense_loss(light.fusion, seen, centres, targets)


def heavy_loss(heavy, frames, tokens, targets, device, random):
    """Deep supervision at every exit, and the last exit teaches the earlier ones where to look. Some batches drop tokens; those ask each picture one question,
    because what is kept depends on the question."""
    centres = heavy.centres.expand(len(frames.clutter), -1, -1)
    queries = heavy.language(tokens)
    state = heavy.stages[0](heavy.embed(to_input(frames.pixels, Heavy.side, device)))
    logits, places, seen = heavy.fusions[0](state, centres, queries)
    loss = EXIT_WEIGHTS[0] * exit_loss(logits, places, targets) + DENSE_WEIGHTS[0] * dense_loss(heavy.fusions[0], seen, centres, targets)
    picks, first = None, logits
    if random.random() < DROP_SHARE:
        count = int(random.integers(KEEP_LEAST, 100))
        picks = torch.topk(score_of(logits[:, 0].detach()), count, dim=1)[1]
        state, centres = keep_best(state, centres, score_of(logits[:, 0].detach()), count)
        queries, targets = queries[:, :1], {name: value[:, :1] if name in ("look", "place") else value for name, value in targets.items()}
    exits = []
    for index in (1, 2):
        state = heavy.stages[index](state)
        logits, places, seen = heavy.fusions[index](state, centres, queries)
        loss = loss + EXIT_WEIGHTS[index] * exit_loss(logits, places, targets, picks)
        if picks is None:
            loss = loss + DENSE_WEIGHTS[index] * dense_loss(heavy.fusions[index], seen, centres, targets)
        exits.append(logits)
    teacher = exits[1].detach().softmax(-1)
    taught = exits[:1] if picks is not None else [first, exits[0]]
    for logits in taught:
        loss = loss - DISTILL_WEIGHT * (teacher * logits.log_softmax(-1)).sum(-1).mean()
    return loss


class Checker:
    """Frames that training never sees: how often each exit points at the right thing and the right pad, by clutter."""

    def __init__(self, device):
        reader = world.FrameReader(CHECK_SEED, CHECK_FRAMES)
        self.frames, self.device = reader.next(), device
        reader.close()
        random = numpy.random.default_rng(0)
        self.things, self.pads, tokens = world.choose(self.frames, 4, random)
        self.tokens = torch.from_numpy(tokens).to(device)
        rows = numpy.arange(CHECK_FRAMES)[:, None]
        self.wanted = torch.from_numpy(numpy.stack([self.frames.place[rows, self.things, :2], self.frames.place[rows, self.pads, :2]], 2)).to(device)

    @torch.no_grad()
    def check(self, light, heavy):
        """Name of an exit (with tokens kept) to shares right: all, clutter below a half, above."""
        found = {"light": self.ask(light.fusion, light.tokens(to_input(self.frames.pixels, Light.side, self.device)), light.centres, light.language)}
        state = heavy.stages[0](heavy.embed(to_input(self.frames.pixels, Heavy.side, self.device)))
        found["heavy_1"] = self.ask(heavy.fusions[0], state, heavy.centres, heavy.language)
        for name, count in (("", None), ("@36", 36), ("@18", 18)):
            kept, centres, query = state, heavy.centres, None
            if count:
                logits, _, _ = heavy.fusions[0](state, heavy.centres.expand(CHECK_FRAMES, -1, -1), heavy.language(self.tokens))
                kept, centres = keep_best(state, heavy.centres.expand(CHECK_FRAMES, -1, -1), score_of(logits[:, 0]), count)
                query = 1
            for index in (1, 2):
                kept = heavy.stages[index](kept)
                found[f"heavy_{index + 1}{name}"] = self.ask(heavy.fusions[index], kept, centres, heavy.language, query)
        return found

    def ask(self, fusion, tokens, centres, language, count=None):
        _, places, _ = fusion(tokens, centres.expand(CHECK_FRAMES, -1, -1), language(self.tokens)[:, :count])
        right = ((places - self.wanted[:, :count]).square().sum(-1).sqrt() < NEAR).all(-1).float().mean(1).cpu()
        busy = torch.from_numpy(self.frames.clutter) >= 0.5
        return [float(right.mean()), float(right[~busy].mean()), float(right[busy].mean())]


def means(learner, network):
    """A network with the running mean of the weights, to be looked at."""
    network.load_state_dict(learner.mean)
    return network.eval()


def main():
    options = parse()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    world.build_writer()
    options.work.mkdir(parents=True, exist_ok=True)
    checkpoint = options.work / "checkpoint.pt"
    light, heavy = Learner(Light().to(options.device)), Learner(Heavy().to(options.device))
    trained, runs, seen, head, history = 0.0, 0, 0, None, []
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=options.device)
        light.load(state["light"])
        heavy.load(state["heavy"])
        trained, runs, seen, history = state["seconds"], state["runs"], state["frames"], state["history"]
        head = plans.ChunkHead()
        head.load_state_dict(state["chunk"])
        print(f"going on after {trained / 60:.1f} minutes", flush=True)
    head = head or plans.train(options.seed, options.chunk_steps, lambda text: print(text, flush=True))
    # Every run sees other tables than the runs before it.
    reader = world.FrameReader(options.seed * 1000 + runs, BATCH)
    random = numpy.random.default_rng(options.seed * 1000 + runs)
    checker = Checker(options.device)
    began, saved, reported, sums, count = time.monotonic(), 0.0, 0.0, numpy.zeros(2), 0

    def save(seconds):
        partial = checkpoint.with_suffix(".partial")
        torch.save({"light": light.state(), "heavy": heavy.state(), "chunk": head.state_dict(), "seconds": seconds, "runs": runs + 1, "frames": seen,
                    "history": history, "seed": options.seed}, partial)
        partial.replace(checkpoint)

    while True:
        elapsed = time.monotonic() - began
        part = (trained + elapsed) / (60 * options.minutes)
        if elapsed - reported > REPORT_SECONDS or part >= 1:
            found = checker.check(means(light, Light().to(options.device)), means(heavy, Heavy().to(options.device)))
            history.append({"seconds": trained + elapsed, "frames": seen, "found": found})
            loss = sums / max(count, 1)
            print(f"{(trained + elapsed) / 60:6.1f} min  {seen:8d} frames {count * BATCH / max(elapsed - reported, 1e-9):4.0f}/s  loss light {loss[0]:.3f} heavy {loss[1]:.3f}  "
                  + "  ".join(f"{name} {100 * right[0]:.1f} ({100 * right[1]:.0f}/{100 * right[2]:.0f})" for name, right in found.items()), flush=True)
            reported, sums, count = time.monotonic() - began, numpy.zeros(2), 0
        if elapsed - saved > CHECKPOINT_SECONDS or part >= 1:
            save(trained + elapsed)
            saved = elapsed
        if part >= 1:
            break
        frames = reader.next()
        things, pads, tokens = world.choose(frames, QUESTIONS, random)
        targets = {name: value.to(options.device) for name, value in targets_of(frames, things, pads).items()}
        tokens = torch.from_numpy(tokens).to(options.device)
        loss_light = light_loss(light.network, frames, tokens, targets, options.device)
        light.step(loss_light, part)
        loss_heavy = heavy_loss(heavy.network, frames, tokens, targets, options.device, random)
        heavy.step(loss_heavy, part)
        seen += BATCH
        sums, count = sums + numpy.array([loss_light.item(), loss_heavy.item()]), count + 1
    reader.close()


if __name__ == "__main__":
    main()
