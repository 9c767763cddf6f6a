"""The tabletop arm in the engine's process against the arm as a robot of its own, moved over the channel at 30 steps a second, on the same tables: with and
without 100 ms from an action's arrival to its movement, with and without blending and the skipping of passed steps. Prints rows of a markdown table.

usage: robot.py EDGEROUTED EDGEROUTE [EPISODES]; the two may be commands with arguments.
"""
import json
import math
import os
import shlex
import socket
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.dirname(os.path.dirname(here))
sys.path.insert(0, os.path.join(root, "tools", "clients", "python"))
import edgeroute as edgeroute_client  # noqa: E402

HZ, LATENCY_MS = 30, 100
#: Of the movement, what the config says of it, and the keys of 'actions' beside that.
VARIANTS = [
    ("over the channel", 0, "latency_ms: 0"),
    ("the same, plans blended", 0, "latency_ms: 0, blend: true"),
    (f"over the channel, {LATENCY_MS} ms behind", LATENCY_MS, f"latency_ms: {LATENCY_MS}"),
    ("the same, plans blended", LATENCY_MS, f"latency_ms: {LATENCY_MS}, blend: true"),
    (f"{LATENCY_MS} ms behind, without skipping passed steps", LATENCY_MS, "skip_passed: false"),
    ("the same, plans blended", LATENCY_MS, "skip_passed: false, blend: true"),
]


def config(folder, port, keys):
    path = os.path.join(folder, "robot.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""
runtime: {{ threads: 1, providers: [cpu] }}
packs: {{ tabletop: {{ manifest: {root}/models/tabletop/manifest.json }} }}
sources:
  arm:
    pipeline: "tcpclientsrc host=127.0.0.1 port={port} do-timestamp=true ! rawvideoparse width=96 height=96 format=rgb framerate=0/1"
    pack: tabletop
    policy: {{ kind: cascade }}
    deadline_ms: none
    state: {{ from: channel, max_age_ms: 1000 }}
    actions: {{ actuator: channel, hz: {HZ}, max_age_ms: 1000, {keys} }}
control: {{ unix: {folder}/control.sock }}
""")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tool(command, *arguments):
    done = subprocess.run([*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{arguments[0]}: {done.stderr}")
    return json.loads(done.stdout)


def apart(host, edgeroute, latency_ms, keys, episodes):
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        device = subprocess.Popen([*host, "run", config(folder, port, keys), "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            wait_for_engine(device, os.path.join(folder, "control.sock"))
            arm = tool(edgeroute, "arm", "--device", f"unix:{folder}/control.sock", "--port", str(port), "--count", str(episodes),
                       "--latency", str(latency_ms), "--json")
            status = tool(edgeroute, "status", "--device", f"unix:{folder}/control.sock", "--json")["streams"][0]["actions"]
        finally:
            device.terminate()
            device.communicate()
        return arm, status


def wait_for_engine(device, path):
    while device.poll() is None:
        try:
            with edgeroute_client.connect(unix=path) as client:
                client.describe()
                return
        except (edgeroute_client.Refused, edgeroute_client.ConnectionFailed, edgeroute_client.Closed):
            pass
    raise SystemExit(device.stderr.read())


def interval(share, count):
    """95 %, after Wilson (1927)."""
    z = 1.959964
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return max(0, middle - half), min(1, middle + half)


def row(name, share, low, high, ticks, rest):
    print(f"| {name} | {100 * share:.1f} % | {100 * low:.1f} to {100 * high:.1f} | {ticks:.1f} | {rest} |", flush=True)


def main(host, edgeroute, episodes="20"):
    host, edgeroute = shlex.split(host), shlex.split(edgeroute)
    inside = tool(edgeroute, "episodes", "--pack", f"{root}/models/tabletop", "--count", episodes, "--json")[0]
    share = inside["all"]["success_share"]
    row("in the engine's process, an action with each frame", share, *interval(share, int(episodes)), inside["tick_count"], "")
    for name, latency_ms, keys in VARIANTS:
        arm, status = apart(host, edgeroute, latency_ms, keys, int(episodes))
        rest = f"{status['plans']} plans, {status['blended']} blended, {status['skipped']} steps skipped, {status['missed']} missed, {arm['waits']} waits"
        row(name, arm["success"], arm["success_low"], arm["success_high"], arm["ticks"] / arm["episodes"], rest)


if __name__ == "__main__":
    main(*sys.argv[1:])
