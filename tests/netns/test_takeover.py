# SPDX-License-Identifier: MIT
"""What the LAN is told when an address changes hands, and that it is told nothing otherwise."""

import sys
import time

from lab import tap
from lab.frames import (
    ALL_NODES,
    ALL_NODES_HARDWARE,
    ARP,
    BROADCAST,
    REPLY,
    REQUEST,
    ZERO_HARDWARE,
    Ether,
    ICMPv6ND_NA,
    ICMPv6NDOptDstLLAddr,
    IPv6,
    is_advertisement,
    is_arp,
)
from lab.manifests import endpoint_slice, node, service
from lab.scene import SERVICE_4, SERVICE_6, lan, scene, two_services
from lab.waiting import wait_for

TIMES = (0.0, 1.1, 2.2, 3.3, 4.4)
# The kernel of a busy machine may wake a process late.
TOLERANCE = 0.3
OTHER_4 = "192.0.2.205"
SLOW_4 = "192.0.2.206"
OTHER_6 = "2001:db8::205"
NEW_HARDWARE = "02:00:5e:10:20:30"


def gratuitous(operation, address):
    """A predicate: an ARP frame of this form, sender and target the address itself."""
    suits = is_arp(operation, address, address)
    return lambda frame: suits(frame) and frame.destination == BROADCAST


def unasked(address):
    """A predicate: a neighbour advertisement to all nodes."""
    suits = is_advertisement(address)
    return lambda frame: suits(frame) and frame.destination == ALL_NODES_HARDWARE


def any_unasked(frame):
    return any(
        suits(frame)
        for suits in (
            gratuitous(REQUEST, SERVICE_4),
            gratuitous(REPLY, SERVICE_4),
            unasked(SERVICE_6),
        )
    )


def restricted(objects, *interfaces):
    """The objects, announced on the named interfaces only."""
    spec = {"interfaces": list(interfaces)}
    return [{**one, "spec": spec} if one["kind"] == "L2Advertisement" else one for one in objects]


