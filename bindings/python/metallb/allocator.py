# SPDX-License-Identifier: MIT
"""The allocator gives requests their addresses from pools."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref
from dataclasses import dataclass
from typing import Any, Iterable, Iterator, Sequence

from . import _abi
from ._handle import Handle
from ._library import lib
from ._values import (
    AddressLike,
    IPAddress,
    OpenEnum,
    decode,
    encode,
    encode_all,
    expect,
    from_address,
    from_count,
    sized,
    to_address,
    unsigned,
)
from .errors import Error, ErrorCode, NotFoundError, call
from .pool import Pool

__all__ = [
    "Allocator",
    "Assignment",
    "DualStack",
    "Families",
    "PoolCounters",
    "Port",
    "Protocol",
    "Request",
]

# An id is of any length; most fit into this.
_ID_SIZE = 256


class Protocol(OpenEnum):
    """Transport protocols by their IANA numbers; any other number may be used as well."""

    TCP = _abi.MLB_PROTOCOL_TCP
    UDP = _abi.MLB_PROTOCOL_UDP
    SCTP = _abi.MLB_PROTOCOL_SCTP


class Families(OpenEnum):
    """The address families that a request wants."""

    IPV4 = _abi.MLB_FAMILIES_IPV4
    IPV6 = _abi.MLB_FAMILIES_IPV6
    BOTH = _abi.MLB_FAMILIES_BOTH


class DualStack(OpenEnum):
    """What a request with both families wants when no pool has both."""

    SINGLE = _abi.MLB_DUAL_STACK_SINGLE
    PREFER = _abi.MLB_DUAL_STACK_PREFER
    REQUIRE = _abi.MLB_DUAL_STACK_REQUIRE


@dataclass(frozen=True)
class Port:
    """A port that a request serves, 1 to 65535."""

    number: int
    protocol: int = Protocol.TCP


@dataclass(frozen=True)
class Request:
    """What one request wants.

    Two requests share an address only if both have the same sharing key, equal backend keys, and
    no protocol and port in common.

    :ivar id: who asks, unique, for example ``namespace/name``
    :ivar pools: names of the pools that it may use, in order
    :ivar families: what allocate() and complete() look for; assign() ignores it
    :ivar dual_stack: counts for both families only
    :ivar primary_version: 4 or 6, the first choice of DualStack.PREFER
    :ivar addresses: what assign() is to give it, one or two
    :ivar ports: what it serves; a pair of port and protocol may not stand twice
    :ivar sharing_key: empty: it shares with nobody
    """

    id: str
    pools: Sequence[str] = ()
    families: Families = Families.IPV4
    dual_stack: DualStack = DualStack.SINGLE
    primary_version: int = _abi.MLB_FAMILY_IPV4
    addresses: Sequence[AddressLike] = ()
    ports: Sequence[Port] = ()
    sharing_key: str = ""
    backend_key: str = ""


@dataclass(frozen=True)
class Assignment:
    """What one request holds: its addresses in the order they were assigned, and their pool."""

    addresses: tuple[IPAddress, ...]
    pool: str


@dataclass(frozen=True)
class PoolCounters:
    """Exact numbers of one pool; a shared address counts once."""

    requests: int
    assigned_ipv4: int
    available_ipv4: int
    assigned_ipv6: int
    available_ipv6: int


def _to_port(port: Port) -> _abi.mlb_port:
    number = unsigned(expect(port, Port, "a port").number, 16, "port")
    return _abi.mlb_port(number, unsigned(port.protocol, 8, "protocol"))


def _to_request(request: Request) -> _abi.mlb_request:
    """The C struct; it keeps what it points to alive."""
    expect(request, Request, "a request")
    if isinstance(request.addresses, str):
        raise TypeError("addresses must be a sequence, not one str")
    addresses = [to_address(address) for address in request.addresses]
    ports = [_to_port(port) for port in request.ports]
    result = sized(_abi.mlb_request)
    result.id = encode(request.id, "the id of a request")
    result.families = unsigned(request.families, 32, "families")
    result.dual_stack = unsigned(request.dual_stack, 32, "dual_stack")
    result.primary_family = unsigned(request.primary_version, 8, "primary_version")
    result.pools = encode_all(request.pools, "the pools of a request")
    result.pool_count = len(request.pools)
    result.addresses = (_abi.mlb_address * len(addresses))(*addresses)
    result.address_count = len(addresses)
    result.ports = (_abi.mlb_port * len(ports))(*ports)
    result.port_count = len(ports)
    result.sharing_key = encode(request.sharing_key, "a sharing key")
    result.backend_key = encode(request.backend_key, "a backend key")
    return result


def _from_assignment(assignment: _abi.mlb_assignment) -> Assignment:
    held = assignment.addresses[: assignment.address_count]
    return Assignment(tuple(map(from_address, held)), decode(assignment.pool))


class Allocator(Handle):
    """Pools, and who holds which of their addresses.

    The same calls in the same order give the same result on every run. A call that fails changes
    nothing. After a restart, restore() the existing assignments first and allocate() afterwards:
    so nothing in use moves. An allocator belongs to one thread at a time.
    """

    def __init__(self, pools: Iterable[Pool] = ()) -> None:
        pointer = POINTER(_abi.mlb_allocator)()
        call(lib.mlb_allocator_new, byref(pointer))
        super().__init__(pointer, lib.mlb_allocator_free)
        try:
            self.set_pools(pools)
        except BaseException:
            self.close()
            raise

    def set_pools(self, pools: Iterable[Pool]) -> None:
        """Replaces all pools; copies are made.

        What is assigned is kept by address: it belongs to the new pool in which its addresses lie
        together, and is dropped where there is none.

        :raises ExistsError: two have one name
        :raises OverlapError: two have a common address
        """
        # A list, so that they live until they are copied.
        alive = list(pools)
        pointers = [expect(pool, Pool, "a pool")._pointer for pool in alive]
        array = (POINTER(_abi.mlb_pool) * len(pointers))(*pointers)
        call(lib.mlb_allocator_set_pools, self._pointer, array, len(pointers))

    def _ask(self, function: Any, request: Request) -> Assignment:
        assignment = sized(_abi.mlb_assignment)
        call(function, self._pointer, byref(_to_request(request)), byref(assignment))
        return _from_assignment(assignment)

    def assign(self, request: Request) -> Assignment:
        """Assigns exactly the addresses of the request, in place of what it held.

        :raises NotInPoolError: the addresses do not all lie in one pool
        :raises PoolNotAllowedError: that pool is none of the request's
        :raises FamilyError: two addresses are of one family
        :raises SharingError: an address is taken; PortInUseError where only a port is
        """
        return self._ask(lib.mlb_allocator_assign, request)

    def allocate(self, request: Request) -> Assignment:
        """Chooses addresses; a request that holds some keeps them.

        :raises ExhaustedError: none is left in its pools
        :raises NotInPoolError: its only pool has no entry of the family
        :raises NotFoundError: a pool does not exist
        :raises SharingError: its keys or ports no longer suit what it holds
        """
        return self._ask(lib.mlb_allocator_allocate, request)

    def complete(self, request: Request) -> Assignment:
        """Adds the family that a request with one address lacks, from the same pool.

        :raises WrongStateError: it does not hold exactly one address
        :raises ExhaustedError: none is left there
        """
        return self._ask(lib.mlb_allocator_complete, request)

    def restore(self, requests: Iterable[Request]) -> list[tuple[Request, Error]]:
        """Assigns the addresses that many requests hold already, as after a restart.

        :return: those that were refused, each with the reason; the others are assigned
        """
        refused: list[tuple[Request, Error]] = []
        for request in requests:
            try:
                self.assign(request)
            except Error as error:
                if error.is_fatal:
                    raise
                refused.append((request, error))
        return refused

    def release(self, id: str) -> None:
        """Releases what a request holds.

        :raises NotFoundError: it holds nothing
        """
        call(lib.mlb_allocator_release, self._pointer, encode(id, "an id"))

    def find(self, id: str) -> Assignment:
        """What a request holds.

        :raises NotFoundError: it holds nothing
        """
        assignment = sized(_abi.mlb_assignment)
        call(lib.mlb_allocator_find, self._pointer, encode(id, "an id"), byref(assignment))
        return _from_assignment(assignment)

    def __contains__(self, id: str) -> bool:
        """Whether a request holds anything."""
        try:
            self.find(id)
        except NotFoundError:
            return False
        return True

    def holders(self, address: AddressLike) -> list[str]:
        """The ids of those who hold an address, in the order in which they came."""
        return list(self._holders(to_address(address)))

    def _holders(self, address: _abi.mlb_address) -> Iterator[str]:
        buffer = ctypes.create_string_buffer(_ID_SIZE)
        index = 0
        while True:
            place = byref(address), index, buffer, len(buffer)
            try:
                call(lib.mlb_allocator_holder, self._pointer, *place)
            except NotFoundError:
                return
            except Error as error:
                if error.code != ErrorCode.BUFFER_TOO_SMALL:
                    raise
                buffer = ctypes.create_string_buffer(2 * len(buffer))
            else:
                yield decode(buffer.value)
                index += 1

    def pool_of(self, address: AddressLike) -> str:
        """The name of the pool that an address belongs to.

        :raises NotInPoolError: it is in none
        """
        buffer = ctypes.create_string_buffer(_abi.MLB_POOL_NAME_MAX + 1)
        value = byref(to_address(address))
        call(lib.mlb_allocator_pool_of, self._pointer, value, buffer, len(buffer))
        return decode(buffer.value)

    def counters(self, pool: str) -> PoolCounters:
        """The counters of a pool.

        :raises NotFoundError: there is no such pool
        """
        counters = sized(_abi.mlb_pool_counters)
        name = encode(pool, "the name of a pool")
        call(lib.mlb_allocator_pool_counters, self._pointer, name, byref(counters))
        return PoolCounters(
            requests=counters.requests,
            assigned_ipv4=from_count(counters.assigned_ipv4),
            available_ipv4=from_count(counters.available_ipv4),
            assigned_ipv6=from_count(counters.assigned_ipv6),
            available_ipv6=from_count(counters.available_ipv6),
        )
