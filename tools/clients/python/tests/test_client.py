"""The client against a scripted device on a Unix socket and over TLS: python3 test_client.py"""
import contextlib
import hashlib
import importlib.util
import io
import json
import math
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
import unittest.mock

import msgpack

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import edgeroute  # noqa: E402
from edgeroute import devices  # noqa: E402

WELCOME = {"protocol": 1, "device": "robot", "version": "1.0", "role": "operator", "fingerprint": ""}
#: Nothing here takes a second; a test that hangs ends with this.
PATIENCE = 20


class ScriptedDevice:
    """Takes one connection after the other and answers each request by a function: (method, parameter) -> list of raw messages, by the request's number."""

    def __init__(self, folder, answer, wrap=None):
        self.path = os.path.join(folder, "control.sock")
        self.requests = []
        self._answer, self._wrap = answer, wrap
        self._listener = socket.socket(socket.AF_INET if wrap else socket.AF_UNIX)
        self._listener.bind(("127.0.0.1", 0) if wrap else self.path)
        self._listener.listen(4)
        self.port = self._listener.getsockname()[1] if wrap else None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(PATIENCE)

    def _serve(self):
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError):
                self._talk(self._wrap(stream) if self._wrap else stream)
            stream.close()

    def _talk(self, stream):
        stream.settimeout(PATIENCE)
        unpacker = msgpack.Unpacker(raw=False)
        with stream:
            while True:
                data = stream.recv(4096)
                if not data:
                    return
                unpacker.feed(data)
                for _, number, method, parameters in unpacker:
                    self.requests.append((method, parameters[0] if parameters else None))
                    answer = WELCOME if method == "hello" else None
                    messages = [[1, number, None, answer]] if answer else self._answer(number, method, parameters[0] if parameters else {})
                    if messages is None:
                        return
                    for message in messages:
                        stream.sendall(message if isinstance(message, bytes) else msgpack.packb(message))


class ClientTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def device(self, answer):
        device = ScriptedDevice(self.folder, answer)
        self.addCleanup(device.close)
        return device

    def client(self, answer, **kwargs):
        device = self.device(answer)
        client = edgeroute.connect(unix=device.path, **{"timeout": PATIENCE, **kwargs})
        self.addCleanup(client.close)
        return device, client

    def test_hello_comes_first_and_the_welcome_is_kept(self):
        device, client = self.client(lambda n, m, p: [[1, n, None, {}]])
        self.assertEqual(client.welcome, WELCOME)
        method, hello = device.requests[0]
        self.assertEqual((method, hello["protocol"], sorted(hello)), ("hello", 1, ["client", "name", "protocol"]))

    def test_a_call_sends_its_parameters_and_returns_the_result(self):
        device, client = self.client(lambda n, m, p: [[1, n, None, {"got": p}]])
        self.assertEqual(client.call("curve", stream="front"), {"got": {"stream": "front"}})
        self.assertEqual(client.status(), {"got": {}})
        self.assertEqual(device.requests[-1], ("status", None))

    def test_a_refusal_has_code_message_and_hint(self):
        _, client = self.client(lambda n, m, p: [[1, n, {"code": "denied", "message": "viewers only look", "hint": "ask"}, None]])
        with self.assertRaises(edgeroute.Refused) as refused:
            client.change(set={"price": 0})
        self.assertEqual((refused.exception.code, refused.exception.hint), ("denied", "ask"))
        self.assertEqual(str(refused.exception), "change: viewers only look (denied); ask")

    def test_a_change_sends_what_is_given(self):
        device, client = self.client(lambda n, m, p: [[1, n, None, {"is_applied": True}]])
        client.change("front", {"budget.device_ms": 6, "floor": None}, trial={"seconds": 30}, reason="heat")
        client.change(set={"price": 0.5}, dry_run=True)
        self.assertEqual(device.requests[1][1], {"set": {"budget.device_ms": 6, "floor": None}, "dry_run": False, "stream": "front", "trial": {"seconds": 30}, "reason": "heat"})
        self.assertEqual(device.requests[2][1], {"set": {"price": 0.5}, "dry_run": True})

    def test_figures_that_are_not_finite_are_not_sent(self):
        device, client = self.client(lambda n, m, p: [[1, n, None, {}]])
        for figure in (math.nan, math.inf):
            with self.assertRaisesRegex(ValueError, "change.set.price"):
                client.change(set={"price": figure})
        self.assertEqual(len(device.requests), 1)

    def test_answers_in_another_order_and_in_pieces(self):
        waiting = []

        def answer(number, method, parameter):
            waiting.append([1, number, None, {"method": method}])
            return [] if method == "slow" else list(reversed(waiting))

        _, client = self.client(answer)
        with self.assertRaises(edgeroute.TimedOut):
            client.call("slow", timeout_s=0.05)
        self.assertEqual(client.call("quick"), {"method": "quick"})
        self.assertEqual(client.call("again"), {"method": "again"})
        # The answer of the slow call came behind that of the quick one; nobody waited for it any more.
        self.assertGreaterEqual(client.late_answers, 1)

    def test_telemetry_is_an_iterator_and_unsubscribes(self):
        def answer(number, method, parameter):
            told = [[2, "telemetry", [{"subscription": 7, "number": i, "lost": i - 1, "status": {}}]] for i in (1, 2)]
            return [told[0], [1, number, None, {"subscription": 7}], told[1]] if method == "subscribe" else [[1, number, None, {"text": ""}]]

        device, client = self.client(answer)
        with client.subscribe("telemetry", rate_hz=2) as telemetry:
            # The first one came before the answer that names the subscription.
            self.assertEqual([next(telemetry)["number"], telemetry.next(PATIENCE)["number"]], [1, 2])
            self.assertEqual(telemetry.lost, 1)
            with self.assertRaises(edgeroute.TimedOut):
                telemetry.next(timeout=0.05)
        self.assertEqual(device.requests[1:], [("subscribe", {"kind": "telemetry", "rate_hz": 2}), ("unsubscribe", {"subscription": 7})])
        self.assertEqual(list(telemetry), [])

    def test_brief_traces_are_unpacked(self):
        one = edgeroute.BriefTrace(5, 6, 7000, 800, 90, 1, -1, 2, 1, 5, 3, 0.5, 0.25, math.nan, math.inf, 1.5, 0.125)
        other = one._replace(sequence=6, flags=0)

        def answer(number, method, parameter):
            body = {"subscription": 1, "number": 1, "lost": 0, "record_bytes": 64, "records": one.to_bytes() + other.to_bytes()}
            return [[1, number, None, {"subscription": 1}], [2, "trace", [body]]]

        _, client = self.client(answer)
        traces = client.subscribe("trace", stream="front")
        first, second = next(traces), next(traces)
        self.assertEqual((first.sequence, first.latency_us, first.node_index, first.end_name, first.is_late, first.is_fallback), (5, 7000, -1, "exited", True, True))
        self.assertTrue(math.isnan(first.gain) and math.isinf(first.slack_ms))
        self.assertEqual((second.sequence, second.is_late), (6, False))

    def test_events_go_to_every_subscription_of_events(self):
        _, client = self.client(lambda n, m, p: [[1, n, None, {"subscription": n}], [2, "event", [{"number": n, "text": "late"}]]])
        self.assertEqual(next(client.subscribe("event"))["text"], "late")

    def test_answers_are_dataclasses(self):
        box = {"class": "person", "class_index": 0, "confidence": 0.75, "box": [0.25, 0.5, 0.125, 0.25], "keypoints": [0.5, 0.25, 1, 0.75, None, 0.5],
               "mask": {"size": [4, 6], "counts": "abc"}, "a newer key": 1,
               "crops": [{"stage": "kind", "age_ms": 40.0, "classes": [{"class": "adult", "class_index": 1, "probability": 0.5}]},
                         {"stage": "plate", "age_ms": 0.0, "classes": [], "text": "AB", "confidence": 0.75}]}
        seen = {"subscription": 3, "number": 1, "lost": 2, "source": "front", "sequence": 7, "capture_ns": 5_000_000, "published_ns": 17_000_000, "capture_utc_ns": 9,
                "end": "exited", "path": "light", "late": True, "stale": False, "task": "detection", "carried": False, "age_ms": 0.0, "seen_sequence": 7,
                "detections": [box], "classes": [], "segments": [], "new": {}}
        arm = {**seen, "task": "policy", "detections": [], "carried": True, "age_ms": 40.0, "seen_sequence": 6, "values": [1, 2, 3, 4],
               "action": {"values": [1, 2], "hold": False, "step": 3, "plan_path": "heavy"}}
        failed = {k: v for k, v in {**seen, "end": "failed", "path": "failed", "fault": "no end", "detections": []}.items() if k not in ("age_ms", "seen_sequence")}
        _, client = self.client(lambda n, m, p: [[1, n, None, {"subscription": 3}], *([2, "answer", [a]] for a in (seen, arm, failed))])
        answers = client.answers()
        first, second, third = (answers.next(PATIENCE) for _ in range(3))
        self.assertEqual((first.source, first.sequence, first.latency_ms, first.late, first.has_answer, answers.lost), ("front", 7, 12.0, True, True, 2))
        self.assertEqual((first.detections[0].class_name, first.detections[0].pixels(640, 480)), ("person", (160.0, 240.0, 240.0, 360.0)))
        self.assertEqual(first.detections[0].mask, edgeroute.Mask((4, 6), "abc"))
        self.assertEqual(first.detections[0].keypoints[0], (0.5, 0.25, 1))
        self.assertTrue(math.isnan(first.detections[0].keypoints[1][1]))
        self.assertEqual(first.detections[0].crop("kind").classes[0].class_name, "adult")
        self.assertEqual(first.detections[0].crop("plate"), edgeroute.CropAnswer("plate", 0.0, text="AB", confidence=0.75))
        self.assertIsNone(first.detections[0].crop("face"))
        self.assertEqual((second.action.step, second.plan, second.carried, second.seen_sequence), (3, [(1, 2), (3, 4)], True, 6))
        self.assertEqual((third.has_answer, third.fault, third.detections, third.plan), (False, "no end", [], []))

    def test_actions_are_dataclasses(self):
        told = [{"source": "arm", "at_ns": 5, "at_utc_ns": 6, "values": [0.5, None], "hold": False, "plan_sequence": 9, "plan_path": "light", "step": 3, "age_ms": 110.0, "blend": 0.25},
                {"source": "arm", "at_ns": 7, "at_utc_ns": 8, "values": [0.0, 0.0], "hold": True, "reason": "emergency stop", "step": 0, "blend": 0.0}]

        def answer(number, method, parameter):
            messages = [[2, "action", [{"subscription": 4, "number": i, "lost": 0, **t}]] for i, t in enumerate(told, 1)]
            return [[1, number, None, {"subscription": 4}], *messages] if method == "subscribe" else [[1, number, None, {"text": ""}]]

        device, client = self.client(answer)
        with client.actions("arm") as actions:
            step, hold = next(actions), next(actions)
        self.assertEqual((step.values[0], step.hold, step.plan_sequence, step.step, step.age_ms, step.blend), (0.5, False, 9, 3, 110.0, 0.25))
        self.assertTrue(math.isnan(step.values[1]))
        self.assertEqual((hold.hold, hold.reason, hold.plan_sequence), (True, "emergency stop", None))
        self.assertEqual(device.requests[1], ("subscribe", {"kind": "action", "stream": "arm"}))

    def test_a_state_is_put_with_what_is_given(self):
        device, client = self.client(lambda n, m, p: [[1, n, None, {"used": True, "age_ms": 2.5, "text": "stopped"}]])
        self.assertTrue(client.put_state([1, -0.5], "arm", utc_ns=7)["used"])
        client.put_state(instruction="put the red star on the blue pad")
        self.assertEqual(client.stop("a hand"), "stopped")
        client.release()
        self.assertEqual(device.requests[1:], [
            ("state.put", {"stream": "arm", "values": [1.0, -0.5], "utc_ns": 7}), ("state.put", {"instruction": "put the red star on the blue pad"}),
            ("stop", {"reason": "a hand"}), ("release", None)])
        with self.assertRaises(ValueError):
            client.put_state([math.nan])

    def test_classes_and_maps_of_answers(self):
        common = {"subscription": 1, "number": 1, "lost": 0, "source": "s", "sequence": 0, "capture_ns": 0, "published_ns": 1, "end": "completed", "path": "light", "age_ms": 0.0}
        surest = {**common, "task": "classification", "classes": [{"class": "cat", "class_index": 3, "probability": 0.5}, {"class": "dog", "class_index": 1, "probability": 0.25}]}
        parts = {**common, "task": "segmentation", "segments": [{"class": "road", "class_index": 0, "share": 0.75}]}
        far = {**common, "task": "depth", "depth": {"least": 0.5, "median": 2.0, "most": None}}
        _, client = self.client(lambda n, m, p: [[1, n, None, {"subscription": 1}], *([2, "answer", [a]] for a in (surest, parts, far))])
        answers = client.answers()
        first, second, third = (answers.next(PATIENCE) for _ in range(3))
        self.assertEqual([(c.class_name, c.probability) for c in first.classes], [("cat", 0.5), ("dog", 0.25)])
        self.assertEqual((second.segments[0].class_name, second.segments[0].share), ("road", 0.75))
        self.assertEqual((third.depth.least, third.depth.median, math.isnan(third.depth.most)), (0.5, 2.0, True))

    def test_what_answers_are_asked_for(self):
        device, client = self.client(lambda n, m, p: [[1, n, None, {"subscription": n}]])
        client.answers()
        client.answers(source="front", classes="person", min_confidence=0.5, only_changes=True, rate_hz=2)
        self.assertEqual([parameter for _, parameter in device.requests[1:]], [
            {"kind": "answer"},
            {"kind": "answer", "stream": "front", "rate_hz": 2, "filter": {"classes": ["person"], "min_confidence": 0.5, "only_changes": True}},
        ])

    def test_a_snapshot_is_the_bytes_of_a_jpeg(self):
        device, client = self.client(lambda n, m, p: [[1, n, None, {"jpeg": b"\xff\xd8"}]])
        self.assertEqual(client.snapshot("front", annotated=False), b"\xff\xd8")
        self.assertEqual(device.requests[1], ("snapshot", {"annotated": False, "stream": "front"}))

    def test_a_picture_comes_with_its_answer(self):
        told = {"source": "front", "sequence": 9, "capture_ns": 1, "published_ns": 2, "end": "completed", "path": "light"}
        device, client = self.client(lambda n, m, p: [[1, n, None, {"jpeg": b"\xff\xd8", "answer": told}]])
        jpeg, answer = client.picture("front", width=320)
        self.assertEqual((jpeg, answer.source, answer.sequence), (b"\xff\xd8", "front", 9))
        self.assertEqual(device.requests[1], ("picture", {"width": 320, "stream": "front"}))

    def test_a_pack_is_measured(self):
        told = {"pack": "shapes", "variants": [{"name": "light", "ms": [1.5, 1.25]}], "turn_ms": 3.0, "dropped": 2}
        device, client = self.client(lambda n, m, p: [[1, n, None, told]])
        self.assertEqual(client.measure("front", ms=50), told)
        self.assertEqual(device.requests[1], ("measure", {"ms": 50.0, "stream": "front"}))

    def test_costs_are_kept(self):
        measured = {"stream": "front", "manifest_sha256": "ab12", "provider": "CPU", "threads": 4, "pack": "shapes"}
        device, client = self.client(lambda n, m, p: [[1, n, None, {"text": "kept"}]])
        self.assertEqual(client.put_costs(measured, "light", 1.5, {"light": (1.5, 2)}), "kept")
        self.assertEqual(device.requests[1], ("costs.put", {"path": "light", "path_ms": 1.5, "options": [{"option": "light", "ms_p50": 1.5, "ms_p95": 2.0}],
            "stream": "front", "manifest_sha256": "ab12", "provider": "CPU", "threads": 4}))

    def test_goodbye_is_told(self):
        _, client = self.client(lambda n, m, p: [[2, "closing", [{"text": "restarts"}]]])
        with self.assertRaisesRegex(edgeroute.Closed, "restarts"):
            client.status()
        with self.assertRaisesRegex(edgeroute.Closed, "restarts"):
            client.status()

    def test_a_device_that_hangs_up_is_noticed(self):
        _, client = self.client(lambda n, m, p: None)
        with self.assertRaisesRegex(edgeroute.Closed, "closed"):
            client.status()

    def test_nonsense_ends_the_connection(self):
        for nonsense in (b"\xc1", b"\x01", b"\x93\x00\x01\x02", b"\x94\x05\x01\xc0\xc0", b"\x93\x02\xa1x\x91\x01", b"\x91" * 5000, b"\x81\x81\xc0\xc0\xc0", b"\xa2\xc3\x28"):
            with self.subTest(nonsense=nonsense[:10]):
                folder = tempfile.mkdtemp(dir=self.folder)
                device = ScriptedDevice(folder, lambda n, m, p: [nonsense])
                try:
                    client = edgeroute.connect(unix=device.path, timeout=PATIENCE)
                    with self.assertRaises(edgeroute.ProtocolError):
                        client.status()
                    with self.assertRaises(edgeroute.Closed):
                        client.status()
                finally:
                    device.close()

    def test_a_message_beyond_the_limit_ends_the_connection(self):
        with unittest.mock.patch.object(edgeroute.client, "MESSAGE_BYTES_MOST", 100_000):
            _, client = self.client(lambda n, m, p: [[1, n, None, {"jpeg": bytes(300_000)}]])
            with self.assertRaisesRegex(edgeroute.ProtocolError, "100000 bytes"):
                client.status()

    def test_another_protocol_is_refused(self):
        original = dict(WELCOME)
        self.addCleanup(WELCOME.update, original)
        WELCOME["protocol"] = 2
        with self.assertRaisesRegex(edgeroute.ProtocolError, "protocol 2"):
            self.client(lambda n, m, p: [])

    def test_a_socket_that_is_not_there_says_what_to_do(self):
        with self.assertRaisesRegex(edgeroute.ConnectionFailed, "is the runtime running"):
            edgeroute.connect(unix=os.path.join(self.folder, "none.sock"))


class DeviceStoreTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        os.environ.pop(devices.DEVICE_VARIABLE, None)

    def book(self, default, *entries):
        with open(os.path.join(self.folder, "devices.json"), "w", encoding="utf-8") as file:
            json.dump({"version": 1, "default": default, "devices": [{"name": n, "address": a, "fingerprint": f, "paired_utc": "2026-01-01T00:00:00Z"} for n, a, f in entries]}, file)

    def test_a_device_is_found_by_name_default_and_being_the_only_one(self):
        self.book(None, ("robot", "robot.local:7420", "ab"))
        robot = {"host": "robot.local", "port": 7420, "fingerprint": "ab"}
        self.assertEqual((devices.find("robot", self.folder), devices.find(None, self.folder)), (robot, robot))
        self.book("bench", ("robot", "robot.local:7420", "ab"), ("bench", "/tmp/bench.sock", None))
        self.assertEqual(devices.find(None, self.folder), {"unix": "/tmp/bench.sock"})
        self.book(None, ("robot", "[fe80::1]:99", "ab"), ("bench", "/tmp/bench.sock", None))
        self.assertEqual(devices.find("robot", self.folder)["host"], "fe80::1")
        for name in (None, "other"):
            with self.assertRaisesRegex(edgeroute.ConnectionFailed, "robot, bench"):
                devices.find(name, self.folder)

    def test_without_a_book_the_runtime_of_this_machine_is_meant(self):
        self.assertEqual(devices.find(None, self.folder), {"unix": devices.USUAL_SOCKET})
        self.assertEqual(devices.find("unix:/x.sock", self.folder), {"unix": "/x.sock"})

    def test_addresses(self):
        self.assertEqual(devices.split_address("a"), ("a", 7420))
        self.assertEqual(devices.split_address("[::1]:5"), ("::1", 5))
        self.assertEqual(devices.split_address("::1"), ("::1", 7420))
        for wrong in ("", "a:0", "a:70000", "a:b", ":5"):
            with self.assertRaises(edgeroute.ConnectionFailed):
                devices.split_address(wrong)


