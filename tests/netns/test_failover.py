# SPDX-License-Identifier: MIT
"""Addresses move by themselves when a node dies, loses its link, drains or ends."""

import os
import re
import signal
import sys
import threading
import time
from datetime import datetime

from lab import tap
from lab.frames import REPLY, arp_request, is_advertisement, is_arp
from lab.group import NAMES, Group, with_group
from lab.manifests import advertisement
from lab.namespace import run as run_program
from lab.scene import CLIENT_4, SERVICE_4, SERVICE_6, scene, two_services
from lab.service import Watcher, ask
from lab.waiting import wait_for

METALLBCTL = os.environ.get("METALLBCTL", "metallbctl")

BOTH = ((SERVICE_4, 80), (SERVICE_6, 81))
# From a crash to the first answer of the next owner; 500 ms in the median, 1 s for one in a hundred,
# and what a busy machine adds.
TAKE_OVER_SECONDS = 4
# A planned move loses nothing but what the client's timers make of a busy machine.
MOVE_MILLISECONDS = 500
# From the event in the log to the frame; 5 ms is meant, a busy machine may preempt.
FRAME_SECONDS = 0.1


def others(name):
    return [one for one in NAMES if one != name]


def control(speaker, command):
    """metallbctl with the speaker's socket; its output."""
    return run_program(METALLBCTL, command, "--control", speaker.control).stdout.strip()


def logged_at(speaker, text):
    """The time of the first log line with a text."""
    for line in speaker.process.log().splitlines():
        if text in line:
            stamp = re.match(r"ts=(\S+)Z ", line).group(1)
            return datetime.fromisoformat(stamp + "+00:00").timestamp()
    raise AssertionError(f"no log line with {text!r}")


def announcement(address):
    """A predicate: an unasked frame that tells whose the address is."""
    if ":" in address:
        return is_advertisement(address)
    return is_arp(REPLY, address, address)


def watch(made, **arguments):
    return {address: Watcher(made.client, address, port, **arguments) for address, port in BOTH}


def stop_watching(watchers, what):
    """Ends the watchers and prints what they saw; returns the longest pause."""
    for address, watcher in watchers.items():
        watcher.stop()
        print(f"# {what}: {address} lost {watcher.lost}, pause {watcher.longest_pause():.0f} ms")
    return max(watcher.longest_pause() for watcher in watchers.values())


def check_moved(group, watchers, former):
    """Both addresses have gone from one node to the others, where the client gets answers."""
    for address, port in BOTH:
        owner = group.owner(address, *others(former))
        wait_for(lambda a=address: watchers[a].last() in others(former), f"answers of {owner}")
        assert ask(group.made.client, address, port) == owner


@with_group
def test_kill(group):
    """kill -9 of the owner: others take its addresses over, and the frames follow at once"""
    capture = group.made.client.capture()
    watchers = watch(group.made)
    wait_for(lambda: all(one.last() == "a" for one in watchers.values()), "answers of a")
    capture.clear()
    group.speakers["a"].process.kill()
    check_moved(group, watchers, "a")
    pause = stop_watching(watchers, "kill")
    assert pause < TAKE_OVER_SECONDS * 1000
    for address, _ in BOTH:
        owner = group.owner(address, "b", "c")
        (frame,) = capture.wait_for(announcement(address), f"announcement of {address}")
        after = frame.at - logged_at(group.speakers[owner], "a has failed")
        print(f"# from the event to the frame of {address}: {after * 1000:.1f} ms")
        assert after < FRAME_SECONDS


@with_group
def test_link_cut(group):
    """the owner's link is cut: others take over; when it is back there is one owner"""
    watchers = watch(group.made)
    wait_for(lambda: all(one.last() == "a" for one in watchers.values()), "answers of a")
    group.made.lab.bridge_ip("link", "set", group.hosts["a"].port, "down")
    check_moved(group, watchers, "a")
    assert stop_watching(watchers, "link cut") < TAKE_OVER_SECONDS * 1000
    group.speakers["a"].wait_silent(SERVICE_4)
    group.made.lab.bridge_ip("link", "set", group.hosts["a"].port, "up")
    group.wait_members(*NAMES)
    for address, port in BOTH:
        assert group.owner(address) == "a"
        assert wait_for(lambda a=address, p=port: ask(group.made.client, a, p), "answer") == "a"


class Asker:
    """Asks for an address by ARP again and again, whatever the client's kernel believes."""

    PAUSE = 0.005

    def __init__(self, client, address):
        client.lab.opened(self)
        self._capture = client.capture()
        self._frame = arp_request(client.hardware_address(), CLIENT_4, address)
        self._suits = is_arp(REPLY, address, CLIENT_4)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        while not self._ending.wait(self.PAUSE):
            self._capture.send(self._frame)

    def wait_for(self, hardware):
        """Waits until a node answers."""
        self._capture.wait_for(
            lambda frame: self._suits(frame) and frame.source == hardware, "ARP replies"
        )

    def close(self):
        self._ending.set()
        self._thread.join(5)

    def stop(self):
        """Returns the answers."""
        self.close()
        return self._capture.frames(self._suits)


