# SPDX-License-Identifier: MIT
"""Others that claim an announced address are noticed, and announcing goes on."""

import sys

from scapy.layers.inet import IP
from scapy.layers.l2 import Ether
from scapy.layers.vrrp import VRRP

from lab import tap
from lab.frames import BROADCAST, REPLY, advertisement, arp_request
from lab.scene import SERVICE_4, SERVICE_6, one_speaker
from lab.waiting import wait_for

VRRP_GROUP = "224.0.0.18"
VRRP_HARDWARE = "01:00:5e:00:00:12"
OTHER_4 = "192.0.2.201"


class Events:
    def __init__(self, scene, host, speaker):
        self.client = scene.client
        self.host = host
        self.speaker = speaker
        self.capture = scene.client.capture()
        self.hardware = scene.client.hardware_address()

    def conflicts(self, address):
        return self.speaker.address(address)["counters"]["conflicts"]

    def check_conflict(self, address, frame):
        before = self.conflicts(address)
        self.capture.send(frame)
        wait_for(lambda: self.conflicts(address) == before + 1, "conflict counted")
        wait_for(lambda: self.logged(address, self.hardware), "conflict logged with who claims it")
        assert self.speaker.announces(address)

    def logged(self, *texts):
        """Whether one log line has all the texts."""
        lines = self.speaker.process.log().lower().splitlines()
        return any(all(text.lower() in line for text in texts) for line in lines)

    def test_gratuitous_request(self):
        """another host's gratuitous ARP request is a conflict"""
        self.check_conflict(SERVICE_4, arp_request(self.hardware, SERVICE_4, SERVICE_4))

    def test_reply(self):
        """another host's ARP reply is a conflict"""
        self.check_conflict(
            SERVICE_4,
            arp_request(self.hardware, SERVICE_4, "192.0.2.1", BROADCAST, operation=REPLY),
        )

    def test_advertisement(self):
        """another host's neighbour advertisement is a conflict"""
        self.check_conflict(SERVICE_6, advertisement(self.hardware, SERVICE_6, SERVICE_6))

    def test_probe_is_none(self):
        """a probe is not a conflict"""
        before = self.conflicts(SERVICE_4)
        self.capture.send(arp_request(self.hardware, "0.0.0.0", SERVICE_4))
        self.client.run("arping", "-c1", "-w3", "-I", "eth0", SERVICE_4)
        assert self.conflicts(SERVICE_4) == before

    def advertise_vrrp(self, address):
        frame = Ether(src=self.hardware, dst=VRRP_HARDWARE)
        frame /= IP(src="192.0.2.100", dst=VRRP_GROUP, ttl=255, proto=112)
        frame /= VRRP(version=2, vrid=51, priority=100, addrlist=[address])
        self.capture.send(bytes(frame))

    def test_vrrp(self):
        """a VRRP advertisement that names the address is logged with its sender"""
        self.advertise_vrrp(SERVICE_4)
        wait_for(lambda: self.logged("vrrp", SERVICE_4, "192.0.2.100"), "VRRP logged")
        assert self.speaker.announces(SERVICE_4)

    def test_foreign_vrrp(self):
        """one that names other addresses is not"""
        self.advertise_vrrp(OTHER_4)
        self.advertise_vrrp(SERVICE_4)
        wait_for(lambda: self.logged("vrrp", SERVICE_4), "VRRP logged")
        assert not self.logged("vrrp", OTHER_4)

    def test_local_address(self):
        """the address set on a local interface by another's hand is logged"""
        self.host.ip("address", "add", SERVICE_4 + "/32", "dev", "eth0")
        wait_for(lambda: self.logged(SERVICE_4, "stands on eth0"), "local address logged")
        assert self.speaker.announces(SERVICE_4)
        assert SERVICE_4 in self.host.addresses("eth0"), "it is not ours to remove"
        self.host.ip("address", "delete", SERVICE_4 + "/32", "dev", "eth0")

    def add_bridge_with_the_address(self, name):
        self.host.ip("link", "add", name, "type", "bridge")
        self.host.ip("address", "add", SERVICE_4 + "/32", "dev", name)

    def test_address_of_a_service_proxy(self):
        """on kube-ipvs0 it is no other's: a service proxy holds it there"""
        self.add_bridge_with_the_address("kube-ipvs0")
        self.add_bridge_with_the_address("other0")
        wait_for(lambda: self.logged(SERVICE_4, "stands on other0"), "local address logged")
        assert not self.logged("stands on kube-ipvs0")


def main():
    tap.need_root()
    with one_speaker() as (scene, host, speaker):
        events = Events(scene, host, speaker)
        return tap.run(
            [
                events.test_gratuitous_request,
                events.test_reply,
                events.test_advertisement,
                events.test_probe_is_none,
                events.test_vrrp,
                events.test_foreign_vrrp,
                events.test_local_address,
                events.test_address_of_a_service_proxy,
            ],
            scene.logs,
        )


sys.exit(main())