@unittest.skipUnless(shutil.which("openssl"), "needs openssl to make keys")
class TlsTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("laptop", "device"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-days", "30",
                            "-keyout", self.file(f"{name}.key.pem"), "-out", self.file(f"{name}.cert.pem")], check=True, capture_output=True)
        with open(self.file("device.cert.pem"), encoding="ascii") as file:
            self.fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(file.read())).hexdigest()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.file("device.cert.pem"), self.file("device.key.pem"))
        self.context.load_verify_locations(self.file("laptop.cert.pem"))
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.set_alpn_protocols(["edgeroute/1"])

    def file(self, name):
        return os.path.join(self.folder, name)

    def connect(self, **kwargs):
        device = ScriptedDevice(self.folder, lambda n, m, p: [[1, n, None, {"text": "pong"}]], lambda s: self.context.wrap_socket(s, server_side=True))
        self.addCleanup(device.close)
        client = edgeroute.connect(**{"host": "127.0.0.1", "port": device.port, "identity_folder": self.folder, "fingerprint": self.fingerprint, "timeout": PATIENCE, **kwargs})
        self.addCleanup(client.close)
        return device, client

    def test_both_show_their_certificates(self):
        self.assertEqual(self.connect(fingerprint=self.fingerprint.upper())[1].call("ping"), {"text": "pong"})

    def test_another_certificate_is_refused_before_a_byte_is_sent(self):
        with self.assertRaisesRegex(edgeroute.ConnectionFailed, "another device, or someone in between"):
            self.connect(fingerprint="00" * 32)

    def test_tls_below_1_3_is_refused(self):
        self.context.maximum_version = ssl.TLSVersion.TLSv1_2
        with self.assertRaisesRegex(edgeroute.ConnectionFailed, "no TLS 1.3"):
            self.connect()

    def test_a_device_that_does_not_know_this_laptop_says_what_to_do(self):
        # The device is told of no laptop.
        stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        stranger.load_cert_chain(self.file("device.cert.pem"), self.file("device.key.pem"))
        stranger.verify_mode = ssl.CERT_REQUIRED
        stranger.set_alpn_protocols(["edgeroute/1"])
        self.context = stranger
        with self.assertRaisesRegex(edgeroute.ConnectionFailed, "edgeroute pair"):
            self.connect()

    def test_without_keys_it_says_who_makes_them(self):
        with self.assertRaisesRegex(edgeroute.ConnectionFailed, "edgeroute pair"):
            self.connect(identity_folder=os.path.join(self.folder, "none"))


