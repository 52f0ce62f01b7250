# SPDX-License-Identifier: MIT
"""Interfaces that come, go and change, and those that must not be used."""

import os
import sys

from lab import tap
from lab.frames import REPLY, arp_request, is_advertisement, is_arp, solicitation
from lab.manifests import advertisement, endpoint_slice, node, pool, service
from lab.scene import CLIENT_4, CLIENT_6, SERVICE_4, SERVICE_6, one_speaker, scene, two_services
from lab.waiting import wait_for


class Asker:
    """Asks for the service addresses and tells which hardware addresses answer."""

    def __init__(self, client):
        self.capture = client.capture()
        self.hardware = client.hardware_address()

    def answers_4(self, count=1):
        self.capture.clear()
        self.capture.send(arp_request(self.hardware, CLIENT_4, SERVICE_4))
        suits = is_arp(REPLY, SERVICE_4, CLIENT_4)
        self.capture.wait_for(suits, "ARP reply", count)
        return {frame.source for frame in self.capture.frames(suits)}

    def answers_6(self, count=1):
        self.capture.clear()
        self.capture.send(solicitation(self.hardware, CLIENT_6, SERVICE_6))
        suits = is_advertisement(SERVICE_6)

        def unicast(frame):
            return frame.destination == self.hardware and suits(frame)

        self.capture.wait_for(unicast, "neighbour advertisement", count)
        return {frame.source for frame in self.capture.frames(unicast)}


def restricted_services(*interfaces):
    """The two services, announced on the named interfaces only."""
    return [
        advertisement(interfaces=list(interfaces)) if one["kind"] == "L2Advertisement" else one
        for one in two_services("a")
    ]


def test_later_interface():
    """an interface that appears later is announced on and answers over both families"""
    with one_speaker() as (made, host, speaker):
        asker = Asker(made.client)
        first = host.hardware_address()
        assert asker.answers_4() == {first}
        made.lab.add_link(host, "eth1", "p-a-second")
        second = host.hardware_address("eth1")
        asker.capture.wait_for(
            is_arp(REPLY, SERVICE_4, SERVICE_4, second), "gratuitous reply on the new interface"
        )
        asker.capture.wait_for(
            is_advertisement(SERVICE_6, second), "unsolicited advertisement on the new interface"
        )
        speaker.wait_announcing(SERVICE_4, "eth1")
        assert asker.answers_4(2) == {first, second}
        assert asker.answers_6(2) == {first, second}


def test_vanished_interface():
    """an interface that vanishes is given up, the other one goes on"""
    with one_speaker() as (made, host, speaker):
        made.lab.add_link(host, "eth1", "p-a-second")
        speaker.wait_announcing(SERVICE_4, "eth1")
        host.ip("link", "delete", "eth1")
        wait_for(lambda: speaker.interface("eth1") is None, "eth1 is no longer listed")
        asker = Asker(made.client)
        assert asker.answers_4() == {host.hardware_address()}
        assert asker.answers_6() == {host.hardware_address()}


def test_renamed_interface():
    """a renamed interface is used under its new name, restrictions follow"""
    with scene() as made:
        host = made.add_host("a", 1)
        speaker = made.add_speaker(host, restricted_services("lan1"))
        wait_for(lambda: speaker.address(SERVICE_4), "the address is in the status")
        assert not speaker.announces(SERVICE_4, "eth0")
        asker = Asker(made.client)
        host.ip("link", "set", "eth0", "down")
        host.ip("link", "set", "eth0", "name", "lan1")
        host.ip("link", "set", "lan1", "up")
        speaker.wait_announcing(SERVICE_4, "lan1")
        assert speaker.interface("eth0") is None
        assert asker.answers_4() == {host.hardware_address("lan1")}
        assert asker.answers_6() == {host.hardware_address("lan1")}


def test_renamed_away():
    """an interface renamed away from the restriction answers no more"""
    with scene() as made:
        host = made.add_host("a", 1)
        made.lab.add_link(host, "eth1", "p-a-second")
        speaker = made.add_speaker(host, restricted_services("eth0", "eth1"))
        speaker.wait_announcing(SERVICE_4, "eth1")
        host.ip("link", "set", "eth1", "down")
        host.ip("link", "set", "eth1", "name", "other")
        host.ip("link", "set", "other", "up")
        wait_for(lambda: (speaker.interface("other") or {}).get("usable"), "other is usable")
        speaker.wait_silent(SERVICE_4, "eth1")
        assert not speaker.announces(SERVICE_4, "other")
        assert Asker(made.client).answers_4() == {host.hardware_address("eth0")}


