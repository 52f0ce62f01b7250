# SPDX-License-Identifier: MIT
"""The announcer makes a host the owner of addresses on its LANs, by ARP and neighbour discovery."""

from __future__ import annotations

from ctypes import POINTER, byref
from dataclasses import dataclass
from typing import Iterator, Optional, Sequence

from . import _abi
from ._handle import LiveHandle
from ._library import lib
from ._values import (
    AddressLike,
    IPAddress,
    OpenEnum,
    decode,
    encode_all,
    hardware_text,
    known_address,
    sized,
    to_address,
    unsigned,
)
from .errors import NotFoundError, call, invalid, known_code

__all__ = [
    "Announcer",
    "AnnouncerCounters",
    "AnnouncerEvent",
    "AnnouncerEventKind",
    "Filter",
    "Interface",
]


class AnnouncerEventKind(OpenEnum):
    """What an event of the announcer is about."""

    INTERFACE_UP = _abi.MLB_ANNOUNCER_INTERFACE_UP
    INTERFACE_DOWN = _abi.MLB_ANNOUNCER_INTERFACE_DOWN
    INTERFACE_CHANGED = _abi.MLB_ANNOUNCER_INTERFACE_CHANGED
    CONFLICT = _abi.MLB_ANNOUNCER_CONFLICT
    LOCAL_ADDRESS = _abi.MLB_ANNOUNCER_LOCAL_ADDRESS
    LOCAL_REMOVED = _abi.MLB_ANNOUNCER_LOCAL_REMOVED
    VRRP = _abi.MLB_ANNOUNCER_VRRP
    ERROR = _abi.MLB_ANNOUNCER_ERROR


class Filter(OpenEnum):
    """How frames are filtered in the kernel before they reach the process."""

    NONE = _abi.MLB_FILTER_NONE
    EBPF = _abi.MLB_FILTER_EBPF
    CLASSIC = _abi.MLB_FILTER_CLASSIC
    COVERING = _abi.MLB_FILTER_COVERING


@dataclass(frozen=True)
class AnnouncerEvent:
    """One event; what its kind does not use is zero, empty or None.

    :ivar code: for ERROR, an ErrorCode, or a plain number that this binding does not know
    :ivar count: for CONFLICT and VRRP, how often so far
    :ivar hardware_address: for CONFLICT, who claims the address
    :ivar sender: for VRRP, the source of the advertisement
    :ivar detail: for a person
    """

    kind: AnnouncerEventKind
    interface_index: int
    interface_name: str
    address: Optional[IPAddress]
    hardware_address: str
    sender: Optional[IPAddress]
    count: int
    code: int
    detail: str


@dataclass(frozen=True)
class AnnouncerCounters:
    """What happened for an address: requests received, replies sent, frames sent unasked, repeats
    that the pacing left out, claims of the address by other hosts."""

    requests: int
    replies: int
    gratuitous: int
    dropped: int
    conflicts: int


@dataclass(frozen=True)
class Interface:
    """A network interface as the announcer sees it.

    :ivar reason: why it is not used; empty for a usable one
    :ivar frames: frames that passed the kernel filter
    :ivar foreign: of these, frames for addresses not announced
    """

    index: int
    name: str
    hardware_address: str
    usable: bool
    filter: Filter
    reason: str
    frames: int
    foreign: int


def _from_event(event: _abi.mlb_announcer_event) -> AnnouncerEvent:
    kind = AnnouncerEventKind(event.kind)
    claimed = kind is AnnouncerEventKind.CONFLICT or any(event.hardware_address)
    return AnnouncerEvent(
        kind=kind,
        interface_index=event.interface_index,
        interface_name=decode(event.interface_name),
        address=known_address(event.address),
        hardware_address=hardware_text(event.hardware_address) if claimed else "",
        sender=known_address(event.sender),
        count=event.count,
        code=known_code(event.code),
        detail=decode(event.detail),
    )


def _from_interface(interface: _abi.mlb_interface) -> Interface:
    return Interface(
        index=interface.index,
        name=decode(interface.name),
        hardware_address=hardware_text(interface.hardware_address),
        usable=bool(interface.usable),
        filter=Filter(interface.filter),
        reason=decode(interface.reason),
        frames=interface.frames,
        foreign=interface.foreign,
    )


