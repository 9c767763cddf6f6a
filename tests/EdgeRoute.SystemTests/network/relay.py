"""Passes connections on, for who cannot enter a network namespace itself, and keeps what each client said.

usage: relay.py LISTEN TARGET [CAPTURE]
LISTEN and TARGET: HOST:PORT, or a path of a Unix socket. CAPTURE: a file that gets what the last client said, whole once its connection is over.
Prints "ready" once it listens. A connection that the target refuses is closed at once.
"""
import os
import socket
import sys
import threading


def address_of(text):
    if "/" in text:
        return socket.AF_UNIX, text
    host, port = text.rsplit(":", 1)
    return socket.AF_INET, (host, int(port))


def carry(source, sink, said):
    try:
        while data := source.recv(65536):
            if said is not None:
                said.extend(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # It is gone already.


def serve(client, target, capture):
    family, address = target
    device = socket.socket(family)
    said = bytearray()
    try:
        device.connect(address)
        back = threading.Thread(target=carry, args=(device, client, None), daemon=True)
        back.start()
        carry(client, device, said)
        back.join()
    except OSError:
        pass  # The client sees its connection closed, which is what happened.
    finally:
        client.close()
        device.close()
        if capture is not None:
            with open(capture + ".part", "wb") as file:
                file.write(said)
            os.replace(capture + ".part", capture)


def main():
    family, address = address_of(sys.argv[1])
    target, capture = address_of(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None
    door = socket.socket(family)
    if family == socket.AF_INET:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind(address)
    door.listen()
    print("ready", flush=True)
    while True:
        client, _ = door.accept()
        threading.Thread(target=serve, args=(client, target, capture), daemon=True).start()


main()
