# SPDX-License-Identifier: MIT
"""Wrong inputs, as refusals.txt tells them: the exact exception and all that it says."""

import ast
import inspect
import pathlib
from dataclasses import replace
from ipaddress import IPv4Address

import metallb
import pytest
import wire

TABLE = pathlib.Path(__file__).with_name("refusals.txt")


def cases():
    """(title, call, head, message), by title."""
    title = None
    for block in TABLE.read_text(encoding="utf-8").split("\n\n")[1:]:
        lines = block.strip("\n").splitlines()
        if lines[0].startswith("== "):
            title = lines[0][3:]
            continue
        call, head, message = lines
        assert call.startswith(">>> "), call
        yield title, call[4:], head, message


CASES = list(cases())


def cases_of(*titles):
    listed = [case[1:] for case in CASES if case[0] in titles]
    return pytest.mark.parametrize("call, head, message", listed, ids=[one[0] for one in listed])


NAMES = {
    **{name: getattr(metallb, name) for name in metallb.__all__},
    "IPv4Address": IPv4Address,
    "replace": replace,
    "TEN": metallb.Range.parse("10.0.0.0/8"),
    "LAN": metallb.Pool("lan", ["10.0.0.0/24"]),
    "KEY": bytes(16),
    "FAST": metallb.Timing.of(metallb.Profile.FAST),
}


def head_of(error):
    """The second line of a case."""
    kind = type(error).__name__
    if not isinstance(error, metallb.Error):
        return kind
    about = [error.subject, error.other] if error.other else [error.subject]
    return " ".join([kind, error.code.name, *map(repr, about)])


def check(call, head, message, **objects):
    with pytest.raises(Exception) as caught:
        eval(call, {**NAMES, **objects})
    assert (head_of(caught.value), str(caught.value)) == (head, message)


@cases_of("values", "types")
def test_values(call, head, message):
    check(call, head, message)


@pytest.fixture
def pool():
    return metallb.Pool("lan", ["10.0.0.0/24"])


@cases_of("pool")
def test_pool(pool, call, head, message):
    check(call, head, message, pool=pool)
    assert list(map(str, pool)) == ["10.0.0.0/24"]


@pytest.fixture
def allocator():
    made = metallb.Allocator([NAMES["LAN"], metallb.Pool("small", ["192.0.2.1"])])
    ports = [metallb.Port(80)]
    made.assign(
        metallb.Request("holder", ["lan"], addresses=["10.0.0.7"], ports=ports, sharing_key="k")
    )
    made.allocate(metallb.Request("only", ["small"]))
    return made


@cases_of("allocator")
def test_allocator(allocator, call, head, message):
    check(call, head, message, allocator=allocator)
    assert "a" not in allocator and allocator.holders("10.0.0.7") == ["holder"]
    assert [allocator.counters(name).requests for name in ("lan", "small")] == [1, 1]


@cases_of("election")
def test_election(call, head, message):
    election = metallb.Election()
    election.set_group(1, ["a"])
    election.set_address("10.0.0.1", 1)
    list(election.changes())
    check(call, head, message, election=election)
    assert election.places("10.0.0.1") == ("a",) and list(election.changes()) == []


@cases_of("membership")
def test_membership(loopback, call, head, message):
    with metallb.Membership(
        "one", bind_address=loopback.address, bind_port=loopback.port(), keys=[bytes(16)]
    ) as membership:
        before = membership.members()
        check(call, head, message, membership=membership)
        assert membership.members() == before


@pytest.fixture(scope="module")
def announcer():
    wire.enter_own_namespace()
    with metallb.Announcer() as made:
        made.announce("10.0.0.1")
        yield made


@cases_of("announcer")
def test_announcer(announcer, call, head, message):
    check(call, head, message, announcer=announcer)
    assert announcer.counters("10.0.0.1").requests == 0


CLASSES = [
    metallb.Pool,
    metallb.Allocator,
    metallb.Announcer,
    metallb.Election,
    metallb.Membership,
    metallb.Range,
]

# They take nothing that could be wrong, or are checked with what they are made of.
UNFAILING = {
    "changes", "close", "count", "dispatch", "events", "fileno", "interfaces", "members",
    "next_event", "overlaps", "prefixes", "restore", "statistics", "wait", "watch",
}  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_method_that_can_refuse_is_in_the_table(kind):
    called = {
        node.func.attr
        for _, call, _, _ in CASES
        for node in ast.walk(ast.parse(call))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    methods = {name for name, _ in inspect.getmembers(kind, callable) if not name.startswith("_")}
    assert methods - UNFAILING <= called


def test_every_code_of_the_library_is_in_the_table_or_named_here():
    """Those that no input alone can cause."""
    rare = {"BUFFER_TOO_SMALL", "MALFORMED", "PERMISSION", "UNSUPPORTED", "NO_MEMORY", "INTERNAL"}
    told = {head.split()[1] for _, _, head, _ in CASES if " " in head}
    assert told | rare == {code.name for code in metallb.ErrorCode}
