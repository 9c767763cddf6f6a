"""A connection to a device. One thread at a time; whoever needs two connects twice."""
import math
import os
import platform
import socket
import ssl
import time
from collections import deque

import msgpack

from . import devices, transport
from .answers import answer_of
from .errors import Closed, ConnectionFailed, ProtocolError, Refused, TimedOut
from .subscription import Subscription

PROTOCOL = 1
CLIENT_NAME = "edgeroute-python/1"
#: The largest message a device sends is the JPEG of an 8K frame.
MESSAGE_BYTES_MOST = 32 << 20
PIECE_BYTES = 64 << 10
#: Notifications of subscriptions whose answer has not come yet.
UNCLAIMED_MOST = 64
REQUEST, RESPONSE, NOTIFICATION = 0, 1, 2


def connect(device=None, *, unix=None, host=None, port=devices.USUAL_PORT, identity_folder=None, fingerprint=None, name=None, timeout=10.0):
    """
    Connects and says hello.

    device           name of a paired device as `edgeroute devices` lists it, or unix:PATH. Without it: EDGEROUTE_DEVICE, the default or only one, the runtime of this machine
    unix             path of the control socket, instead
    host, port, fingerprint   of a paired device, instead; the fingerprint is the SHA-256 of its certificate
    identity_folder  where laptop.cert.pem and laptop.key.pem are; as the laptop tool has them where not given
    timeout          seconds for the connection, and for each call
    """
    folder = identity_folder or devices.usual_folder()
    if unix is None and host is None:
        found = devices.find(device, folder)
        unix, host, port, fingerprint = found.get("unix"), found.get("host"), found.get("port"), found.get("fingerprint")
    stream = transport.dial_unix(unix, timeout) if unix is not None else transport.dial_tls(host, port, folder, fingerprint, timeout)
    client = Client(stream, timeout)
    try:
        client.welcome = client.call("hello", protocol=PROTOCOL, client=CLIENT_NAME, name=name or f"{platform.node() or 'python'}-{os.getpid()}")
        if client.welcome.get("protocol") != PROTOCOL:
            raise ProtocolError(f"the device speaks protocol {client.welcome.get('protocol')}; this client speaks {PROTOCOL}")
        return client
    except BaseException as wrong:
        client.close()
        if isinstance(wrong, Closed) and host is not None:
            raise ConnectionFailed(f"{host}:{port}: {wrong}; does the device still know this laptop? 'edgeroute pair {host}:{port}' pairs it again") from wrong
        raise


