"""Starts training from the stages of an earlier pack instead of from nothing: for a world that changed a little, or to train longer."""
import numpy
import onnx
import torch
from onnx import numpy_helper
from torch import nn


def convolutions_of(path):
    """Weights and bias of each convolution, in the order they run."""
    graph = onnx.load(str(path)).graph
    values = {value.name: numpy_helper.to_array(value) for value in graph.initializer}
    return [(values[node.input[1]], values[node.input[2]]) for node in graph.node if node.op_type == "Conv"]


def start_from(network, paths, pixels):
    """Takes over the weights. The exporter folded each normalisation into the convolution before it; here they are taken apart again, with the mean and
    deviation that `pixels` give, so that the network says the same as before and can be trained on."""
    layers = list(network.modules())
    folded = [pair for path in paths for pair in convolutions_of(path)]
    convolutions = [layer for layer in layers if isinstance(layer, nn.Conv2d)]
    if len(folded) != len(convolutions):
        raise RuntimeError(f"{[str(path) for path in paths]} hold {len(folded)} convolutions; this network has {len(convolutions)}")
    norms = {}
    for index, layer in enumerate(layers):
        if isinstance(layer, nn.BatchNorm2d):
            norms[next(before for before in reversed(layers[:index]) if isinstance(before, nn.Conv2d))] = layer
    with torch.no_grad():
        for layer, (weight, bias) in zip(convolutions, folded):
            layer.weight.copy_(torch.from_numpy(numpy.array(weight)))
            if layer.bias is not None:
                layer.bias.copy_(torch.from_numpy(numpy.array(bias)))
            else:
                norm = norms[layer]
                norm.bias.copy_(torch.from_numpy(numpy.array(bias)))
                norm.running_var.fill_(1 - norm.eps)
        unfold(network, list(norms.values()), pixels)


def unfold(network, norms, pixels):
    seen = {}

    def look(norm, given):
        seen[norm] = (given[0].mean((0, 2, 3)), given[0].var((0, 2, 3), unbiased=False))

    hooks = [norm.register_forward_pre_hook(look) for norm in norms]
    network.eval()
    before = network(pixels)
    for hook in hooks:
        hook.remove()
    for norm, (mean, variance) in seen.items():
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_(torch.sqrt(variance + norm.eps))
        norm.bias.add_(mean)
    difference = max(float((a - b).abs().max()) for a, b in zip(before, network(pixels)))
    if difference > 1e-2:
        raise RuntimeError(f"taking over the weights changed the answers by {difference}")
    network.train()
