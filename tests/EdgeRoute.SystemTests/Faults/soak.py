#!/usr/bin/env python3
"""The published program on a machine in trouble: soak.py [SECONDS [SEED]].

Four sources, a recording, answers, labels and a client that changes settings, records and reconnects, while shim.c makes calls of the C library fail. Checked all
the while and at the end: the process lives, every frame taken ends exactly once, the journal says what is so, descriptors and memory stay, SIGTERM ends it with 0.
EDGEROUTED names the program. Faults begin when all sources have given frames, rest for the checks at the end, and are there again at SIGTERM.
"""
import json
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tools", "clients", "python"))

import edgeroute  # noqa: E402
from edgeroute import errors  # noqa: E402

HOST = os.environ.get("EDGEROUTED", os.path.join(ROOT, "out", "linux-x64", "edgerouted"))
RATES = "enospc=0.02 eio=0.01 emfile=0.02 enomem=0.02 short=0.1 slow=0.02 slow_ms=30"
KINDS = ("enospc", "eio", "emfile", "enomem", "short", "slow")
SHAPES = os.path.join(ROOT, "models", "shapes", "manifest.json")
SIM = "sim://tabletop?width=160&height=120&seed={}"
#: Seconds that a loaded machine may take for what takes a moment.
PATIENCE = 120
#: Frames of a stream that are taken and have not ended: those in its slots, and one in work. At the end there are none.
FLYING_MOST = 16
#: Descriptors that come and go: connections that close, recordings that change their file.
DESCRIPTORS_MORE = 3
#: Of the pool, which has more after a busy time.
THREADS_MORE = 12
#: Figures are compared from a third of the run on: until then buffers grow to what they need, and the garbage collector to its budget.
MEMORY_MORE_KIB = 64 << 10
STREAMS = ("table", "second", "pictures", "pattern")
ENDS = ("completed", "exited", "escalated", "skipped", "dropped", "failed")


class Broken(Exception):
    """An invariant does not hold."""


def config_text(sources, more):
    return f"runtime: {{ threads: 1 }}\npacks: {{ shapes: {{ manifest: {SHAPES} }} }}\nsources:\n{sources}{more}"


def prepare(work):
    """Pictures to read, made by the program itself."""
    path = os.path.join(work, "prepare.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(config_text(f"  table: {{ open: '{SIM.format(5)}&frames=40', pack: shapes, policy: {{ kind: cascade }} }}\n",
                               "disk: { free_mb: 0 }\n"))
    subprocess.run([HOST, "run", path, "--quiet", "--annotate", os.path.join(work, "pictures")], check=True, stdout=subprocess.DEVNULL)


