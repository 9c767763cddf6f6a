"""Frames of a camera while somebody attacks the device's doors, beside quiet windows of the same run, in turns. Every attack is a process that
yields to any other (SCHED_IDLE), so that what it takes itself is not counted; one of nice 19 still keeps a frame waiting for its slice, 3 ms.
Every frame takes the light path: with a cascade the p99 is what a window's pictures need, not what the attack does. A paired laptop tries to get in meanwhile. Prints the rows of a markdown table.

usage: attacks.py EDGEROUTED EDGEROUTE [PAIRS [SECONDS [RUNTIME]]]
RUNTIME is more of the config's runtime group: "realtime: 1".
"""
import atexit
import multiprocessing
import os
import re
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
sys.path.insert(0, os.path.join(root, "tools", "clients", "python"))
import edgeroute  # noqa: E402
from edgeroute import devices, transport  # noqa: E402

FPS, TRIES = 100, 15  # Three windows of 6 s are 1,800 frames: their p99 is the nineteenth slowest, not one that chance made.
HELD_MOST = 200
PAUSE = 0.005
CODE = re.compile(r"\b\d{4} ?\d{4}\b")


class Device:
    """A running device with one paired laptop, and the keys of a stranger."""

    def __init__(self, host, tool, folder, runtime=""):
        self.folder, self.tool = folder, tool
        self.tcp, metrics = free_port(), free_port()
        self.metrics = f"http://127.0.0.1:{metrics}/metrics"
        self.unix = os.path.join(folder, "control.sock")
        os.makedirs(os.path.join(folder, "state"), 0o700)
        config = os.path.join(folder, "device.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"""runtime: {{ threads: 1, {runtime} }}
packs: {{ shapes: {{ manifest: {root}/models/shapes/manifest.json }} }}
sources: {{ cam: {{ open: "sim://tabletop?width=160&height=120&fps={FPS}&seed=1", pack: shapes, take: newest, pace: source, policy: {{ kind: fixed, path: light }} }} }}
control: {{ unix: {self.unix}, tcp: "127.0.0.1:{self.tcp}", metrics: "127.0.0.1:{metrics}", state: {folder}/state, name: bench }}
""")
        with open(os.path.join(folder, "host.log"), "w", encoding="utf-8") as log:
            self.host = subprocess.Popen([host, "run", config, "--quiet"], stdout=log, stderr=log)
        atexit.register(self.close)
        self.wait()
        self.pair(host, config)

    def wait(self):
        while True:
            try:
                with edgeroute.connect(unix=self.unix) as device:
                    return device.call("describe")
            except edgeroute.EdgeRouteError:
                if self.host.poll() is not None:
                    raise SystemExit(open(os.path.join(self.folder, "host.log"), encoding="utf-8").read())
                time.sleep(0.1)  # The doors open before the engine is built.

    def pair(self, host, config):
        window = subprocess.Popen([host, "pair", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lines = []
        while not (code := CODE.search("".join(lines))):
            lines.append(window.stdout.readline())
            if not lines[-1]:
                raise SystemExit("".join(lines))
        code = code[0].replace(" ", "")
        paired = self.laptop("owner", "pair", f"127.0.0.1:{self.tcp}", "--code", code)
        if paired.returncode != 0:
            raise SystemExit(paired.stdout + paired.stderr)
        window.wait()
        self.laptop("stranger", "pair", f"127.0.0.1:{self.tcp}", "--code", "00000000")  # Refused, but it has keys now.
        book, _ = devices.load_book(self.keys("owner"))
        self.fingerprint = next(iter(book.values()))["fingerprint"]

    def laptop(self, who, *words):
        os.makedirs(os.path.dirname(self.keys(who)), 0o700, exist_ok=True)
        return subprocess.run([self.tool, *words], env={**os.environ, "XDG_CONFIG_HOME": os.path.dirname(self.keys(who))}, capture_output=True, text=True)

    def keys(self, who):
        return os.path.join(self.folder, who, "edgeroute")

    def close(self):
        self.host.terminate()
        self.host.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hold(device, first=b""):
    """Connections that are opened and left, the oldest first to go."""
    held = []
    while True:
        held.append(socket.create_connection(("127.0.0.1", device.tcp), 5))
        held[-1].sendall(first)
        if len(held) > HELD_MOST:
            held.pop(0).close()
        yield


def garbage(device):
    while True:
        with socket.create_connection(("127.0.0.1", device.tcp), 5) as stream:
            stream.sendall(os.urandom(4096))
        yield


def strangers(device):
    while True:
        transport.dial_tls("127.0.0.1", device.tcp, device.keys("stranger"), device.fingerprint, 5).close()
        yield


def guesses(device):
    while True:
        try:
            with edgeroute.connect(host="127.0.0.1", port=device.tcp, fingerprint=device.fingerprint, identity_folder=device.keys("stranger")) as client:
                for _ in range(20):
                    client.call("pair.begin", name="thief")
        except edgeroute.EdgeRouteError:
            pass
        yield


def owner(device):
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(5)
    stream.connect(device.unix)
    return stream


def bytes_of(device, message):
    while True:
        with owner(device) as stream:
            stream.sendall(message)
        yield


def drip(device):
    while True:
        with owner(device) as stream:
            for byte in b"\x94\x00\x01\xa5hello\x91\xde\x00\x04":
                stream.sendall(bytes([byte]))
                yield


def deaf(device):
    while True:
        client = edgeroute.connect(unix=device.unix)
        client.call("subscribe", kind="trace", detail="full", rate_hz=0.0)
        client.call("subscribe", kind="telemetry", rate_hz=20.0)
        for _ in range(200):
            yield
        client.close()


def requests(device):
    with edgeroute.connect(unix=device.unix) as client:
        while True:
            client.status()
            yield


def configs(device):
    text = "sources: [" + "{ open: x }, " * 5000
    with edgeroute.connect(unix=device.unix) as client:
        while True:
            client.call("config.put", text=text, dry_run=True)
            yield


def scrapes(device):
    while True:
        urllib.request.urlopen(device.metrics, timeout=5).read()
        yield


# By name: what it does, and whether it is at the door of paired laptops.
ATTACKS = {
    "connections that say nothing": (hold, True),
    "half a TLS hello, held": (lambda d: hold(d, b"\x16\x03\x01\x02\x00\x01\x00"), True),
    "garbage at the TLS door": (garbage, True),
    "whole handshakes of a stranger": (strangers, True),
    "a stranger that wants to pair": (guesses, True),
    "a message that claims 4 GB": (lambda d: bytes_of(d, b"\xdd\xff\xff\xff\xff"), False),
    "a message 100,000 deep": (lambda d: bytes_of(d, b"\x91" * 100_000), False),
    "a message byte by byte": (drip, False),
    "watchers that never read": (deaf, False),
    "status without pause": (requests, False),
    "configs of 65 kB that cannot be": (configs, False),
    "scrapes of the metrics": (scrapes, False),
}


def attack(device, name, count):
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    steps = ATTACKS[name][0](device)
    while True:
        try:
            next(steps)
        except StopIteration:
            steps = ATTACKS[name][0](device)
        except (OSError, ssl.SSLError, edgeroute.EdgeRouteError):
            steps = ATTACKS[name][0](device)  # Thrown out; it comes back.
        count.value += 1
        time.sleep(PAUSE)


class Frames(threading.Thread):
    """Latencies as they come, in microseconds."""

    def __init__(self, device):
        super().__init__(daemon=True)
        self.seen, self._client = [], edgeroute.connect(unix=device.unix)

    def run(self):
        try:
            with self._client.subscribe("trace") as traces:
                for frame in traces:
                    self.seen.append(frame.latency_us)
        except edgeroute.Closed:
            return  # The device has ended.

    def window(self, seconds):
        before = len(self.seen)
        time.sleep(seconds)
        latencies = self.seen[before:]
        if len(latencies) < FPS * seconds / 2:
            raise SystemExit(f"{len(latencies)} frames in {seconds} s")
        return latencies


def tries(device):
    got = 0
    for _ in range(TRIES):
        try:
            with edgeroute.connect(host="127.0.0.1", port=device.tcp, fingerprint=device.fingerprint, identity_folder=device.keys("owner"), timeout=20) as laptop:
                got += 1 if laptop.status() else 0
        except edgeroute.EdgeRouteError:
            pass
    return got


def judge(device, frames, name, pairs, seconds):
    quiet, hit, got, count = [], [], "", multiprocessing.Value("q", 0)
    for i in range(pairs):
        quiet.append(frames.window(seconds))
        process = multiprocessing.Process(target=attack, args=(device, name, count), daemon=True)
        process.start()
        hit.append(frames.window(seconds))
        if i == 0 and ATTACKS[name][1]:
            got = f"{tries(device)} of {TRIES}"
        process.kill()
        process.join()
    return row(name, count.value, quiet, hit, got)


def noise(frames, pairs, seconds):
    windows = [frames.window(seconds) for _ in range(2 * pairs)]
    return row("none", 0, windows[::2], windows[1::2], "")


def row(name, count, quiet, hit, got):
    """The p99 and the median of all frames of the windows; in brackets the p99 of window against window beside it."""
    pairs = [p99(h) / p99(q) for q, h in zip(quiet, hit)]
    quiet, hit = sum(quiet, []), sum(hit, [])
    return (f"| {name} | {count} | {p99(quiet) / 1000:.2f} | {p99(hit) / 1000:.2f} | {p99(hit) / p99(quiet):.2f} ({min(pairs):.2f} to {max(pairs):.2f}) "
            f"| {statistics.median(hit) / statistics.median(quiet):.2f} | {got or '-'} |")


def p99(latencies):
    return sorted(latencies)[int(len(latencies) * 0.99)]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    pairs, seconds = (int(sys.argv[3]) if len(sys.argv) > 3 else 3), (float(sys.argv[4]) if len(sys.argv) > 4 else 6)
    multiprocessing.set_start_method("fork")
    with tempfile.TemporaryDirectory() as folder:
        device = Device(sys.argv[1], sys.argv[2], folder, *sys.argv[5:6])
        frames = Frames(device)
        frames.start()
        frames.window(10)  # The first frames after the start are slower than any attack makes them.
        print("| attack | attempts | p99 quiet, ms | p99 attacked, ms | ratio | p50 | a paired laptop gets in |", "|---|---|---|---|---|---|---|", sep="\n")
        print(noise(frames, pairs, seconds), flush=True)
        for name in ATTACKS:
            print(judge(device, frames, name, pairs, seconds), flush=True)
        if device.host.poll() is not None:
            raise SystemExit("the device ended")
        device.close()


if __name__ == "__main__":
    main()
