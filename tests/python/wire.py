# SPDX-License-Identifier: MIT
"""A network namespace of this process alone, with a cable whose other end the tests hold."""

import ctypes
import fcntl
import os
import socket
import struct
import time

import pytest
from support import run

_CLONE_NEWNET = 0x40000000
_SIOCGIFHWADDR = 0x8927
OURS, THEIRS = "mlb0", "mlb1"
STRANGER = "02:00:5e:10:20:30"
_BROADCAST = b"\xff" * 6
_ARP = 0x0806


def enter_own_namespace():
    """Moves this process into a new network namespace with one cable; skips without the right."""
    if os.geteuid() != 0:
        pytest.skip("needs root to make network namespaces")
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_CLONE_NEWNET) != 0:
        pytest.skip(f"cannot make a network namespace: {os.strerror(ctypes.get_errno())}")
    ip("link", "set", "lo", "up")
    ip("link", "add", OURS, "type", "veth", "peer", "name", THEIRS)
    for name in (OURS, THEIRS):
        ip("link", "set", name, "up")


def ip(*arguments):
    done = run("ip", *arguments)
    assert done.returncode == 0, done.stderr


def hardware_address(name):
    # /sys still shows the namespace of before.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("256s", name.encode())
        return fcntl.ioctl(any_socket, _SIOCGIFHWADDR, request)[18:24].hex(":")


class Cable:
    """The other end of the cable."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ARP))
        self.socket.bind((THEIRS, _ARP))
        # As another host: this one would neither answer itself nor complain about itself.
        self.hardware = bytes.fromhex(STRANGER.replace(":", ""))

    def close(self):
        self.socket.close()

    def send_arp(self, operation, sender, target, destination=_BROADCAST):
        head = struct.pack("!HHHBBH", _ARP, 1, 0x0800, 6, 4, operation)
        body = self.hardware + socket.inet_aton(sender) + bytes(6) + socket.inet_aton(target)
        self.socket.send(destination + self.hardware + head + body)

    def ask(self, target, sender="192.0.2.100"):
        self.send_arp(1, sender, target)

    def answers(self):
        """(operation, sender's hardware address, sender) of the ARP frames that came so far."""
        while True:
            try:
                frame, origin = self.socket.recvfrom(2048, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            if origin[2] != socket.PACKET_OUTGOING:
                operation = struct.unpack("!H", frame[20:22])[0]
                yield operation, frame[22:28].hex(":"), socket.inet_ntoa(frame[28:32])


def collect(announcer, cable, seconds, enough=lambda frames: False):
    """Lets the announcer work and returns what came over the cable."""
    frames = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not enough(frames):
        announcer.wait(0.02)
        frames += cable.answers()
    return frames
