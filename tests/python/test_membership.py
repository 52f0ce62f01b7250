# SPDX-License-Identifier: MIT
"""Memberships that meet on loopback."""

import dataclasses
import errno
import select
import socket
from ipaddress import IPv4Address, ip_address

import metallb
import pytest
from metallb import MembershipEventKind as Kind
from metallb import MemberState, Profile, Timing
from support import wait_until

KEY = bytes(range(16))
OTHER_KEY = bytes(range(32))
TIMING_NUMBERS = [f.name for f in dataclasses.fields(Timing) if f.name != "stream_pings"]


class Group:
    """Memberships on one address, each with a port of its own, that work in turn."""

    def __init__(self, loopback):
        self.loopback = loopback
        self.nodes = {}
        self.ports = {}
        self.seen = {}

    def add(self, name, seeds=(), **options):
        port = self.ports[name] = self.loopback.port()
        node = metallb.Membership(
            name, bind_address=self.loopback.address, bind_port=port, **options
        )
        self.nodes[name] = node
        self.seen[name] = []
        if seeds:
            node.join([f"{self.loopback.address}:{self.ports[seed]}" for seed in seeds])
        return node

    def remove(self, name):
        self.nodes.pop(name).close()

    def work(self):
        poll = select.poll()
        for node in self.nodes.values():
            poll.register(node, select.POLLIN)
        poll.poll(20)
        for name, node in self.nodes.items():
            node.dispatch()
            self.seen[name] += node.events()

    def wait(self, condition, what, seconds=15):
        return wait_until(condition, what, self.work, seconds)

    def wait_event(self, name, kind, about=None):
        def found():
            wanted = [e for e in self.seen[name] if e.kind is kind and about in (None, e.name)]
            return wanted[-1:] or None

        return self.wait(found, f"{name} tells {kind.name} of {about}")[0]

    def wait_whole(self):
        """Until each node knows the others as alive."""

        def whole():
            names = sorted(self.nodes)
            return all(
                [m.name for m in node.members() if m.state is MemberState.ALIVE] == names
                for node in self.nodes.values()
            )

        self.wait(whole, "the group is whole")

    def close(self):
        for node in self.nodes.values():
            node.close()


@pytest.fixture
def group(loopback):
    made = Group(loopback)
    yield made
    made.close()


def test_alone(group):
    node = group.add("one", meta=b"\0meta\xff")
    (member,) = node.members()
    assert member == node.member("one")
    assert (member.name, member.state, member.is_self) == ("one", MemberState.ALIVE, True)
    assert member.address == IPv4Address(group.loopback.address)
    assert member.port == group.ports["one"] and member.meta == b"\0meta\xff"
    assert member.facts_version == 0 and len(member.versions) == 6
    assert node.statistics().alive == 1
    for call in (node.member, node.facts):
        with pytest.raises(metallb.NotFoundError):
            call("two")


def test_join(group):
    group.add("one")
    group.add("two", ["one"], meta=b"second")
    joined = group.wait_event("one", Kind.JOINED, "two")
    assert joined.address == ip_address(group.loopback.address)
    assert joined.port == group.ports["two"] and joined.time > 0 and joined.code == 0
    group.wait_event("two", Kind.SYNCHRONIZED)
    group.wait_whole()
    assert [member.is_self for member in group.nodes["two"].members()] == [False, True]
    assert group.nodes["one"].member("two").meta == b"second"
    group.wait(lambda: group.nodes["two"].statistics().packets_received > 0, "packets")
    statistics = group.nodes["two"].statistics()
    assert statistics.push_pulls >= 1 and statistics.packets_sent > 0
    assert statistics.bytes_received > 0 and statistics.bytes_sent > 0
    assert statistics.packets_refused == statistics.conflicts == 0


def test_facts_and_meta(group):
    one = group.add("one")
    group.add("two", ["one"])
    group.wait_whole()
    one.set_facts(b"\0\1\2")
    group.wait_event("two", Kind.FACTS, "one")
    facts = group.nodes["two"].facts("one")
    assert facts.data == b"\0\1\2" and facts == one.facts("one") and facts.version > 0
    member = group.nodes["two"].member("one")
    assert (member.facts_version, member.facts_length) == (facts.version, 3)
    one.set_facts(bytearray(b"x" * metallb.FACTS_MAX))
    group.wait(
        lambda: len(group.nodes["two"].facts("one").data) == metallb.FACTS_MAX, "the longest facts"
    )
    assert group.nodes["two"].facts("one").version > facts.version
    one.set_facts(b"")
    group.wait(lambda: group.nodes["two"].facts("one").data == b"", "empty facts")
    one.set_meta(memoryview(b"new"))
    group.wait_event("two", Kind.UPDATED, "one")
    assert group.nodes["two"].member("one").meta == b"new"