def test_restriction():
    """an advertisement's interfaces restrict the answers, and a change is applied"""
    with scene() as made:
        host = made.add_host("a", 1)
        made.lab.add_link(host, "eth1", "p-a-second")
        speaker = made.add_speaker(host, restricted_services("eth1"))
        speaker.wait_announcing(SERVICE_4, "eth1")
        speaker.wait_announcing(SERVICE_6, "eth1")
        asker = Asker(made.client)
        assert asker.answers_4() == {host.hardware_address("eth1")}
        assert asker.answers_6() == {host.hardware_address("eth1")}
        speaker.apply(restricted_services("eth0"))
        speaker.wait_announcing(SERVICE_4, "eth0")
        speaker.wait_silent(SERVICE_4, "eth1")
        assert asker.answers_4() == {host.hardware_address("eth0")}


def test_exclude_file():
    """interfaces that the exclude file names are not used"""
    with scene() as made:
        host = made.add_host("a", 1)
        made.lab.add_link(host, "cni0", "p-a-second")
        path = os.path.join(host.directory, "exclude.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write('announcedInterfacesToExclude: ["^docker.*", "^cni.*"]\n')
        # Without the address on lo, since the kernel goes on answering on interfaces not used.
        options = ["--exclude-interfaces", path, "--local-delivery", "none"]
        speaker = made.add_speaker(host, two_services("a"), options)
        speaker.wait_announcing(SERVICE_4)
        assert not speaker.announces(SERVICE_4, "cni0")
        assert Asker(made.client).answers_4() == {host.hardware_address()}


def test_bridge():
    """the port of a bridge is skipped, the bridge itself is used"""
    with scene() as made:
        host = made.add_host("a", 1)
        # The bridge keeps the port's address unless told, so it gets one of its own.
        bridge = "02:00:5e:00:00:77"
        host.ip("link", "add", "br1", "address", bridge, "type", "bridge", "forward_delay", "0")
        host.ip("link", "set", "eth0", "master", "br1")
        host.ip("link", "set", "br1", "up")
        speaker = made.add_speaker(host, two_services("a"))
        speaker.wait_announcing(SERVICE_4, "br1")
        port = speaker.interface("eth0")
        assert not port["usable"] and "br1" in port["reason"], port
        asker = Asker(made.client)
        assert asker.answers_4() == {bridge}
        # The group is joined on the bridge, whose port is still learning about it.
        assert asker.answers_6() == {bridge}


def test_becomes_bridge_port():
    """an interface put into a bridge is given up at once, taken out it is used again"""
    with one_speaker() as (_, host, speaker):
        host.ip("link", "add", "br1", "type", "bridge", "forward_delay", "0")
        host.ip("link", "set", "eth0", "master", "br1")
        speaker.wait_silent(SERVICE_4, "eth0")
        host.ip("link", "set", "eth0", "nomaster")
        speaker.wait_announcing(SERVICE_4, "eth0")


def test_no_arp_interface():
    """an interface without ARP is not used"""
    with one_speaker() as (_, host, speaker):
        host.ip("link", "set", "eth0", "arp", "off")
        speaker.wait_silent(SERVICE_4, "eth0")
        host.ip("link", "set", "eth0", "arp", "on")
        speaker.wait_announcing(SERVICE_4, "eth0")


def test_moved_client():
    """a client whose cable moved to another bridge still reaches the address"""
    with one_speaker() as (made, host, _):
        made.client.run("ping", "-c1", "-W3", SERVICE_4)
        lab = made.lab
        lab.bridge_ip("link", "add", "br1", "type", "bridge", "forward_delay", "0")
        lab.bridge_ip("link", "add", "trunk0", "type", "veth", "peer", "name", "trunk1")
        lab.bridge_ip("link", "set", "trunk0", "master", "br0", "up")
        lab.bridge_ip("link", "set", "trunk1", "master", "br1", "up")
        lab.bridge_ip("link", "set", "br1", "up")
        lab.bridge_ip("link", "set", made.client.port, "master", "br1")
        made.client.run("ping", "-c5", "-W1", "-i0.2", SERVICE_4)
        asker = Asker(made.client)
        assert asker.answers_4() == {host.hardware_address()}
        assert asker.answers_6() == {host.hardware_address()}


def test_no_interface_named_so():
    """an address restricted to an interface that does not exist waits for it"""
    with scene() as made:
        host = made.add_host("a", 1)
        objects = [
            node("a"),
            pool("ipv4", "192.0.2.192/27"),
            advertisement(interfaces=["eth7"]),
            service("web", SERVICE_4),
            endpoint_slice("web", "a"),
        ]
        speaker = made.add_speaker(host, objects)
        wait_for(lambda: speaker.address(SERVICE_4), "the address is in the status")
        assert speaker.address(SERVICE_4)["interfaces"] == []
        made.lab.add_link(host, "eth7", "p-a-second")
        speaker.wait_announcing(SERVICE_4, "eth7")
        assert Asker(made.client).answers_4() == {host.hardware_address("eth7")}


tap.need_root()
sys.exit(
    tap.run(
        [
            test_later_interface,
            test_vanished_interface,
            test_renamed_interface,
            test_renamed_away,
            test_restriction,
            test_exclude_file,
            test_bridge,
            test_becomes_bridge_port,
            test_no_arp_interface,
            test_moved_client,
            test_no_interface_named_so,
        ]
    )
)
