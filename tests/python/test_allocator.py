# SPDX-License-Identifier: MIT
"""The allocator."""

from ipaddress import IPv4Address, IPv6Address

import metallb
import pytest
from metallb import DualStack, Families, Port, Protocol, Request


@pytest.fixture
def allocator():
    pools = [
        metallb.Pool("small", ["192.0.2.0/31"]),
        metallb.Pool("both", ["10.0.0.0/24", "2001:db8::/64"]),
    ]
    with metallb.Allocator(pools) as made:
        yield made


def first(assignment):
    return str(assignment.addresses[0])


def test_allocate(allocator):
    held = allocator.allocate(Request("a", pools=["small", "both"]))
    assert held == metallb.Assignment((IPv4Address("192.0.2.0"),), "small")
    assert first(allocator.allocate(Request("b", pools=["small", "both"]))) == "192.0.2.1"
    assert first(allocator.allocate(Request("c", pools=["small", "both"]))) == "10.0.0.0"
    assert allocator.find("a") == held and "a" in allocator and "z" not in allocator
    # Who holds some keeps them.
    assert allocator.allocate(Request("a", pools=["small", "both"])) == held


def test_families(allocator):
    six = allocator.allocate(Request("six", pools=["both"], families=Families.IPV6))
    assert six.addresses == (IPv6Address("2001:db8::"),)
    both = Request("both", pools=["both"], families=Families.BOTH, dual_stack=DualStack.REQUIRE)
    held = allocator.allocate(both)
    assert held.addresses == (IPv4Address("10.0.0.0"), IPv6Address("2001:db8::1"))
    single = Request(
        "one",
        pools=["small"],
        families=Families.BOTH,
        dual_stack=DualStack.PREFER,
        primary_version=6,
    )
    assert allocator.allocate(single).addresses == (IPv4Address("192.0.2.0"),)
    with pytest.raises(metallb.ExhaustedError):
        allocator.allocate(
            Request("two", pools=["small"], families=Families.BOTH, dual_stack=DualStack.REQUIRE)
        )


def test_primary_version(allocator):
    allocator.set_pools([metallb.Pool("four", ["10.0.0.1"]), metallb.Pool("six", ["2001:db8::1"])])
    wish = {"pools": ["four", "six"], "families": Families.BOTH, "dual_stack": DualStack.PREFER}
    assert first(allocator.allocate(Request("a", primary_version=6, **wish))) == "2001:db8::1"
    assert first(allocator.allocate(Request("b", primary_version=4, **wish))) == "10.0.0.1"


def test_complete(allocator):
    request = Request("a", pools=["both"], families=Families.BOTH, dual_stack=DualStack.REQUIRE)
    with pytest.raises(metallb.WrongStateError):
        allocator.complete(request)
    allocator.assign(Request("a", pools=["both"], addresses=["2001:db8::5"]))
    held = allocator.complete(request)
    assert held.addresses == (IPv6Address("2001:db8::5"), IPv4Address("10.0.0.0"))


def test_assign(allocator):
    addresses = [IPv4Address("10.0.0.9"), "2001:db8::9"]
    held = allocator.assign(Request("a", pools=["both"], addresses=addresses))
    assert held.addresses == (IPv4Address("10.0.0.9"), IPv6Address("2001:db8::9"))
    assert allocator.holders("10.0.0.9") == ["a"] and allocator.holders("10.0.0.8") == []
    assert allocator.pool_of("10.0.0.8") == "both"


@pytest.mark.parametrize(
    "request_, kind",
    [
        (Request("b", pools=["both"], addresses=["172.16.0.1"]), metallb.NotInPoolError),
        (Request("b", pools=["both"], addresses=["192.0.2.0"]), metallb.PoolNotAllowedError),
        (Request("b", pools=["both"], addresses=["10.0.0.1", "10.0.0.2"]), metallb.FamilyError),
        (Request("b", pools=["both"], addresses=["10.0.0.7"]), metallb.SharingError),
        (Request("b", pools=["both"], addresses=[]), metallb.InvalidArgumentError),
        (Request("", pools=["both"], addresses=["10.0.0.1"]), metallb.InvalidArgumentError),
        (
            Request("b", ["both"], addresses=["10.0.0.1"], ports=[Port(0)]),
            metallb.InvalidArgumentError,
        ),
    ],
)
def test_refused_assignments(allocator, request_, kind):
    allocator.assign(Request("a", pools=["both"], addresses=["10.0.0.7"]))
    with pytest.raises(kind):
        allocator.assign(request_)
    assert "b" not in allocator and allocator.counters("both").requests == 1


def test_refused_allocations(allocator):
    with pytest.raises(metallb.NotFoundError):
        allocator.allocate(Request("a", pools=["none"]))
    with pytest.raises(metallb.NotInPoolError):
        allocator.allocate(Request("a", pools=["small"], families=Families.IPV6))
    with pytest.raises(metallb.InvalidArgumentError):
        allocator.allocate(Request("a", pools=["small"], families=0))
    for number in range(2):
        allocator.allocate(Request(str(number), pools=["small"]))
    with pytest.raises(metallb.ExhaustedError) as caught:
        allocator.allocate(Request("a", pools=["small"]))
    assert "small" in str(caught.value)