def test_failure_is_seen(group):
    group.add("one")
    group.add("two", ["one"])
    group.add("three", ["one"])
    group.wait_whole()
    group.remove("three")
    for name in ("one", "two"):
        group.wait_event(name, Kind.FAILED, "three")
        assert group.nodes[name].member("three").state is MemberState.FAILED
    assert group.nodes["one"].statistics().failed == 1
    suspected = [e.kind for name in ("one", "two") for e in group.seen[name] if e.name == "three"]
    assert Kind.SUSPECTED in suspected


def test_leave_and_return(group):
    group.add("one")
    two = group.add("two", ["one"])
    group.wait_whole()
    with pytest.raises(metallb.WrongStateError):
        two.return_()
    two.leave(timeout=3)
    with pytest.raises(metallb.WrongStateError):
        two.leave()
    group.wait_event("two", Kind.DEPARTED)
    group.wait_event("one", Kind.LEFT, "two")
    assert group.nodes["one"].member("two").state is MemberState.LEFT
    group.seen["one"].clear()
    two.return_()
    group.wait_event("one", Kind.JOINED, "two")
    group.wait_whole()


def test_refused_times(group):
    node = group.add("one")
    for seconds in (-1, 1e10):
        with pytest.raises(metallb.InvalidArgumentError):
            node.leave(seconds)
    assert node.member("one").state is MemberState.ALIVE


def test_keys(group):
    one = group.add("one", keys=[KEY])
    group.add("two", ["one"], keys=[KEY])
    group.add("stranger", ["one"], keys=[OTHER_KEY])
    group.wait(lambda: len(one.members()) == 2, "the two with one key meet")
    group.wait(lambda: one.statistics().packets_refused + one.statistics().streams_failed > 0,
               "the stranger is refused")  # fmt: skip
    assert [member.name for member in one.members()] == ["one", "two"]
    # From one key to the other without a gap, then the stranger is none.
    for keys in ([KEY, OTHER_KEY], [OTHER_KEY, KEY], [OTHER_KEY]):
        for name in ("one", "two"):
            group.nodes[name].set_keys(keys)
    group.wait_whole()


@pytest.mark.parametrize("keys", [[b""], [b"x" * 15], [b"x" * 33], [KEY] * 17, [KEY, b"x" * 40]])
def test_refused_keys(group, keys):
    with pytest.raises(metallb.InvalidArgumentError) as caught:
        group.add("one", keys=keys)
    assert caught.value.subject == "keys"
    two = group.add("two", keys=[KEY])
    for wrong in (keys, []):
        with pytest.raises(metallb.InvalidArgumentError):
            two.set_keys(wrong)


def test_keys_of_one_length_differ(group):
    one = group.add("one", keys=[KEY])
    group.add("stranger", ["one"], keys=[KEY[::-1]])
    group.wait(lambda: one.statistics().packets_refused + one.statistics().streams_failed > 0,
               "the stranger is refused")  # fmt: skip
    assert [member.name for member in one.members()] == ["one"]


def test_one_key_is_no_list_of_keys(group):
    with pytest.raises(TypeError):
        group.add("one", keys=KEY)
    with pytest.raises(TypeError):
        group.add("one", keys=["x" * 16])


def test_labels_keep_groups_apart(group):
    one = group.add("one", label="blue")
    group.add("two", ["one"], label="green")
    three = group.add("three", ["one"], label="blue", compression=False)
    group.wait(lambda: len(three.members()) == 2, "those of one label meet")
    group.wait(lambda: one.statistics().packets_refused + one.statistics().streams_failed > 0,
               "the other label is refused")  # fmt: skip
    assert len(group.nodes["two"].members()) == 1


