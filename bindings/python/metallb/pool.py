# SPDX-License-Identifier: MIT
"""A pool: a named list of ranges, and the rule which of their addresses may be given out."""

from __future__ import annotations

import operator
from ctypes import POINTER, byref
from typing import Iterable, Iterator, Optional

from . import _abi
from ._handle import Handle
from ._library import lib
from ._values import AddressLike, decode, encode, expect, from_count, sized, to_address
from .address import Range, RangeLike, from_range, to_entry, to_range
from .errors import OverlapError, call, invalid

__all__ = ["Pool"]


class Pool(Handle):
    """Entries in the order in which they were added, which is the order of their use.

    ``len(pool)``, ``pool[i]`` and iteration give the entries; ``address in pool`` asks whether the
    pool may give out an address. A pool to which nobody adds may be read from several threads.

    :param name: 1 to 253 bytes
    :param entries: CIDRs, ranges ``first-last``, single addresses
    :param avoid_buggy: leave out IPv4 addresses that end in .0 or .255
    """

    def __init__(
        self, name: str, entries: Iterable[RangeLike] = (), *, avoid_buggy: bool = False
    ) -> None:
        if isinstance(entries, str):
            raise TypeError("entries must be an iterable of entries, not one str")
        options = sized(_abi.mlb_pool_options)
        options.flags = _abi.MLB_POOL_AVOID_BUGGY if avoid_buggy else 0
        pointer = POINTER(_abi.mlb_pool)()
        encoded = encode(name, "the name of a pool")
        call(lib.mlb_pool_new, encoded, byref(options), byref(pointer))
        super().__init__(pointer, lib.mlb_pool_free)
        try:
            for entry in entries:
                self.add(entry)
        except BaseException:
            self.close()
            raise

    def __repr__(self) -> str:
        if self.closed:
            return "<Pool, closed>"
        return f"Pool({self.name!r}, {[str(entry) for entry in self]!r})"

    @property
    def name(self) -> str:
        """Its name."""
        return decode(lib.mlb_pool_name(self._pointer))

    def add(self, entry: RangeLike) -> None:
        """Appends an entry.

        :raises ParseError: the text is no entry
        :raises OverlapError: it has an address in common with an earlier entry
        """
        if isinstance(entry, Range):
            call(lib.mlb_pool_add_range, self._pointer, byref(to_range(entry)))
        else:
            call(lib.mlb_pool_add, self._pointer, to_entry(entry))

    def __len__(self) -> int:
        size: int = lib.mlb_pool_size(self._pointer)
        return size

    def __bool__(self) -> bool:
        """True, also for a pool without entries."""
        return True

    def __getitem__(self, index: int) -> Range:
        value = _abi.mlb_range()
        size = len(self)
        position = operator.index(index)
        position += size if position < 0 else 0
        if not 0 <= position < size:
            raise IndexError(f"there is no entry {index}: pool {self.name} has {size}")
        call(lib.mlb_pool_range, self._pointer, position, byref(value))
        return from_range(value)

    def __iter__(self) -> Iterator[Range]:
        for index in range(len(self)):
            yield self[index]

    def __contains__(self, address: AddressLike) -> bool:
        value = to_address(address)
        return bool(lib.mlb_pool_contains(self._pointer, byref(value)))

    def count(self, version: Optional[int] = None) -> int:
        """How many addresses it may give out, exactly: of IP version 4, 6 or both."""
        family = _abi.MLB_FAMILY_NONE if version is None else version
        if version not in (None, _abi.MLB_FAMILY_IPV4, _abi.MLB_FAMILY_IPV6):
            raise invalid(f"the IP version is {version!r}, and must be 4, 6 or None", "version")
        count = _abi.mlb_count()
        call(lib.mlb_pool_count, self._pointer, family, byref(count))
        return from_count(count)

    def check_overlap(self, other: Pool) -> None:
        """Refuses another pool that has a common address with this one.

        :raises OverlapError: it names both pools and both entries
        """
        call(lib.mlb_pool_check_overlap, self._pointer, expect(other, Pool, "a pool")._pointer)

    def overlaps(self, other: Pool) -> bool:
        """Whether the two pools have a common address."""
        try:
            self.check_overlap(other)
        except OverlapError:
            return True
        return False