class RecordTests(unittest.TestCase):
    def test_the_layout_has_64_bytes_and_no_gaps(self):
        self.assertEqual(edgeroute.brief_traces(bytes(range(64)))[0].to_bytes(), bytes(range(64)))
        self.assertEqual(edgeroute.brief_traces(struct.pack("<q", 9) + bytes(56))[0].sequence, 9)
        with self.assertRaises(ValueError):
            edgeroute.brief_traces(bytes(65))


class ExampleTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        spec = importlib.util.spec_from_file_location("adapt_budget", os.path.join(os.path.dirname(HERE), "examples", "adapt_budget.py"))
        self.example = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.example)

    def args(self, *more):
        return self.example.arguments(["--most", "10", "--least", "4", *more])

    def test_the_budget_goes_down_when_hot_or_low_and_up_when_neither(self):
        decide, args = self.example.next_budget, self.args()
        self.assertEqual(decide(10, 85, None, args)[0], 8)
        self.assertEqual(decide(4.5, 85, None, args)[0], 4)
        self.assertEqual(decide(10, 60, 20, args)[0], 8)
        self.assertEqual(decide(8, 77, None, args)[0], 8)
        self.assertEqual(decide(8, 70, 27, args)[0], 8)
        self.assertEqual(decide(6.4, 70, 90, args)[0], 8)
        self.assertEqual(decide(9, None, None, args)[0], 10)

    def run_once(self, celsius, *more):
        changes = []

        def answer(number, method, parameter):
            if method == "status":
                budgets = [{"name": "device_ms", "target": 8.0}]
                return [[1, number, None, {"streams": [{"name": "front", "price": {"budgets": budgets}}], "board": {"hottest_celsius": celsius}}]]
            changes.append(parameter)
            return [[1, number, None, {"is_applied": True, "effects": ["costs less"]}]]

        device = ScriptedDevice(self.folder, answer)
        self.addCleanup(device.close)
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            code = self.example.main(["--device", f"unix:{device.path}", "--most", "10", "--least", "4", "--once", *more])
        return code, changes, out.getvalue()

    def test_lowering_is_at_once(self):
        code, changes, out = self.run_once(90)
        self.assertEqual((code, changes[0]["set"], "trial" in changes[0]), (0, {"budget.device_ms": 6.4}, False))
        self.assertIn("8.00 ms becomes 6.40 ms (90.0 degrees, above 80)", out)

    def test_raising_is_a_trial(self):
        _, changes, _ = self.run_once(50)
        self.assertEqual((changes[0]["set"], changes[0]["trial"]), ({"budget.device_ms": 10.0}, {"seconds": 20, "late_most": 5}))

    def test_a_dry_run_says_so(self):
        _, changes, out = self.run_once(50, "--dry-run")
        self.assertTrue(changes[0]["dry_run"])
        self.assertIn("would become", out)


if __name__ == "__main__":
    unittest.main(verbosity=1)