class Takeover:
    def __init__(self, made):
        self.made = made
        self.host = made.add_host("a", 1)
        self.hardware = self.host.hardware_address()
        self.capture = made.client.capture()
        self.speaker = made.add_speaker(self.host, two_services("a"))
        self.client = made.client

    def wait_sets(self, count):
        """Waits for the sets of both addresses, and for what would come after the last one."""
        for suits in (
            gratuitous(REQUEST, SERVICE_4),
            gratuitous(REPLY, SERVICE_4),
            unasked(SERVICE_6),
        ):
            self.capture.wait_for(suits, f"{count} announcements", count, seconds=8)

    def check_times(self, suits):
        frames = self.capture.frames(suits)
        times = [frame.at - frames[0].at for frame in frames]
        assert len(times) == len(TIMES), f"announced at {times}"
        for seen, wanted in zip(times, TIMES):
            assert abs(seen - wanted) < TOLERANCE, f"announced at {times}"

    def test_times(self):
        """each form goes out at 0, 1.1, 2.2, 3.3 and 4.4 s, then no more"""
        self.wait_sets(len(TIMES))
        # A sixth set would come 1.1 s after the fifth.
        time.sleep(1.1 + TOLERANCE)
        self.check_times(gratuitous(REQUEST, SERVICE_4))
        self.check_times(gratuitous(REPLY, SERVICE_4))
        self.check_times(unasked(SERVICE_6))

    def test_request_form(self):
        """request form: target hardware zero, sender and target the address"""
        self.check_arp(REQUEST, ZERO_HARDWARE)

    def test_reply_form(self):
        """reply form: target hardware equal to the sender's"""
        self.check_arp(REPLY, self.hardware)

    def check_arp(self, operation, target_hardware):
        for frame in self.capture.frames(gratuitous(operation, SERVICE_4)):
            ethernet = Ether(frame.data)
            arp = ethernet[ARP]
            assert len(frame.data) >= 60
            assert ethernet.src == arp.hwsrc == self.hardware
            assert arp.hwdst == target_hardware, arp.hwdst
            assert (arp.hwtype, arp.ptype, arp.hwlen, arp.plen) == (1, 0x0800, 6, 4)

    def test_unsolicited_advertisement(self):
        """unsolicited advertisement: to all nodes, Solicited=0, Override=1, link-layer option"""
        for frame in self.capture.frames(unasked(SERVICE_6)):
            packet = Ether(frame.data)
            advertisement = packet[ICMPv6ND_NA]
            assert packet.src == self.hardware
            assert (packet[IPv6].src, packet[IPv6].dst) == (SERVICE_6, ALL_NODES)
            assert packet[IPv6].hlim == 255
            assert (advertisement.R, advertisement.S, advertisement.O) == (0, 0, 1)
            assert packet[ICMPv6NDOptDstLLAddr].lladdr == self.hardware

    def test_nothing_for_the_others(self):
        """a new service is announced, the addresses that did not change hands are not"""
        self.capture.clear()
        self.speaker.apply(
            two_services("a")
            + [
                service("new", OTHER_4, port=82),
                endpoint_slice("new", "a"),
                service("newer", OTHER_6, port=83),
                endpoint_slice("newer", "a"),
            ]
        )
        self.capture.wait_for(gratuitous(REPLY, OTHER_4), "two sets of the new one", 2)
        self.capture.wait_for(unasked(OTHER_6), "two sets of the newer one", 2)
        assert not self.capture.frames(any_unasked), "an old address was announced again"

    def test_nothing_for_touched_manifests(self):
        """manifests written again without a change make no frame"""
        # The services of the test before go, so that nothing else is being announced.
        self.speaker.apply(two_services("a"))
        self.speaker.wait_silent(OTHER_4)
        self.speaker.wait_silent(OTHER_6)
        self.capture.clear()
        for _ in range(3):
            self.speaker.apply(two_services("a"))
            time.sleep(0.5)
        sent = self.capture.frames(lambda frame: frame.source == self.hardware)
        sent = [f for f in sent if any_unasked(f) or gratuitous(REPLY, OTHER_4)(f)]
        assert not sent, sent

    def test_nothing_for_edited_services(self):
        """services that are edited and keep their addresses make no frame"""
        objects = two_services("a")
        for one in objects:
            if one["kind"] == "Service":
                one["metadata"]["labels"] = {"edited": "yes"}
                one["spec"]["ports"][0]["port"] += 1000
        # What is new and told shows that the edited ones were read.
        objects += [service("new", OTHER_4, port=82), endpoint_slice("new", "a")]
        self.capture.clear()
        self.speaker.apply(objects)
        self.capture.wait_for(gratuitous(REPLY, OTHER_4), "two sets of the new one", 2)
        assert not self.capture.frames(any_unasked), "an edited one was announced again"

    def test_more_interfaces(self):
        """where the list of interfaces grows, only the new interface is told"""
        self.speaker.apply(restricted(two_services("a"), "eth0"))
        self.speaker.wait_silent(OTHER_4)
        self.host.lab.add_link(self.host, "eth1", "p-a-second")
        wait_for(lambda: (self.speaker.interface("eth1") or {}).get("usable"), "eth1 is usable")
        self.capture.clear()
        self.speaker.apply(restricted(two_services("a"), "eth0", "eth1"))
        second = self.host.hardware_address("eth1")
        for suits in (gratuitous(REPLY, SERVICE_4), unasked(SERVICE_6)):
            self.capture.wait_for(suits, "two sets on the new interface", 2)
            assert {frame.source for frame in self.capture.frames(suits)} == {second}
        self.host.ip("link", "delete", "eth1")
        wait_for(lambda: self.speaker.interface("eth1") is None, "eth1 is no longer listed")

    def test_link_flap(self):
        """a link that went down and up is announced on again"""
        self.capture.clear()
        self.host.ip("link", "set", "eth0", "down")
        self.speaker.wait_silent(SERVICE_4)
        assert not self.capture.frames(any_unasked)
        self.host.ip("link", "set", "eth0", "up")
        # All of them, so that the next test does not see a repeat.
        self.wait_sets(len(TIMES))

    def test_hardware_address_change(self):
        """a changed hardware address is announced at once, and answered with"""
        self.client.run("ping", "-c1", "-W2", SERVICE_4)
        self.capture.clear()
        self.host.ip("link", "set", "eth0", "address", NEW_HARDWARE)
        for suits in (
            is_arp(REQUEST, SERVICE_4, SERVICE_4, NEW_HARDWARE),
            is_arp(REPLY, SERVICE_4, SERVICE_4, NEW_HARDWARE),
            is_advertisement(SERVICE_6, NEW_HARDWARE),
        ):
            (frame,) = self.capture.wait_for(suits, "announcement of the new address")
            assert bytes.fromhex(NEW_HARDWARE.replace(":", "")) in frame.data[14:]
        output = self.client.run("arping", "-c1", "-w3", "-I", "eth0", SERVICE_4).stdout
        assert NEW_HARDWARE.upper() in output, output
        entry = self.client.ip("neigh", "show", "to", SERVICE_4).stdout
        assert NEW_HARDWARE in entry, entry

    def test_refresh(self):
        """with --refresh-seconds a speaker goes on announcing at that pace"""
        host = self.made.add_host("b", 2)
        objects = lan(node("b"), service("slow", SLOW_4), endpoint_slice("slow", "b"))
        suits = gratuitous(REPLY, SLOW_4)
        self.made.add_speaker(host, objects, ["--refresh-seconds", "2"])
        frames = self.capture.wait_for(suits, "repeats and two refreshes", len(TIMES) + 2, 15)
        times = [frame.at - frames[0].at for frame in frames]
        for seen, wanted in zip(times, (*TIMES, 6.4, 8.4)):
            assert abs(seen - wanted) < TOLERANCE, f"announced at {times}"


def main():
    tap.need_root()
    with scene() as made:
        takeover = Takeover(made)
        return tap.run(
            [
                takeover.test_times,
                takeover.test_request_form,
                takeover.test_reply_form,
                takeover.test_unsolicited_advertisement,
                takeover.test_nothing_for_the_others,
                takeover.test_nothing_for_touched_manifests,
                takeover.test_nothing_for_edited_services,
                takeover.test_more_interfaces,
                takeover.test_link_flap,
                takeover.test_hardware_address_change,
                takeover.test_refresh,
            ],
            made.logs,
        )


sys.exit(main())
