"""Drives a running device end to end through every kind of method: live.py SOCKET. The device runs one stream with a calibration, and has a state folder."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import edgeroute  # noqa: E402
from edgeroute.records import ENDS  # noqa: E402

#: Only a device that hangs is waited for as long.
PATIENCE = 60
FULL_BYTES = 3624


def check(is_so, what):
    if not is_so:
        raise AssertionError(what)
    print(f"ok: {what}", flush=True)


def refused(code, call):
    try:
        call()
    except edgeroute.Refused as wrong:
        check(wrong.code == code and wrong.message, f"refused with {code}: {wrong.message}")
        return
    raise AssertionError(f"not refused with {code}")


def see(device):
    check(device.welcome["role"] == "admin", "whoever opens the socket is admin")
    about = device.describe()
    check(len(about["streams"]) == 1 and about["streams"][0]["nodes"], "the description has the stream and its route tree")
    check({"status", "change", "subscribe"} <= set(about["methods"]), "the description lists the methods")
    check(device.status()["streams"][0]["name"] == about["streams"][0]["name"], "the status is of the same stream")
    check(device.call("curve")["points"], "the calibration has a curve")
    check("sources" in device.call("config.get", effective=True)["text"], "the config is text")
    check(device.call("packs.list")["packs"], "a pack is loaded")
    check(device.call("doctor")["json"].lstrip()[:1] in ("{", "["), "the doctor answers JSON")
    check(device.snapshot()[:2] == b"\xff\xd8", "a snapshot is a JPEG")
    check(device.call("trace.get", pick="last")["recording"][:5] == b"\x89EREC", "a frame's story is a recording")
    check("events" in device.call("events.list", after=0), "events are listed")


def watch(device):
    with device.subscribe("telemetry", rate_hz=10) as telemetry:
        told = [telemetry.next(PATIENCE) for _ in range(3)]
        check([t["number"] for t in told] == [1, 2, 3] and telemetry.lost == 0, "telemetry is numbered")
        # A slow machine has no frame in some tenths of a second.
        while not any(sum(t["status"]["streams"][0]["recent_nodes"]) for t in told):
            told.append(telemetry.next(PATIENCE))
    check(True, "telemetry counts frames by path")
    with device.subscribe("trace") as traces:
        frames = [traces.next(PATIENCE) for _ in range(20)]
        # A scene at rest reuses its answer for a while; some frame runs a stage again.
        while not any(f.device_us for f in frames):
            frames.append(traces.next(PATIENCE))
    numbers = [f.sequence for f in frames]
    check(all(b > a for a, b in zip(numbers, numbers[1:])), "brief traces come in order of frames")
    check(all(f.end in ENDS and f.latency_us > 0 for f in frames), "brief traces have times and ends")
    with device.subscribe("trace", detail="full") as traces:
        check(len(traces.next(PATIENCE)) == FULL_BYTES, "a full trace has the bytes of a recording")


def answers(device):
    name = device.status()["streams"][0]["name"]
    with device.answers(source=name) as told:
        seen = [told.next(PATIENCE) for _ in range(20)]
        while not any(a.detections for a in seen):
            seen.append(told.next(PATIENCE))
    check(all(b.sequence > a.sequence and a.source == name and a.published_ns > a.capture_ns for a, b in zip(seen, seen[1:])), "answers come in order of frames")
    check(all(a.carried == (a.seen_sequence != a.sequence) and a.task == "detection" for a in seen if a.has_answer), "answers say whether their frame was looked at")
    box = next(a.detections[0] for a in seen if a.detections)
    with device.answers(source=name, classes=[box.class_name], min_confidence=0.5, only_changes=True) as told:
        few = told.next(PATIENCE)
    check(all(d.class_name == box.class_name and d.confidence >= 0.5 for d in few.detections), "answers are narrowed on the device")
    refused("not_found", lambda: device.answers(source="no such stream"))
    refused("not_found", lambda: device.answers(classes=["no such class"]))
    refused("bad_request", lambda: device.answers(min_confidence=7))


def steer(device):
    name = device.status()["streams"][0]["name"]
    refused("bad_request", lambda: device.change(name, {"prize": 1}))
    refused("not_found", lambda: device.change("no such stream", {"price": 0}))
    refused("unknown_method", lambda: device.call("fly"))
    tried = device.change(name, {"budget.device_ms": 0.75}, dry_run=True)
    check(not tried["is_applied"] and tried["differences"][0]["name"] == "budget.device_ms", "a dry run says what would differ")
    check(target_of(device) != 0.75, "and changes nothing")
    done = device.change(name, {"budget.device_ms": 0.75}, reason="live test")
    check(done["is_applied"] and done["journal"] > 0 and target_of(device) == 0.75, "a change is applied and has a number in the journal")
    before = done["differences"][0]["before"]
    device.change(name, {"budget.device_ms": 0.6}, trial={"seconds": 600, "needs_confirmation": True})
    check(device.call("trial.get")["state"] == "running" and target_of(device) == 0.6, f"a change is on trial (it was {before} at first)")
    refused("conflict", lambda: device.change(name, {"budget.device_ms": 0.5}))
    device.call("trial.cancel")
    check(device.call("trial.get")["state"] == "rolled_back" and target_of(device) == 0.75, "a trial that is cancelled goes back")
    check([e["reason"] for e in device.call("journal.list")["entries"] if e["number"] == done["journal"]] == ["live test"], "the journal has the reason")


def target_of(device):
    return next(b["target"] for b in device.status()["streams"][0]["price"]["budgets"] if b["name"] == "device_ms")


def record(device):
    started = device.call("record.start", name="live", frames="none")
    check(started["is_open"], "a recording is open")
    stopped = device.call("record.stop", name=started["name"])
    check(not stopped["is_open"] and any(r["name"] == started["name"] for r in device.call("record.list")["recordings"]), "and closed, and listed")


def main(socket):
    with edgeroute.connect(unix=socket, timeout=PATIENCE) as device:
        see(device)
        watch(device)
        answers(device)
        steer(device)
        record(device)
        events = device.subscribe("event")
        device.call("shutdown", reason="the live test is over")
        try:
            for _ in events:
                pass
        except edgeroute.Closed as closed:
            check(str(closed), f"the device says goodbye: {closed}")
    print("all is well", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
