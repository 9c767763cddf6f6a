"""Frames, labels and expert plans of the pick-and-place world, streamed from the project's own C# writer (`edgeroute tabletop-data`) through a pipe."""
import pathlib
import queue
import struct
import subprocess
import threading

import numpy

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
WRITER_PROJECT = REPOSITORY / "tools" / "EdgeRoute.Cli"
WRITER = WRITER_PROJECT / "bin" / "Release" / "net10.0" / "edgeroute.dll"

SIDE = 96
COLORS = ["red", "orange", "yellow", "green", "blue", "purple"]
SHAPES = ["disc", "square", "triangle", "star", "cross"]
# The writer's shape numbers: five that may be asked for, three lookalikes, then the pad.
PAD = 8
KINDS = 9
# Index 0 pads an instruction to its full length.
WORDS = ["<pad>", "put", "move", "place", "the", "on", "onto", "pad"] + COLORS + SHAPES
LENGTH = 10
THING_LIMIT = 12

# Batches kept ready: enough that neither side waits for the other, few enough that they take no memory worth naming.
READY_BATCH_LIMIT = 4


def build_writer():
    """Builds the writer once; nothing to do when it is up to date."""
    subprocess.run(["dotnet", "build", str(WRITER_PROJECT), "-c", "Release", "-v", "q", "--nologo"], check=True, stdout=subprocess.DEVNULL)


class Stream:
    """The bytes of one run of the writer."""

    def __init__(self, task, seed, count=0, side=SIDE, clutter="uniform"):
        self.closed = False
        self.process = subprocess.Popen(
            ["dotnet", str(WRITER), "tabletop-data", "--task", task, "--seed", str(seed), "--count", str(count), "--width", str(side),
             "--height", str(side), "--clutter", str(clutter)], stdout=subprocess.PIPE, bufsize=1 << 20)
        self.magic, version, self.first, self.second, _ = struct.unpack("<4sHHHH", self.take(12))
        if version != 1:
            raise RuntimeError(f"the writer sent {self.magic!r} version {version}; this recipe reads version 1")

    def take(self, size):
        data = self.process.stdout.read(size)
        if len(data) != size:
            raise EOFError("the writer ended early; run it by hand to see why: edgeroute tabletop-data --count 1 --out /dev/null")
        return data

    def close(self):
        self.closed = True
        self.process.kill()
        self.process.wait()


class Frames:
    """One batch of frames. pixels [B, side, side, 3] uint8; per frame up to THING_LIMIT pads and things, absent ones with kind -1."""

    def __init__(self, size, side):
        self.pixels = numpy.empty((size, side, side, 3), numpy.uint8)
        self.clutter = numpy.zeros(size, numpy.float32)
        self.gripper = numpy.zeros((size, 2), numpy.float32)
        self.held = numpy.zeros(size, numpy.int64)
        self.place = numpy.zeros((size, THING_LIMIT, 3), numpy.float32)
        self.kind = numpy.full((size, THING_LIMIT), -1, numpy.int64)
        self.color = numpy.zeros((size, THING_LIMIT), numpy.int64)


class FrameReader:
    """Batches of frames, read ahead by a thread of its own."""

    def __init__(self, seed, size, side=SIDE, clutter="uniform"):
        self.stream, self.size, self.side = Stream("PickPlace", seed, 0, side, clutter), size, side
        self.ready = queue.Queue(READY_BATCH_LIMIT)
        threading.Thread(target=self._fill, daemon=True).start()

    def read(self):
        frames = Frames(self.size, self.side)
        for i in range(self.size):
            _, clutter, count, held, x, y = struct.unpack("<IfIiff", self.stream.take(24))
            raw = numpy.frombuffer(self.stream.take(20 * count), dtype=[("place", "<f4", 3), ("kind", "<u4"), ("color", "<u4")])
            frames.pixels[i] = numpy.frombuffer(self.stream.take(self.side * self.side * 3), numpy.uint8).reshape(self.side, self.side, 3)
            frames.clutter[i], frames.gripper[i], frames.held[i] = clutter, (x, y), held
            frames.place[i, :count], frames.kind[i, :count], frames.color[i, :count] = raw["place"], raw["kind"], raw["color"]
        return frames

    def _fill(self):
        try:
            while True:
                self.ready.put(self.read())
        except EOFError as ended:
            self.ready.put(None if self.stream.closed else ended)

    def next(self):
        frames = self.ready.get()
        if isinstance(frames, EOFError):
            raise frames
        return frames

    def close(self):
        self.stream.close()


class PlanReader:
    """Situations [B, 7] (gripper x, y, holding, thing x, y, pad x, y) and the expert's plans [B, steps, values]."""

    def __init__(self, seed, size):
        self.stream, self.size = Stream("Plans", seed), size
        self.steps, self.values = self.stream.first, self.stream.second

    def next(self):
        length = 7 + self.steps * self.values
        rows = numpy.frombuffer(self.stream.take(4 * length * self.size), "<f4").reshape(self.size, length)
        return rows[:, :7].copy(), rows[:, 7:].reshape(self.size, self.steps, self.values).copy()

    def close(self):
        self.stream.close()


def choose(frames, count, random):
    """`count` questions for each frame: (things [B, count], pads [B, count], tokens [B, count, LENGTH]). A thing is asked for only where colour and shape name
    exactly one; a frame with none of them cannot be, because the world lays one."""
    batch = len(frames.clutter)
    things, pads = numpy.zeros((batch, count), numpy.int64), numpy.zeros((batch, count), numpy.int64)
    tokens = numpy.zeros((batch, count, LENGTH), numpy.int64)
    for i in range(batch):
        names = frames.kind[i] * len(COLORS) + frames.color[i]
        askable = [j for j in range(THING_LIMIT) if 0 <= frames.kind[i, j] < len(SHAPES) and (names == names[j]).sum() == 1]
        places = [j for j in range(THING_LIMIT) if frames.kind[i, j] == PAD]
        for k in range(count):
            thing, pad = askable[random.integers(len(askable))], places[random.integers(len(places))]
            things[i, k], pads[i, k] = thing, pad
            tokens[i, k] = sentence(frames.color[i, thing], frames.kind[i, thing], frames.color[i, pad], random)
    return things, pads, tokens


def sentence(color, shape, pad_color, random):
    the, first_color = WORDS.index("the"), WORDS.index(COLORS[0])
    row = numpy.zeros(LENGTH, numpy.int64)
    row[:8] = [1 + random.integers(3), the, first_color + color, first_color + len(COLORS) + shape, 5 + random.integers(2), the,
               first_color + pad_color, WORDS.index("pad")]
    return row
