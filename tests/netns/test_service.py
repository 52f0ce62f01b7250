# SPDX-License-Identifier: MIT
"""Services reached by a Linux client, and how addresses move from host to host."""

import sys
import time

from lab import tap
from lab.frames import REPLY, arp_request, is_arp
from lab.manifests import endpoint_slice, node, service
from lab.scene import CLIENT_4, SERVICE_4, SERVICE_6, lan, one_speaker, scene, two_services
from lab.service import Watcher, ask, start_server
from lab.waiting import wait_for

NAMES = ("a", "b", "c")
SHARED = "192.0.2.210"
# A planned move loses nothing but what the client's timers make of a busy machine.
MOVE_MILLISECONDS = 500


def three_hosts(made, objects):
    """Hosts a, b and c with servers on ports 80 and 81 and a speaker each."""
    speakers = {}
    for number, name in enumerate(NAMES, 1):
        host = made.add_host(name, number)
        start_server(host, 80, 81)
        speakers[name] = made.add_speaker(host, objects)
    return speakers


def settled_owner(speakers, address):
    """Name of the owner, once all speakers say the same and it announces."""

    def agreed():
        owners = {(speaker.address(address) or {}).get("owner") for speaker in speakers.values()}
        if len(owners) != 1 or None in owners:
            return None
        (owner,) = owners
        return owner if owner in speakers and speakers[owner].announces(address) else None

    return wait_for(agreed, f"agreement on the owner of {address}", 10)


def excluding(owner, objects):
    """The objects with one Node marked by the exclude label."""
    return [node(owner, excluded=True) if one == node(owner) else one for one in objects]


def test_http():
    """a client resolves the addresses and gets HTTP answers over both families"""
    with one_speaker() as (made, host, _):
        start_server(host, 80, 81)
        for address, port in ((SERVICE_4, 80), (SERVICE_6, 81)):
            assert ask(made.client, address, port) == "a"
            assert made.client.neighbour(address) == host.hardware_address()


def test_curl():
    """curl, as any other program, reaches them by URL"""
    with one_speaker() as (made, host, _):
        start_server(host, 80, 81)
        for url in (f"http://{SERVICE_4}/", f"http://[{SERVICE_6}]:81/"):
            assert made.client.run("curl", "-sS", "--max-time", "5", url).stdout == "a\n"


def test_no_delivery():
    """with --local-delivery none the address is announced and stands nowhere"""
    with one_speaker(["--local-delivery", "none"]) as (made, host, _):
        assert SERVICE_4 not in host.addresses("lo")
        made.client.run("arping", "-c1", "-w3", "-I", "eth0", SERVICE_4)
        assert host.read("/proc/sys/net/ipv4/conf/eth0/arp_ignore") == "0"


def test_one_owner():
    """of three hosts exactly one answers, and all three know which"""
    with scene() as made:
        speakers = three_hosts(made, two_services(*NAMES))
        for address in (SERVICE_4, SERVICE_6):
            owner = settled_owner(speakers, address)
            for name, speaker in speakers.items():
                assert speaker.announces(address) == (name == owner)
        capture = made.client.capture()
        hardware = made.client.hardware_address()
        capture.send(arp_request(hardware, CLIENT_4, SERVICE_4))
        capture.wait_for(is_arp(REPLY, SERVICE_4, CLIENT_4), "a reply")
        made.client.run("arping", "-c2", "-w4", "-I", "eth0", SERVICE_4)
        sources = {frame.source for frame in capture.frames(is_arp(REPLY, SERVICE_4, CLIENT_4))}
        owner = settled_owner(speakers, SERVICE_4)
        assert sources == {speakers[owner].host.hardware_address()}


