"""What can go wrong, each with words for people."""


class EdgeRouteError(Exception):
    """Any of the below."""


class ConnectionFailed(EdgeRouteError):
    """The device was not reached, or is not the one that was paired."""


class Closed(EdgeRouteError):
    """The connection is over; the text is the device's own where it said goodbye."""


class TimedOut(EdgeRouteError):
    """No answer in time. The connection stays usable: an answer that comes later is passed over."""


class ProtocolError(EdgeRouteError):
    """The other side does not speak this protocol; the connection is closed."""


class Refused(EdgeRouteError):
    """The device said no, and why."""

    def __init__(self, method, code, message, hint=None):
        super().__init__(f"{method}: {message} ({code})" + (f"; {hint}" if hint else ""))
        self.method = method
        #: For programs: bad_request, unknown_method, version, denied, not_found, conflict, limit, unavailable or failed.
        self.code = code
        self.message = message
        #: What to do next; None where the message says it.
        self.hint = hint
