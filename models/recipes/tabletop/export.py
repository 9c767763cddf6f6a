#!/usr/bin/python3
"""Writes the networks of a checkpoint as the files of the tabletop pack: single precision beside the checkpoint, for the comparison with the trained network, and with
weights stored in half precision into the pack. Samples for check.mjs come along."""
import argparse
import json
import pathlib

import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

import world
from networks import ChunkHead, Heavy, Light, confidence, keep_best, score_of
from train import to_input

# 13 is the newest set that the oldest supported TensorRT reads whole.
OPSET = 13
SAMPLE_COUNT = 6
SAMPLE_SEED = 1_000_003
SAMPLE_KEEPS = (8, 17, 36, 72, 144, 50)

# Weights of fewer values than this stay in single precision: there is nothing to be saved.
SMALL = 256


class Exit(nn.Module):
    """A fusion and the chunk head: state [1, 3] and query to chunk [1, steps, 3] and confidence [1, 1]."""

    def __init__(self, fusion, head):
        super().__init__()
        self.fusion, self.head = fusion, head

    def forward(self, tokens, centres, query, state):
        logits, places, _ = self.fusion(tokens, centres, query[:, None])
        logits, places, holding = logits[:, 0], places[:, 0], (state[:, 2:3] > 0).to(tokens.dtype)
        move, gripper = self.head(torch.cat([(state[:, :2] + 1) / 2, holding, places.flatten(1)], 1))
        chunk = torch.cat([move, torch.sigmoid(gripper)[:, :, None]], 2)
        return chunk, confidence(logits, places, centres, holding), score_of(logits)


class LanguageStage(nn.Module):
    def __init__(self, light, heavy):
        super().__init__()
        self.light, self.heavy = light.language, heavy.language

    def forward(self, tokens):
        return self.light(tokens), self.heavy(tokens)


class LightStage(nn.Module):
    def __init__(self, light, head):
        super().__init__()
        self.light, self.exit = light, Exit(light.fusion, head)

    def forward(self, frame, query, state):
        return self.exit(self.light.tokens(frame), self.light.centres, query, state)[:2]


class HeavyFirstStage(nn.Module):
    def __init__(self, heavy, head):
        super().__init__()
        self.heavy, self.exit = heavy, Exit(heavy.fusions[0], head)

    def forward(self, frame, query, state):
        tokens = self.heavy.stages[0](self.heavy.embed(frame))
        chunk, sure, score = self.exit(tokens, self.heavy.centres, query, state)
        return chunk, sure, tokens, score


class HeavySecondStage(nn.Module):
    def __init__(self, heavy, head):
        super().__init__()
        self.heavy, self.exit = heavy, Exit(heavy.fusions[1], head)

    def forward(self, tokens, score, keep, query, state):
        tokens, centres = keep_best(tokens, self.heavy.centres, score, keep)
        tokens = self.heavy.stages[1](tokens)
        return self.exit(tokens, centres, query, state)[:2] + (tokens, centres)


class HeavyThirdStage(nn.Module):
    def __init__(self, heavy, head):
        super().__init__()
        self.heavy, self.exit = heavy, Exit(heavy.fusions[2], head)

    def forward(self, tokens, centres, query, state):
        return self.exit(self.heavy.stages[2](tokens), centres, query, state)[:2]


def load(work):
    """Both networks with the running mean of their weights, and the chunk head, ready to be evaluated."""
    state = torch.load(work / "checkpoint.pt", map_location="cpu")
    light, heavy, head = Light(), Heavy(), ChunkHead()
    light.load_state_dict(state["light"]["mean"])
    heavy.load_state_dict(state["heavy"]["mean"])
    head.load_state_dict(state["chunk"])
    return light.eval(), heavy.eval(), head.eval(), state


def stages_of(light, heavy, head):
    """Name, module, names of inputs and outputs. Each wrapper is told to evaluate: the exporter hands its own flag back to what it wraps."""
    return [
        ("language", LanguageStage(light, heavy).eval(), ["tokens"], ["light_query", "heavy_query"]),
        ("light", LightStage(light, head).eval(), ["frame", "query", "state"], ["chunk", "confidence"]),
        ("heavy_1", HeavyFirstStage(heavy, head).eval(), ["frame", "query", "state"], ["chunk", "confidence", "tokens", "score"]),
        ("heavy_2", HeavySecondStage(heavy, head).eval(), ["tokens", "score", "keep", "query", "state"], ["chunk", "confidence", "kept", "centres"]),
        ("heavy_3", HeavyThirdStage(heavy, head).eval(), ["kept", "centres", "query", "state"], ["chunk", "confidence"]),
    ]


