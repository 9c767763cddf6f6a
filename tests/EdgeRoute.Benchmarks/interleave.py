"""Runs two or more long-lived workers in turn and compares their times pair by pair, so that a machine whose speed drifts does not decide the result.

A worker reads lines "run N" and answers each with integers in nanoseconds. Used by frame.py; standard library only.
"""
import subprocess


class Worker:
    def __init__(self, name, command):
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, count):
        self.process.stdin.write(f"run {count}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended without an answer (exit code {self.process.wait()})")
        return [int(word) for word in line.split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def rounds(workers, count, turns):
    """By worker, the list of answers over all turns; the order within a turn alternates."""
    results = {w.name: [] for w in workers}
    for w in workers:
        w.run(count)  # warm-up
    for turn in range(turns):
        for w in workers if turn % 2 == 0 else reversed(workers):
            results[w.name].append(w.run(count))
    return results


def median(values):
    return sorted(values)[len(values) // 2]
