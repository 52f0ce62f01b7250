#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks the LAN who has an address, by ARP or neighbour discovery, and tells when that changes.

    watch_answers.py INTERFACE ADDRESS [SECONDS BETWEEN QUESTIONS]

Watch a failover with it from a third host. Needs CAP_NET_RAW, and for IPv6 an address of the
interface. A question is an ARP probe (RFC 5227), which changes nobody's table, or a neighbour
solicitation (RFC 4861).
"""

import ipaddress
import socket
import struct
import sys
import time
from typing import Optional, Union

import metallb

ETH_ARP, ETH_IPV4, ETHERNET = 0x0806, 0x0800, 1
ARP_REQUEST, ARP_REPLY = 1, 2
SOLICITATION, ADVERTISEMENT = 135, 136
SOLICITED = 0x40000000
SOURCE_OPTION, TARGET_OPTION = 1, 2  # link-layer addresses, in units of 8 bytes
ICMP6_FILTER = 1
BROADCAST = b"\xff" * 6


def hardware_address(interface: str) -> bytes:
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as packets:
        packets.bind((interface, 0))
        return bytes(packets.getsockname()[4])


class Arp:
    """Questions and answers for an IPv4 address."""

    FRAME = struct.Struct("!6s6sHHHBBH6s4s6s4s")

    def __init__(self, interface: str, address: metallb.IPAddress) -> None:
        own, wanted = hardware_address(interface), address.packed
        ethernet = (BROADCAST, own, ETH_ARP)
        head = (ETHERNET, ETH_IPV4, 6, 4, ARP_REQUEST)
        self.question = self.FRAME.pack(*ethernet, *head, own, bytes(4), bytes(6), wanted)
        self.wanted = (ARP_REPLY, wanted, own)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_ARP))
        self.socket.bind((interface, ETH_ARP))

    def ask(self) -> None:
        self.socket.send(self.question)

    def answer(self, frame: bytes) -> Optional[str]:
        """The hardware address that answers for the address in this frame, if any."""
        if len(frame) < self.FRAME.size:
            return None
        operation, hardware, sender, asked_by, _ = self.FRAME.unpack_from(frame)[7:]
        return str(hardware.hex(":")) if (operation, sender, asked_by) == self.wanted else None


class Ndp:
    """The same for an IPv6 address; the kernel adds the checksum."""

    MESSAGE = struct.Struct("!BBHI16sBB6s")

    def __init__(self, interface: str, address: metallb.IPAddress) -> None:
        own, wanted = hardware_address(interface), address.packed
        head = (SOLICITATION, 0, 0, 0, wanted)
        self.question = self.MESSAGE.pack(*head, SOURCE_OPTION, 1, own)
        self.wanted = (SOLICITED, wanted, TARGET_OPTION, 1)
        # The solicited-node group of RFC 4291.
        group = ipaddress.IPv6Address(b"\xff\x02" + bytes(9) + b"\x01\xff" + wanted[13:])
        self.group = (str(group), 0, 0, socket.if_nametoindex(interface))
        icmp = socket.IPPROTO_ICMPV6
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_RAW, icmp)
        barred = [0xFFFFFFFF] * 8
        barred[ADVERTISEMENT >> 5] ^= 1 << (ADVERTISEMENT & 31)
        self.socket.setsockopt(icmp, ICMP6_FILTER, struct.pack("8I", *barred))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        # From any other number of hops nobody would answer (RFC 4861).
        self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)

    def ask(self) -> None:
        self.socket.sendto(self.question, self.group)

    def answer(self, message: bytes) -> Optional[str]:
        """The hardware address that answers for the address in this message, if any."""
        if len(message) < self.MESSAGE.size:
            return None
        flags, *told, hardware = self.MESSAGE.unpack_from(message)[3:]
        return str(hardware.hex(":")) if (flags & SOLICITED, *told) == self.wanted else None


Link = Union[Arp, Ndp]


def ask(link: Link, seconds: float) -> str:
    """Everybody who answers within some seconds: more than one is a conflict."""
    answers = set()
    deadline = time.monotonic() + seconds
    link.ask()
    while (left := deadline - time.monotonic()) > 0:
        link.socket.settimeout(left)
        try:
            answers.add(link.answer(link.socket.recv(2048)))
        except socket.timeout:
            break
    return " and ".join(sorted(filter(None, answers))) or "nobody"


def watch(link: Link, address: metallb.IPAddress, seconds: float) -> None:
    known = None
    while True:
        try:
            found = ask(link, seconds)
        except OSError as error:  # the interface is down, or has no address
            found = f"cannot ask: {error.strerror}"
            time.sleep(seconds)
        if found != known:
            print(f"{time.strftime('%H:%M:%S')} {address}: {found}", flush=True)
        known = found


def main(arguments: list[str]) -> int:
    if len(arguments) not in (2, 3):
        print("usage: watch_answers.py INTERFACE ADDRESS [SECONDS]", file=sys.stderr)
        return 2
    try:
        address = metallb.parse_address(arguments[1])
        seconds = float(arguments[2]) if len(arguments) > 2 else 1.0
        if not 0 < seconds < 3600:
            raise ValueError("the seconds must be more than 0 and less than 3600")
        ipv4 = address.version == 4
        link: Link = Arp(arguments[0], address) if ipv4 else Ndp(arguments[0], address)
        watch(link, address, seconds)
    except (ValueError, OSError) as error:
        print(f"watch_answers.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
