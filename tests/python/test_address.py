# SPDX-License-Identifier: MIT
"""Addresses and ranges."""

import ctypes
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import metallb
import pytest
from metallb import _abi, _values
from metallb._library import lib
from metallb.address import to_range

Code = metallb.ErrorCode


def test_parse():
    assert metallb.parse_address("192.0.2.1") == IPv4Address("192.0.2.1")
    assert metallb.parse_address("2001:DB8::1") == IPv6Address("2001:db8::1")
    assert metallb.parse_address(IPv6Address("2001:db8::1")) == IPv6Address("2001:db8::1")
    assert metallb.parse_address("::ffff:192.0.2.1") == IPv4Address("192.0.2.1")
    assert metallb.parse_address(IPv6Address("::ffff:192.0.2.1")) == IPv4Address("192.0.2.1")


@pytest.mark.parametrize(
    "text, code",
    [
        ("", Code.EMPTY),
        ("192.0.2", Code.ADDRESS),
        ("name", Code.ADDRESS),
        ("192.0.2.01", Code.LEADING_ZERO),
        ("fe80::1%eth0", Code.ZONE),
        (IPv6Address("fe80::1%eth0"), Code.ZONE),
        ("192.0.2.1\0", Code.INVALID_ARGUMENT),
        ("\ud800", Code.INVALID_ARGUMENT),
    ],
)
def test_refused_addresses(text, code):
    with pytest.raises(ValueError) as caught:
        metallb.parse_address(text)
    assert caught.value.code is code


@pytest.mark.parametrize("value", [1, None, b"192.0.2.1", ip_network("192.0.2.0/24")])
def test_other_types_are_no_addresses(value):
    with pytest.raises(TypeError):
        metallb.parse_address(value)


def test_format():
    assert metallb.format_address("2001:0DB8:0:0::1") == "2001:db8::1"
    assert metallb.format_address(IPv4Address("192.0.2.1")) == "192.0.2.1"
    # Never a dotted part: all nodes must hash the same bytes.
    assert metallb.format_address("::1.2.3.4") == "::102:304"


def test_compare():
    assert metallb.compare_addresses("192.0.2.1", "192.0.2.2") < 0
    assert metallb.compare_addresses("::1", "192.0.2.2") > 0
    assert metallb.compare_addresses("::ffff:192.0.2.2", "192.0.2.2") == 0


def test_every_address_survives_the_way_there_and_back():
    for text in ("0.0.0.0", "255.255.255.255", "::", "ffff:" * 7 + "ffff", "1:2:3:4:5:6:7:8"):
        address = ip_address(text)
        assert _values.from_address(_values.to_address(address)) == address


def test_no_address():
    assert _values.known_address(_values.optional_address(None)) is None


@pytest.mark.parametrize(
    "entry, first, last, text",
    [
        ("192.0.2.0/24", "192.0.2.0", "192.0.2.255", "192.0.2.0/24"),
        ("192.0.2.77/24", "192.0.2.0", "192.0.2.255", "192.0.2.0/24"),
        (" 192.0.2.1 - 192.0.2.9 ", "192.0.2.1", "192.0.2.9", "192.0.2.1-192.0.2.9"),
        ("2001:db8::1", "2001:db8::1", "2001:db8::1", "2001:db8::1"),
        (ip_network("2001:db8::/112"), "2001:db8::", "2001:db8::ffff", "2001:db8::/112"),
        (IPv4Address("192.0.2.7"), "192.0.2.7", "192.0.2.7", "192.0.2.7"),
    ],
)
def test_ranges(entry, first, last, text):
    parsed = metallb.Range.parse(entry)
    assert (parsed.first, parsed.last) == (ip_address(first), ip_address(last))
    assert str(parsed) == text and metallb.Range.parse(str(parsed)) == parsed
    assert metallb.Range.parse(parsed) is parsed
    assert metallb.Range(ip_address(first), ip_address(last)) == parsed
    assert hash(metallb.Range.parse(text)) == hash(parsed)


