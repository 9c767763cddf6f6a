"""Talks to a running EdgeRoute device: see it, understand it, steer it. Python 3.9 or newer and msgpack, nothing else."""
from .client import Client, connect
from .errors import Closed, ConnectionFailed, EdgeRouteError, ProtocolError, Refused, TimedOut
from .records import BriefTrace, brief_traces
from .subscription import Subscription

__all__ = [
    "BriefTrace", "Client", "Closed", "ConnectionFailed", "EdgeRouteError", "ProtocolError", "Refused", "Subscription", "TimedOut", "brief_traces", "connect",
]
