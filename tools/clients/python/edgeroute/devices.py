"""Which device is meant: by name as the laptop tool knows it, by address, or the runtime of this machine."""
import json
import os

from .errors import ConnectionFailed

USUAL_PORT = 7420
USUAL_SOCKET = "/run/edgeroute/control.sock"
DEVICE_VARIABLE = "EDGEROUTE_DEVICE"
BOOK_VERSION = 1
#: A book of thousands of devices is smaller.
BOOK_BYTES_MOST = 4 << 20


def usual_folder():
    """Where the laptop tool keeps its key and the devices it knows."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return os.path.join(base if os.path.isabs(base) else os.path.expanduser("~/.config"), "edgeroute")


def load_book(folder):
    """The devices by name, and the name of the default one or None."""
    path = os.path.join(folder, "devices.json")
    try:
        with open(path, encoding="utf-8") as file:
            book = json.loads(file.read(BOOK_BYTES_MOST))
        if book["version"] != BOOK_VERSION:
            raise ConnectionFailed(f"{path} has version {book['version']}; this client reads version {BOOK_VERSION}")
        return {device["name"]: device for device in book["devices"]}, book.get("default")
    except FileNotFoundError:
        return {}, None
    except (ValueError, KeyError, TypeError) as wrong:
        raise ConnectionFailed(f"{path} cannot be read: {wrong}") from wrong


def split_address(text):
    """Host and port of host, host:port, [IPv6]:port or IPv6."""
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else ""
    elif text.count(":") == 1:
        host, port = text.split(":")
    else:
        host, port = text, ""
    if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
        raise ConnectionFailed(f"'{text}' is no address; write host, host:port or [IPv6]:port, such as robot.local:{USUAL_PORT}")
    return host, int(port) if port else USUAL_PORT


def find(name, folder):
    """How to reach a device: {"unix": path} or {"host", "port", "fingerprint"}."""
    name = name or os.environ.get(DEVICE_VARIABLE, "")
    if name.startswith("unix:") or name.startswith("/"):
        return {"unix": name[5:] if name.startswith("unix:") else name}
    devices, default = load_book(folder)
    if not name:
        name = default or (next(iter(devices)) if len(devices) == 1 else "")
    if not name and not devices:
        return {"unix": USUAL_SOCKET}
    if name not in devices:
        known = f"paired are {', '.join(devices)}" if devices else "none is paired yet"
        raise ConnectionFailed(f"'{name}' is no paired device; {known}" if name else f"which device? {known}: give its name or set {DEVICE_VARIABLE}")
    device = devices[name]
    if device["address"].startswith("/"):
        return {"unix": device["address"]}
    host, port = split_address(device["address"])
    return {"host": host, "port": port, "fingerprint": device.get("fingerprint")}
