# SPDX-License-Identifier: MIT
"""The election."""

import hashlib
import random
from ipaddress import ip_address

import metallb
import pytest
from metallb import Candidate

NODES = ["node-a", "node-b", "node-c", "node-d", "node-e"]


def expected(address, candidates):
    """The rule as the header tells it, without the library."""

    def order(candidate):
        text = f"{candidate.name}#{ip_address(address)}".encode()
        return -candidate.preference, hashlib.sha256(text).digest()

    return [candidate.name for candidate in sorted(candidates, key=order)]


def test_rank():
    assert metallb.rank("10.0.0.1", NODES[:3]) == ["node-b", "node-a", "node-c"]
    random.seed(1)
    for _ in range(200):
        address = f"10.{random.randrange(256)}.0.{random.randrange(256)}"
        candidates = [Candidate(name, random.randrange(-1, 2)) for name in NODES]
        random.shuffle(candidates)
        ranking = expected(address, candidates)
        assert metallb.rank(address, candidates) == ranking
        assert metallb.rank(address, candidates, 2) == ranking[:2]
        assert metallb.rank(address, candidates, 9) == ranking
        assert metallb.owner(address, candidates) == ranking[0]


def test_nobody():
    assert metallb.rank("10.0.0.1", []) == [] and metallb.owner("10.0.0.1", []) is None
    assert metallb.rank("10.0.0.1", NODES, 0) == []


@pytest.mark.parametrize(
    "candidates",
    [
        ["a", "a"],
        [""],
        ["n" * 254],
        ["a\0b"],
        [Candidate("a", 1 << 31)],
        [Candidate("a", -(1 << 33))],
    ],
)
def test_refused_candidates(candidates):
    with pytest.raises(metallb.InvalidArgumentError):
        metallb.rank("10.0.0.1", candidates)
    with metallb.Election() as election, pytest.raises(metallb.InvalidArgumentError):
        election.set_group(0, candidates)


def test_extreme_preferences():
    candidates = [Candidate("a", -(1 << 31)), Candidate("b", (1 << 31) - 1), "c"]
    assert metallb.rank("10.0.0.1", candidates) == ["b", "c", "a"]


def test_one_text_is_no_list_of_candidates():
    with pytest.raises(TypeError):
        metallb.rank("10.0.0.1", "node-a")


def test_election_follows_its_groups():
    election = metallb.Election()
    addresses = [f"10.0.0.{number}" for number in range(50)]
    election.set_group(7, NODES)
    for address in addresses:
        election.set_address(address, 7)
    assert sorted(map(str, election.changes())) == sorted(addresses)
    assert list(election.changes()) == []
    for nodes in (NODES[1:], NODES, NODES[:2], []):
        before = {address: election.places(address) for address in addresses}
        election.set_group(7, nodes)
        for address in addresses:
            assert election.places(address) == tuple(metallb.rank(address, nodes, 3))
        changed = {a for a in addresses if election.places(a) != before[a]}
        assert {str(address) for address in election.changes()} == changed
    assert election.owner("10.0.0.1") is None and election.places("10.0.0.1") == ()


def test_preferences_and_families():
    election = metallb.Election()
    election.set_group(0, ["a", Candidate("b", 5)])
    election.set_address("2001:db8::1")
    assert election.owner("2001:db8::1") == "b"
    assert list(election.changes()) == [ip_address("2001:db8::1")]


def test_addresses_move_between_groups():
    election = metallb.Election()
    election.set_group(1, ["a"])
    election.set_group(2, ["b"])
    election.set_address("10.0.0.1", 1)
    election.set_address("10.0.0.1", 2)
    assert election.owner("10.0.0.1") == "b"
    election.remove_group(1)
    with pytest.raises(metallb.WrongStateError):
        election.remove_group(2)
    election.remove_address("10.0.0.1")
    election.remove_group(2)


def test_what_is_not_there():
    election = metallb.Election()
    for call in (
        lambda: election.remove_group(1),
        lambda: election.set_address("10.0.0.1", 1),
        lambda: election.remove_address("10.0.0.1"),
        lambda: election.places("10.0.0.1"),
        lambda: election.owner("10.0.0.1"),
    ):
        with pytest.raises(metallb.NotFoundError):
            call()
    for group in (-1, 1 << 32):
        with pytest.raises(metallb.InvalidArgumentError):
            election.set_group(group, ["a"])
