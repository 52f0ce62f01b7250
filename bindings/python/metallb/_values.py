# SPDX-License-Identifier: MIT
"""Python values to C values and back; what does not fit is refused, never cut off."""

from __future__ import annotations

import ctypes
import enum
import ipaddress
from ctypes import byref
from typing import Any, Optional, Sequence, TypeVar, Union

from . import _abi
from ._library import lib
from .errors import call, invalid

IPAddress = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]
IPNetwork = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]
AddressLike = Union[str, IPAddress]
BytesLike = Union[bytes, bytearray, memoryview]

Record = TypeVar("Record", bound=ctypes.Structure)
Kind = TypeVar("Kind")


class OpenEnum(enum.IntEnum):
    """An enumeration to which a later library may add: an unknown number gets a name of its own."""

    @classmethod
    def _missing_(cls, value: object) -> Any:
        if not isinstance(value, int):
            return None
        member = int.__new__(cls, value)
        member._name_ = f"UNKNOWN_{value}"
        member._value_ = value
        return member


def sized(kind: type[Record]) -> Record:
    """A struct that says how large it is."""
    record = kind()
    record.struct_size = ctypes.sizeof(kind)
    return record


def expect(value: Any, kind: type[Kind], what: str) -> Kind:
    """A value that is of a class."""
    if not isinstance(value, kind):
        raise TypeError(f"{what} must be of type {kind.__name__}, not {type(value).__name__}")
    return value


def encode(text: str, what: str) -> bytes:
    """UTF-8 without a NUL, which would end the text in C."""
    if "\0" in expect(text, str, what):
        raise invalid(f"{what} contains a NUL character", text)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise invalid(f"{what} cannot be written in UTF-8: {error.reason}", text) from None


def decode(text: bytes) -> str:
    """The text of a C string; bytes that are no UTF-8 survive a way there and back."""
    return text.decode("utf-8", "surrogateescape")


def encode_all(texts: Sequence[str], what: str) -> Any:
    """An array of C strings."""
    if isinstance(texts, str):
        raise TypeError(f"{what} must be a sequence of str, not one str")
    encoded = [encode(text, what) for text in texts]
    return (ctypes.c_char_p * len(encoded))(*encoded)


def octets(data: BytesLike, what: str) -> Any:
    """An array with a copy of some bytes."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"{what} must be bytes, not {type(data).__name__}")
    copy = bytes(data)
    return (ctypes.c_uint8 * len(copy)).from_buffer_copy(copy)


def unsigned(value: int, bits: int, what: str) -> int:
    """A number that fits; C would silently cut it off."""
    return number(value, 0, (1 << bits) - 1, what)


def number(value: int, least: int, most: int, what: str) -> int:
    """A number within bounds."""
    if not least <= expect(value, int, what) <= most:
        raise invalid(f"{what} is {value}, and must be {least} to {most}", what)
    return int(value)


def to_address(address: AddressLike) -> _abi.mlb_address:
    """Text, or an address of the module ipaddress; IPv4-mapped ones become IPv4."""
    if not isinstance(address, (str, ipaddress.IPv4Address, ipaddress.IPv6Address)):
        raise TypeError(f"an address must be a str or of ipaddress, not {type(address).__name__}")
    result = _abi.mlb_address()
    call(lib.mlb_address_parse, encode(str(address), "an address"), byref(result))
    return result


def optional_address(address: Optional[AddressLike]) -> _abi.mlb_address:
    """As to_address(); None is the address of no family."""
    return _abi.mlb_address() if address is None else to_address(address)


def from_address(address: _abi.mlb_address) -> IPAddress:
    """An address that the library gave."""
    packed = bytes(address.bytes)
    if address.family == _abi.MLB_FAMILY_IPV4:
        return ipaddress.IPv4Address(packed[:4])
    return ipaddress.IPv6Address(packed)


def known_address(address: _abi.mlb_address) -> Optional[IPAddress]:
    """As from_address(); None for the address of no family."""
    return None if address.family == _abi.MLB_FAMILY_NONE else from_address(address)


def from_count(count: _abi.mlb_count) -> int:
    """An exact count of any size."""
    return sum(word << 64 * place for place, word in enumerate(count.words))


def hardware_text(address: Any) -> str:
    """A hardware address as 02:00:00:00:00:01."""
    return bytes(address).hex(":")
