# SPDX-License-Identifier: MIT
"""Every rule for answering ARP, checked on the frames themselves."""

import sys

from lab import tap
from lab.frames import ARP, BROADCAST, REPLY, ZERO_HARDWARE, Ether, arp_request, is_arp
from lab.scene import CLIENT_4, SERVICE_4, one_speaker

# A request that must be answered goes after each one that must not, so no test waits for silence.
SENTINEL = "192.0.2.111"
FOREIGN_HARDWARE = "02:00:00:00:00:99"
# Of all hosts: every interface takes it.
MULTICAST_HARDWARE = "01:00:5e:00:00:01"


class Arp:
    def __init__(self, scene, host):
        self.client = scene.client
        self.host = host
        self.capture = scene.client.capture()
        self.client_hardware = self.client.hardware_address()
        self.host_hardware = host.hardware_address()
        # The repeats of the announcement are not answers.
        self.answers = is_arp(REPLY, SERVICE_4)

    def ask(self, sender=CLIENT_4, target=SERVICE_4, **options):
        self.capture.send(arp_request(self.client_hardware, sender, target, **options))

    def answered(self, sender=CLIENT_4):
        """The one answer to a request of this sender."""
        suits = is_arp(REPLY, SERVICE_4, sender)
        self.capture.wait_for(suits, f"answer to {sender}")
        self.ask(SENTINEL)
        self.capture.wait_for(is_arp(REPLY, SERVICE_4, SENTINEL), "answer to the sentinel")
        (frame,) = self.capture.frames(suits)
        self.capture.clear()
        return frame

    def check_reply(self, frame, sender=CLIENT_4):
        ethernet = Ether(frame.data)
        arp = ethernet[ARP]
        assert len(frame.data) >= 60, "shorter than an Ethernet frame"
        assert frame.vlan is None
        assert ethernet.dst == self.client_hardware, "not unicast to who asked"
        assert ethernet.src == self.host_hardware, "not from the interface's own address"
        assert (arp.hwtype, arp.ptype, arp.hwlen, arp.plen) == (1, 0x0800, 6, 4)
        assert (arp.hwsrc, arp.psrc) == (self.host_hardware, SERVICE_4)
        assert (arp.hwdst, arp.pdst) == (self.client_hardware, sender)

    def check_ignored(self, target=SERVICE_4, **options):
        self.ask(target=target, **options)
        self.ask(SENTINEL)
        self.capture.wait_for(is_arp(REPLY, SERVICE_4, SENTINEL), "answer to the sentinel")
        assert not self.capture.frames(is_arp(REPLY, target, CLIENT_4)), "it was answered"
        self.capture.clear()

    def test_broadcast_request(self):
        """a broadcast request is answered once, unicast, from the interface's own address"""
        self.ask()
        self.check_reply(self.answered())

    def test_unicast_request(self):
        """a request to the interface's own hardware address is answered"""
        self.ask(destination=self.host_hardware)
        self.check_reply(self.answered())

    def test_probe(self):
        """a probe, sender 0.0.0.0, is answered (RFC 5227)"""
        self.ask("0.0.0.0")
        self.check_reply(self.answered("0.0.0.0"), "0.0.0.0")

    def test_request_to_another_host(self):
        """a request to another hardware address is not answered"""
        self.check_ignored(destination=FOREIGN_HARDWARE)

    def test_request_to_a_group(self):
        """a request to a multicast hardware address is not answered"""
        self.check_ignored(destination=MULTICAST_HARDWARE)

    def test_reply_ignored(self):
        """an ARP reply is not answered"""
        self.check_ignored(operation=REPLY)

    def test_foreign_target(self):
        """a request for an address not announced is not answered"""
        self.check_ignored(target="192.0.2.201")

    def test_vlan(self):
        """a request in a VLAN without a device is not answered"""
        self.check_ignored(vlan=10)
        self.check_ignored(vlan=10, destination=self.host_hardware)

    def test_kernel_address(self):
        """the host's own address is answered by its kernel alone, once"""
        suits = is_arp(REPLY, "192.0.2.1", CLIENT_4)
        self.ask(target="192.0.2.1")
        self.capture.wait_for(suits, "the kernel's answer")
        self.ask(SENTINEL)
        self.capture.wait_for(is_arp(REPLY, SERVICE_4, SENTINEL), "answer to the sentinel")
        assert len(self.capture.frames(suits)) == 1
        self.capture.clear()

    def test_arping(self):
        """arping resolves the address and gets a single answer for each request"""
        output = self.client.run("arping", "-c3", "-w5", "-I", "eth0", SERVICE_4).stdout
        assert "Received 3 response(s)" in output, output
        assert self.host_hardware.upper() in output, output

    def test_arping_duplicate_detection(self):
        """arping -D finds that the address is in use"""
        done = self.client.run("arping", "-D", "-c1", "-w2", "-I", "eth0", SERVICE_4, check=False)
        assert done.returncode == 1, done.stdout

    def test_no_request_for_it(self):
        """the host never asks with the service address as its sender"""
        suits = is_arp(1, SERVICE_4, hardware=self.host_hardware)
        for frame in self.capture.frames(suits):
            arp = Ether(frame.data)[ARP]
            # Only the announcement itself looks like that.
            assert arp.pdst == SERVICE_4 and arp.hwdst == ZERO_HARDWARE
            assert frame.destination == BROADCAST


def main():
    tap.need_root()
    with one_speaker() as (scene, host, _):
        arp = Arp(scene, host)
        return tap.run(
            [
                arp.test_broadcast_request,
                arp.test_unicast_request,
                arp.test_probe,
                arp.test_request_to_another_host,
                arp.test_request_to_a_group,
                arp.test_reply_ignored,
                arp.test_foreign_target,
                arp.test_vlan,
                arp.test_kernel_address,
                arp.test_arping,
                arp.test_arping_duplicate_detection,
                arp.test_no_request_for_it,
            ],
            scene.logs,
        )


sys.exit(main())
