"""A bad link between two network namespaces, for kernels without netem: two TUN interfaces, and every packet between them is late by the delay or, now and then, lost.

usage: bad_link.py NAME_A NAME_B DELAY_MS LOSS_PERCENT
Prints "ready" once both interfaces exist; their owner then moves them into the namespaces. Ends when its standard input is closed.
"""
import collections
import fcntl
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
PACKET_BYTES = 65536


def open_tun(name):
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


def write(descriptor, packet):
    try:
        os.write(descriptor, packet)
    except OSError:
        pass  # The other end is not up yet, or is full: a packet is lost, as on any link.


def main():
    ends = [open_tun(name) for name in sys.argv[1:3]]
    delay_s, loss = float(sys.argv[3]) / 1000, float(sys.argv[4]) / 100
    chance = random.Random(1)
    waiting = collections.deque()  # The delay is the same for all, so they come due in the order they came.
    carried = lost = 0
    print("ready", flush=True)
    while True:
        due_s = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([*ends, sys.stdin], [], [], due_s)
        if sys.stdin in readable:
            break
        for descriptor in readable:
            packet = os.read(descriptor, PACKET_BYTES)
            if chance.random() < loss:
                lost += 1
                continue
            waiting.append((time.monotonic() + delay_s, ends[1 - ends.index(descriptor)], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, descriptor, packet = waiting.popleft()
            write(descriptor, packet)
            carried += 1
    print(f"carried {carried} lost {lost}", flush=True)


main()
