# SPDX-License-Identifier: MIT
"""A switch that forwards multicast only where a report was heard (RFC 4541)."""

import json
import socket
import sys

from lab import tap
from lab.frames import (
    Ether,
    IPv6,
    is_advertisement,
    solicitation,
    solicited_node,
    solicited_node_hardware,
)
from lab.namespace import run
from lab.scene import CLIENT_6, SERVICE_6, scene, two_services
from lab.waiting import wait_for

MLD2_REPORT = 143


def is_report_for(group):
    """A predicate: an MLDv2 report that names the group."""
    packed = socket.inet_pton(socket.AF_INET6, group)

    def suits(frame):
        # IPv6 with a hop-by-hop option (router alert) before ICMPv6.
        if frame.kind != 0x86DD or frame.data[20] != 0 or len(frame.data) < 63:
            return False
        return frame.data[62] == MLD2_REPORT and packed in frame.data[62:]

    return suits


class Snooping:
    def __init__(self, made):
        self.made = made
        self.client = made.client
        self.hardware = made.client.hardware_address()
        self.group = solicited_node(SERVICE_6)
        made.lab.start_querier()
        self.host = made.add_host("a", 1)
        self.bystander = made.add_host("bystander", 9)
        self.port = self.host.capture_port()
        self.speaker = made.add_speaker(self.host, two_services("a"))
        self.capture = self.client.capture()

    def ports_of_group(self):
        answer = run("bridge", "-j", "-n", self.made.lab.bridge_namespace, "mdb", "show").stdout
        entries = [entry for table in json.loads(answer) for entry in table.get("mdb", [])]
        return {entry["port"] for entry in entries if entry["grp"] == self.group}

    def test_report(self):
        """the host reports its membership of the solicited-node group"""
        (frame,) = self.port.wait_for(is_report_for(self.group), "MLD report", seconds=10)
        header = Ether(frame.data)[IPv6]
        assert header.hlim == 1
        assert header.dst == "ff02::16"
        assert header.src.startswith("fe80:"), header.src

    def test_switch_learns(self):
        """the switch knows the group at the host's port alone"""
        wait_for(self.ports_of_group, "group in the multicast table", 10)
        assert self.ports_of_group() == {self.host.port}

    def test_forwarded_to_the_owner_alone(self):
        """a solicitation reaches the owner and not a bystander, and is answered"""
        bystander = self.bystander.capture()
        owner = self.host.capture()

        def asked(frame):
            return frame.destination == solicited_node_hardware(SERVICE_6)

        def snooped():
            bystander.clear()
            owner.clear()
            self.capture.send(solicitation(self.hardware, CLIENT_6, SERVICE_6))
            owner.wait_for(asked, "the solicitation at the owner")
            return not bystander.frames(asked)

        # Until its first queries are through the switch floods.
        wait_for(snooped, "the switch no longer floods", 20, pause=0.5)
        self.capture.clear()
        self.capture.send(solicitation(self.hardware, CLIENT_6, SERVICE_6))
        self.capture.wait_for(is_advertisement(SERVICE_6, self.host.hardware_address()), "answer")

    def test_linux_client(self):
        """a Linux client reaches the address through the snooping switch"""
        self.client.ip("neigh", "flush", "all")
        self.client.run("ping", "-c1", "-W3", SERVICE_6)

    def test_group_left(self):
        """the group is left when the address goes"""
        self.speaker.apply([one for one in two_services("a") if "six" not in str(one["metadata"])])
        self.speaker.wait_silent(SERVICE_6)
        wait_for(
            lambda: self.group not in self.host.run("ip", "maddress", "show", "dev", "eth0").stdout,
            "the host left the group",
        )


def main():
    tap.need_root()
    with scene() as made:
        snooping = Snooping(made)
        return tap.run(
            [
                snooping.test_report,
                snooping.test_switch_learns,
                snooping.test_forwarded_to_the_owner_alone,
                snooping.test_linux_client,
                snooping.test_group_left,
            ],
            made.logs,
        )


sys.exit(main())
