"""What a device sends unasked, as an iterator."""
from collections import deque

from .answers import answer_of, timed_action_of
from .errors import TimedOut
from .records import BRIEF_BYTES, brief_traces

#: Messages of one subscription that wait here while the program does something else: at 20 a second a minute's worth. Older ones make room and are counted.
WAITING_MOST = 1200


class Subscription:
    """
    Iterates over telemetry and events as dicts, over answers as Answer, over actions as TimedAction, over traces as BriefTrace, or as bytes of 3624 where the detail is full. `lost` counts what the device could not send in time,
    `overrun` what this program did not fetch in time. Ends by `close()`, or as a context.
    """

    def __init__(self, client, kind, number):
        self.client, self.kind, self.number = client, kind, number
        self.lost = 0
        self.overrun = 0
        self.is_open = True
        self._waiting = deque()

    def __iter__(self):
        return self

    def __next__(self):
        if not self.is_open and not self._waiting:
            raise StopIteration
        return self.next(timeout=None)

    def next(self, timeout=None):
        """The next one; None waits as long as it takes. Raises TimedOut, or Closed when the device has gone."""
        deadline = self.client._deadline(timeout)
        while not self._waiting:
            if not self.client._receive(deadline):
                raise TimedOut(f"no {self.kind} of subscription {self.number} for {timeout} s")
        return self._waiting.popleft()

    def close(self):
        if self.is_open:
            self.is_open = False
            self.client._unsubscribe(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _take(self, message):
        self.lost = message.get("lost", self.lost)
        if self.kind == "trace":
            data, size = message["records"], message["record_bytes"]
            items = brief_traces(data) if size == BRIEF_BYTES else [data[i:i + size] for i in range(0, len(data), max(size, 1))]
        else:
            items = [{"answer": answer_of, "action": timed_action_of}.get(self.kind, dict)(message)]
        self._waiting.extend(items)
        while len(self._waiting) > WAITING_MOST * (BRIEF_BYTES if self.kind == "trace" else 1):
            self._waiting.popleft()
            self.overrun += 1