class Ping:
    """Echo requests every 5 ms: unlike a connection, each stands alone and may go to any node."""

    def __init__(self, client, address):
        self._process = client.start(f"ping-{address}", ["ping", "-n", "-i", "0.005", address])
        wait_for(lambda: "bytes from" in self._process.log(), f"echo of {address}")

    def stop(self):
        """Returns how many were sent and how many came back; the last one may be under way."""
        self._process.signal(signal.SIGINT)
        self._process.wait(10)
        found = re.search(r"(\d+) packets transmitted, (\d+) received", self._process.log())
        return int(found.group(1)), int(found.group(2))


def longest_gap(frames):
    return max(b.at - a.at for a, b in zip(frames, frames[1:]))


def check_planned_move(group, move, what):
    """Nothing is lost while addresses move from a: neither answers nor replies to ARP."""
    watchers = watch(group.made, answer_seconds=2)
    pings = {address: Ping(group.made.client, address) for address, _ in BOTH}
    hardware = group.hosts["a"].hardware_address()
    asker = Asker(group.made.client, SERVICE_4)
    asker.wait_for(hardware)
    wait_for(lambda: all(one.last() == "a" for one in watchers.values()), "answers of a")
    move()
    check_moved(group, watchers, "a")
    wait_for(lambda: SERVICE_4 not in group.hosts["a"].addresses("lo"), "a delivers no longer")
    answers = asker.stop()
    assert answers[0].source == hardware and answers[-1].source != hardware
    print(f"# {what}: {len(answers)} ARP replies, gap {longest_gap(answers) * 1000:.0f} ms")
    assert longest_gap(answers) * 1000 < MOVE_MILLISECONDS
    # It answered until it heard the next owner.
    for address, _ in BOTH:
        assert f"has taken {address} over" in group.speakers["a"].process.log()
    for address, ping in pings.items():
        sent, received = ping.stop()
        print(f"# {what}: {received} of {sent} echoes of {address}")
        assert sent - received <= 1
    # A connection that is open at that moment breaks, since the next node does not know of it.
    assert stop_watching(watchers, what) < MOVE_MILLISECONDS
    assert all(watcher.lost <= 1 for watcher in watchers.values())


@with_group
def test_terminate(group):
    """SIGTERM: others take over without loss, they see a leave and not a failure"""
    check_planned_move(group, lambda: group.speakers["a"].process.signal(signal.SIGTERM), "SIGTERM")
    assert group.speakers["a"].process.wait(10) == 0
    for name in ("b", "c"):
        log = group.speakers[name].process.log()
        assert "a has left" in log and "a has failed" not in log, log


@with_group
def test_drain(group):
    """drain: others take over without loss; undrain brings the addresses back"""
    drained = group.speakers["a"]
    check_planned_move(group, lambda: control(drained, "drain"), "drain")
    wait_for(lambda: drained.status()["state"] == "drained", "a is drained")
    assert group.member("b", "a")["draining"]
    assert group.members("b") == set(NAMES)
    table = run_program(METALLBCTL, "members", "--control", group.speakers["b"].control).stdout
    assert re.search(r"^a .*draining", table, re.MULTILINE), table
    # A second one changes nothing.
    assert control(drained, "drain") == "drained"
    assert control(drained, "undrain") == "running"
    assert group.owner(SERVICE_4) == group.owner(SERVICE_6) == "a"


@with_group
def test_drained_as_the_last(group):
    """a drained node owns what nobody else can"""
    control(group.speakers["a"], "drain")
    group.owner(SERVICE_4, *others("a"))
    for name in others("a"):
        group.speakers[name].stop()
    assert group.owner(SERVICE_4, "a") == "a"
    assert ask(group.made.client, SERVICE_4, 80) == "a"


def test_drain_as_metallb():
    """with --election metallb a drained node leaves the group, and comes back"""
    with scene() as made:
        group = Group(made).start_all(two_services(*NAMES), ["--election", "metallb"])
        assert group.owner(SERVICE_4) == "a"
        check_planned_move(group, lambda: control(group.speakers["a"], "drain"), "drain (metallb)")
        wait_for(lambda: group.members("b", "left") == {"a"}, "a has left")
        assert control(group.speakers["a"], "undrain") == "running"
        group.wait_members(*NAMES)
        assert group.owner(SERVICE_4) == "a"


