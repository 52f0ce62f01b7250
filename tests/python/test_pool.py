# SPDX-License-Identifier: MIT
"""Pools."""

from ipaddress import IPv4Address, ip_network

import metallb
import pytest


def test_entries_keep_their_order():
    pool = metallb.Pool("lan", ["192.0.2.128/25", "192.0.2.1-192.0.2.9"])
    pool.add(ip_network("2001:db8::/64"))
    pool.add(IPv4Address("192.0.2.20"))
    pool.add(metallb.Range.parse("10.0.0.1"))
    texts = ["192.0.2.128/25", "192.0.2.1-192.0.2.9", "2001:db8::/64", "192.0.2.20", "10.0.0.1"]
    assert pool.name == "lan" and len(pool) == 5
    assert list(map(str, pool)) == texts
    assert str(pool[0]) == texts[0] and str(pool[-1]) == texts[-1]
    assert repr(pool) == f"Pool('lan', {texts!r})"
    for index in (5, -6):
        with pytest.raises(IndexError):
            pool[index]


def test_membership_of_addresses():
    pool = metallb.Pool("lan", ["192.0.2.0/24"], avoid_buggy=True)
    assert "192.0.2.1" in pool and IPv4Address("192.0.2.254") in pool
    assert "192.0.2.0" not in pool and "192.0.2.255" not in pool and "192.0.3.1" not in pool
    assert "192.0.2.0" in metallb.Pool("lan", ["192.0.2.0/24"])


def test_counts():
    pool = metallb.Pool("lan", ["192.0.2.0/24", "::/1"])
    assert pool.count(4) == 256 and pool.count(6) == 1 << 127
    assert pool.count() == 256 + (1 << 127)
    assert metallb.Pool("lan", ["192.0.2.0/24"], avoid_buggy=True).count() == 254
    for version in (5, "4", 260):
        with pytest.raises(ValueError):
            pool.count(version)


def test_empty_pool():
    pool = metallb.Pool("none")
    assert len(pool) == 0 and list(pool) == [] and pool.count() == 0
    assert pool, "an empty pool is still a pool"


@pytest.mark.parametrize("name", ["", "n" * 254, "a\0b"], ids=["empty", "long", "NUL"])
def test_refused_names(name):
    with pytest.raises(metallb.InvalidArgumentError):
        metallb.Pool(name)


def test_longest_name():
    assert metallb.Pool("é" * 126 + "e").name == "é" * 126 + "e"


def test_refused_entries_change_nothing():
    pool = metallb.Pool("lan", ["10.0.0.0/24"])
    with pytest.raises(metallb.ParseError):
        pool.add("10.1.0.0/33")
    with pytest.raises(metallb.OverlapError):
        pool.add("10.0.0.1")
    with pytest.raises(metallb.OverlapError):
        pool.add(metallb.Range.parse("10.0.0.1"))
    assert list(map(str, pool)) == ["10.0.0.0/24"]


def test_one_text_is_no_list_of_entries():
    with pytest.raises(TypeError):
        metallb.Pool("lan", "10.0.0.0/24")


def test_overlap_of_pools():
    one, two = metallb.Pool("one", ["10.0.0.0/8"]), metallb.Pool("two", ["10.1.2.3", "11.0.0.0/8"])
    three = metallb.Pool("three", ["12.0.0.0/8"])
    assert one.overlaps(two) and not one.overlaps(three)
    one.check_overlap(three)
    with pytest.raises(metallb.OverlapError) as caught:
        one.check_overlap(two)
    assert "one" in str(caught.value) and "two" in str(caught.value)
