# SPDX-License-Identifier: MIT
"""Every rule for answering neighbour discovery, checked on the frames themselves."""

import sys

from scapy.layers.inet6 import in6_chksum

from lab import tap
from lab.frames import (
    ALL_NODES,
    ALL_NODES_HARDWARE,
    Ether,
    ICMPv6ND_NA,
    ICMPv6NDOptDstLLAddr,
    IPv6,
    is_advertisement,
    solicitation,
)
from lab.scene import CLIENT_6, SERVICE_6, one_speaker
from lab.waiting import wait_for

# A solicitation that must be answered goes after each one that must not.
SENTINEL = "2001:db8::111"
# Shares the solicited-node group of the service address.
SAME_GROUP = "2001:db8:0:1::200"
ICMPV6 = 58


def answer_to(asker):
    """A predicate for the advertisements for the service address sent to one asker."""
    suits = is_advertisement(SERVICE_6)
    return lambda frame: suits(frame) and Ether(frame.data)[IPv6].dst == asker


class Ndp:
    def __init__(self, scene, host):
        self.client = scene.client
        self.capture = scene.client.capture()
        self.client_hardware = self.client.hardware_address()
        self.host_hardware = host.hardware_address()

    def ask(self, sender=CLIENT_6, target=SERVICE_6, **options):
        self.capture.send(solicitation(self.client_hardware, sender, target, **options))

    def ask_sentinel(self):
        self.ask(SENTINEL)
        self.capture.wait_for(answer_to(SENTINEL), "answer to the sentinel")

    def answered(self, **options):
        """Asks and returns the one answer."""
        self.ask(**options)
        self.capture.wait_for(answer_to(CLIENT_6), "an answer")
        self.ask_sentinel()
        (frame,) = self.capture.frames(answer_to(CLIENT_6))
        self.capture.clear()
        return frame

    def check_advertisement(self, frame, destination, solicited):
        packet = Ether(frame.data)
        header = packet[IPv6]
        advertisement = packet[ICMPv6ND_NA]
        assert packet.src == self.host_hardware, "not from the interface's own address"
        assert frame.vlan is None
        assert header.hlim == 255
        assert header.src == SERVICE_6
        assert header.dst == destination
        assert (advertisement.R, advertisement.S, advertisement.O) == (0, solicited, 1)
        assert advertisement.tgt == SERVICE_6
        assert packet[ICMPv6NDOptDstLLAddr].lladdr == self.host_hardware
        assert in6_chksum(ICMPV6, header, bytes(header.payload)) == 0, "wrong checksum"

    def check_answer(self, **options):
        frame = self.answered(**options)
        assert frame.destination == self.client_hardware, "not unicast to who asked"
        self.check_advertisement(frame, CLIENT_6, 1)

    def check_ignored(self, target=SERVICE_6, **options):
        self.ask(target=target, **options)
        self.ask_sentinel()
        suits = is_advertisement(target)
        answers = [f for f in self.capture.frames(suits) if not answer_to(SENTINEL)(f)]
        # Repeats of the announcement go to all nodes; nothing may go to the asker.
        asked = [f for f in answers if Ether(f.data)[IPv6].dst != ALL_NODES]
        assert not asked, "it was answered"
        self.capture.clear()

    def test_multicast_with_option(self):
        """a solicitation to the solicited-node group is answered: Solicited=1, Override=1"""
        self.check_answer()

    def test_multicast_without_option(self):
        """one without a source link-layer option is answered to the frame's source"""
        self.check_answer(option=False)

    def test_unicast_with_option(self):
        """a unicast solicitation to the service address is answered"""
        self.check_answer(destination=SERVICE_6, frame_destination=self.host_hardware)

    def test_unicast_without_option(self):
        """a unicast solicitation without the option is answered (reachability)"""
        self.check_answer(
            destination=SERVICE_6, frame_destination=self.host_hardware, option=False
        )

    def test_duplicate_address_detection(self):
        """one from :: gets an advertisement to all nodes with Solicited=0 (RFC 4862)"""
        self.wait_for_silence()
        self.ask("::", option=False)
        (frame,) = self.capture.wait_for(is_advertisement(SERVICE_6), "an advertisement")
        assert frame.destination == ALL_NODES_HARDWARE
        self.check_advertisement(frame, ALL_NODES, 0)
        self.capture.clear()

    def wait_for_silence(self):
        """Until the announcement and its repeats are over, 5 s after the take-over."""

        def silent():
            self.capture.clear()
            try:
                self.capture.wait_for(is_advertisement(SERVICE_6), "a repeat", seconds=1.5)
            except AssertionError:
                return True
            return False

        wait_for(silent, "end of the announcement's repeats", 15)

    def test_detection_with_option(self):
        """one from :: with a source link-layer option is ignored (RFC 4861 7.1.1)"""
        self.ask("::", option=True)
        self.ask_sentinel()
        assert len(self.capture.frames(is_advertisement(SERVICE_6))) == 1, "it was answered"
        self.capture.clear()

    def test_hop_limit(self):
        """hop limit 254 is ignored: it came through a router"""
        self.check_ignored(hop_limit=254)

    def test_checksum(self):
        """a wrong checksum is ignored"""
        self.check_ignored(checksum=0x1234)

    def test_code(self):
        """a code other than 0 is ignored"""
        self.check_ignored(code=1)

    def test_foreign_target_of_the_group(self):
        """a target not announced is ignored although it has the same group"""
        self.check_ignored(target=SAME_GROUP)

    def test_vlan(self):
        """a solicitation in a VLAN without a device is not answered"""
        self.check_ignored(vlan=10)

    def test_ndisc6(self):
        """ndisc6 resolves the address"""
        output = self.client.run("ndisc6", "-1", "-q", "-w", "3000", SERVICE_6, "eth0").stdout
        assert self.host_hardware in output.lower(), output

    def test_linux_duplicate_address_detection(self):
        """Linux, asked to take the address, finds that it is in use"""
        self.client.sysctl("net.ipv6.conf.eth0.accept_dad", 1)
        self.client.ip("address", "add", SERVICE_6 + "/128", "dev", "eth0")
        try:
            wait_for(
                lambda: "dadfailed" in self.client.ip("address", "show", "dev", "eth0").stdout,
                "duplicate found by the client",
                5,
            )
        finally:
            self.client.ip("address", "delete", SERVICE_6 + "/128", "dev", "eth0")


def main():
    tap.need_root()
    with one_speaker() as (scene, host, _):
        ndp = Ndp(scene, host)
        return tap.run(
            [
                ndp.test_multicast_with_option,
                ndp.test_multicast_without_option,
                ndp.test_unicast_with_option,
                ndp.test_unicast_without_option,
                ndp.test_duplicate_address_detection,
                ndp.test_detection_with_option,
                ndp.test_hop_limit,
                ndp.test_checksum,
                ndp.test_code,
                ndp.test_foreign_target_of_the_group,
                ndp.test_vlan,
                ndp.test_ndisc6,
                ndp.test_linux_duplicate_address_detection,
            ],
            scene.logs,
        )


sys.exit(main())
