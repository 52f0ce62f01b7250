#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks the LAN by ARP who has an IPv4 address and tells each time that the answer changes.

    watch_answers.py INTERFACE ADDRESS [SECONDS BETWEEN QUESTIONS]

Watch a failover with it from a third host. Needs CAP_NET_RAW. A question is an ARP probe
(RFC 5227), which changes nobody's table.
"""

import ipaddress
import socket
import struct
import sys
import time
from typing import Optional

import metallb

ARP, IPV4, ETHERNET = 0x0806, 0x0800, 1
REQUEST, REPLY = 1, 2
BROADCAST = b"\xff" * 6
HEAD = struct.Struct("!6s6sHHHBBH6s4s6s4s")


def question(own: bytes, address: metallb.IPAddress) -> bytes:
    return HEAD.pack(
        BROADCAST, own, ARP, ETHERNET, IPV4, 6, 4, REQUEST, own, bytes(4), bytes(6), address.packed
    )


def answer(frame: bytes, address: metallb.IPAddress) -> Optional[str]:
    """The hardware address that answers for the address in this frame, if any."""
    if len(frame) < HEAD.size:
        return None
    fields = HEAD.unpack_from(frame)
    operation, hardware, sender = fields[7:10]
    if operation != REPLY or sender != address.packed:
        return None
    return str(hardware.hex(":"))


def ask(packets: socket.socket, address: metallb.IPAddress, seconds: float) -> set[str]:
    """Everybody who answers within some seconds: more than one is a conflict."""
    packets.send(question(packets.getsockname()[4], address))
    answers = set()
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        packets.settimeout(left)
        try:
            found = answer(packets.recv(2048), address)
        except socket.timeout:
            break
        if found:
            answers.add(found)
    return answers


def watch(interface: str, address: metallb.IPAddress, seconds: float) -> None:
    known: Optional[set[str]] = None
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ARP)) as packets:
        packets.bind((interface, ARP))
        while True:
            answers = ask(packets, address, seconds)
            if answers != known:
                who = " and ".join(sorted(answers)) or "nobody"
                print(f"{time.strftime('%H:%M:%S')} {address}: {who}", flush=True)
            known = answers


def main(arguments: list[str]) -> int:
    if len(arguments) not in (2, 3):
        print("usage: watch_answers.py INTERFACE ADDRESS [SECONDS]", file=sys.stderr)
        return 2
    try:
        address = metallb.parse_address(arguments[1])
        seconds = float(arguments[2]) if len(arguments) > 2 else 1.0
        if not isinstance(address, ipaddress.IPv4Address) or seconds <= 0:
            raise ValueError("an IPv4 address and a positive number of seconds are needed")
        watch(arguments[0], address, seconds)
    except (ValueError, OSError) as error:
        print(f"watch_answers.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
