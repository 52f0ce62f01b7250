# SPDX-License-Identifier: MIT
"""The address on the loopback device: lifetime, kernel settings, draining."""

import signal
import sys
import time

from lab import tap
from lab.frames import REPLY, arp_request, is_arp
from lab.scene import CLIENT_4, SERVICE_4, SERVICE_6, one_speaker, scene, two_services
from lab.service import ask, start_server
from lab.waiting import wait_for

# Longest lifetime of an address without its speaker.
LIFETIME_SECONDS = 60
DRAIN_SECONDS = 4
SETTINGS = {
    "/proc/sys/net/ipv4/conf/eth0/arp_ignore": "1",
    "/proc/sys/net/ipv4/conf/eth0/arp_announce": "2",
}


def settings(host):
    return {path: host.read(path) for path in SETTINGS}


def test_address_on_loopback():
    """the owner holds both addresses on lo, whole, with a bounded lifetime"""
    with one_speaker() as (_, host, _):
        held = host.addresses("lo")
        for address, length in ((SERVICE_4, 32), (SERVICE_6, 128)):
            assert held[address]["prefixlen"] == length
            assert 0 < held[address]["valid_life_time"] <= LIFETIME_SECONDS, held[address]


def test_not_a_source():
    """the host does not speak from a service address of its own accord"""
    with one_speaker() as (made, host, _):
        route = host.run("ip", "route", "get", CLIENT_4).stdout
        assert SERVICE_4 not in route, route
        seen = made.client.capture()
        host.run("ping", "-c1", "-W2", "2001:db8::100")
        sent = seen.frames(lambda f: f.kind == 0x86DD and f.source == host.hardware_address())
        service = bytes.fromhex("20010db8000000000000000000000200")
        echoes = [f for f in sent if f.data[54] == 128]
        assert echoes and not [f for f in echoes if f.data[22:38] == service]


def test_kernel_settings():
    """arp_ignore and arp_announce are set on the interface, and restored at the end"""
    with scene() as made:
        host = made.add_host("a", 1)
        before = settings(host)
        assert before != SETTINGS
        speaker = made.add_speaker(host, two_services("a"))
        speaker.wait_announcing(SERVICE_4)
        assert settings(host) == SETTINGS
        speaker.stop()
        assert settings(host) == before


def test_kernel_settings_in_force_stay():
    """a higher value that was there is left alone"""
    with scene() as made:
        host = made.add_host("a", 1)
        host.sysctl("net.ipv4.conf.eth0.arp_ignore", 2)
        speaker = made.add_speaker(host, two_services("a"))
        speaker.wait_announcing(SERVICE_4)
        assert host.read("/proc/sys/net/ipv4/conf/eth0/arp_ignore") == "2"
        speaker.stop()
        assert host.read("/proc/sys/net/ipv4/conf/eth0/arp_ignore") == "2"


def test_drain():
    """after SIGTERM it answers no more, delivers until the drain is over, and leaves nothing"""
    with one_speaker(["--drain-seconds", str(DRAIN_SECONDS)]) as (made, host, speaker):
        start_server(host, 80)
        assert ask(made.client, SERVICE_4, 80) == "a"
        capture = made.client.capture()
        asked_to_end = time.monotonic()
        speaker.process.signal(signal.SIGTERM)

        def silent():
            capture.clear()
            capture.send(arp_request(made.client.hardware_address(), CLIENT_4, SERVICE_4))
            try:
                capture.wait_for(is_arp(REPLY, SERVICE_4, CLIENT_4), "reply", seconds=0.3)
            except AssertionError:
                return True
            return False

        wait_for(silent, "it no longer answers", 2)
        # The client still has its entry: what it sends must be taken.
        made.client.ip(
            "neigh", "replace", SERVICE_4, "lladdr", host.hardware_address(), "dev", "eth0",
            "nud", "permanent",
        )  # fmt: skip
        while time.monotonic() < asked_to_end + DRAIN_SECONDS - 1:
            assert ask(made.client, SERVICE_4, 80, 1) == "a", "not delivered while draining"
            time.sleep(0.1)
        assert speaker.process.running
        speaker.check(speaker.process.wait(10))
        took = time.monotonic() - asked_to_end
        assert DRAIN_SECONDS - 0.5 <= took, f"ended after {took:.1f} s"
        assert SERVICE_4 not in host.addresses("lo")
        assert SERVICE_6 not in host.addresses("lo")


def test_second_signal():
    """a second SIGTERM ends it at once, and it still cleans up"""
    with one_speaker(["--drain-seconds", "60"]) as (_, host, speaker):
        speaker.process.signal(signal.SIGTERM)
        speaker.wait_silent(SERVICE_4)
        speaker.process.signal(signal.SIGTERM)
        speaker.check(speaker.process.wait(10))
        assert SERVICE_4 not in host.addresses("lo")
        assert host.read("/proc/sys/net/ipv4/conf/eth0/arp_ignore") == "0"


def test_start_after_kill():
    """started again after kill -9 it takes what it left over, and ends clean"""
    with one_speaker() as (_, host, speaker):
        speaker.process.kill()
        speaker.start()
        speaker.wait_announcing(SERVICE_4)
        speaker.stop()
        assert SERVICE_4 not in host.addresses("lo")
        assert SERVICE_6 not in host.addresses("lo")


tap.need_root()
sys.exit(
    tap.run(
        [
            test_address_on_loopback,
            test_not_a_source,
            test_kernel_settings,
            test_kernel_settings_in_force_stay,
            test_drain,
            test_second_signal,
            test_start_after_kill,
        ]
    )
)