def device_config(work):
    cascade, value = "{ kind: cascade }", "{ kind: value, price: 0.01 }"
    sources = (
        f"  table: {{ open: '{SIM.format(1)}&fps=30', pack: shapes, pace: source, take: newest, policy: {value}, audit: {{ share: 0.2, "
        f"keep_folder: {work}/labels, keep_per_hour: 1000 }} }}\n"
        f"  second: {{ open: '{SIM.format(2)}&fps=20', pack: shapes, pace: source, take: newest, policy: {cascade} }}\n"
        f"  pictures: {{ open: {work}/pictures, pack: shapes, loop: true, frames_per_second: 20, take: newest, policy: {cascade} }}\n"
        f"  pattern: {{ open: 'test://ball?width=160&height=120&fps=15&live=true', pack: shapes, policy: {cascade} }}\n")
    more = (f"record: {{ file: {work}/run.erec, frames: jpeg }}\ndisk: {{ keep_mb: 32, file_mb: 2, free_mb: 0 }}\n"
            f"control: {{ unix: {work}/control.sock, state: {work}/state }}\n")
    os.mkdir(os.path.join(work, "state"), 0o700)
    path = os.path.join(work, "device.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(config_text(sources, more))
    return path


class Soak:
    def __init__(self, work, seconds, seed):
        self.work, self.seconds, self.chance = work, seconds, random.Random(seed)
        self.gate = os.path.join(work, "gate")
        self.client, self.calls, self.refused, self.reconnected, self.number = None, 0, 0, 0, 0
        shim = os.path.join(work, "shim.so")
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", shim, os.path.join(HERE, "shim.c"), "-ldl"], check=True)
        faults = f"seed={seed} gate={self.gate} counts={work}/counts {RATES}"
        config = device_config(work)
        self.host = subprocess.Popen(
            [HOST, "run", config, "--json", "--answers", f"{work}/answers.jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"LD_PRELOAD": shim, "EDGEROUTE_FAULTS": faults})
        self.output, self.words = [], []
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                        for pair in ((self.host.stdout, self.output), (self.host.stderr, self.words))]
        for reader in self.readers:
            reader.start()

    @staticmethod
    def _read(stream, lines):
        lines.extend(stream)

    def set_faults(self, are_on):
        if are_on:
            open(self.gate, "w", encoding="utf-8").close()
        elif os.path.exists(self.gate):
            os.unlink(self.gate)

    def call(self, method, **params):
        """The answer, or None where the device refused or the connection went."""
        if self.host.poll() is not None:
            raise Broken(f"the process ended with {self.host.returncode}")
        try:
            if self.client is None:
                self.client = edgeroute.connect(unix=f"{self.work}/control.sock", timeout=PATIENCE)
            self.calls += 1
            return self.client.call(method, **params)
        except errors.Refused:
            self.refused += 1
        except errors.TimedOut as slow:
            raise Broken(f"no answer: {slow}") from slow
        except (errors.Closed, errors.ConnectionFailed, OSError):
            self.reconnect()
        return None

    def reconnect(self):
        if self.client is not None:
            self.client.close()
        self.client, self.reconnected = None, self.reconnected + 1

    def until(self, what, look):
        """Asks again until an answer serves."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = look()
            if found:
                return found
            time.sleep(0.05)
        raise Broken(f"in vain: {what}")

    def status(self):
        status = self.until("a status", lambda: self.call("status"))
        for stream in status["streams"]:
            flying = stream["captured"] - sum(stream[end] for end in ENDS)
            if not 0 <= flying <= FLYING_MOST:
                raise Broken(f"{stream['name']}: {flying} frames are neither ended nor in work: {stream}")
        return status

    def captured(self):
        return {s["name"]: s["captured"] for s in self.status()["streams"]}

    def wait_for_frames(self, count=5):
        before = self.captured()
        self.until("frames of all sources", lambda: all(n >= before[k] + count for k, n in self.captured().items()))

    def figures(self):
        descriptors, threads = (len(os.listdir(f"/proc/{self.host.pid}/{what}")) for what in ("fd", "task"))
        with open(f"/proc/{self.host.pid}/smaps_rollup", encoding="ascii") as file:
            memory = next(int(line.split()[1]) for line in file if line.startswith("Rss:"))
        return descriptors, threads, memory

    def counts(self):
        with open(f"{self.work}/counts", "rb") as file:
            return dict(zip(KINDS, struct.unpack("=6Q", file.read(48))))

    def act(self):
        """One thing that a laptop does."""
        stream, chance = self.chance.choice(STREAMS), self.chance
        match chance.randrange(12):
            case 0 | 1 | 2:
                self.call("change", stream=stream, set={"deadline_ms": chance.choice([None, 50.0, 80.0, 200.0])})
            case 3 | 4:
                self.call("change", stream="table", set={"price": chance.choice([0.001, 0.01, 0.1])})
            case 5:
                self.call("change", stream=stream, set={"lock": chance.choice([None, "light", "heavy_1"])})
            case 6:
                self.number += 1
                self.call("record.start", name=f"drive-{self.number}", frames=chance.choice(["none", "jpeg", "raw"]), seconds=chance.choice([0.0, 2.0]))
            case 7:
                self.stop_recordings()
            case 8:
                self.call("snapshot", stream=stream, annotated=True)
            case 9:
                self.call(chance.choice(["journal.list", "events.list", "record.list", "describe", "doctor"]))
            case 10:
                self.call("source.restart", stream="pattern")
            case _:
                self.reconnect()

    def stop_recordings(self):
        for recording in (self.call("record.list") or {"recordings": []})["recordings"]:
            if recording["is_open"] and recording["name"].startswith("drive-"):
                self.call("record.stop", name=recording["name"])

    def check_journal(self):
        """The last word on each setting is what is in force, in the memory and in the file."""
        settings = {s["name"]: {"deadline_ms": s.get("deadline_ms"), "lock": s.get("lock"), "price": (s.get("price") or {}).get("dial")}
                    for s in self.status()["streams"]}
        entries = self.until("the journal", lambda: self.call("journal.list"))["entries"]
        last = {(e["stream"], d["name"]): d["after"] for e in entries for d in e["differences"] if e["outcome"] == "applied"}
        for (stream, name), after in last.items():
            now = settings[stream].get(name, after)
            if after != ("none" if now is None else now) and (now is None or after == "none" or float(after) != now):
                raise Broken(f"the journal says that {name} of {stream} is {after}, and it is {now}")
        outcomes = {}
        with open(f"{self.work}/state/journal.jsonl", encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                outcomes[entry["number"]] = entry["outcome"]
        wrong = [e for e in entries if outcomes.get(e["number"]) != e["outcome"]]
        if wrong:
            raise Broken(f"{len(wrong)} entries differ between the journal's file and its list, such as {wrong[0]}")
        return len(last), len(entries)

    def run(self):
        self.until("a connection", lambda: os.path.exists(f"{self.work}/control.sock"))
        self.wait_for_frames()
        self.set_faults(True)
        end, first, looked = time.monotonic() + self.seconds, None, time.monotonic()
        while time.monotonic() < end:
            self.act()
            time.sleep(0.05)
            if time.monotonic() - looked > min(10, self.seconds / 3):
                looked = time.monotonic()
                self.wait_for_frames(1)
                if first is None and end - looked < self.seconds * 2 / 3:
                    first = self.settled()
                    self.set_faults(True)
                print(f"faults: {self.seconds - (end - looked):.0f} s, {self.calls} calls, {self.refused} refused, {self.reconnected} connections anew, "
                      f"descriptors, threads and KiB {self.figures()}, injected {self.counts()}", flush=True)
        last = self.settled()
        first = first or last
        self.until("an entry in the journal", lambda: self.call("change", stream="table", set={"deadline_ms": 100.0 + time.monotonic() // 1 % 100}))
        settings, entries = self.check_journal()
        self.set_faults(True)
        self.finish()
        for what, before, after, most in zip(("descriptors", "threads", "KiB of memory"), first, last,
                                             (first[0] + DESCRIPTORS_MORE, first[1] + THREADS_MORE, first[2] * 1.1 + MEMORY_MORE_KIB)):
            if after > most:
                raise Broken(f"{what} grew from {before} to {after}")
        print(f"faults: journal holds for {settings} settings of {entries} entries; descriptors {first[0]} to {last[0]}, "
              f"threads {first[1]} to {last[1]}, memory {first[2]} to {last[2]} KiB")

    def settled(self):
        """Descriptors, threads and memory while nothing fails and no recording of a client is open."""
        self.set_faults(False)
        self.until("recordings ended", lambda: self.stop_recordings() or not any(
            r["is_open"] and r["name"].startswith("drive-") for r in (self.call("record.list") or {"recordings": []})["recordings"]))
        self.wait_for_frames()
        figures = self.figures()
        return figures

    def finish(self):
        self.host.send_signal(signal.SIGTERM)
        try:
            code = self.host.wait(PATIENCE)
        except subprocess.TimeoutExpired as hangs:
            raise Broken("SIGTERM did not end the process") from hangs
        for reader in self.readers:
            reader.join(PATIENCE)
        if code != 0:
            raise Broken(f"SIGTERM ended it with {code}")
        report = json.loads(b"".join(self.output))
        for source in report["sources"]:
            if not source["is_law_kept"]:
                raise Broken(f"the law is broken for {source['name']}: {source['ends']}")
            print(f"faults: {source['name']}: {source['ends']}")


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1800
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
    print(f"faults: {seconds:.0f} s of seed {seed}; the same faults again with: ./build.sh soak faults {seconds:.0f} {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="edgeroute-faults-") as work:
        prepare(work)
        soak = Soak(work, seconds, seed)
        try:
            soak.run()
            print("faults: passed")
            return 0
        except Broken as broken:
            soak.set_faults(False)
            soak.host.kill()
            soak.host.wait()
            sys.stderr.write(b"".join(soak.words[-60:]).decode("utf-8", "replace"))
            print(f"faults: FAILED with seed {seed}: {broken}", file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main())
