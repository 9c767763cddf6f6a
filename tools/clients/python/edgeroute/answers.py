"""What a device told of one frame; CHANNEL.md section 7, `answer`. Boxes and points are fractions of the frame's sides."""
from dataclasses import dataclass, field
from typing import List, Optional, Tuple


@dataclass(frozen=True)
class Mask:
    """The pixels of the whole frame that an object fills: `pycocotools.mask.decode({"size": mask.size, "counts": mask.counts})`."""

    size: Tuple[int, int]
    counts: str


@dataclass(frozen=True)
class ClassAnswer:
    """A class with its probability, or with its share of a map."""

    class_name: str
    class_index: int
    probability: Optional[float] = None
    share: Optional[float] = None


@dataclass(frozen=True)
class CropAnswer:
    """What a stage on crops says of one thing on the frame."""

    stage: str
    #: Time since the crop was cut; 0 where it is of this frame.
    age_ms: float
    #: The most probable classes, the surest first.
    classes: Tuple[ClassAnswer, ...] = ()
    #: A line that was read, and the mean probability of its characters.
    text: Optional[str] = None
    confidence: Optional[float] = None
    #: An embedding.
    values: Tuple[float, ...] = ()


@dataclass(frozen=True)
class Detection:
    """One thing on the frame."""

    class_name: str
    class_index: int
    confidence: float
    #: Left, top, width and height.
    box: Tuple[float, float, float, float]
    #: x, y and visibility of each key point; empty where the model yields none.
    keypoints: Tuple[Tuple[float, float, float], ...] = ()
    #: x and y of the four corners of an oriented box; empty where the model yields none.
    corners: Tuple[Tuple[float, float], ...] = ()
    #: Radians by which the side from the first corner to the second is turned, clockwise on the picture.
    angle: Optional[float] = None
    mask: Optional[Mask] = None
    #: The object that it shows: 1 and up in the order of first sight at its source, never used twice; None where it is not followed.
    track: Optional[int] = None
    #: Time since the object was first seen.
    track_ms: Optional[float] = None
    #: Of the object's centre, in frame widths and heights per second; empty where it is not followed.
    velocity: Tuple[float, ...] = ()
    #: What the pack's stages on crops say of it, one each; empty where none has looked at it yet.
    crops: Tuple[CropAnswer, ...] = ()

    def crop(self, stage):
        """What that stage says of it; None where it has not looked."""
        return next((c for c in self.crops if c.stage == stage), None)

    def pixels(self, width, height):
        """Left, top, right and bottom on a picture of so many pixels."""
        left, top, wide, high = self.box
        return left * width, top * height, (left + wide) * width, (top + high) * height


@dataclass(frozen=True)
class Depth:
    """A map of depths in short, in the model's own unit."""

    least: float
    median: float
    most: float


@dataclass(frozen=True)
class Action:
    """What the robot was told to do at the frame, one value for each dimension; zeros for a hold."""

    values: Tuple[float, ...]
    hold: bool
    step: int
    plan_path: Optional[str] = None


@dataclass(frozen=True)
class Answer:
    """What was told of one frame that ended."""

    source: str
    sequence: int
    #: Nanoseconds of the device's monotonic clock.
    capture_ns: int
    published_ns: int
    #: Nanoseconds since 1970 by the device's clock.
    capture_utc_ns: int
    end: str
    path: str
    task: str
    late: bool = False
    stale: bool = False
    #: The answer is that of an earlier frame, brought up to this one.
    carried: bool = False
    #: Time from the frame that was looked at to this one: 0 where it is this one, None where there is no answer.
    age_ms: Optional[float] = None
    #: The frame that was looked at; None where there is no answer.
    seen_sequence: Optional[int] = None
    file: Optional[str] = None
    #: What went wrong first; None where nothing did.
    fault: Optional[str] = None
    detections: List[Detection] = field(default_factory=list)
    #: The most probable classes, the surest first.
    classes: List[ClassAnswer] = field(default_factory=list)
    #: Of a map of classes: what is on the frame, and its share of it.
    segments: List[ClassAnswer] = field(default_factory=list)
    depth: Optional[Depth] = None
    action: Optional[Action] = None
    #: A line that was read, and the mean probability of its characters.
    text: Optional[str] = None
    confidence: Optional[float] = None
    #: An embedding; of a policy the rest of the plan, step after step, the one due now first.
    values: Tuple[float, ...] = ()

    @property
    def has_answer(self):
        return self.age_ms is not None

    @property
    def latency_ms(self):
        """Capture to publish."""
        return (self.published_ns - self.capture_ns) / 1e6

    @property
    def plan(self):
        """Of a policy: the steps still to come, each a tuple of one value for each dimension."""
        width = len(self.action.values) if self.action else 0
        return [tuple(self.values[at:at + width]) for at in range(0, len(self.values), width)] if width else []


