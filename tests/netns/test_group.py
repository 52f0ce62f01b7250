# SPDX-License-Identifier: MIT
"""The group of speakers: who belongs to it, how it starts, stalls, splits and heals, and rivals."""

import os
import signal
import sys
import time

from lab import tap
from lab.frames import REPLY, advertisement, arp_request, is_advertisement, is_arp
from lab.group import NAMES, Group, with_group
from lab.manifests import pool
from lab.namespace import run as run_program
from lab.scene import CLIENT_4, SERVICE_4, SERVICE_6, scene, two_services
from lab.service import ask
from lab.waiting import wait_for

STALL_SECONDS = 3
# A group that was split is one again within 3 s; a busy machine takes longer.
HEAL_SECONDS = 6
OTHER_SECRET = "another secret"
PROGRAM = os.environ.get("METALLB_SPEAKER", "metallb-speaker")


def claim_of(hardware, address):
    """A frame that claims an address."""
    if ":" in address:
        return advertisement(hardware, address, address)
    return arp_request(hardware, address, address)


def announcement(address, hardware=None):
    """A predicate: an unasked frame that tells whose the address is."""
    if ":" in address:
        return is_advertisement(address, hardware)
    return is_arp(REPLY, address, address, hardware)


def any_frame(address, hardware):
    """A predicate: any frame by which a host says that the address is its own."""
    unasked = announcement(address, hardware)
    if ":" in address:
        return unasked
    answer = is_arp(REPLY, address, None, hardware)
    return lambda frame: unasked(frame) or answer(frame)


def events(group, text):
    return {name: one.process.log().count(text) for name, one in group.speakers.items()}


def test_first_of_all():
    """where no other speaker answers nothing is waited for"""
    with scene() as made:
        group = Group(made)
        started = time.monotonic()
        group.start("a", two_services(*NAMES), ["--join-timeout", "60"])
        group.speakers["a"].wait_announcing(SERVICE_4, seconds=10)
        print(f"# alone and announcing after {time.monotonic() - started:.2f} s")
        assert "waits no longer" not in group.speakers["a"].process.log()
        # The list that names this host alone names nobody to wait for either.
        group.speakers["a"].stop()
        group.start("b", two_services(*NAMES), ["--join-timeout", "60"], members="192.0.2.2")
        group.speakers["b"].wait_announcing(SERVICE_4, seconds=10)


