# SPDX-License-Identifier: MIT
"""A thousand addresses announced at once."""

import ipaddress
import socket
import struct
import sys

from lab import tap
from lab.frames import (
    ALL_NODES_HARDWARE,
    BROADCAST,
    REPLY,
    arp_request,
    is_advertisement,
    is_arp,
    solicitation,
    solicited_node,
)
from lab.manifests import advertisement, endpoint_slice, node, pool, service
from lab.scene import CLIENT_4, CLIENT_6, scene
from lab.waiting import wait_for

COUNT_4 = 700
COUNT_6 = 300
# One set of each address: two frames for IPv4, one for IPv6.
FIRST_FRAMES = 2 * COUNT_4 + COUNT_6
BURST = 64
RATE = 1000
# Frames that a late process may send at once to catch up with the pace.
SLACK = 40

ADDRESSES_4 = [str(ipaddress.IPv4Address("198.51.0.0") + n) for n in range(COUNT_4)]
ADDRESSES_6 = [str(ipaddress.IPv6Address("2001:db8:1::") + n) for n in range(1, COUNT_6 + 1)]


def objects():
    made = [
        node("a"),
        pool("ipv4", "198.51.0.0/16"),
        pool("ipv6", "2001:db8:1::/64"),
        advertisement(),
    ]
    for number, address in enumerate(ADDRESSES_4 + ADDRESSES_6):
        made += [service(f"s{number}", address), endpoint_slice(f"s{number}", "a")]
    return made


def announced(frame):
    """The address and form that an unasked frame announces, or None; fast, without scapy."""
    data = frame.data
    if frame.kind == 0x0806 and frame.destination == BROADCAST and data[28:32] == data[38:42]:
        operation = struct.unpack("!H", data[20:22])[0]
        return socket.inet_ntop(socket.AF_INET, data[28:32]), operation
    if frame.kind == 0x86DD and frame.destination == ALL_NODES_HARDWARE and data[54] == 136:
        return socket.inet_ntop(socket.AF_INET6, data[62:78]), 0
    return None


class Scale:
    def __init__(self, made):
        self.client = made.client
        self.capture = made.client.capture()
        self.hardware = made.client.hardware_address()
        self.host = made.add_host("a", 1)
        self.speaker = made.add_speaker(self.host, objects())
        self.wanted = set(ADDRESSES_4 + ADDRESSES_6)

    def sequence(self):
        """(time, announced) of each unasked frame for our addresses, in order."""
        seen = [(frame.at, announced(frame)) for frame in self.capture.frames()]
        return [(at, what) for at, what in seen if what and what[0] in self.wanted]

    def test_all_announced(self):
        """every address is announced in every form"""
        wait_for(
            lambda: len({what for _, what in self.sequence()}) == FIRST_FRAMES,
            f"{FIRST_FRAMES} different frames",
            30,
            pause=0.5,
        )

    def test_first_frames_first(self):
        """the first frames of every address come before any repeat"""
        first = [what for _, what in self.sequence()[:FIRST_FRAMES]]
        assert len(set(first)) == FIRST_FRAMES, "a repeat came before a first frame"

    def test_pace(self):
        """at no time more than 64 frames at once and 1 000 a second"""
        times = [at for at, _ in self.sequence()]
        # A token bucket: sent by any moment, counted from any earlier one.
        level, worst = 0.0, 0.0
        for earlier, at in zip([times[0], *times], times):
            level = max(0.0, level - (at - earlier) * RATE) + 1
            worst = max(worst, level)
        assert worst <= BURST + SLACK, f"{worst:.0f} frames above the pace"

    def test_answers(self):
        """addresses from the whole range are answered"""
        self.capture.clear()
        for address in ADDRESSES_4[:: COUNT_4 // 10]:
            self.capture.send(arp_request(self.hardware, CLIENT_4, address))
            self.capture.wait_for(is_arp(REPLY, address, CLIENT_4), f"reply for {address}")
        for address in ADDRESSES_6[:: COUNT_6 // 10]:
            self.capture.send(solicitation(self.hardware, CLIENT_6, address))
            suits = is_advertisement(address)
            self.capture.wait_for(
                lambda frame, suits=suits: frame.destination == self.hardware and suits(frame),
                f"advertisement for {address}",
            )

    def test_foreign(self):
        """an address between them that is not announced is not answered"""
        self.capture.send(arp_request(self.hardware, CLIENT_4, "198.51.200.1"))
        self.capture.send(arp_request(self.hardware, "192.0.2.111", ADDRESSES_4[0]))
        self.capture.wait_for(is_arp(REPLY, ADDRESSES_4[0], "192.0.2.111"), "the sentinel")
        assert not self.capture.frames(is_arp(REPLY, "198.51.200.1"))

    def test_groups(self):
        """the solicited-node group of every address is joined"""
        joined = self.host.run("ip", "-6", "maddress", "show", "dev", "eth0").stdout.split()
        missing = [a for a in ADDRESSES_6 if solicited_node(a) not in joined]
        assert not missing, f"{len(missing)} groups are missing"

    def test_groups_on_later_interface(self):
        """they are joined on an interface that appears later, too"""
        self.client.lab.add_link(self.host, "eth1", "p-a-second")

        def missing():
            joined = self.host.run("ip", "-6", "maddress", "show", "dev", "eth1").stdout.split()
            return [a for a in ADDRESSES_6 if solicited_node(a) not in joined]

        wait_for(lambda: not missing(), "all groups on the new interface", 10)

    def test_withdrawn(self):
        """all are given up together when the services go"""
        # The first service, behind the node, the pools and the advertisement, stays.
        self.speaker.apply(objects()[:6])
        self.speaker.wait_silent(ADDRESSES_4[-1], seconds=10)
        wait_for(
            lambda: solicited_node(ADDRESSES_6[-1])
            not in self.host.run("ip", "-6", "maddress", "show", "dev", "eth0").stdout.split(),
            "the groups are left",
        )
        assert self.speaker.announces(ADDRESSES_4[0])


def main():
    tap.need_root()
    with scene() as made:
        scale = Scale(made)
        return tap.run(
            [
                scale.test_all_announced,
                scale.test_first_frames_first,
                scale.test_pace,
                scale.test_answers,
                scale.test_foreign,
                scale.test_groups,
                scale.test_groups_on_later_interface,
                scale.test_withdrawn,
            ],
            made.logs,
        )


sys.exit(main())
