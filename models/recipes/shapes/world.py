"""Frames and labels of the tabletop world, streamed from the project's own C# writer (`edgeroute tabletop-data`) through a pipe."""
import pathlib
import queue
import struct
import subprocess
import threading

import numpy

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
WRITER_PROJECT = REPOSITORY / "tools" / "EdgeRoute.Cli"
WRITER = WRITER_PROJECT / "bin" / "Release" / "net10.0" / "edgeroute.dll"

# Batches kept ready: enough that neither side waits for the other, few enough that they take no memory worth naming.
READY_BATCH_LIMIT = 4


def build_writer():
    """Builds the writer once; nothing to do when it is up to date."""
    subprocess.run(["dotnet", "build", str(WRITER_PROJECT), "-c", "Release", "-v", "q", "--nologo"], check=True, stdout=subprocess.DEVNULL)


class Stream:
    """Reads frames from one run of the writer. Each frame: (pixels HxWx3 uint8, boxes Nx4 centre x, centre y, width, height in fractions of
    the frame, classes N, visible fractions N, clutter)."""

    def __init__(self, seed, count=0, width=320, height=240, clutter="uniform"):
        self.closed = False
        self.process = subprocess.Popen(
            ["dotnet", str(WRITER), "tabletop-data", "--seed", str(seed), "--count", str(count), "--width", str(width),
             "--height", str(height), "--clutter", str(clutter)], stdout=subprocess.PIPE, bufsize=1 << 20)
        magic, version, self.width, self.height, self.class_count = struct.unpack("<4sHHHH", self._take(12))
        if magic != b"ERTT" or version != 1:
            raise RuntimeError(f"the writer sent {magic!r} version {version}; this recipe reads ERTT version 1")

    def _take(self, size):
        data = self.process.stdout.read(size)
        if len(data) != size:
            raise EOFError("the writer ended early; run it by hand to see why: edgeroute tabletop-data --count 1 --out /dev/null")
        return data

    def frame(self):
        _, clutter, count = struct.unpack("<IfI", self._take(12))
        raw = numpy.frombuffer(self._take(24 * count), dtype=[("box", "<f4", 4), ("visible", "<f4"), ("class", "<u4")])
        pixels = numpy.frombuffer(self._take(self.width * self.height * 3), numpy.uint8).reshape(self.height, self.width, 3)
        boxes = raw["box"].copy()
        boxes[:, :2] += boxes[:, 2:] / 2
        return pixels, boxes, raw["class"].astype(numpy.int64), raw["visible"].copy(), clutter

    def close(self):
        self.closed = True
        self.process.kill()
        self.process.wait()


class Batches:
    """Batches of frames, read ahead by a thread of its own."""

    def __init__(self, stream, size):
        self.stream, self.size = stream, size
        self.ready = queue.Queue(READY_BATCH_LIMIT)
        threading.Thread(target=self._fill, daemon=True).start()

    def _fill(self):
        try:
            while True:
                self.ready.put([self.stream.frame() for _ in range(self.size)])
        except EOFError as ended:
            self.ready.put(None if self.stream.closed else ended)

    def next(self):
        batch = self.ready.get()
        if isinstance(batch, EOFError):
            raise batch
        return batch
