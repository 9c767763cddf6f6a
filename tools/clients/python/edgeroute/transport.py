"""A connected socket to a device: Unix, or TLS 1.3 between two keys that know each other."""
import hashlib
import hmac
import os
import socket
import ssl

from .errors import ConnectionFailed

TLS_NAME = "edgeroute/1"


def dial_unix(path, timeout):
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.settimeout(timeout)
    try:
        stream.connect(path)
    except OSError as wrong:
        stream.close()
        hint = {
            FileNotFoundError: "is the runtime running, and has its config a control group?",
            ConnectionRefusedError: "the runtime that made it is gone",
            PermissionError: "this user may not open it; see control.unix of the device config",
        }.get(type(wrong), "")
        raise ConnectionFailed(f"unix:{path}: {wrong.strerror or wrong}" + (f"; {hint}" if hint else "")) from wrong
    return stream


def dial_tls(host, port, identity_folder, fingerprint, timeout):
    where = f"{host}:{port}"
    if not fingerprint:
        raise ConnectionFailed(f"{where}: the fingerprint of the device is needed; 'edgeroute pair {where}' pairs it and keeps it")
    context = laptop_context(identity_folder)
    try:
        plain = socket.create_connection((host, port), timeout)
    except OSError as wrong:
        raise ConnectionFailed(f"{where}: {wrong.strerror or wrong}; the port is closed until a laptop is paired") from wrong
    try:
        stream = context.wrap_socket(plain, server_hostname=host)
    except OSError as wrong:
        plain.close()
        raise ConnectionFailed(f"{where}: no TLS 1.3 connection: {wrong}") from wrong
    shown = hashlib.sha256(stream.getpeercert(binary_form=True) or b"").hexdigest()
    problem = None
    if not hmac.compare_digest(shown, fingerprint.lower()):
        problem = f"it shows the certificate {shown}, and {fingerprint} was paired: this is another device, or someone in between. Nothing was sent"
    elif stream.selected_alpn_protocol() != TLS_NAME:
        problem = f"it does not speak {TLS_NAME}"
    if problem:
        stream.close()
        raise ConnectionFailed(f"{where}: {problem}")
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def laptop_context(identity_folder):
    """No authority vouches for either side: the fingerprint is compared instead, after the handshake and before the first byte."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([TLS_NAME])
    certificate, key = (os.path.join(identity_folder, f"laptop.{what}.pem") for what in ("cert", "key"))
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as wrong:
        raise ConnectionFailed(f"{certificate} and {key} cannot be used ({wrong}); 'edgeroute pair HOST' makes them") from wrong
    return context
