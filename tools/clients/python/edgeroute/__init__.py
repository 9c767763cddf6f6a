"""Talks to a running EdgeRoute device: see it, understand it, steer it. Python 3.9 or newer and msgpack, nothing else."""
from .answers import Action, Answer, ClassAnswer, CropAnswer, Depth, Detection, Mask, TimedAction
from .client import Client, connect
from .errors import Closed, ConnectionFailed, EdgeRouteError, ProtocolError, Refused, TimedOut
from .records import BriefTrace, brief_traces
from .subscription import Subscription

__all__ = [
    "Action", "Answer", "BriefTrace", "ClassAnswer", "Client", "Closed", "ConnectionFailed", "CropAnswer", "Depth", "Detection", "EdgeRouteError",
    "Mask", "ProtocolError", "Refused", "Subscription", "TimedAction", "TimedOut", "brief_traces", "connect",
]