def test_values_that_do_not_fit_are_refused(allocator):
    for port in (Port(65536 + 80), Port(-1), Port(80, 256 + 6)):
        with pytest.raises(metallb.InvalidArgumentError):
            allocator.allocate(Request("a", pools=["small"], ports=[port]))
    with pytest.raises(metallb.InvalidArgumentError):
        allocator.allocate(Request("a", pools=["small"], primary_version=260))
    for wrong in ({"pools": "small"}, {"pools": ["small"], "addresses": "10.0.0.1"}):
        with pytest.raises(TypeError):
            allocator.allocate(Request("a", **wrong))
    assert "a" not in allocator


def test_sharing(allocator):
    def request(name, port, key="web", protocol=Protocol.TCP, backend=""):
        return Request(name, ["small"], ports=[Port(port, protocol)], sharing_key=key,
                       backend_key=backend)  # fmt: skip

    assert first(allocator.allocate(request("a", 80))) == "192.0.2.0"
    assert first(allocator.allocate(request("b", 443))) == "192.0.2.0"
    assert first(allocator.allocate(request("c", 80, protocol=Protocol.UDP))) == "192.0.2.0"
    assert first(allocator.allocate(request("d", 81, backend="x"))) == "192.0.2.1"
    assert allocator.holders("192.0.2.0") == ["a", "b", "c"]
    with pytest.raises(metallb.PortInUseError) as caught:
        allocator.assign(
            Request("e", ["small"], addresses=["192.0.2.0"], ports=[Port(80)], sharing_key="web")
        )
    assert caught.value.subject == "192.0.2.0" and caught.value.other == "a"
    assert allocator.counters("small") == metallb.PoolCounters(4, 2, 0, 0, 0)


def test_release(allocator):
    allocator.allocate(Request("a", pools=["small"]))
    allocator.release("a")
    assert "a" not in allocator
    for call in (allocator.release, allocator.find):
        with pytest.raises(metallb.NotFoundError):
            call("a")


def test_counters(allocator):
    allocator.allocate(Request("a", ["both"], Families.BOTH, DualStack.REQUIRE))
    counters = allocator.counters("both")
    assert counters == metallb.PoolCounters(1, 1, 255, 1, (1 << 64) - 1)
    with pytest.raises(metallb.NotFoundError):
        allocator.counters("none")
    with pytest.raises(metallb.NotInPoolError):
        allocator.pool_of("172.16.0.1")


def test_long_ids(allocator):
    for name in ("n" * 255, "n" * 256, "ü" * 2000):
        ports = [Port(len(name))]
        allocator.assign(
            Request(name, ["both"], addresses=["10.0.0.1"], ports=ports, sharing_key="k")
        )
    assert allocator.holders("10.0.0.1") == ["n" * 255, "n" * 256, "ü" * 2000]


def test_restore(allocator):
    requests = [
        Request("a", ["both"], addresses=["10.0.0.1"]),
        Request("b", ["both"], addresses=["10.0.0.1"]),
        Request("c", ["both"], addresses=["10.0.0.3", "2001:db8::3"]),
    ]
    ((refused, error),) = allocator.restore(requests)
    assert refused is requests[1] and isinstance(error, metallb.SharingError)
    assert "a" in allocator and "c" in allocator
    assert first(allocator.allocate(Request("d", ["both"]))) == "10.0.0.0"
    assert first(allocator.allocate(Request("e", ["both"]))) == "10.0.0.2"


def test_restore_stops_without_memory(allocator, monkeypatch):
    def fail(request):
        raise metallb.OutOfMemoryError(metallb.ErrorCode.NO_MEMORY, "out of memory")

    monkeypatch.setattr(allocator, "assign", fail)
    with pytest.raises(MemoryError):
        allocator.restore([Request("a", ["both"], addresses=["10.0.0.1"])])


def test_pools_are_copied_and_replaced(allocator):
    allocator.assign(Request("a", ["both"], addresses=["10.0.0.1"]))
    allocator.assign(Request("b", ["small"], addresses=["192.0.2.1"]))
    with metallb.Pool("new", ["10.0.0.0/8"]) as pool:
        allocator.set_pools([pool])
    assert allocator.find("a").pool == "new" and "b" not in allocator


def test_refused_pools(allocator):
    one = metallb.Pool("one", ["10.0.0.0/8"])
    with pytest.raises(metallb.OverlapError):
        allocator.set_pools([one, metallb.Pool("two", ["10.1.1.1"])])
    with pytest.raises(metallb.ExistsError):
        metallb.Allocator([one, metallb.Pool("one", ["11.0.0.0/8"])])
    assert allocator.pool_of("10.0.0.1") == "both"
