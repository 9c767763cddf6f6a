"""The networks of the tabletop pack: a language encoder that runs once per instruction, a light convolutional backbone, a heavy vision transformer in three stages
with an exit each, late fusion by the language's queries, and a chunk head that turns two places and the robot's state into a plan."""
import math

import torch
from torch import nn
from torch.nn import functional

import world

GRID = 12
TOKENS = GRID * GRID
PLAN_STEPS = 16
# Of the world's rules: the farthest movement of one step, in table units.
STEP = 0.05
# Places are read from the attention raised to this power: of two things that both look right the likelier one counts, not the point between them.
SHARPNESS = 3.0
# A token may point this many cells away, to the centre of the thing it sees a part of.
REACH = 2.0


def conv(before, after, size=3, stride=1):
    return nn.Sequential(nn.Conv2d(before, after, size, stride, size // 2, bias=False), nn.BatchNorm2d(after), nn.ReLU(inplace=True))


def cell_centres():
    """[1, TOKENS, 2]: x and y of each cell's centre in table units."""
    at = (torch.arange(GRID) + 0.5) / GRID
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], 1)[None]


def positions(width):
    """Sines and cosines of x and y in rising frequencies. Learned positions from small random numbers trained far more slowly."""
    places = cell_centres()[0]
    waves = math.pi * torch.linspace(0.5, GRID / 2, width // 4)
    x, y = places[:, :1] * waves, places[:, 1:] * waves
    return 0.5 * torch.cat([x.sin(), x.cos(), y.sin(), y.cos()], 1)[None]


class Language(nn.Module):
    """Tokens [B, LENGTH] to two queries [B, 2 * width]: what to take, where to put it."""

    def __init__(self, width):
        super().__init__()
        self.words = nn.Embedding(len(world.WORDS), 24)
        self.body = nn.Sequential(nn.Linear(24 * world.LENGTH, 128), nn.ReLU(), nn.Linear(128, 2 * width))

    def forward(self, tokens):
        return self.body(self.words(tokens).flatten(-2))


class ChunkHead(nn.Module):
    """Gripper, holding, thing and pad [B, 7] to movements [B, PLAN_STEPS, 2] and gripper logits [B, PLAN_STEPS]. How far along the two legs of the way each step goes
    depends on three numbers only: the legs' lengths and whether the first is done. It is trained for itself, on situations without pictures."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(9, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 3 * PLAN_STEPS))

    def forward(self, at):
        gripper, holding, thing, pad = at[:, :2], at[:, 2:3], at[:, 3:5], at[:, 5:7]
        thing = holding * gripper + (1 - holding) * thing
        first, second = (thing - gripper) / STEP, (pad - thing) / STEP
        length_1, length_2 = (first.square().sum(1, keepdim=True) + 1e-6).sqrt(), (second.square().sum(1, keepdim=True) + 1e-6).sqrt()
        features = torch.cat([holding, length_1 / 10, length_2 / 10, torch.tanh(length_1), torch.tanh(length_2), torch.tanh(length_1 / 4), torch.tanh(length_2 / 4),
                              torch.tanh((length_1 + length_2) / 8), torch.tanh(4 * length_1)], 1)
        out = self.body(features).reshape(-1, PLAN_STEPS, 3)
        move = out[:, :, :1] * (first / length_1)[:, None] + out[:, :, 1:2] * (second / length_2)[:, None]
        return move, out[:, :, 2]


class Fusion(nn.Module):
    """Late fusion: the queries attend to visual tokens; each token also points to the centre of what it sees. An exit is this and the chunk head."""

    def __init__(self, width, query):
        super().__init__()
        self.query = query
        self.norm = nn.LayerNorm(width)
        self.keys = nn.Linear(width, query)
        self.point = nn.Linear(width, 4)
        # Colour and kind of what lies at each token: free labels, for training only, never exported.
        self.dense = nn.Linear(width, len(world.COLORS) + 1 + world.KINDS + 1)

    def forward(self, tokens, centres, queries):
        """tokens [B, N, width], centres [B, N, 2], queries [B, M, 2 * query] to attention logits [B, M, 2, N] and places [B, M, 2, 2]."""
        seen = self.norm(tokens)
        asked = queries.reshape(queries.shape[0], -1, 2, self.query)
        keys = self.keys(seen).transpose(1, 2)
        logits = (asked.flatten(1, 2) @ keys * self.query ** -0.5).reshape(asked.shape[0], asked.shape[1], 2, -1)
        points = self.points(seen, centres)
        sharp = (logits * SHARPNESS).softmax(-1)
        places = torch.stack([sharp[:, :, 0] @ points[:, :, :2], sharp[:, :, 1] @ points[:, :, 2:]], 2)
        return logits, places, seen

    def points(self, seen, centres):
        return centres.repeat(1, 1, 2) + torch.tanh(self.point(seen)) * (REACH / GRID)


def confidence(logits, places, centres, holding):
    """Attention logits [B, 2, N], places [B, 2, 2], centres [B, N, 2] to [B, 1]: the share of attention that lies within a cell and a half of the place it points to, for the less certain of the two; while holding, for the pad alone."""
    near = ((centres[:, None] - places[:, :, None]).abs().amax(-1) < 1.5 / GRID).to(logits.dtype)
    share = (logits.softmax(-1) * near).sum(-1)
    return torch.where(holding > 0.5, share[:, 1:], share.amin(1, keepdim=True))


class Light(nn.Module):
    """Pixels [B, 3, 48, 48], one exit."""

    side = 48

    def __init__(self, width=48, query=48):
        super().__init__()
        self.body = nn.Sequential(conv(3, 16, 3, 2), conv(16, 32, 3, 2), conv(32, width), conv(width, width))
        self.register_buffer("positions", positions(width))
        self.register_buffer("centres", cell_centres())
        self.language, self.fusion = Language(query), Fusion(width, query)

    def tokens(self, pixels):
        return self.body(pixels).flatten(2).transpose(1, 2) + self.positions


class Block(nn.Module):
    """Pre-norm transformer block (Xiong et al., ICML 2020) with a ReLU MLP."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm_1, self.norm_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)
        for layer in (self.out, self.down):
            nn.init.normal_(layer.weight, std=0.02)

    def forward(self, tokens):
        batch, count, width = tokens.shape
        query, key, value = self.mix(self.norm_1(tokens)).reshape(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        weights = (query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5).softmax(-1)
        tokens = tokens + self.out((weights @ value).transpose(1, 2).reshape(batch, count, width))
        return tokens + self.down(functional.relu(self.up(self.norm_2(tokens))))


class Heavy(nn.Module):
    """Pixels [B, 3, 96, 96]; three stages of blocks, an exit after each. Before the second stage all but K tokens may be dropped: those kept are the ones that the
    language's queries looked at most in the first exit."""

    side = 96
    exits = ["heavy_1", "heavy_2", "heavy_3"]

    def __init__(self, width=96, heads=3, query=64, blocks=(1, 2, 3)):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 16, 3, 2), conv(16, 32, 3, 2), conv(32, 64, 3, 2), nn.Conv2d(64, width, 1))
        self.register_buffer("positions", positions(width))
        self.register_buffer("centres", cell_centres())
        self.stages = nn.ModuleList([nn.Sequential(*[Block(width, heads) for _ in range(count)]) for count in blocks])
        self.language = Language(query)
        self.fusions = nn.ModuleList([Fusion(width, query) for _ in blocks])

    def embed(self, pixels):
        return self.stem(pixels).flatten(2).transpose(1, 2) + self.positions