def test_key_from_secret():
    digest_of_nothing = bytes.fromhex(
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    assert metallb.key_from_secret("secret") == b"secret" + digest_of_nothing[:26]
    assert metallb.key_from_secret(b"x" * 40) == b"x" * 32
    assert metallb.key_from_secret("é") == "é".encode() + digest_of_nothing[:30]
    for secret in ("", b""):
        with pytest.raises(metallb.InvalidArgumentError):
            metallb.key_from_secret(secret)


def test_timing():
    fast, lan, wan = map(Timing.of, (Profile.FAST, Profile.LAN, Profile.WAN))
    assert fast.probe_interval < lan.probe_interval < wan.probe_interval
    assert lan.probe_interval == 1000 and lan.probe_timeout == 500 and lan.stream_pings
    with pytest.raises(metallb.InvalidArgumentError):
        Timing.of(99)


def test_timing_is_taken(group):
    quick = dataclasses.replace(
        Timing.of(Profile.FAST), probe_interval=50, probe_timeout=20, stream_pings=False
    )
    slow = Timing.of(Profile.WAN)
    group.add("one", timing=quick)
    group.add("two", ["one"], timing=slow)
    group.wait_whole()
    group.wait(lambda: group.nodes["one"].statistics().probes >= 20, "twenty probes", 10)
    assert group.nodes["two"].statistics().probes <= 2


@pytest.mark.parametrize("name", TIMING_NUMBERS)
def test_refused_timing(group, name):
    """Each value travels: one that is out of bounds is refused by its name."""
    wrong = dataclasses.replace(Timing.of(Profile.LAN), **{name: 4_000_000})
    with pytest.raises(metallb.InvalidArgumentError) as caught:
        group.add("one", timing=wrong)
    assert caught.value.subject == name
    with pytest.raises(metallb.InvalidArgumentError):
        group.add("one", timing=dataclasses.replace(wrong, **{name: -1}))


@pytest.mark.parametrize(
    "options, subject",
    [
        ({"label": "l" * 256}, "label"),
        ({"meta": b"m" * 513}, "meta"),
        ({"advertise_address": "224.0.0.1"}, "advertise_address"),
        ({"delegate_versions": (5, 2, 4)}, "delegate_versions"),
        ({"delegate_versions": (0, 0)}, "delegate_versions"),
        ({"delegate_versions": (0, 256, 0)}, "delegate_versions"),
        ({"advertise_port": 65536}, "advertise_port"),
    ],
)
def test_refused_options(group, options, subject):
    with pytest.raises(metallb.InvalidArgumentError) as caught:
        group.add("one", **options)
    assert caught.value.subject == subject


@pytest.mark.parametrize("name", ["", "n" * 256, "a\0b"], ids=["empty", "long", "NUL"])
def test_refused_names(group, name):
    with pytest.raises(metallb.InvalidArgumentError):
        group.add(name)


def test_types(group):
    node = group.add("one")
    for call in (node.set_facts, node.set_meta):
        with pytest.raises(TypeError):
            call("text")
        with pytest.raises(TypeError):
            call(5)
    with pytest.raises(TypeError):
        node.join("127.0.0.1")
    with pytest.raises(TypeError):
        metallb.Membership(b"bytes")
    for call, most in ((node.set_facts, metallb.FACTS_MAX), (node.set_meta, metallb.META_MAX)):
        with pytest.raises(metallb.InvalidArgumentError):
            call(b"x" * (most + 1))


def test_refused_seeds(group):
    node = group.add("one")
    for seed in ("", "127.0.0.1:port", "127.0.0.1:70000", "[::1"):
        with pytest.raises(metallb.InvalidArgumentError) as caught:
            node.join(["127.0.0.1", seed])
        assert seed in str(caught.value)


def test_silent_seeds(group):
    node = group.add("one")
    node.join([f"{group.loopback.address}:{group.loopback.port()}"])
    group.wait_event("one", Kind.SEEDS_SILENT)


def test_port_that_is_taken(group):
    group.add("one")
    with pytest.raises(OSError) as caught:
        metallb.Membership("two", bind_address=group.loopback.address, bind_port=group.ports["one"])
    assert caught.value.code is metallb.ErrorCode.SYSTEM
    assert caught.value.errno == errno.EADDRINUSE == caught.value.system_error


def test_conflict_of_names(group):
    group.add("one")
    group.add("two", ["one"])
    group.wait_whole()
    port = group.loopback.port()
    with metallb.Membership("two", bind_address=group.loopback.address, bind_port=port) as third:
        third.join([f"{group.loopback.address}:{group.ports['one']}"])

        def work():
            third.wait(0.02)
            group.work()

        def told():
            return [e for e in group.seen["one"] if e.kind is Kind.CONFLICT]

        event = wait_until(told, "the conflict", work)[0]
    assert (event.name, event.port) == ("two", port)


def test_advertised_address(group):
    port = group.loopback.port()
    node = group.add("one", advertise_address="192.0.2.7", advertise_port=port)
    member = node.member("one")
    assert (str(member.address), member.port) == ("192.0.2.7", port)


def test_versions_of_an_application(group):
    node = group.add("one", delegate_versions=(2, 5, 4))
    assert node.member("one").versions[3:] == (2, 5, 4)


def test_names_that_are_no_text(group):
    name = b"\xff\xfe".decode("utf-8", "surrogateescape")
    group.add(name)
    two = group.add("two", [name])
    group.wait_whole()
    assert two.member(name).name == name


def test_ipv6(group):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError as error:
            pytest.skip(f"no IPv6 on loopback: {error}")
        port = probe.getsockname()[1]
    with metallb.Membership("one", bind_address="::1", bind_port=port) as node:
        assert str(node.member("one").address) == "::1"
