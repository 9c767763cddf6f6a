"""The tabletop pack's manifest: stages, edges and policies."""
import hashlib
import json

import world
from networks import Heavy, Light, PLAN_STEPS, TOKENS

KEEPS = [1, 0.5, 0.25, 0.125]

# Of a plan of sixteen steps at most this many are carried out: the arm crosses a third of the table between two looks.
EXECUTE_STEPS = 6


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def frame_input(side):
    return {"tensor": "frame", "width": side, "height": side, "channels": "rgb", "layout": "nchw", "element": "float32", "fit": "stretch", "mean": [0], "std": [255]}


def stage(pack, name, query, **parts):
    return {"name": name, "file": f"{name}.onnx", "sha256": digest(pack / f"{name}.onnx"), **parts,
            "instruction": [{"tensor": "query", "from_tensor": query}], "state": {"tensor": "state", "length": 3},
            "exit": {"head": "policy", "outputs": ["chunk"], "step_count": PLAN_STEPS, "dimension_count": 3, "confidence_output": "confidence"}}


def features(source, *names):
    return [{"tensor": name, "from_stage": source, "from_tensor": name} for name in names]


def write(pack, cascade, multiply_adds, execute_steps=EXECUTE_STEPS):
    """`cascade`: {"entry": option, "exits": {...}}; `multiply_adds`: by path. Writes manifest.json into the pack's folder."""
    manifest = {
        "$schema": "../pack.schema.json",
        "manifest": 1, "name": "tabletop", "version": "0.1.0",
        "title": "A robot arm that puts things where it is told, light and heavy with three exits, tokens dropped by the instruction's attention",
        "task": "policy",
        "licence": {"spdx": "Apache-2.0", "origin": "trained by models/recipes/tabletop on generated pictures"},
        "language": {"file": "language.onnx", "sha256": digest(pack / "language.onnx"), "tensor": "tokens", "length": world.LENGTH, "words": world.WORDS},
        "plan": {"execute_steps": execute_steps, "actions": "movements", "switches": [2], "replan_on_state": [2]},
        "stages": [
            stage(pack, "light", "light_query", input=frame_input(Light.side)),
            stage(pack, "heavy_1", "heavy_query", input=frame_input(Heavy.side)),
            stage(pack, "heavy_2", "heavy_query", features=features("heavy_1", "tokens", "score"), keep_input={"tensor": "keep", "tokens": TOKENS}),
            stage(pack, "heavy_3", "heavy_query", features=features("heavy_2", "kept", "centres")),
        ],
        "edges": [
            {"from": "frame", "to": "light"}, {"from": "frame", "to": "heavy_1"}, {"from": "light", "to": "heavy_1"},
            {"from": "heavy_1", "to": "heavy_2", "keep": KEEPS}, {"from": "heavy_2", "to": "heavy_3"}, {"from": "frame", "to": "previous"},
        ],
        "policies": {"fixed_route": "heavy_1>heavy_2>heavy_3", "cascade": cascade},
        "multiply_adds": multiply_adds,
    }
    (pack / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