def test_drain_alone():
    """without --members there is nobody to take over, and drain says so"""
    with scene() as made:
        speaker = made.add_speaker(made.add_host("a", 1), two_services("a"))
        answer = run_program(METALLBCTL, "drain", "--control", speaker.control, check=False)
        assert answer.returncode == 1 and "--members" in answer.stderr, answer
        speaker.wait_announcing(SERVICE_4)


def on_interfaces(*interfaces):
    return [
        advertisement(interfaces=list(interfaces)) if one["kind"] == "L2Advertisement" else one
        for one in two_services(*NAMES)
    ]


@with_group
def test_named_interface(group):
    """a node that lacks the named interface is no candidate, and is one when it appears"""
    group.made.lab.add_link(group.hosts["c"], "eth1", "p-c-second")
    for name in NAMES:
        group.speakers[name].apply(on_interfaces("eth1"))
    for address, _ in BOTH:
        wait_for(lambda a=address: group.speakers["c"].announces(a, "eth1"), "c announces")
        wait_for(lambda a=address: not group.speakers["a"].announces(a), "a is silent")
        wait_for(lambda a=address: group.speakers["b"].address(a)["ranking"] == ["c"], "b knows")
    group.hosts["c"].ip("link", "delete", "eth1")
    wait_for(
        lambda: group.speakers["a"].address(SERVICE_4)["reason"] == "noUsableInterface",
        "nobody has the interface",
    )
    group.made.lab.add_link(group.hosts["a"], "eth1", "p-a-second")
    wait_for(lambda: group.speakers["a"].announces(SERVICE_4, "eth1"), "a announces")


def test_lan_interface_down():
    """the owner's interface on the LAN goes down while its speaker stays in the group"""
    with scene() as made:
        group = Group(made)
        for number, name in enumerate(NAMES, 1):
            # The group meets on a network of its own, which nothing is announced on.
            made.lab.add_link(group.hosts[name], "eth1", f"p-{name}-group")
            group.hosts[name].ip("address", "add", f"198.51.100.{number}/24", "dev", "eth1")
        seeds = ",".join(f"198.51.100.{number}" for number, _ in enumerate(NAMES, 1))
        for number, name in enumerate(NAMES, 1):
            group.start(
                name,
                on_interfaces("eth0"),
                ["--ml-bindaddr", f"198.51.100.{number}"],
                members=seeds,
            )
        group.wait_members(*NAMES)
        assert group.owner(SERVICE_4) == "a"
        watchers = watch(made)
        wait_for(lambda: all(one.last() == "a" for one in watchers.values()), "answers of a")
        group.hosts["a"].ip("link", "set", "eth0", "down")
        check_moved(group, watchers, "a")
        assert stop_watching(watchers, "interface down") < TAKE_OVER_SECONDS * 1000
        assert group.members("b") == set(NAMES)
        group.hosts["a"].ip("link", "set", "eth0", "up")
        assert group.owner(SERVICE_4) == "a"


@with_group
def test_restart_of_the_owner(group):
    """kill -9 and a start at once: the address is answered for, and the return is no flap"""
    watchers = watch(group.made)
    wait_for(lambda: all(one.last() == "a" for one in watchers.values()), "answers of a")
    group.speakers["a"].process.kill()
    group.speakers["a"].start()
    group.wait_members(*NAMES)
    for address, _ in BOTH:
        assert group.owner(address) == "a"
    assert stop_watching(watchers, "restart") < TAKE_OVER_SECONDS * 1000


def quiet(group):
    """Until the repeated announcements of a take-over are through, three within 5 s at most."""
    capture = group.made.client.capture()
    heard = time.monotonic()
    while time.monotonic() - heard < 3:
        capture.clear()
        time.sleep(0.1)
        if capture.frames(lambda f: any(announcement(address)(f) for address, _ in BOTH)):
            heard = time.monotonic()


@with_group
def test_second_crash(group):
    """a node that fails again soon after it came back is replaced as fast as the first time"""
    client = group.made.client
    # Whether the others hear a's frames before its facts, and leave the addresses to it, is chance.
    for _ in range(4):
        group.speakers["a"].process.kill()
        # The host goes on delivering, so the client must not know it any more.
        client.ip("neigh", "flush", "dev", "eth0")
        for address, port in BOTH:
            wait_for(
                lambda a=address, p=port: ask(client, a, p, 1) in others("a"),
                f"an answer of another host at {address}",
                TAKE_OVER_SECONDS,
            )
        quiet(group)
        group.speakers["a"].start()
        group.wait_members(*NAMES)
        for address, _ in BOTH:
            assert group.owner(address) == "a"


def main():
    tap.need_root()
    return tap.run(
        [
            test_kill,
            test_link_cut,
            test_terminate,
            test_drain,
            test_drained_as_the_last,
            test_drain_as_metallb,
            test_drain_alone,
            test_named_interface,
            test_lan_interface_down,
            test_restart_of_the_owner,
            test_second_crash,
        ]
    )


sys.exit(main())
