# SPDX-License-Identifier: MIT
"""The kernel filter: what it lets through, with CAP_BPF and without."""

import ipaddress
import os
import sys

from lab import tap
from lab.frames import REPLY, arp_request, is_advertisement, is_arp, solicitation
from lab.manifests import advertisement, endpoint_slice, node, pool, service
from lab.scene import CLIENT_4, CLIENT_6, SERVICE_4, SERVICE_6, one_speaker, scene, two_services

# CAP_SYS_ADMIN includes CAP_BPF.
WITHOUT_BPF = (
    "setpriv", "--bounding-set=-bpf,-sys_admin", "--inh-caps=-bpf,-sys_admin",
)  # fmt: skip
AS_NOBODY = (
    "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
    "--inh-caps=-all,+net_raw,+net_admin", "--ambient-caps=-all,+net_raw,+net_admin",
)  # fmt: skip
MANY = 3000


def check_answers(made, host):
    client = made.client
    hardware = client.hardware_address()
    capture = client.capture()
    capture.send(arp_request(hardware, CLIENT_4, SERVICE_4))
    capture.wait_for(is_arp(REPLY, SERVICE_4, CLIENT_4, host.hardware_address()), "ARP reply")
    capture.send(solicitation(hardware, CLIENT_6, SERVICE_6))
    suits = is_advertisement(SERVICE_6, host.hardware_address())
    capture.wait_for(lambda f: f.destination == hardware and suits(f), "advertisement")


def check_exact(made, host, speaker):
    """Frames for other addresses do not reach the process."""
    hardware = made.client.hardware_address()
    capture = made.client.capture()
    check_answers(made, host)
    before = speaker.interface("eth0")
    for number in range(100):
        capture.send(arp_request(hardware, CLIENT_4, f"192.0.2.{number + 101}"))
        capture.send(solicitation(hardware, CLIENT_6, f"2001:db8::1:{number:x}"))
    check_answers(made, host)
    after = speaker.interface("eth0")
    assert after["foreign"] == before["foreign"], (before, after)
    # Two requests of our own, and now and then one of the client's kernel.
    assert after["frames"] - before["frames"] < 10, (before, after)


def many_objects():
    """Addresses with gaps, more than a classic program holds exactly."""
    first = ipaddress.IPv4Address("198.51.0.0")
    objects = [
        node("a"),
        pool("many", "198.51.0.0/16"),
        pool("ipv4", "192.0.2.192/27"),
        pool("ipv6", "2001:db8::200-2001:db8::ffff"),
        advertisement(),
        service("web", SERVICE_4),
        endpoint_slice("web", "a"),
        service("six", SERVICE_6),
        endpoint_slice("six", "a"),
    ]
    for number in range(MANY):
        objects += [
            service(f"s{number}", str(first + 2 * number)),
            endpoint_slice(f"s{number}", "a"),
        ]
    return objects


def check_many(made, speaker, host, kind):
    last = "198.51.%d.%d" % divmod(2 * (MANY - 1), 256)
    between = "198.51.%d.%d" % divmod(2 * (MANY // 2) + 1, 256)
    hardware = made.client.hardware_address()
    capture = made.client.capture()
    speaker.wait_announcing(last, seconds=30)
    assert speaker.interface("eth0")["filter"] == kind, speaker.interface("eth0")
    capture.send(arp_request(hardware, CLIENT_4, between))
    capture.send(arp_request(hardware, CLIENT_4, last))
    capture.wait_for(is_arp(REPLY, last, CLIENT_4), "reply for the last address")
    assert not capture.frames(is_arp(REPLY, between)), "one between was answered"
    check_answers(made, host)


def test_ebpf():
    """with CAP_BPF: an eBPF set, exact"""
    with one_speaker() as (made, host, speaker):
        assert speaker.interface("eth0")["filter"] == "ebpf", speaker.interface("eth0")
        check_exact(made, host, speaker)


def test_classic():
    """without CAP_BPF: a classic program, exact"""
    with one_speaker(wrapper=WITHOUT_BPF) as (made, host, speaker):
        assert speaker.interface("eth0")["filter"] == "classic", speaker.interface("eth0")
        check_exact(made, host, speaker)


def test_covering():
    """without CAP_BPF and with many addresses: covering intervals, exact answers"""
    with scene() as made:
        host = made.add_host("a", 1)
        speaker = made.add_speaker(
            host, many_objects(), ["--local-delivery", "none"], wrapper=WITHOUT_BPF
        )
        check_many(made, speaker, host, "covering")
        assert speaker.interface("eth0")["foreign"] > 0


def test_many_with_ebpf():
    """with CAP_BPF and many addresses: still exact"""
    with scene() as made:
        host = made.add_host("a", 1)
        speaker = made.add_speaker(host, many_objects(), ["--local-delivery", "none"])
        check_many(made, speaker, host, "ebpf")
        assert speaker.interface("eth0")["foreign"] == 0


def test_capabilities_given_up():
    """it keeps no capability that it does not need"""
    with one_speaker() as (_, _, speaker):
        with open(f"/proc/{speaker.process.pid}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        kept = int(status["CapEff"], 16) | int(status["CapBnd"], 16)
        net_admin, net_raw, bpf = 1 << 12, 1 << 13, 1 << 39
        assert kept & ~(net_admin | net_raw | bpf) == 0, f"{kept:x}"
        assert status["NoNewPrivs"].strip() == "1"


def test_ordinary_user():
    """a user with CAP_NET_RAW and CAP_NET_ADMIN alone runs it, also on later interfaces"""
    with scene() as made:
        host = made.add_host("a", 1)
        os.chmod(made.lab.directory, 0o755)
        os.chmod(host.directory, 0o777)
        speaker = made.add_speaker(host, two_services("a"), wrapper=AS_NOBODY)
        speaker.wait_announcing(SERVICE_4)
        check_answers(made, host)
        made.lab.add_link(host, "eth1", "p-a-second")
        speaker.wait_announcing(SERVICE_4, "eth1")
        assert SERVICE_4 in host.addresses("lo")
        assert host.read("/proc/sys/net/ipv4/conf/eth1/arp_ignore") == "1"
        speaker.stop()
        assert SERVICE_4 not in host.addresses("lo")


tap.need_root()
sys.exit(
    tap.run(
        [
            test_ebpf,
            test_classic,
            test_covering,
            test_many_with_ebpf,
            test_capabilities_given_up,
            test_ordinary_user,
        ]
    )
)
