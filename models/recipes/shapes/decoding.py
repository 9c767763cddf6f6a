"""Cells to boxes and signals, as the runtime's `fastestdet` head does it, and how right the boxes are."""
import numpy

from targets import VISIBLE_LEAST

# The manifest carries the same numbers.
OBJECTNESS_POWER = 0.5
CLASS_POWER = 0.5
NMS_OVERLAP = 0.45
DETECTION_LIMIT = 32
DOUBT_FLOOR = 0.1
MATCH_OVERLAP = 0.5


def sigmoid(values):
    return 1 / (1 + numpy.exp(-values))


def overlaps(boxes, others):
    """Intersection over union of boxes left, top, right, bottom: [N, M]."""
    low = numpy.maximum(boxes[:, None, :2], others[None, :, :2])
    high = numpy.minimum(boxes[:, None, 2:], others[None, :, 2:])
    both = numpy.prod(numpy.clip(high - low, 0, None), 2)
    areas = numpy.prod(boxes[:, 2:] - boxes[:, :2], 1)[:, None] + numpy.prod(others[:, 2:] - others[:, :2], 1)[None]
    return both / numpy.maximum(areas - both, 1e-9)


def decode(cells):
    """One frame's cells [5 + classes, H, W] to (boxes left, top, right, bottom in fractions of the frame, confidences, classes), surest first."""
    _, height, width = cells.shape
    confidence = cells[0] ** OBJECTNESS_POWER * cells[5:].max(0) ** CLASS_POWER
    rows, columns = numpy.nonzero(confidence >= DOUBT_FLOOR)
    order = numpy.argsort(-confidence[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    at = cells[:, rows, columns]
    x, y = (columns + numpy.tanh(at[1])) / width, (rows + numpy.tanh(at[2])) / height
    w, h = sigmoid(at[3]), sigmoid(at[4])
    boxes = numpy.clip(numpy.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], 1), 0, 1)
    confidences, classes = confidence[rows, columns], at[5:].argmax(0) if len(rows) else numpy.zeros(0, int)
    kept = []
    shared = overlaps(boxes, boxes) if len(rows) else None
    for index in range(len(rows)):
        if all(classes[index] != classes[other] or shared[index, other] <= NMS_OVERLAP for other in kept):
            kept.append(index)
    return boxes[kept], confidences[kept], classes[kept]


def signals_of(confidences, threshold):
    """The exit signals of a detection answer, from all candidates above the doubt floor."""
    sure = confidences >= threshold
    clipped = numpy.clip(confidences, 1e-6, 1 - 1e-6)
    bits = -(clipped * numpy.log2(clipped) + (1 - clipped) * numpy.log2(1 - clipped))
    return {
        "max_probability": float(confidences[sure].max(initial=0)),
        "margin": float(numpy.abs(confidences - threshold).min(initial=1)),
        "entropy": float(bits.mean()) if len(bits) else 0.0,
        "low_confidence_mass": float(confidences[~sure].sum()),
        "count": float(sure.sum()),
    }


def match(answer, truth):
    """For each detection, surest first: 1 right, 0 wrong, -1 not counted (it lies on a shape that is nearly hidden). And how many were to be found."""
    boxes, _, classes = answer
    _, true_boxes, true_classes, visible, _ = truth
    corners = numpy.concatenate([true_boxes[:, :2] - true_boxes[:, 2:] / 2, true_boxes[:, :2] + true_boxes[:, 2:] / 2], 1)
    shared = overlaps(boxes, corners) if len(boxes) and len(corners) else numpy.zeros((len(boxes), len(corners)))
    free = numpy.ones(len(corners), bool)
    verdicts = []
    for index in range(len(boxes)):
        possible = free & (true_classes == classes[index]) & (shared[index] >= MATCH_OVERLAP)
        if not possible.any():
            verdicts.append(0)
            continue
        best = int(numpy.argmax(numpy.where(possible, shared[index], -1)))
        free[best] = False
        verdicts.append(1 if visible[best] >= VISIBLE_LEAST else -1)
    return numpy.array(verdicts, int), int((visible >= VISIBLE_LEAST).sum())


def average_precision(confidences, verdicts, wanted):
    """Area under precision over recall, all classes pooled, precision made monotone."""
    counted = verdicts >= 0
    order = numpy.argsort(-confidences[counted], kind="stable")
    right = verdicts[counted][order]
    if wanted == 0 or len(right) == 0:
        return 0.0
    recall = numpy.cumsum(right) / wanted
    precision = numpy.maximum.accumulate((numpy.cumsum(right) / numpy.arange(1, len(right) + 1))[::-1])[::-1]
    return float(numpy.sum(numpy.diff(numpy.concatenate([[0], recall])) * precision))
