# SPDX-License-Identifier: MIT
"""Answers UDP requests of both families from the address that they came to, with the host's name.

Usage: echo_server.py HOST PORT
"""

import select
import socket
import struct
import sys

_IP_PKTINFO = 8  # not in Python's socket module before 3.14
_BUFFER = 1024 * 1024
_BATCH = 64


def open_socket(family, port):
    """A socket on every address of the host that tells to which of them a request came."""
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    if family == socket.AF_INET6:
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        udp.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
    udp.setblocking(False)
    udp.bind(("", port))
    return udp


def source_of_answer(ancillary):
    """The ancillary data that makes an answer leave from the address that was asked."""
    for level, kind, data in ancillary:
        if level == socket.IPPROTO_IP and kind == _IP_PKTINFO:
            # Its third field is the address asked; as the second it is the source to send from.
            # The interface stays open: the way back is the routes' to say.
            return [(level, kind, struct.pack("I4s4s", 0, data[8:12], bytes(4)))]
        if level == socket.IPPROTO_IPV6 and kind == socket.IPV6_PKTINFO:
            return [(level, kind, data[:16] + struct.pack("I", 0))]
    return []


def answer(udp, name):
    """Answers what has come, but not so much at once that the other family has to wait."""
    for _ in range(_BATCH):
        try:
            data, ancillary, _, client = udp.recvmsg(2048, 128)
        except BlockingIOError:
            return
        try:
            udp.sendmsg([data, name], source_of_answer(ancillary), 0, client)
        except OSError:
            pass  # the address has just left this host, or the client is out of reach


def main(host, port):
    sockets = [open_socket(family, int(port)) for family in (socket.AF_INET, socket.AF_INET6)]
    while True:
        for udp in select.select(sockets, [], [])[0]:
            answer(udp, host.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