def samples(light, heavy):
    """Inputs of every stage for a few real frames, each stage's from the one before it."""
    reader = world.FrameReader(SAMPLE_SEED, SAMPLE_COUNT)
    frames = reader.next()
    reader.close()
    _, _, tokens = world.choose(frames, 1, numpy.random.default_rng(0))
    tokens = torch.from_numpy(tokens[:, 0])
    state = torch.from_numpy(numpy.concatenate([2 * frames.gripper - 1, numpy.where(frames.held[:, None] >= 0, 1, -1)], 1).astype(numpy.float32))
    small, large = to_input(frames.pixels, Light.side, "cpu"), to_input(frames.pixels, Heavy.side, "cpu")
    found = {name: [] for name in ("language", "light", "heavy_1", "heavy_2", "heavy_3")}
    for i in range(SAMPLE_COUNT):
        one = slice(i, i + 1)
        keep = torch.tensor(SAMPLE_KEEPS[i], dtype=torch.int64)
        with torch.no_grad():
            light_query, heavy_query = light.language(tokens[one]), heavy.language(tokens[one])
            first = heavy.stages[0](heavy.embed(large[one]))
            logits, _, _ = heavy.fusions[0](first, heavy.centres, heavy_query[:, None])
            score = score_of(logits[:, 0])
            kept, centres = keep_best(first, heavy.centres, score, keep)
            kept = heavy.stages[1](kept)
        found["language"].append((tokens[one],))
        found["light"].append((small[one], light_query, state[one]))
        found["heavy_1"].append((large[one], heavy_query, state[one]))
        found["heavy_2"].append((first, score, keep, heavy_query, state[one]))
        found["heavy_3"].append((kept, centres, heavy_query, state[one]))
    return found


# The token axis of what is left after dropping has a length of its own in every run.
LOOSE_AXES = {"heavy_2": {"kept": {1: "kept_tokens"}, "centres": {1: "kept_tokens"}}, "heavy_3": {"kept": {1: "kept_tokens"}, "centres": {1: "kept_tokens"}}}


def export(name, module, given, input_names, output_names, path):
    torch.onnx.export(module, given, str(path), opset_version=OPSET, input_names=input_names, output_names=output_names, dynamic_axes=LOOSE_AXES.get(name))
    model = onnx.load(str(path))
    # The exporter writes the paths of this machine's Python files into every node: no part of a model.
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return model


def store_half(model):
    """Weights in half precision, cast back where they are used: ONNX Runtime folds the casts when it opens the file, so nothing is slower."""
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < SMALL:
            continue
        stored = f"{weight.name}_half"
        casts.append(helper.make_node("Cast", [stored], [weight.name], to=TensorProto.FLOAT))
        weight.CopyFrom(numpy_helper.from_array(values.astype(numpy.float16), stored))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default=world.REPOSITORY / "out" / "tabletop-1", help="folder of the checkpoint")
    parser.add_argument("--pack", type=pathlib.Path, default=world.REPOSITORY / "models" / "tabletop")
    parser.add_argument("--full", action="store_true", help="store single precision in the pack")
    options = parser.parse_args()
    torch.set_num_threads(1)
    world.build_writer()
    light, heavy, head, _ = load(options.work)
    options.pack.mkdir(parents=True, exist_ok=True)
    given = samples(light, heavy)
    total = 0
    with torch.no_grad():
        for name, module, input_names, output_names in stages_of(light, heavy, head):
            model = export(name, module, given[name][0], input_names, output_names, options.work / f"{name}.onnx")
            module.eval()
            wanted = [module(*one) for one in given[name]]
            sample = {"inputs": [dict(zip(input_names, map(listed, one))) for one in given[name]],
                      "outputs": [dict(zip(output_names, map(listed, one))) for one in wanted]}
            (options.work / f"{name}.samples.json").write_text(json.dumps(sample))
            if not options.full:
                store_half(model)
            path = options.pack / f"{name}.onnx"
            onnx.save(model, str(path))
            total += path.stat().st_size
            print(f"{name}: {path.stat().st_size / 1024:.0f} KB", flush=True)
    print(f"all: {total / 1024:.0f} KB")


def listed(tensor):
    return {"type": "int64" if tensor.dtype == torch.int64 else "float32", "dims": list(tensor.shape), "values": tensor.flatten().tolist()}


if __name__ == "__main__":
    main()