class Client:
    """A device that said hello; `welcome` has its name, version and the role it gives."""

    def __init__(self, stream, timeout=10.0):
        self.timeout = timeout
        self.welcome = {}
        #: Answers that came after their call had given up waiting.
        self.late_answers = 0
        self._stream = stream
        self._unpacker = msgpack.Unpacker(raw=False, strict_map_key=True, max_buffer_size=MESSAGE_BYTES_MOST)
        self._next_id = 0
        self._waiting, self._answers = set(), {}
        self._subscriptions = {}
        self._unclaimed = deque(maxlen=UNCLAIMED_MOST)
        self._closing = None

    def call(self, method, **params):
        """Calls a method by its name in CHANNEL.md section 5 and returns its result as a dict. `timeout_s` overrides the client's timeout."""
        timeout = params.pop("timeout_s", self.timeout)
        self._next_id = (self._next_id + 1) & 0xFFFFFFFF
        number = self._next_id
        parameter = [_plain(params, method)] if params else []
        deadline = self._deadline(timeout)
        self._waiting.add(number)
        try:
            self._send(msgpack.packb([REQUEST, number, method, parameter], use_bin_type=True), deadline)
            while number not in self._answers:
                if not self._receive(deadline):
                    raise TimedOut(f"{method}: no answer for {timeout} s")
        finally:
            self._waiting.discard(number)
        error, result = self._answers.pop(number)
        if error is not None:
            raise _refusal(method, error)
        return result if result is not None else {}

    def describe(self):
        """Device, library, config, streams with their route trees, packs, methods."""
        return self.call("describe")

    def status(self):
        """Counts, latencies, prices, budgets and audits of each stream, heat and power of the board."""
        return self.call("status")

    def change(self, stream=None, set=None, trial=None, dry_run=False, reason=""):
        """
        Changes settings of a stream, all at once between two frames: change(set={"budget.device_ms": 6, "floor": None}). None takes a setting away. With
        trial={"seconds": 30, "latency_ms_p99": 40} the change is kept only if no condition breaks. Operators only.
        """
        params = {"set": dict(set or {}), "dry_run": dry_run}
        params.update({k: v for k, v in (("stream", stream), ("trial", trial), ("reason", reason)) if v})
        return self.call("change", **params)

    def subscribe(self, kind, **params):
        """
        telemetry (rate_hz), trace (stream, detail, rate_hz, only_notable), answer (stream, rate_hz, filter), action (stream) or event, as an iterator. Events that come are those after this call.
        """
        answer = self.call("subscribe", kind=kind, **params)
        subscription = Subscription(self, kind, answer.get("subscription", 0))
        self._subscriptions[subscription.number] = subscription
        for method, message in [u for u in self._unclaimed if self._takes(subscription, *u)]:
            self._unclaimed.remove((method, message))
            subscription._take(message)
        return subscription

    def answers(self, source=None, classes=(), min_confidence=0.0, only_changes=False, rate_hz=0.0):
        """
        What the device sees, as an iterator over Answer. `source` is one stream's name; of each answer only boxes and classes of `classes` and of at least `min_confidence`
        are told; with `only_changes` only frames on which something else is there than before; `rate_hz` is the most a second of each source, 0 every frame.
        """
        params = {"stream": source, "rate_hz": rate_hz}
        if classes or min_confidence or only_changes:
            params["filter"] = {"classes": [classes] if isinstance(classes, str) else list(classes), "min_confidence": min_confidence, "only_changes": only_changes}
        return self.subscribe("answer", **{k: v for k, v in params.items() if v})

    def put_state(self, values=(), source=None, utc_ns=None, instruction=None):
        """
        Tells frames captured from now on what the robot knows of itself, until it is older than the source's max_age_ms: put it again and again, up to 100 times a second.
        `utc_ns` is when it was measured (time.time_ns()); without it, it counts from its arrival. `instruction` is the task in words
        from now on, and holds for the source's instruction_max_age_ms. Operators only.
        """
        params = {"stream": source, "values": [float(v) for v in values] or None, "utc_ns": utc_ns, "instruction": instruction}
        return self.call("state.put", **{k: v for k, v in params.items() if v is not None})

    def actions(self, source=None):
        """What the robot is to do, as an iterator over TimedAction, each at the moment at which it is due. The source needs actions: { actuator: channel }."""
        return self.subscribe("action", **({"stream": source} if source else {}))

    def stop(self, reason=""):
        """Presses the emergency stop: every actuator is told to hold, until release(). Operators only."""
        return self.call("stop", **({"reason": reason} if reason else {}))["text"]

    def release(self):
        """Lets go of the emergency stop that was pressed over the channel."""
        return self.call("release")["text"]

    def snapshot(self, stream=None, annotated=True):
        """The next frame that ends, as the bytes of a JPEG; with boxes, path and reason drawn in unless told otherwise."""
        return self.call("snapshot", annotated=annotated, **({"stream": stream} if stream else {}))["jpeg"]

    def picture(self, stream=None, width=640):
        """The next frame that ends as a pair: the bytes of a JPEG at most so many pixels wide, and its Answer. Ask again for moving pictures."""
        reply = self.call("picture", width=width, **({"stream": stream} if stream else {}))
        return reply["jpeg"], answer_of(reply["answer"])

    def measure(self, stream=None, ms=500):
        """
        What the stages of a stream's pack take, in turns between its frames of `ms` device time in all: variants with their `ms`, and how many frames were
        dropped meanwhile. Ask again for more. Operators only.
        """
        return self.call("measure", ms=float(ms), timeout_s=max(self.timeout, 60.0), **({"stream": stream} if stream else {}))

    def put_costs(self, measured, path, path_ms, options, reason=""):
        """
        Keeps what was measured beside the manifest on the device, which begins with it when it loads the pack next. `measured` is what measure() told, `path`
        the heaviest path with its median, `options` maps each option that runs a stage to its median and p95 in ms. Operators only.
        """
        told = [{"option": option, "ms_p50": float(p50), "ms_p95": float(p95)} for option, (p50, p95) in options.items()]
        what = {key: measured[key] for key in ("stream", "manifest_sha256", "provider", "threads")}
        return self.call("costs.put", path=path, path_ms=float(path_ms), options=told, **what, **({"reason": reason} if reason else {}))["text"]

    def close(self):
        self._closing = self._closing or "this side closed the connection"
        self._stream.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @staticmethod
    def _deadline(timeout):
        return None if timeout is None else time.monotonic() + timeout

    def _unsubscribe(self, subscription):
        self._subscriptions.pop(subscription.number, None)
        if self._closing is None:
            self.call("unsubscribe", subscription=subscription.number)

    def _send(self, data, deadline):
        if self._closing is not None:
            raise Closed(self._closing)
        try:
            self._stream.settimeout(None if deadline is None else max(0.001, _left(deadline)))
            self._stream.sendall(data)
        except OSError as wrong:
            # Part of a message may be gone already: nothing can follow it.
            self._end(f"the connection broke while sending: {wrong}")
            raise Closed(self._closing) from wrong

    def _receive(self, deadline):
        """Handles one message; False where none came in time."""
        while True:
            message = self._unpack()
            if message is not None:
                self._handle(message)
                return True
            if self._closing is not None:
                raise Closed(self._closing)
            left = _left(deadline)
            if left is not None and left <= 0:
                return False
            try:
                self._stream.settimeout(left)
                data = self._stream.recv(PIECE_BYTES)
            except (socket.timeout, ssl.SSLWantReadError):
                return False
            except OSError as wrong:
                data = b""
                self._end(f"the connection broke: {wrong}")
            if data:
                self._feed(data)
            else:
                self._end("the device closed the connection")

    def _feed(self, data):
        try:
            self._unpacker.feed(data)
        except msgpack.exceptions.BufferFull as wrong:
            raise self._wrong(f"a message has more than {MESSAGE_BYTES_MOST} bytes") from wrong

    def _unpack(self):
        try:
            message = self._unpacker.unpack()
        except msgpack.exceptions.OutOfData:
            return None
        except (msgpack.exceptions.UnpackException, ValueError, TypeError, RecursionError) as wrong:
            raise self._wrong(f"what the device sent is no MessagePack: {wrong}") from wrong
        kinds = {RESPONSE: 4, NOTIFICATION: 3}
        if not isinstance(message, list) or not message or type(message[0]) is not int or kinds.get(message[0]) != len(message):
            raise self._wrong("what the device sent is no response and no notification")
        return message

    def _handle(self, message):
        if message[0] == RESPONSE:
            _, number, error, result = message
            if number in self._waiting:
                self._answers[number] = (error, result)
            else:
                self.late_answers += 1
            return
        _, method, parameters = message
        body = parameters[0] if isinstance(parameters, list) and len(parameters) == 1 else {}
        if not isinstance(body, dict):
            raise self._wrong(f"the notification '{method}' has no map")
        if method == "closing":
            self._end(f"the device ends: {body.get('text', '')}")
            return
        takers = [s for s in self._subscriptions.values() if self._takes(s, method, body)]
        for taker in takers:
            taker._take(body)
        if not takers:
            self._unclaimed.append((method, body))

    @staticmethod
    def _takes(subscription, method, body):
        return subscription.kind == method and (method == "event" or body.get("subscription") == subscription.number)

    def _wrong(self, text):
        self._end(text)
        return ProtocolError(text)

    def _end(self, text):
        self._closing = self._closing or text
        self._stream.close()


def _left(deadline):
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _refusal(method, error):
    if not isinstance(error, dict):
        return Refused(method, "failed", str(error))
    return Refused(method, error.get("code", "failed"), error.get("message", ""), error.get("hint"))


def _plain(value, where):
    """Refuses what the device would refuse, before it is sent: figures that are not finite."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}; a finite number is wanted")
    if isinstance(value, dict):
        return {key: _plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, f"{where}[{at}]") for at, item in enumerate(value)]
    return value