class Announcer(LiveHandle[AnnouncerEvent]):
    """Answers for addresses on the interfaces of the calling thread's network namespace.

    Needs CAP_NET_RAW, and CAP_BPF for the exact kernel filter at any number of addresses. Closing
    it stops the answers at once; nothing is sent. An announcer belongs to one thread at a time; no
    call blocks but wait() and watch().

    :param exclude: POSIX extended regular expressions of interfaces never used
    :param ebpf: False: do not load an eBPF filter even where that is possible
    :param refresh_seconds: repeat announcements at this pace long after the take-over; 0: never
    :raises PermissionDeniedError: CAP_NET_RAW is missing
    """

    _get_descriptor = lib.mlb_announcer_fd
    _dispatch = lib.mlb_announcer_dispatch

    def __init__(
        self, *, exclude: Sequence[str] = (), ebpf: bool = True, refresh_seconds: int = 0
    ) -> None:
        options = sized(_abi.mlb_announcer_options)
        options.flags = 0 if ebpf else _abi.MLB_ANNOUNCER_NO_EBPF
        options.exclude = encode_all(exclude, "a pattern of interfaces")
        options.exclude_count = len(exclude)
        options.refresh_seconds = unsigned(refresh_seconds, 32, "refresh_seconds")
        pointer = POINTER(_abi.mlb_announcer)()
        call(lib.mlb_announcer_new, byref(options), byref(pointer))
        super().__init__(pointer, lib.mlb_announcer_free)

    def next_event(self) -> Optional[AnnouncerEvent]:
        """Takes the next event, or None when there is none."""
        event = sized(_abi.mlb_announcer_event)
        if call(lib.mlb_announcer_next_event, self._pointer, byref(event)):
            return _from_event(event)
        return None

    def announce(self, address: AddressLike, interfaces: Optional[Sequence[str]] = None) -> None:
        """Announces an address on all usable interfaces, or on those named.

        For one that is announced already only the set of interfaces is replaced.

        :param interfaces: names, now and when they appear; None: all
        :raises InvalidArgumentError: no single host can have the address
        """
        names = None if interfaces is None else encode_all(interfaces, "an interface")
        if names is not None and not len(names):
            raise invalid("the list of interfaces is empty; None means all of them", "interfaces")
        count = 0 if names is None else len(names)
        call(lib.mlb_announcer_announce, self._pointer, byref(to_address(address)), names, count)

    def withdraw(self, address: AddressLike) -> None:
        """Stops announcing an address; nothing is sent.

        :raises NotFoundError: it is not announced
        """
        call(lib.mlb_announcer_withdraw, self._pointer, byref(to_address(address)))

    def repeat(self, address: AddressLike) -> None:
        """Tells the LAN again about an announced address, as if it were new.

        :raises NotFoundError: it is not announced
        """
        call(lib.mlb_announcer_repeat, self._pointer, byref(to_address(address)))

    def counters(self, address: AddressLike, interface_index: int = 0) -> AnnouncerCounters:
        """The counters of an address on one interface, or summed over all with index 0.

        :raises NotFoundError: it is not announced
        """
        counters = sized(_abi.mlb_announcer_counters)
        value = byref(to_address(address))
        index = unsigned(interface_index, 32, "interface_index")
        call(lib.mlb_announcer_counters, self._pointer, value, index, byref(counters))
        return AnnouncerCounters(
            requests=counters.requests,
            replies=counters.replies,
            gratuitous=counters.gratuitous,
            dropped=counters.dropped,
            conflicts=counters.conflicts,
        )

    def interfaces(self) -> list[Interface]:
        """The network interfaces of the host, ascending by index."""
        return list(self._interfaces())

    def _interfaces(self) -> Iterator[Interface]:
        interface = sized(_abi.mlb_interface)
        position = 0
        while True:
            try:
                call(lib.mlb_announcer_interface, self._pointer, position, byref(interface))
            except NotFoundError:
                return
            yield _from_interface(interface)
            position += 1

    def announces_on(self, address: AddressLike, interface_index: int) -> bool:
        """Whether an address is announced on an interface at this moment.

        :raises NotFoundError: it is not announced at all
        """
        value = byref(to_address(address))
        index = unsigned(interface_index, 32, "interface_index")
        return bool(call(lib.mlb_announcer_announces_on, self._pointer, value, index))
