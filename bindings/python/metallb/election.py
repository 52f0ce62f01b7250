# SPDX-License-Identifier: MIT
"""The election decides which node announces an address, without a word between the nodes."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Optional, Union

from . import _abi
from ._handle import Handle
from ._library import lib
from ._values import (
    AddressLike,
    IPAddress,
    decode,
    encode,
    expect,
    from_address,
    number,
    sized,
    to_address,
    unsigned,
)
from .errors import call

__all__ = ["Candidate", "CandidateLike", "Election", "owner", "rank"]


@dataclass(frozen=True)
class Candidate:
    """A node that could announce an address; a higher preference is better."""

    name: str
    preference: int = 0


# A bare name has preference 0.
CandidateLike = Union[str, Candidate]


def _to_candidates(candidates: Iterable[CandidateLike]) -> tuple[Any, int]:
    """An array of C structs, which keeps what it points to alive, and its length."""
    if isinstance(candidates, str):
        raise TypeError("candidates must be an iterable of names, not one str")
    all_of_them = [Candidate(one) if isinstance(one, str) else one for one in candidates]
    array = (_abi.mlb_candidate * len(all_of_them))()
    for struct, candidate in zip(array, all_of_them):
        expect(candidate, Candidate, "a candidate")
        struct.name = encode(candidate.name, "the name of a node")
        struct.preference = number(candidate.preference, -(1 << 31), (1 << 31) - 1, "preference")
    return array, len(all_of_them)


def rank(
    address: AddressLike, candidates: Iterable[CandidateLike], places: Optional[int] = None
) -> list[str]:
    """The names of the candidates for an address: the owner first, then the standbys.

    Higher preference comes first, then the SHA-256 digest of ``node#address``, as in MetalLB. A
    pure function, usable from any thread.

    :param places: how many are wanted; a few cost less than all
    """
    array, count = _to_candidates(candidates)
    wanted = count if places is None else min(count, unsigned(places, 32, "places"))
    ranking = (ctypes.c_uint32 * wanted)()
    call(lib.mlb_election_rank, byref(to_address(address)), array, count, ranking, wanted)
    return [decode(array[index].name) for index in ranking]


def owner(address: AddressLike, candidates: Iterable[CandidateLike]) -> Optional[str]:
    """The name of the candidate that announces an address, or None without candidates."""
    first = rank(address, candidates, 1)
    return first[0] if first else None


class Election(Handle):
    """The first three places of many addresses, kept up to date while nodes come and go.

    Addresses with the same candidates share a group, named by any number of 32 bits. An election
    belongs to one thread at a time.
    """

    def __init__(self) -> None:
        options = sized(_abi.mlb_election_options)
        pointer = POINTER(_abi.mlb_election)()
        call(lib.mlb_election_new, byref(options), byref(pointer))
        super().__init__(pointer, lib.mlb_election_free)

    def set_group(self, group: int, candidates: Iterable[CandidateLike]) -> None:
        """Sets the candidates of a group; only what they change is decided again."""
        array, count = _to_candidates(candidates)
        call(lib.mlb_election_set_group, self._pointer, _group(group), array, count)

    def remove_group(self, group: int) -> None:
        """Forgets a group.

        :raises WrongStateError: an address is in it
        :raises NotFoundError: it was never set
        """
        call(lib.mlb_election_remove_group, self._pointer, _group(group))

    def set_address(self, address: AddressLike, group: int = 0) -> None:
        """Puts an address into a group, or moves it to another one.

        :raises NotFoundError: the group was never set
        """
        value = byref(to_address(address))
        call(lib.mlb_election_set_address, self._pointer, value, _group(group))

    def remove_address(self, address: AddressLike) -> None:
        """Forgets an address.

        :raises NotFoundError: it is in no group
        """
        call(lib.mlb_election_remove_address, self._pointer, byref(to_address(address)))

    def places(self, address: AddressLike) -> tuple[str, ...]:
        """The owner and up to two standbys of an address; empty without candidates.

        :raises NotFoundError: it is in no group
        """
        result = sized(_abi.mlb_election_result)
        call(lib.mlb_election_find, self._pointer, byref(to_address(address)), byref(result))
        return tuple(decode(name.value) for name in result.names[: result.count])

    def owner(self, address: AddressLike) -> Optional[str]:
        """Who announces an address, or None without candidates.

        :raises NotFoundError: it is in no group
        """
        places = self.places(address)
        return places[0] if places else None

    def changes(self) -> Iterator[IPAddress]:
        """Takes the addresses whose places changed since they were last taken, in no order."""
        address = _abi.mlb_address()
        while call(lib.mlb_election_next_changed, self._pointer, byref(address)):
            yield from_address(address)


def _group(group: int) -> int:
    return unsigned(group, 32, "group")