@pytest.mark.parametrize(
    "entry, code",
    [
        ("", Code.EMPTY),
        ("192.0.2.0/33", Code.PREFIX_LENGTH),
        ("192.0.2.9-192.0.2.1", Code.RANGE_REVERSED),
        ("192.0.2.9-::1", Code.RANGE_FAMILIES),
        ("x-192.0.2.1", Code.RANGE_FIRST),
        ("192.0.2.1-x", Code.RANGE_LAST),
    ],
)
def test_refused_ranges(entry, code):
    with pytest.raises(metallb.ParseError) as caught:
        metallb.Range.parse(entry)
    assert caught.value.code is code and caught.value.subject == entry


def test_range_from_its_ends_is_checked():
    with pytest.raises(metallb.ParseError) as caught:
        metallb.Range(IPv4Address("192.0.2.9"), IPv4Address("192.0.2.1"))
    assert caught.value.code is Code.RANGE_REVERSED
    mapped = metallb.Range(IPv6Address("::ffff:192.0.2.1"), IPv4Address("192.0.2.9"))
    assert mapped.first == IPv4Address("192.0.2.1")


def test_contains_and_overlaps():
    ten = metallb.Range.parse("10.0.0.0/8")
    assert "10.1.2.3" in ten and IPv4Address("10.255.255.255") in ten
    assert "11.0.0.0" not in ten and "::1" not in ten
    assert ten.overlaps("10.0.0.7") and not ten.overlaps(ip_network("11.0.0.0/8"))


@pytest.mark.parametrize(
    "entry, count",
    [("10.0.0.1", 1), ("10.0.0.0/8", 1 << 24), ("2001:db8::/64", 1 << 64), ("::/0", 1 << 128)],
)
def test_counts_are_exact(entry, count):
    value = metallb.Range.parse(entry)
    assert value.count == count
    # The library's own text of the count agrees.
    raw = _abi.mlb_count()
    text = ctypes.create_string_buffer(_abi.MLB_COUNT_TEXT_SIZE)
    assert lib.mlb_range_count(ctypes.byref(to_range(value)), ctypes.byref(raw), None) == 0
    assert lib.mlb_count_format(ctypes.byref(raw), text, len(text), None) == 0
    assert text.value.decode() == str(count)


def test_prefixes():
    found = metallb.Range.parse("10.0.0.1-10.0.0.6").prefixes()
    assert list(map(str, found)) == ["10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32"]
    widest = metallb.Range.parse("::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe").prefixes()
    assert len(widest) == _abi.MLB_RANGE_PREFIXES_MAX
    assert sum(prefix.num_addresses for prefix in widest) == (1 << 128) - 2


def test_ranges_are_ordered():
    texts = ["::1", "10.0.0.2", "10.0.0.1-10.0.0.3", "10.0.0.1"]
    assert list(map(str, sorted(map(metallb.Range.parse, texts)))) == texts[::-1]
    with pytest.raises(TypeError):
        metallb.Range.parse("::1") < 1


def test_ranges_do_not_change():
    with pytest.raises(AttributeError):
        metallb.Range.parse("10.0.0.1").first = IPv4Address("10.0.0.0")


@pytest.mark.parametrize("value", [-1, 256])
def test_numbers_are_never_cut_off(value):
    with pytest.raises(metallb.InvalidArgumentError):
        _values.unsigned(value, 8, "a number")


def test_bytes_that_are_no_text_survive():
    assert _values.encode(_values.decode(b"a\xff"), "a text") == b"a\xff"


def test_unknown_numbers_of_an_enumeration_get_a_name():
    unknown = metallb.Filter(99)
    assert unknown == 99 and unknown.name == "UNKNOWN_99"
    with pytest.raises(ValueError):
        metallb.Filter("EBPF")
