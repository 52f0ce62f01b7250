# SPDX-License-Identifier: MIT
"""Frames seen on an interface, stamped by the kernel, and frames sent as they are."""

import select
import socket
import struct
import time

from lab.namespace import open_socket

_ETH_P_ALL = 3
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_SOL_PACKET = 263
_PACKET_AUXDATA = 8
_TP_STATUS_VLAN_VALID = 1 << 4
_PACKET_OUTGOING = 4
_BUFFER = 32 * 1024 * 1024


class Frame:
    """One frame: bytes with the Ethernet header, time in seconds, VLAN number or None."""

    def __init__(self, data, at, outgoing, vlan):
        self.data = data
        self.at = at
        self.outgoing = outgoing
        self.vlan = vlan

    @property
    def destination(self):
        return self.data[0:6].hex(":")

    @property
    def source(self):
        return self.data[6:12].hex(":")

    @property
    def kind(self):
        return struct.unpack("!H", self.data[12:14])[0]

    def __repr__(self):
        return f"<{self.at:.6f} {self.data.hex()}>"


class Capture:
    """Listens from the moment it is made; the kernel keeps the frames until they are asked for."""

    def __init__(self, namespace, interface):
        self._socket = open_socket(namespace, socket.AF_PACKET, socket.SOCK_RAW)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
        self._socket.bind((interface, _ETH_P_ALL))
        self._frames = []

    def close(self):
        self._socket.close()

    def send(self, data):
        """Sends a frame, Ethernet header included, out of the interface."""
        self._socket.send(data)

    def clear(self):
        """Forgets what was seen so far."""
        self._drain()
        self._frames = []

    def frames(self, predicate=lambda frame: True):
        """The frames seen until now that suit."""
        self._drain()
        return [frame for frame in self._frames if predicate(frame)]

    def wait_for(self, predicate, what, count=1, seconds=3.0):
        """The first `count` frames that suit, as soon as they are there."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.frames(predicate)
            if len(found) >= count:
                return found[:count]
            left = deadline - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{len(found)} of {count} frames within {seconds:g} s: {what}")
            select.select([self._socket], [], [], left)

    def _drain(self):
        while True:
            try:
                data, ancillary, _, address = self._socket.recvmsg(65536, 512)
            except BlockingIOError:
                return
            stamp, vlan = _read_ancillary(ancillary)
            self._frames.append(Frame(data, stamp, address[2] == _PACKET_OUTGOING, vlan))


def _read_ancillary(ancillary):
    stamp, vlan = 0.0, None
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            stamp = seconds + nanoseconds / 1e9
        elif level == _SOL_PACKET and kind == _PACKET_AUXDATA:
            status, _, _, _, _, tag, _ = struct.unpack("IIIHHHH", data[:20])
            if status & _TP_STATUS_VLAN_VALID:
                vlan = tag & 0xFFF
    return stamp, vlan
