# SPDX-License-Identifier: MIT
"""The announcer, on a cable in a network namespace of this process alone."""

import asyncio
import itertools
import select
import socket
import time
from ipaddress import IPv4Address

import metallb
import pytest
import wire
from metallb import AnnouncerEventKind as Kind
from metallb.aio import EventStream
from support import PYTHON, run, wait_until

ADDRESS = "192.0.2.200"
GRATUITOUS = 2


@pytest.fixture(scope="module", autouse=True)
def namespace():
    wire.enter_own_namespace()


@pytest.fixture
def cable():
    made = wire.Cable()
    yield made
    made.close()


@pytest.fixture
def announcer():
    with metallb.Announcer(exclude=[f"^{wire.THEIRS}$"]) as made:
        usable(made)
        yield made


def usable(announcer):
    def found():
        return [one for one in announcer.interfaces() if one.name == wire.OURS and one.usable]

    return wait_until(found, "the interface can be used", lambda: announcer.wait(0.02))[0]


def drain(announcer, cable):
    """Past the announcements of a take-over, so that what comes now is an answer."""
    wire.collect(announcer, cable, 5.0)


def test_interfaces(announcer):
    interface = usable(announcer)
    assert interface.index == socket.if_nametoindex(wire.OURS)
    assert interface.hardware_address == wire.hardware_address(wire.OURS)
    assert interface.usable and interface.reason == ""
    loopback = announcer.interfaces()[0]
    assert (loopback.name, loopback.usable, loopback.filter) == ("lo", False, metallb.Filter.NONE)
    assert loopback.reason
    indexes = [one.index for one in announcer.interfaces()]
    assert indexes == sorted(indexes)


def test_announce_answer_withdraw(announcer, cable):
    hardware = wire.hardware_address(wire.OURS)
    index = usable(announcer).index
    announcer.announce(IPv4Address(ADDRESS))
    told = wire.collect(announcer, cable, 5, lambda frames: len(frames) >= 2)
    assert {(operation, sender) for operation, _, sender in told} == {(1, ADDRESS), (2, ADDRESS)}
    assert {frame[1] for frame in told} == {hardware}
    assert announcer.announces_on(ADDRESS, index) and not announcer.announces_on(ADDRESS, 1)

    cable.ask(ADDRESS)
    wait_until(
        lambda: announcer.counters(ADDRESS).replies == 1, "an answer", lambda: announcer.wait(0.02)
    )
    counters = announcer.counters(ADDRESS, index)
    assert (counters.requests, counters.replies) == (1, 1)
    assert counters == announcer.counters(ADDRESS)
    assert counters.gratuitous >= 2 and counters.conflicts == 0

    announcer.withdraw(ADDRESS)
    for call in (announcer.withdraw, announcer.repeat, announcer.counters):
        with pytest.raises(metallb.NotFoundError):
            call(ADDRESS)
    with pytest.raises(metallb.NotFoundError):
        announcer.announces_on(ADDRESS, index)


def test_repeat(announcer, cable):
    announcer.announce(ADDRESS)
    drain(announcer, cable)
    announcer.repeat(ADDRESS)
    assert len(wire.collect(announcer, cable, 3, lambda frames: len(frames) >= 2)) == 2


def test_chosen_interfaces(announcer):
    index = usable(announcer).index
    announcer.announce(ADDRESS, ["other0"])
    announcer.wait(0.2)
    assert not announcer.announces_on(ADDRESS, index)
    announcer.announce(ADDRESS, ["other0", wire.OURS])
    wait_until(
        lambda: announcer.announces_on(ADDRESS, index), "announced", lambda: announcer.wait(0.02)
    )


def test_refused_arguments(announcer):
    with pytest.raises(metallb.InvalidArgumentError) as caught:
        announcer.announce("224.0.0.1")
    assert caught.value.subject == "224.0.0.1"
    with pytest.raises(metallb.InvalidArgumentError):
        announcer.announce(ADDRESS, [])
    with pytest.raises(metallb.InvalidArgumentError) as caught:
        announcer.announce(ADDRESS, ["a-name-that-is-too-long"])
    assert "a-name-that-is-too-long" in str(caught.value)
    with pytest.raises(TypeError):
        announcer.announce(ADDRESS, wire.OURS)
    with pytest.raises(metallb.ParseError):
        announcer.announce("192.0.2")
    with pytest.raises(metallb.InvalidArgumentError):
        announcer.counters(ADDRESS, -1)
    with pytest.raises(metallb.NotFoundError):
        announcer.counters(ADDRESS)


def test_options():
    with metallb.Announcer(exclude=["^mlb", "^x"], ebpf=False, refresh_seconds=60) as announcer:
        announcer.wait(0.2)
        reasons = {one.name: one.reason for one in announcer.interfaces()}
        assert "exclude" in reasons[wire.OURS], reasons
    with metallb.Announcer(ebpf=False) as announcer:
        assert usable(announcer).filter is metallb.Filter.CLASSIC
    with pytest.raises(metallb.InvalidArgumentError) as caught:
        metallb.Announcer(exclude=["("])
    assert "(" in str(caught.value)
    with pytest.raises(metallb.InvalidArgumentError):
        metallb.Announcer(refresh_seconds=-1)
    with pytest.raises(TypeError):
        metallb.Announcer(exclude="eth0")


