# SPDX-License-Identifier: MIT
"""Addresses and ranges of addresses.

Addresses are those of the standard module :mod:`ipaddress`; where a function takes one, a text
will do. An IPv4-mapped IPv6 address (``::ffff:192.0.2.1``) counts as the IPv4 address everywhere.
All functions here are pure and may be used from any thread.
"""

from __future__ import annotations

import ctypes
import functools
import ipaddress
from ctypes import byref
from dataclasses import dataclass
from typing import Union

from . import _abi
from ._library import lib
from ._values import (
    AddressLike,
    IPAddress,
    IPNetwork,
    encode,
    from_address,
    from_count,
    to_address,
)
from .errors import call

__all__ = [
    "AddressLike",
    "IPAddress",
    "IPNetwork",
    "Range",
    "RangeLike",
    "compare_addresses",
    "format_address",
    "parse_address",
]


def parse_address(text: AddressLike) -> IPAddress:
    """Reads one address.

    :raises ParseError: the text is none; the code and the message tell why
    """
    return from_address(to_address(text))


def format_address(address: AddressLike) -> str:
    """The canonical text (RFC 5952, never with a dotted part), which the election hashes."""
    buffer = ctypes.create_string_buffer(_abi.MLB_ADDRESS_TEXT_SIZE)
    call(lib.mlb_address_format, byref(to_address(address)), buffer, len(buffer))
    return buffer.value.decode()


def compare_addresses(a: AddressLike, b: AddressLike) -> int:
    """Negative, 0 or positive: IPv4 comes before IPv6, then the value counts."""
    order: int = lib.mlb_address_compare(byref(to_address(a)), byref(to_address(b)))
    return order


@functools.total_ordering
@dataclass(frozen=True)
class Range:
    """All addresses from first to last, both included, of one family.

    :raises ParseError: the ends are of two families, or reversed
    """

    first: IPAddress
    last: IPAddress

    def __post_init__(self) -> None:
        parsed = _parse(encode(f"{self.first}-{self.last}", "a range"))
        object.__setattr__(self, "first", from_address(parsed.first))
        object.__setattr__(self, "last", from_address(parsed.last))

    @classmethod
    def parse(cls, entry: RangeLike) -> Range:
        """Reads an entry of a pool: a CIDR, ``first-last`` or a single address.

        :raises ParseError: the text is none of them; the message says what is wrong
        """
        return entry if isinstance(entry, Range) else from_range(_parse(to_entry(entry)))

    def __str__(self) -> str:
        """The shortest canonical form, which parse() reads back."""
        buffer = ctypes.create_string_buffer(_abi.MLB_RANGE_TEXT_SIZE)
        call(lib.mlb_range_format, byref(to_range(self)), buffer, len(buffer))
        return buffer.value.decode()

    def __contains__(self, address: AddressLike) -> bool:
        return bool(lib.mlb_range_contains(byref(to_range(self)), byref(to_address(address))))

    def __lt__(self, other: Range) -> bool:
        if not isinstance(other, Range):
            return NotImplemented
        order = compare_addresses(self.first, other.first)
        return (order or compare_addresses(self.last, other.last)) < 0

    def overlaps(self, other: RangeLike) -> bool:
        """Whether the two have an address in common."""
        ranges = to_range(self), to_range(Range.parse(other))
        return bool(lib.mlb_range_overlaps(*map(byref, ranges)))

    @property
    def count(self) -> int:
        """How many addresses it has, exactly."""
        count = _abi.mlb_count()
        call(lib.mlb_range_count, byref(to_range(self)), byref(count))
        return from_count(count)

    def prefixes(self) -> list[IPNetwork]:
        """The fewest prefixes that make up the range, ascending."""
        found = (_abi.mlb_prefix * _abi.MLB_RANGE_PREFIXES_MAX)()
        needed = ctypes.c_size_t()
        call(lib.mlb_range_prefixes, byref(to_range(self)), found, len(found), byref(needed))
        return [
            ipaddress.ip_network((from_address(prefix.address), prefix.length))
            for prefix in found[: needed.value]
        ]


RangeLike = Union[str, IPAddress, IPNetwork, Range]
_ENTRIES = (
    str,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
)


def to_entry(entry: Union[str, IPAddress, IPNetwork]) -> bytes:
    """The text of an entry of a pool that is no Range."""
    if not isinstance(entry, _ENTRIES):
        kind = type(entry).__name__
        raise TypeError(f"an entry must be a str, a Range or of ipaddress, not {kind}")
    return encode(str(entry), "an entry")


def _parse(text: bytes) -> _abi.mlb_range:
    result = _abi.mlb_range()
    call(lib.mlb_range_parse, text, byref(result))
    return result


def to_range(value: Range) -> _abi.mlb_range:
    """The C value of a range."""
    return _abi.mlb_range(to_address(value.first), to_address(value.last))


def from_range(value: _abi.mlb_range) -> Range:
    """A range that the library gave."""
    return Range(from_address(value.first), from_address(value.last))