def keep_best(tokens, centres, score, count):
    """The `count` tokens of the highest score [B, N], with the centres of their cells. `count` is a number or a scalar int64 tensor."""
    picks = torch.topk(score, count, dim=1)[1].unsqueeze(-1)
    return torch.gather(tokens, 1, picks.expand(-1, -1, tokens.shape[2])), torch.gather(centres, 1, picks.expand(-1, -1, 2))


def score_of(logits):
    """[B, N]: how much the two queries together look at each token; the score by which tokens are kept."""
    return logits.softmax(-1).sum(1)


def multiplications(width, count, query, blocks):
    """Multiply-adds of transformer blocks on `count` tokens, and of one exit."""
    block = count * width * width * 10 + 2 * count * count * width
    exit_cost = count * width * query + 4 * count * width + 2 * count * query + 9 * 128 + 128 * 128 + 128 * 3 * PLAN_STEPS
    return blocks * block + exit_cost


def conv_multiplications(body, side):
    """Multiply-adds of a stack of convolutions on one picture."""
    total = [0]

    def count(layer, _, output):
        total[0] += output.numel() * layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1] // layer.groups

    hooks = [layer.register_forward_hook(count) for layer in body.modules() if isinstance(layer, nn.Conv2d)]
    was = body.training
    body.eval()
    with torch.no_grad():
        body(torch.zeros(1, 3, side, side))
    body.train(was)
    for hook in hooks:
        hook.remove()
    return total[0]