def check_planned_move(address, port):
    with scene() as made:
        objects = two_services(*NAMES)
        speakers = three_hosts(made, objects)
        owner = settled_owner(speakers, address)
        watcher = Watcher(made.client, address, port)
        try:
            wait_for(lambda: watcher.count > 20 and watcher.last() == owner, "answers", 10)
            for speaker in speakers.values():
                speaker.apply(excluding(owner, objects))
            wait_for(lambda: watcher.last() not in (owner, None), "answers from elsewhere", 10)
            after = watcher.count
            wait_for(lambda: watcher.count > after + 20, "further answers", 10)
        finally:
            watcher.stop()
        new_owner = settled_owner(speakers, address)
        assert watcher.last() == new_owner != owner
        pause = watcher.longest_pause()
        print(f"# {watcher.count} requests, {watcher.lost} unanswered, pause {pause:.0f} ms at most")
        assert pause < MOVE_MILLISECONDS, f"an outage of {pause:.0f} ms"


def test_planned_move_4():
    """a planned move by the exclude label, seen by an IPv4 client without an outage"""
    check_planned_move(SERVICE_4, 80)


def test_planned_move_6():
    """a planned move by the exclude label, seen by an IPv6 client without an outage"""
    check_planned_move(SERVICE_6, 81)


def test_shared_address():
    """two services that share an address have one owner, and both answer there"""
    objects = lan(
        *(node(name) for name in NAMES),
        service("shop", SHARED, port=80, sharing="shop"),
        endpoint_slice("shop", *NAMES),
        service("admin", SHARED, port=81, sharing="shop"),
        endpoint_slice("admin", "b", "c"),
    )
    with scene() as made:
        speakers = three_hosts(made, objects)
        owner = settled_owner(speakers, SHARED)
        assert owner in ("b", "c"), "only these suit both services"
        services = sorted(speakers[owner].address(SHARED)["services"])
        assert services == ["default/admin", "default/shop"], services
        assert ask(made.client, SHARED, 80) == owner
        assert ask(made.client, SHARED, 81) == owner


def test_lost_endpoint():
    """an owner that loses its endpoint gives the address to a host that has one"""
    objects = two_services("a", "b")
    with scene() as made:
        speakers = {}
        for number, name in enumerate(("a", "b"), 1):
            host = made.add_host(name, number)
            start_server(host, 80, 81)
            speakers[name] = made.add_speaker(host, objects)
        owner = settled_owner(speakers, SERVICE_4)
        (other,) = set(speakers) - {owner}
        reduced = [one for one in objects if one["kind"] != "EndpointSlice"]
        reduced += [endpoint_slice("web", other), endpoint_slice("six", "a", "b")]
        for speaker in speakers.values():
            speaker.apply(reduced)
        wait_for(lambda: ask(made.client, SERVICE_4, 80, 1) == other, f"answer of {other}")
        assert settled_owner(speakers, SERVICE_4) == other


def test_restart():
    """a speaker that is started again serves the address again"""
    with one_speaker() as (made, host, speaker):
        start_server(host, 80)
        assert ask(made.client, SERVICE_4, 80) == "a"
        speaker.stop()
        assert SERVICE_4 not in host.addresses("lo")
        speaker.start()
        speaker.wait_announcing(SERVICE_4)
        wait_for(lambda: ask(made.client, SERVICE_4, 80, 1) == "a", "answer after the restart")


def test_applied_quickly():
    """a change of the manifests is on the wire within 100 ms, and a bit for a busy machine"""
    with one_speaker() as (made, _, speaker):
        capture = made.client.capture()
        written = time.time()
        speaker.apply(
            two_services("a")
            + [service("new", "192.0.2.205", port=82), endpoint_slice("new", "a")]
        )
        (frame,) = capture.wait_for(is_arp(REPLY, "192.0.2.205"), "announcement")
        milliseconds = (frame.at - written) * 1000
        print(f"# on the wire after {milliseconds:.0f} ms")
        assert milliseconds < 400, f"{milliseconds:.0f} ms"


tap.need_root()
sys.exit(
    tap.run(
        [
            test_http,
            test_curl,
            test_no_delivery,
            test_one_owner,
            test_planned_move_4,
            test_planned_move_6,
            test_shared_address,
            test_lost_endpoint,
            test_restart,
            test_applied_quickly,
        ]
    )
)
