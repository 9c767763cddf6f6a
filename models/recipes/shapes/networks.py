"""The two detectors of the shapes pack. Both end in maps of one prediction per cell of 8 pixels: objectness, four box terms, colour and shape."""
import torch
from torch import nn
from torch.nn import functional

COLORS = 6
SHAPES = 5
HEAD_CHANNELS = 5 + COLORS + SHAPES
STRIDE = 8


class Conv(nn.Sequential):
    """Convolution, batch normalisation, ReLU. Dense, not depthwise: on the CPUs measured, dense layers of this size run nearer to peak."""

    def __init__(self, before, after, size=3, stride=1, dilation=1):
        super().__init__(
            nn.Conv2d(before, after, size, stride, dilation * (size // 2), dilation, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True))


class Block(nn.Module):
    """A bottleneck with a way around it."""

    def __init__(self, width, inner, dilation=1):
        super().__init__()
        self.body = nn.Sequential(Conv(width, inner, 1), Conv(inner, inner, 3, 1, dilation), nn.Conv2d(inner, width, 1, bias=False), nn.BatchNorm2d(width))

    def forward(self, features):
        return functional.relu(features + self.body(features))


class Head(nn.Module):
    """Raw maps for training; `answer` is what the exported stage yields."""

    def __init__(self, width, inner):
        super().__init__()
        self.body = nn.Sequential(Conv(width, inner, 1), nn.Conv2d(inner, HEAD_CHANNELS, 1))
        with torch.no_grad():
            # Few cells hold an object: start there, or the first steps are spent on learning it.
            self.body[1].bias[0] = -3.5
            self.body[1].bias[3:5] = -2.0

    def forward(self, features):
        return self.body(features)

    @staticmethod
    def answer(raw):
        """[1, 5 + classes, H, W]: objectness in [0, 1], four raw box terms, and the probability of each colour and shape together."""
        batch, _, height, width = raw.shape
        color = torch.softmax(raw[:, 5:5 + COLORS], 1).unsqueeze(2)
        shape = torch.softmax(raw[:, 5 + COLORS:], 1).unsqueeze(1)
        return torch.cat([torch.sigmoid(raw[:, :1]), raw[:, 1:5], (color * shape).reshape(batch, COLORS * SHAPES, height, width)], 1)


class Light(nn.Module):
    """Input 96x96, one exit."""

    side = 96
    exits = ["light"]

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(Conv(3, 8, 3, 2), Conv(8, 16, 3, 2), Conv(16, 32, 3, 2), Block(32, 16), Block(32, 16, 2))
        self.head = Head(32, 24)

    def forward(self, pixels):
        return [self.head(self.body(pixels))]


class Heavy(nn.Module):
    """Input 192x192, two exits. The second stage takes the first one's features, looks wider and refines."""

    side = 192
    exits = ["heavy_1", "heavy_2"]

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(Conv(3, 12, 3, 2), Conv(12, 24, 3, 2), Conv(24, 64, 3, 2), Block(64, 32), Block(64, 32, 2))
        self.head_1 = Head(64, 32)
        self.down = nn.Sequential(Conv(64, 96, 3, 2), Block(96, 48), Block(96, 48))
        self.up = nn.Conv2d(96, 64, 1)
        self.refine = nn.Sequential(Block(64, 48), Block(64, 48))
        self.head_2 = Head(64, 64)

    def second(self, features):
        wide = functional.interpolate(self.up(self.down(features)), scale_factor=2.0, mode="nearest")
        return self.refine(functional.relu(features + wide))

    def forward(self, pixels):
        features = self.first(pixels)
        return [self.head_1(features), self.head_2(self.second(features))]


def multiply_count(network, *inputs):
    """Multiplications of one run, by counting what each convolution does."""
    total = [0]

    def count(layer, _, output):
        total[0] += output.numel() * layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1] // layer.groups

    hooks = [layer.register_forward_hook(count) for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    with torch.no_grad():
        network(*inputs)
    for hook in hooks:
        hook.remove()
    return total[0]
