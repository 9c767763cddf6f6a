"""Frames of a camera while a consumer of its answers takes none, beside windows of the same run without that, in turns: an MQTT broker that is stopped,
and a WebSocket client that reads nothing. Of each window the p99 of latency and the processor's time of the frame loop's thread per frame, which a busy
machine disturbs less. Every frame takes the light path: with a cascade a window's figures are what its pictures need. Prints the rows of a markdown
table.

usage: stalled.py EDGEROUTED [PAIRS [SECONDS [RUNTIME]]]; the first may be a command with arguments; RUNTIME as in attacks.py.
"""
import os
import random
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from attacks import FPS, Frames, edgeroute, free_port, p99, root

SETTLE, LOSS_LIMIT = 3, 60


class Device:
    """A running device with an output to a broker of its own and one for WebSocket clients."""

    def __init__(self, host, folder, runtime=""):
        self.unix, self.web, broker = os.path.join(folder, "control.sock"), free_port(), free_port()
        self.broker = subprocess.Popen(["/usr/sbin/mosquitto", "-p", str(broker)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        config = os.path.join(folder, "device.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""runtime: {{ threads: 1, {runtime} }}
packs: {{ shapes: {{ manifest: {root}/models/shapes/manifest.json }} }}
sources: {{ cam: {{ open: "sim://tabletop?width=160&height=120&fps={FPS}&seed=1", pack: shapes, take: newest, pace: source, policy: {{ kind: fixed, path: light }} }} }}
outputs:
  broker: {{ kind: mqtt, broker: "mqtt://127.0.0.1:{broker}", topic: bench, qos: 1 }}
  page: {{ kind: websocket, listen: "127.0.0.1:{self.web}" }}
control: {{ unix: {self.unix}, name: bench }}
""")
        self.loop = None
        self.host = subprocess.Popen([*shlex.split(host), "run", config, "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while True:
            try:
                with edgeroute.connect(unix=self.unix) as device:
                    device.call("describe")
                    return
            except edgeroute.EdgeRouteError:
                if self.host.poll() is not None:
                    raise SystemExit(self.host.stderr.read())
                time.sleep(0.1)  # The door opens before the engine is built.

    def loop_ns(self):
        """Time of the processor that the thread of the frames has had."""
        tasks = f"/proc/{self.host.pid}/task"
        self.loop = self.loop or next(t for t in os.listdir(tasks) if open(f"{tasks}/{t}/comm", encoding="utf-8").read().strip() == "frames")
        with open(f"{tasks}/{self.loop}/schedstat", encoding="utf-8") as file:
            return int(file.read().split()[0])

    def lost(self, output):
        with edgeroute.connect(unix=self.unix) as device:
            return next(o["lost"] for o in device.status()["outputs"] if o["name"] == output)

    def close(self):
        self.broker.send_signal(signal.SIGCONT)
        for process in (self.host, self.broker):
            process.terminate()
            process.communicate()


class StoppedBroker:
    output = "broker"

    def __init__(self, device):
        self.process = device.broker
        self.process.send_signal(signal.SIGSTOP)

    def close(self):
        self.process.send_signal(signal.SIGCONT)


class DeafClient:
    output = "page"

    def __init__(self, device):
        self.stream = socket.socket()
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # So that it is full soon.
        self.stream.connect(("127.0.0.1", device.web))
        self.stream.sendall(b"GET /answers HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")

    def close(self):
        self.stream.close()


def wait_for_loss(device, output, before):
    limit = time.monotonic() + LOSS_LIMIT
    while device.lost(output) == before:
        if time.monotonic() > limit:
            raise SystemExit(f"the output {output} loses nothing within {LOSS_LIMIT} s")
        time.sleep(0.2)


def window(device, frames, seconds):
    """p99 and median of latency in us, and the loop's time per frame in us."""
    before = device.loop_ns()
    taken = frames.window(seconds)
    return p99(taken), statistics.median(taken), (device.loop_ns() - before) / 1000 / len(taken)


def judge(device, frames, name, stalled, pairs, seconds):
    without, beside, lost = [], [], 0
    for _ in range(pairs):
        time.sleep(SETTLE)
        without.append(window(device, frames, seconds))
        before = device.lost(stalled.output)
        consumer = stalled(device)
        wait_for_loss(device, stalled.output, before)
        beside.append(window(device, frames, seconds))
        lost += device.lost(stalled.output) - before
        consumer.close()
    return row(name, lost, without, beside)


def row(name, lost, without, beside):
    """Medians of the windows, and of the ratios of each window to the one beside it with their 95 % interval."""
    cells = []
    for k, digits in ((0, 2), (2, 2)):
        cells.append(f"{statistics.median(w[k] for w in without) / 1000:.{digits}f} | {statistics.median(b[k] for b in beside) / 1000:.{digits}f} | "
                     f"{spread([b[k] / w[k] for w, b in zip(without, beside)])}")
    return f"| {name} | {lost} | {' | '.join(cells)} |"


def spread(ratios):
    """The median, and in brackets where it would lie in 95 % of samples drawn from these anew."""
    dice = random.Random(1)
    drawn = sorted(statistics.median(dice.choices(ratios, k=len(ratios))) for _ in range(2000))
    return f"{statistics.median(ratios):.3f} ({drawn[50]:.3f} to {drawn[-51]:.3f})"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    pairs, seconds = (int(sys.argv[2]) if len(sys.argv) > 2 else 8), (float(sys.argv[3]) if len(sys.argv) > 3 else 6)
    with tempfile.TemporaryDirectory() as folder:
        device = Device(sys.argv[1], folder, *sys.argv[4:5])
        try:
            frames = Frames(device)
            frames.start()
            frames.window(10)  # The first frames after the start are slower than any consumer makes them.
            print("| consumer | answers lost | p99 without, ms | with, ms | ratio | loop per frame without, ms | with, ms | ratio |", "|---" * 8 + "|", sep="\n")
            device.loop_ns()
            windows = [window(device, frames, seconds) for _ in range(2 * pairs)]
            print(row("none", 0, windows[::2], windows[1::2]), flush=True)
            print(judge(device, frames, "MQTT, a broker that is stopped", StoppedBroker, pairs, seconds), flush=True)
            print(judge(device, frames, "WebSocket, a client that reads nothing", DeafClient, pairs, seconds), flush=True)
        finally:
            device.close()


main()
