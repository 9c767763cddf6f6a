"""What each exit is asked: where the two queries look, where they point, and (for training only) what lies at every token."""
import numpy
import torch
from torch.nn import functional

import world
from networks import GRID, cell_centres

# Tokens that see nothing are most of them: they count this much.
EMPTY_WEIGHT = 0.25
CENTRES = cell_centres()[0]


def targets_of(frames, things, pads):
    """Everything the losses need, as tensors. `look` [B, M, 2, N]: where to look, a bell around the thing (in cells) that sums to 1; `place` [B, M, 2, 2]."""
    rows = numpy.arange(len(frames.clutter))[:, None]
    asked = numpy.stack([frames.place[rows, things], frames.place[rows, pads]], 2)
    place, radius = torch.from_numpy(asked[..., :2]), torch.from_numpy(asked[..., 2])
    spread = 0.35 / GRID + 0.5 * radius
    distance = (CENTRES - place[..., None, :]).square().sum(-1)
    look = (-distance / (2 * spread.square()[..., None])).exp()
    colors, kinds, centres, is_thing, is_pad = dense_labels(frames)
    return {"look": look / look.sum(-1, keepdim=True), "place": place, "colors": colors, "kinds": kinds, "centres": centres, "is_thing": is_thing, "is_pad": is_pad}


def dense_labels(frames):
    """Colour and kind of the thing whose centre is nearest to each cell's, within its radius; later things lie on top. [B, N] each, and the centre pointed to."""
    batch = len(frames.clutter)
    centres = CENTRES.numpy()
    colors = numpy.full((batch, len(centres)), len(world.COLORS))
    kinds = numpy.full((batch, len(centres)), world.KINDS)
    points = numpy.zeros((batch, len(centres), 4), numpy.float32)
    is_thing, is_pad = numpy.zeros((batch, len(centres)), bool), numpy.zeros((batch, len(centres)), bool)
    for j in range(world.THING_LIMIT):
        reach = frames.place[:, j, 2:3] + 0.25 / GRID
        near = (numpy.square(centres[None] - frames.place[:, j:j + 1, :2]).sum(-1) < reach ** 2) & (frames.kind[:, j:j + 1] >= 0)
        here = numpy.where(near)
        colors[here], kinds[here] = frames.color[here[0], j], frames.kind[here[0], j]
        pad = (frames.kind[:, j:j + 1] == world.PAD) & near
        points[pad, 2:], is_pad[pad] = frames.place[numpy.where(pad)[0], j, :2], True
        thing = near & ~pad
        points[thing, :2], is_thing[thing] = frames.place[numpy.where(thing)[0], j, :2], True
    return torch.from_numpy(colors), torch.from_numpy(kinds), torch.from_numpy(points), torch.from_numpy(is_thing), torch.from_numpy(is_pad)


def exit_loss(logits, places, targets, picks=None):
    """Looking and pointing. `picks` [B, K]: the tokens that were kept, where some were dropped; what was to be looked at is then shared among those."""
    look = targets["look"]
    if picks is not None:
        look = torch.gather(look, 3, picks[:, None, None].expand(-1, look.shape[1], 2, -1))
        look = look / look.sum(-1, keepdim=True).clamp_min(1e-3)
    looking = -(look * logits.log_softmax(-1)).sum(-1).mean()
    pointing = functional.smooth_l1_loss(places, targets["place"], beta=0.02)
    return looking + 20 * pointing


def dense_loss(fusion, seen, centres, targets):
    """What lies at every token, and where its centre is."""
    raw = fusion.dense(seen)
    colors, kinds = raw[..., :len(world.COLORS) + 1].flatten(0, 1), raw[..., len(world.COLORS) + 1:].flatten(0, 1)
    weight_colors, weight_kinds = torch.ones(colors.shape[1]), torch.ones(kinds.shape[1])
    weight_colors[-1] = weight_kinds[-1] = EMPTY_WEIGHT
    loss = functional.cross_entropy(colors, targets["colors"].flatten(), weight_colors) + functional.cross_entropy(kinds, targets["kinds"].flatten(), weight_kinds)
    points, wanted = fusion.points(seen, centres), targets["centres"]
    thing, pad = targets["is_thing"], targets["is_pad"]
    loss = loss + 20 * functional.smooth_l1_loss(points[thing][:, :2], wanted[thing][:, :2], beta=0.02)
    return loss + 20 * functional.smooth_l1_loss(points[pad][:, 2:], wanted[pad][:, 2:], beta=0.02)