@dataclass(frozen=True)
class TimedAction:
    """What a robot is to do now: a step of a plan that is carried out at a rate of its own, or a hold."""

    source: str
    #: Nanoseconds of the device's monotonic clock, and since 1970 by its clock.
    at_ns: int
    at_utc_ns: int
    #: One for each dimension, in the pack's own units; zeros for a hold.
    values: Tuple[float, ...]
    #: Stay where you are, whatever the values are; `reason` says why.
    hold: bool
    reason: Optional[str] = None
    #: The frame that the plan was made from, its path, and the step of the plan; None and 0 for a hold.
    plan_sequence: Optional[int] = None
    plan_path: Optional[str] = None
    step: int = 0
    #: From the capture of that frame to now.
    age_ms: Optional[float] = None
    #: Part of the plan before in the values, 0 to 1.
    blend: float = 0.0


def timed_action_of(message):
    """The action that a notification's map tells."""
    return TimedAction(
        source=message["source"], at_ns=message["at_ns"], at_utc_ns=message.get("at_utc_ns", 0), values=_numbers(message.get("values")),
        hold=message["hold"], reason=message.get("reason"), plan_sequence=message.get("plan_sequence"), plan_path=message.get("plan_path"),
        step=message.get("step", 0), age_ms=message.get("age_ms"), blend=message.get("blend", 0.0),
    )


def answer_of(message):
    """The answer that a notification's map tells. Keys of a newer device are passed over, missing ones have their default."""
    return Answer(
        source=message["source"], sequence=message["sequence"], capture_ns=message["capture_ns"], published_ns=message["published_ns"],
        capture_utc_ns=message.get("capture_utc_ns", 0), end=message["end"], path=message["path"], task=message.get("task", ""),
        late=message.get("late", False), stale=message.get("stale", False), carried=message.get("carried", False),
        age_ms=message.get("age_ms"), seen_sequence=message.get("seen_sequence"), file=message.get("file"), fault=message.get("fault"),
        detections=[_detection(d) for d in message.get("detections", ())], classes=[_class(c) for c in message.get("classes", ())],
        segments=[_class(s) for s in message.get("segments", ())], depth=_depth(message.get("depth")), action=_action(message.get("action")),
        text=message.get("text"), confidence=message.get("confidence"), values=_numbers(message.get("values")),
    )


def _detection(entry):
    mask = entry.get("mask")
    return Detection(
        entry["class"], entry["class_index"], _number(entry.get("confidence")), _numbers(entry["box"]),
        keypoints=_points(entry.get("keypoints"), 3), corners=_points(entry.get("corners"), 2), angle=entry.get("angle"),
        mask=Mask(tuple(mask["size"]), mask["counts"]) if mask else None, track=entry.get("track"), track_ms=entry.get("track_ms"),
        velocity=_numbers(entry.get("velocity")), crops=tuple(_crop(c) for c in entry.get("crops") or ()),
    )


def _crop(entry):
    return CropAnswer(
        entry["stage"], _number(entry.get("age_ms")), classes=tuple(_class(c) for c in entry.get("classes") or ()), text=entry.get("text"),
        confidence=entry.get("confidence"), values=_numbers(entry.get("values")),
    )


def _class(entry):
    return ClassAnswer(entry["class"], entry["class_index"], entry.get("probability"), entry.get("share"))


def _depth(entry):
    return Depth(*(_number(entry.get(name)) for name in ("least", "median", "most"))) if entry else None


def _action(entry):
    return Action(_numbers(entry.get("values")), entry.get("hold", False), entry.get("step", 0), entry.get("plan_path")) if entry else None


def _number(value):
    return float("nan") if value is None else value


def _numbers(values):
    """What is not finite travels as nil."""
    return tuple(_number(v) for v in values or ())


def _points(values, width):
    numbers = _numbers(values)
    return tuple(numbers[at:at + width] for at in range(0, len(numbers), width))