def break_manifest(directory):
    """A manifest that cannot be read; its path."""
    path = os.path.join(directory, "broken.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("apiVersion: v1\nkind: [\n")
    return path


@with_group
def test_cold_start(group):
    """a node that joins is silent until it has read all and asked, while the owner goes on"""
    made = group.made
    hardware = group.hosts["a"].hardware_address()
    group.speakers["a"].stop()
    former = group.owner(SERVICE_4, "b", "c")
    # What cannot be read keeps it waiting; nobody gives it an address meanwhile.
    broken = break_manifest(group.speakers["a"].manifests)
    capture = made.client.capture()
    group.start("a", None, ["--join-timeout", "60"])
    wait_for(lambda: group.members("b") == set(NAMES), "b sees a")
    wait_for(lambda: group.member("b", "a").get("ready") is False, "b hears that a is not ready")
    assert group.speakers["a"].status()["state"] == "starting"
    assert group.owner(SERVICE_4, "b", "c") == former
    assert ask(made.client, SERVICE_4, 80) == former
    assert not capture.frames(any_frame(SERVICE_4, hardware))
    os.remove(broken)
    group.speakers["a"].wait_announcing(SERVICE_4)
    assert group.owner(SERVICE_4) == "a"
    # It took the address once: one announcement, its repeats, and no way back.
    began = 'msg="announcing 192.0.2.200'
    assert events(group, began)["a"] == 2 and events(group, began)[former] == 1


def test_join_timeout():
    """with manifests that cannot be read it waits for --join-timeout and no longer"""
    with scene() as made:
        group = Group(made)
        directory = os.path.join(group.hosts["a"].directory, "manifests")
        os.makedirs(directory)
        break_manifest(directory)
        started = time.monotonic()
        speaker = group.start("a", two_services(*NAMES), ["--join-timeout", "3"])
        speaker.wait_announcing(SERVICE_4, seconds=10)
        assert time.monotonic() - started > 2.5
        assert "waits no longer for manifests" in speaker.process.log()


@with_group
def test_stall(group):
    """a stopped owner that goes on answers nothing old, and there is one owner afterwards"""
    made = group.made
    stopped = group.speakers["a"]
    hardware = group.hosts["a"].hardware_address()
    capture = made.client.capture()
    stopped.process.signal(signal.SIGSTOP)
    owner = group.owner(SERVICE_4, "b", "c")
    assert wait_for(lambda: ask(made.client, SERVICE_4, 80), "answer") == owner
    # Requests that wait in the socket of the stopped one.
    for _ in range(20):
        capture.send(arp_request(made.client.hardware_address(), CLIENT_4, SERVICE_4))
    time.sleep(STALL_SECONDS)
    capture.clear()
    stopped.process.signal(signal.SIGCONT)
    stopped.wait_logged("stood still")
    group.wait_members(*NAMES)
    assert group.owner(SERVICE_4) == "a"
    # The first that it said of the address was that it took it over again.
    (first,) = capture.wait_for(any_frame(SERVICE_4, hardware), "a announces again")
    assert is_arp(REPLY, SERVICE_4, CLIENT_4)(first) is False, first
    assert ask(made.client, SERVICE_4, 80) == "a"
    assert not stopped.announces(SERVICE_4) or not group.speakers[owner].announces(SERVICE_4)


@with_group
def test_split(group):
    """a group that was split is one again, and whoever keeps an address announces it anew"""
    made = group.made
    # The node stays on a LAN, but on one of its own.
    made.lab.bridge_ip("link", "add", "br1", "type", "bridge", "forward_delay", "0")
    made.lab.bridge_ip("link", "set", "br1", "up")
    made.lab.bridge_ip("link", "set", group.hosts["c"].port, "master", "br1")
    wait_for(lambda: group.members("a") == {"a", "b"}, "a sees that c is gone")
    group.speakers["c"].wait_announcing(SERVICE_4)
    group.speakers["c"].wait_announcing(SERVICE_6)
    capture = made.client.capture()
    # Repeats of the last take-over are over after 5 s, so that what is seen is new.
    time.sleep(5)
    capture.clear()
    healed = time.monotonic()
    made.lab.bridge_ip("link", "set", group.hosts["c"].port, "master", "br0")
    group.wait_members(*NAMES, seconds=HEAL_SECONDS)
    for address in (SERVICE_4, SERVICE_6):
        assert group.owner(address, seconds=HEAL_SECONDS) == "a"
    print(f"# one group and one owner after {time.monotonic() - healed:.2f} s")
    for address in (SERVICE_4, SERVICE_6):
        capture.wait_for(
            announcement(address, group.hosts["a"].hardware_address()),
            f"a announces {address} anew",
        )
    assert ask(made.client, SERVICE_4, 80) == "a"


def test_key():
    """who has another key is no member; without a key --members is refused"""
    with scene() as made:
        group = Group(made)
        group.start("a", two_services(*NAMES))
        group.start("b", two_services(*NAMES))
        group.write_secret("c", OTHER_SECRET)
        group.start("c", two_services(*NAMES))
        group.wait_members("a", "b")
        wait_for(
            lambda: group.speakers["a"].status()["membership"]["packetsRefused"]
            + group.speakers["c"].status()["membership"]["packetsRefused"]
            > 0
            or events(group, "has joined")["c"] == 0,
            "packets are refused",
        )
        assert group.members("c") == {"c"}
        assert group.members("a") == {"a", "b"}
        arguments = ["--manifests", group.hosts["a"].directory, "--members", "192.0.2.1"]
        refused = run_program(PROGRAM, *arguments, check=False)
        assert refused.returncode == 2 and "--ml-secret-key-path" in refused.stderr, refused
        missing = ["--ml-secret-key-path", "/nonexistent"]
        refused = group.hosts["a"].run(PROGRAM, *arguments, *missing, check=False)
        assert refused.returncode == 1 and "/nonexistent" in refused.stderr, refused


@with_group
def test_key_rotation(group):
    """a new key is taken from the file while all go on; an empty file keeps the last good one"""
    for name in NAMES:
        group.write_secret(name, OTHER_SECRET)
    for name in NAMES:
        group.speakers[name].wait_logged("the key of the group has changed")
    for name in NAMES:
        group.write_secret(name, "")
        group.speakers[name].wait_logged("is empty")
    # Who comes now has the new key alone.
    group.speakers["c"].process.kill()
    group.write_secret("c", OTHER_SECRET)
    group.speakers["c"].start()
    group.wait_members(*NAMES)
    assert events(group, "a has failed") == {"a": 0, "b": 0, "c": 0}
    assert events(group, "b has failed") == {"a": 0, "b": 0, "c": 0}
    assert any("is empty" in one["message"] for one in group.speakers["a"].status()["errors"])
    group.write_secret("a", OTHER_SECRET)
    wait_for(
        lambda: not any("is empty" in e["message"] for e in group.speakers["a"].status()["errors"]),
        "the error is over",
    )


def test_members_file():
    """members come from a file, and from the file as it is later"""
    with scene() as made:
        group = Group(made)
        path = os.path.join(group.hosts["a"].directory, "members")
        with open(path, "w", encoding="utf-8") as file:
            file.write("# nobody yet\n")
        group.start("a", two_services(*NAMES), members=path)
        group.start("b", two_services(*NAMES), members="192.0.2.2")
        group.wait_members("a")
        group.wait_members("b")
        with open(path, "w", encoding="utf-8") as file:
            file.write("192.0.2.1\n192.0.2.2:7946 # the other one\n")
        group.wait_members("a", "b")


@with_group
def test_digest(group):
    """a configuration that differs for more than ten seconds is told, and its end too"""
    group.speakers["b"].apply(two_services(*NAMES) + [pool("more", "198.51.100.0/29")])
    for name, text in (("a", "b: manifests"), ("c", "b: manifests"), ("b", "a, c: manifests")):
        group.speakers[name].wait_logged(text, seconds=15)
    assert group.member("a", "b")["differs"] and not group.member("a", "c")["differs"]
    group.speakers["b"].apply(two_services(*NAMES))
    for name in NAMES:
        group.speakers[name].wait_logged("over: ")


def claim(group, name, address):
    """The host of a member claims an address by a frame of its own."""
    host = group.hosts[name]
    host.capture().send(claim_of(host.hardware_address(), address))


@with_group
def test_rival_that_ranks_lower(group):
    """a member that claims an address of another is answered by an announcement, once in 10 s"""
    # The announcements of the start are over by then.
    time.sleep(5)
    capture = group.made.client.capture()
    hardware = group.hosts["a"].hardware_address()
    for address in (SERVICE_4, SERVICE_6):
        claim(group, "c", address)
        capture.wait_for(announcement(address, hardware), f"{address} is announced again", 1, 1)
        group.speakers["a"].wait_logged(f"c claims {address}, which this node owns")
    # A repeat has its own repeats for 5 s; after those the second claim must be met by nothing.
    time.sleep(5)
    capture.clear()
    claim(group, "c", SERVICE_4)
    wait_for(
        lambda: group.speakers["a"].address(SERVICE_4)["counters"]["conflicts"] >= 2, "conflict"
    )
    time.sleep(0.5)
    assert not capture.frames(announcement(SERVICE_4, hardware))
    assert group.owner(SERVICE_4) == "a"


@with_group
def test_rival_that_is_taken_for_dead(group):
    """a member that counts as failed, is heard and ranks higher is left the address"""
    made = group.made
    # The members cannot reach a any more, while the LAN still can.
    for name in ("b", "c"):
        group.hosts[name].ip("route", "add", "blackhole", "192.0.2.1")
        group.hosts["a"].ip("route", "add", "blackhole", f"192.0.2.{NAMES.index(name) + 1}")
    for name in ("b", "c"):
        group.speakers[name].wait_logged("a has failed")
    wait_for(lambda: group.members("a") == {"a"}, "a is alone")
    group.speakers["a"].wait_announcing(SERVICE_4)
    claim(group, "a", SERVICE_4)
    claim(group, "a", SERVICE_6)
    for address in (SERVICE_4, SERVICE_6):
        wait_for(
            lambda one=address: any(
                f"a answers for {one}" in speaker.process.log()
                for speaker in group.speakers.values()
            ),
            f"{address} is left to a",
        )
        for name in ("b", "c"):
            group.speakers[name].wait_silent(address)
    assert ask(made.client, SERVICE_4, 80) == "a"


@with_group
def test_stranger(group):
    """a host that is no member and claims an address is reported, not followed"""
    capture = group.made.client.capture()
    capture.send(claim_of(group.made.client.hardware_address(), SERVICE_4))
    group.speakers["a"].wait_logged("another host, ")
    assert group.owner(SERVICE_4) == "a"


def main():
    tap.need_root()
    return tap.run(
        [
            test_first_of_all,
            test_cold_start,
            test_join_timeout,
            test_stall,
            test_split,
            test_key,
            test_key_rotation,
            test_members_file,
            test_digest,
            test_rival_that_ranks_lower,
            test_rival_that_is_taken_for_dead,
            test_stranger,
        ]
    )


sys.exit(main())
