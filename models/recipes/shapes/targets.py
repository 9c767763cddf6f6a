"""What the maps should say, and how far they are from it."""
import torch
from torch.nn import functional

from networks import COLORS, SHAPES, STRIDE

# A shape of which less than this can be seen is neither asked for nor punished.
VISIBLE_LEAST = 0.35


def to_input(frames, side):
    """Bilinear, each side on its own, half-pixel centres: what the runtime's preprocessing does. Pixels 0..255 to 0..1."""
    pixels = torch.from_numpy(frames).permute(0, 3, 1, 2).float()
    return functional.interpolate(pixels, size=(side, side), mode="bilinear", align_corners=False) / 255


def make_targets(batch, side):
    """Per cell: wanted objectness (a bump around each centre), its weight, and for the centre cells box, colour and shape."""
    cells = side // STRIDE
    grid = torch.arange(cells) + 0.5
    heat, weight = torch.zeros(len(batch), cells, cells), torch.ones(len(batch), cells, cells)
    places, boxes, classes = [], [], []
    for index, (_, frame_boxes, frame_classes, visible, _) in enumerate(batch):
        taken = {}
        for box, kind, seen in zip(frame_boxes, frame_classes, visible):
            x, y = float(box[0]) * cells, float(box[1]) * cells
            bump = torch.exp(-2.0 * ((grid[None, :] - x) ** 2 + (grid[:, None] - y) ** 2))
            if seen < VISIBLE_LEAST:
                weight[index] = torch.minimum(weight[index], (bump < 0.1).float())
                continue
            heat[index] = torch.maximum(heat[index], bump.clamp(max=0.95))
            cell = (min(cells - 1, int(y)), min(cells - 1, int(x)))
            taken[cell] = (box, kind)
        for (row, column), (box, kind) in taken.items():
            heat[index, row, column], weight[index, row, column] = 1.0, 1.0
            places.append((index, row, column))
            boxes.append([float(value) for value in box])
            classes.append(int(kind))
    return heat, weight, torch.tensor(places).reshape(-1, 3), torch.tensor(boxes).reshape(-1, 4), torch.tensor(classes)


def loss_of(raw, targets):
    heat, weight, places, boxes, classes = targets
    cells = raw.shape[-1]
    # Focal loss with a bump around each centre, as in CenterNet (Zhou and others 2019): cells next to a centre are half right.
    sure = torch.sigmoid(raw[:, 0]).clamp(1e-5, 1 - 1e-5)
    hit = -((1 - sure) ** 2) * torch.log(sure) * (heat == 1)
    miss = -((1 - heat) ** 4) * sure ** 2 * torch.log(1 - sure) * (heat < 1) * weight
    count = max(1, len(places))
    objectness = (hit.sum() + miss.sum()) / count
    if len(places) == 0:
        return objectness
    at = raw[places[:, 0], :, places[:, 1], places[:, 2]]
    wanted = torch.stack([boxes[:, 0] * cells - places[:, 2], boxes[:, 1] * cells - places[:, 1]], 1)
    offset = functional.smooth_l1_loss(torch.tanh(at[:, 1:3]), wanted, beta=0.1)
    size = functional.smooth_l1_loss(functional.logsigmoid(at[:, 3:5]), torch.log(boxes[:, 2:]), beta=0.1)
    color = functional.cross_entropy(at[:, 5:5 + COLORS], classes // SHAPES)
    shape = functional.cross_entropy(at[:, 5 + COLORS:], classes % SHAPES)
    return objectness + offset + size + 0.5 * color + shape
