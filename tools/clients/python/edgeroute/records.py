"""The 64 bytes of a brief trace; CHANNEL.md section 7."""
import struct
from collections import namedtuple

BRIEF = struct.Struct("<qqIIIhhBBHiffffff")
BRIEF_BYTES = 64
assert BRIEF.size == BRIEF_BYTES

ENDS = {1: "completed", 2: "exited", 3: "escalated", 4: "skipped", 5: "dropped", 6: "failed"}
LATE, SIGNALS_FAILED, FALLBACK, SOURCE_RESTARTED = 1, 2, 4, 8

_FIELDS = (
    "sequence capture_ns latency_us device_us wait_us source_index node_index end decision_count flags answer_count answer_confidence price gain slack_ms"
    " energy_millijoules audit_loss"
)


class BriefTrace(namedtuple("BriefTrace", _FIELDS)):
    """One frame: what it took, how it ended, when. NaN where the device did not measure or estimate; an infinite slack: no deadline."""

    __slots__ = ()

    @property
    def end_name(self):
        return ENDS.get(self.end, f"end {self.end}")

    @property
    def is_late(self):
        return bool(self.flags & LATE)

    @property
    def is_fallback(self):
        return bool(self.flags & FALLBACK)

    def to_bytes(self):
        return BRIEF.pack(*self)


def brief_traces(data):
    """Every record of the bytes of one `trace` notification."""
    if len(data) % BRIEF_BYTES:
        raise ValueError(f"{len(data)} bytes are no whole number of brief traces of {BRIEF_BYTES} bytes")
    return [BriefTrace._make(fields) for fields in BRIEF.iter_unpack(data)]
