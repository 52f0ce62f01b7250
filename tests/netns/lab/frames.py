# SPDX-License-Identifier: MIT
"""Building and reading frames of ARP and neighbour discovery with scapy."""

import socket

from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)
from scapy.layers.l2 import ARP, Dot1Q, Ether
from scapy.utils6 import in6_getnsma, in6_getnsmac, in6_ptop

BROADCAST = "ff:ff:ff:ff:ff:ff"
ALL_NODES = "ff02::1"
ALL_NODES_HARDWARE = "33:33:00:00:00:01"
ZERO_HARDWARE = "00:00:00:00:00:00"
REQUEST = 1
REPLY = 2


def solicited_node(address):
    """The solicited-node group of an address, as text."""
    packed = in6_getnsma(socket.inet_pton(socket.AF_INET6, address))
    return socket.inet_ntop(socket.AF_INET6, packed)


def solicited_node_hardware(address):
    return in6_getnsmac(in6_getnsma(socket.inet_pton(socket.AF_INET6, address)))


def arp_request(hardware, sender, target, destination=BROADCAST, operation=REQUEST, vlan=None):
    frame = Ether(src=hardware, dst=destination)
    if vlan is not None:
        frame /= Dot1Q(vlan=vlan)
    frame /= ARP(op=operation, hwsrc=hardware, psrc=sender, hwdst=ZERO_HARDWARE, pdst=target)
    return bytes(frame).ljust(60, b"\0")


def solicitation(
    hardware,
    sender,
    target,
    destination=None,
    frame_destination=None,
    option=True,
    hop_limit=255,
    checksum=None,
    code=0,
    vlan=None,
):
    """A neighbour solicitation; by default as RFC 4861 wants it, to the solicited-node group."""
    destination = destination or solicited_node(target)
    frame_destination = frame_destination or solicited_node_hardware(target)
    frame = Ether(src=hardware, dst=frame_destination)
    if vlan is not None:
        frame /= Dot1Q(vlan=vlan)
    frame /= IPv6(src=sender, dst=destination, hlim=hop_limit)
    frame /= ICMPv6ND_NS(tgt=target, code=code)
    if option:
        frame /= ICMPv6NDOptSrcLLAddr(lladdr=hardware)
    if checksum is not None:
        frame[ICMPv6ND_NS].cksum = checksum
    return bytes(frame)


def advertisement(hardware, sender, target, destination=ALL_NODES, solicited=0):
    frame = Ether(src=hardware, dst=ALL_NODES_HARDWARE)
    frame /= IPv6(src=sender, dst=destination, hlim=255)
    frame /= ICMPv6ND_NA(R=0, S=solicited, O=1, tgt=target)
    frame /= ICMPv6NDOptDstLLAddr(lladdr=hardware)
    return bytes(frame)


def is_arp(operation, sender=None, target=None, hardware=None):
    """A predicate for captured frames."""

    def suits(frame):
        if frame.kind != 0x0806:
            return False
        arp = Ether(frame.data)[ARP]
        return (
            arp.op == operation
            and (sender is None or arp.psrc == sender)
            and (target is None or arp.pdst == target)
            and (hardware is None or frame.source == hardware)
        )

    return suits


def is_advertisement(target, hardware=None):
    """A predicate for captured neighbour advertisements for an address."""
    target = in6_ptop(target)

    def suits(frame):
        # The type is looked at first: scapy takes a while for each frame.
        if frame.kind != 0x86DD or frame.data[54:55] != b"\x88":
            return False
        if hardware is not None and frame.source != hardware:
            return False
        return Ether(frame.data)[ICMPv6ND_NA].tgt == target

    return suits


__all__ = [
    "ALL_NODES",
    "ALL_NODES_HARDWARE",
    "ARP",
    "BROADCAST",
    "Ether",
    "ICMPv6ND_NA",
    "ICMPv6NDOptDstLLAddr",
    "IPv6",
    "REPLY",
    "REQUEST",
    "ZERO_HARDWARE",
    "advertisement",
    "arp_request",
    "is_advertisement",
    "is_arp",
    "solicitation",
    "solicited_node",
    "solicited_node_hardware",
]
