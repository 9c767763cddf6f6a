#!/usr/bin/python3
"""Writes the trained networks of the last checkpoint as the three stages of the shapes pack, and samples for check.mjs to compare them with."""
import argparse
import json
import pathlib

import numpy
import onnx
import torch
from torch import nn

import world
from networks import Head, Heavy, Light
from targets import to_input

# 13 is the newest set that the oldest supported TensorRT reads whole.
OPSET = 13
SAMPLE_COUNT = 6


class LightStage(nn.Module):
    def __init__(self, light):
        super().__init__()
        self.light = light

    def forward(self, frame):
        return Head.answer(self.light(frame)[0])


class HeavyFirstStage(nn.Module):
    def __init__(self, heavy):
        super().__init__()
        self.heavy = heavy

    def forward(self, frame):
        features = self.heavy.first(frame)
        return Head.answer(self.heavy.head_1(features)), features


class HeavySecondStage(nn.Module):
    def __init__(self, heavy):
        super().__init__()
        self.heavy = heavy

    def forward(self, features):
        return Head.answer(self.heavy.head_2(self.heavy.second(features)))


def load(work):
    """Both networks with the running mean of their weights, ready to be evaluated."""
    state = torch.load(work / "checkpoint.pt")
    light, heavy = Light(), Heavy()
    light.load_state_dict(state["light"]["mean"])
    heavy.load_state_dict(state["heavy"]["mean"])
    return light.eval(), heavy.eval(), state


def stages_of(light, heavy):
    """Name, module, names of inputs and outputs. Each wrapper is told to evaluate: the exporter hands its own flag back to what it wraps."""
    return [
        ("light", LightStage(light).eval(), ["frame"], ["cells"]),
        ("heavy_1", HeavyFirstStage(heavy).eval(), ["frame"], ["cells", "features"]),
        ("heavy_2", HeavySecondStage(heavy).eval(), ["features"], ["cells"]),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=pathlib.Path, default=world.REPOSITORY / "out" / "shapes")
    parser.add_argument("--pack", type=pathlib.Path, default=world.REPOSITORY / "models" / "shapes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    world.build_writer()
    light, heavy, _ = load(options.work)
    options.pack.mkdir(parents=True, exist_ok=True)
    stream = world.Stream(1_000_000, SAMPLE_COUNT, 640, 480)
    frames = numpy.stack([stream.frame()[0] for _ in range(SAMPLE_COUNT)])
    stream.close()
    inputs = {"light": [(to_input(frames[i:i + 1], Light.side),) for i in range(SAMPLE_COUNT)],
              "heavy_1": [(to_input(frames[i:i + 1], Heavy.side),) for i in range(SAMPLE_COUNT)]}
    with torch.no_grad():
        inputs["heavy_2"] = [(heavy.first(pixels),) for (pixels,) in inputs["heavy_1"]]
        for name, module, input_names, output_names in stages_of(light, heavy):
            path = options.pack / f"{name}.onnx"
            torch.onnx.export(module, inputs[name][0], str(path), opset_version=OPSET, input_names=input_names, output_names=output_names)
            model = onnx.load(str(path))
            # The exporter writes the paths of this machine's Python files into every node: no part of a model.
            for node in model.graph.node:
                node.doc_string = ""
            onnx.checker.check_model(model)
            onnx.save(model, str(path))
            module.eval()
            wanted = [module(*given) for given in inputs[name]]
            wanted = [value if isinstance(value, tuple) else (value,) for value in wanted]
            sample = {"inputs": [dict(zip(input_names, map(listed, given))) for given in inputs[name]],
                      "outputs": [dict(zip(output_names, map(listed, value))) for value in wanted]}
            (options.work / f"{name}.samples.json").write_text(json.dumps(sample))
            print(f"{name}: {path.stat().st_size / 1024:.0f} KB")


def listed(tensor):
    return {"dims": list(tensor.shape), "values": [float(value) for value in tensor.flatten()]}


if __name__ == "__main__":
    main()