def test_events(announcer, cable):
    announcer.announce(ADDRESS)
    # Once it was told to the LAN, the filters let frames for it pass.
    wire.collect(announcer, cable, 5, lambda frames: len(frames) >= 2)
    list(announcer.events())
    # Another host claims the address.
    cable.send_arp(GRATUITOUS, ADDRESS, ADDRESS)
    conflict = next(event for event in announcer.watch(5) if event.kind is Kind.CONFLICT)
    assert conflict.address == IPv4Address(ADDRESS) and conflict.count == 1
    assert conflict.hardware_address == wire.STRANGER
    assert conflict.interface_name == wire.OURS and conflict.sender is None
    assert conflict.interface_index == usable(announcer).index
    assert announcer.counters(ADDRESS).conflicts == 1

    wire.ip("address", "add", ADDRESS + "/32", "dev", wire.OURS)
    local = next(event for event in announcer.watch(5) if event.kind is Kind.LOCAL_ADDRESS)
    assert local.address == IPv4Address(ADDRESS) and local.hardware_address == ""
    wire.ip("address", "delete", ADDRESS + "/32", "dev", wire.OURS)
    assert next(event for event in announcer.watch(5) if event.kind is Kind.LOCAL_REMOVED)

    wire.ip("link", "set", wire.OURS, "down")
    down = next(event for event in announcer.watch(5) if event.kind is Kind.INTERFACE_DOWN)
    assert down.interface_name == wire.OURS and down.detail and down.address is None
    wire.ip("link", "set", wire.OURS, "up")
    assert next(event for event in announcer.watch(5) if event.kind is Kind.INTERFACE_UP)


def test_poll_takes_the_object_itself(announcer):
    list(announcer.events())
    poll = select.poll()
    poll.register(announcer, select.POLLIN)
    announcer.announce(ADDRESS)
    assert poll.poll(5000) == [(announcer.fileno(), select.POLLIN)]
    announcer.dispatch()


def test_asyncio(cable):
    async def body(announcer):
        async with EventStream(announcer) as events:
            async for event in events:
                if event.kind is Kind.INTERFACE_UP and event.interface_name == wire.OURS:
                    break
            announcer.announce(ADDRESS)
            told = []
            while len(told) < 2:
                await asyncio.sleep(0.02)
                told += cable.answers()

    with metallb.Announcer() as announcer:
        asyncio.run(asyncio.wait_for(body(announcer), 15))


def test_waiting_ends(announcer):
    list(announcer.events())
    started = time.monotonic()
    assert list(itertools.islice(announcer.watch(0.2), 100)) == []
    assert 0.2 <= time.monotonic() - started < 5
    assert announcer.next_event() is None
    # The kernel may have something to tell of an interface still.
    wait_until(lambda: announcer.wait(0) is False, "no work", lambda: None)


@pytest.mark.parametrize(
    "call",
    [
        lambda announcer: announcer.fileno(),
        lambda announcer: announcer.dispatch(),
        lambda announcer: announcer.next_event(),
        lambda announcer: list(announcer.events()),
        lambda announcer: announcer.wait(0),
        lambda announcer: announcer.announce(ADDRESS),
        lambda announcer: announcer.withdraw(ADDRESS),
        lambda announcer: announcer.repeat(ADDRESS),
        lambda announcer: announcer.counters(ADDRESS),
        lambda announcer: announcer.interfaces(),
        lambda announcer: announcer.announces_on(ADDRESS, 1),
    ],
)
def test_calls_on_a_closed_one(call):
    made = metallb.Announcer()
    made.close()
    with pytest.raises(metallb.WrongStateError) as caught:
        call(made)
    assert str(caught.value) == "this Announcer is closed"


def test_codes_of_events_are_named():
    for kind, struct in (
        (metallb.announcer, metallb._abi.mlb_announcer_event),
        (metallb.membership, metallb._abi.mlb_membership_event),
    ):
        assert kind._from_event(struct(kind=1, code=-300)).code is metallb.ErrorCode.SYSTEM
        assert kind._from_event(struct(kind=1, code=-299)).code == -299


def test_many_at_once():
    announcers = [metallb.Announcer() for _ in range(20)]
    descriptors = {one.fileno() for one in announcers}
    assert len(descriptors) == 20
    for one in announcers:
        one.close()
    with pytest.raises(metallb.WrongStateError):
        announcers[0].fileno()


CODE = """
import metallb
try:
    metallb.Announcer()
except PermissionError as error:
    print(type(error).__name__, error.code.name, error.errno, error)
"""


def test_without_the_capability():
    drop = ["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw"]
    done = run(*drop, PYTHON, "-c", CODE)
    assert done.stdout.startswith("PermissionDeniedError PERMISSION 1 "), done.stderr
    assert "CAP_NET_RAW" in done.stdout
