# SPDX-License-Identifier: MIT
"""Membership tells which nodes of a group are alive, and carries facts about each of them."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, byref, pointer
from dataclasses import dataclass, fields
from typing import Any, Iterator, Optional, Sequence, Union

from . import _abi
from ._handle import LiveHandle
from ._library import lib
from ._values import (
    AddressLike,
    BytesLike,
    IPAddress,
    OpenEnum,
    decode,
    encode,
    encode_all,
    expect,
    known_address,
    octets,
    optional_address,
    sized,
    unsigned,
)
from .errors import NotFoundError, call, invalid, known_code

__all__ = [
    "DEFAULT_PORT",
    "FACTS_MAX",
    "META_MAX",
    "Facts",
    "Member",
    "MemberState",
    "Membership",
    "MembershipEvent",
    "MembershipEventKind",
    "Profile",
    "Statistics",
    "Timing",
    "key_from_secret",
]

DEFAULT_PORT = _abi.MLB_MEMBERSHIP_PORT
META_MAX = _abi.MLB_MEMBERSHIP_META_MAX
FACTS_MAX = _abi.MLB_MEMBERSHIP_FACTS_MAX

# C takes milliseconds of 32 bits.
_SECONDS_MAX = 4294967


class Profile(OpenEnum):
    """Timing: tuned for plain hosts on one LAN, and memberlist's own values for LAN and WAN."""

    FAST = _abi.MLB_MEMBERSHIP_FAST
    LAN = _abi.MLB_MEMBERSHIP_LAN
    WAN = _abi.MLB_MEMBERSHIP_WAN


class MemberState(OpenEnum):
    """States of a member; a suspect still counts as a member."""

    ALIVE = _abi.MLB_MEMBER_ALIVE
    SUSPECT = _abi.MLB_MEMBER_SUSPECT
    FAILED = _abi.MLB_MEMBER_FAILED
    LEFT = _abi.MLB_MEMBER_LEFT


class MembershipEventKind(OpenEnum):
    """What an event of the membership is about."""

    JOINED = _abi.MLB_MEMBERSHIP_JOINED
    UPDATED = _abi.MLB_MEMBERSHIP_UPDATED
    SUSPECTED = _abi.MLB_MEMBERSHIP_SUSPECTED
    FAILED = _abi.MLB_MEMBERSHIP_FAILED
    LEFT = _abi.MLB_MEMBERSHIP_LEFT
    FACTS = _abi.MLB_MEMBERSHIP_FACTS
    CONFLICT = _abi.MLB_MEMBERSHIP_CONFLICT
    TRUSTED = _abi.MLB_MEMBERSHIP_TRUSTED
    SYNCHRONIZED = _abi.MLB_MEMBERSHIP_SYNCHRONIZED
    SEEDS_SILENT = _abi.MLB_MEMBERSHIP_SEEDS_SILENT
    STALLED = _abi.MLB_MEMBERSHIP_STALLED
    RECOVERED = _abi.MLB_MEMBERSHIP_RECOVERED
    DEPARTED = _abi.MLB_MEMBERSHIP_DEPARTED
    ERROR = _abi.MLB_MEMBERSHIP_ERROR


@dataclass(frozen=True)
class Timing:
    """The values of a profile; ``dataclasses.replace()`` changes some of them.

    Times are in milliseconds, 1 to 3600000, and all other numbers 1 to 16.

    :ivar probe_interval: between two probes of a member
    :ivar probe_timeout: wait for its answer; best below half of the interval
    :ivar gossip_interval: between two rounds of gossip
    :ivar gossip_to_the_dead: how long a failed member is gossiped to and remembered
    :ivar push_pull_interval: between two full exchanges with a random member
    :ivar stream_timeout: limit of one TCP exchange
    :ivar seed_interval: between two tries of a seed that is no member
    :ivar indirect_checks: members asked to probe in our place; may be 0
    :ivar gossip_nodes: members told in a round
    :ivar retransmit_multiplier: how often a message is told, times the logarithm of the group
    :ivar suspicion_multiplier: least time of a suspicion; below 3 nobody can confirm one
    :ivar suspicion_max_multiplier: its longest time, as a multiple of the least
    :ivar awareness_max: limit of the health score
    :ivar stream_pings: probe by TCP as well who does not answer by UDP
    """

    probe_interval: int
    probe_timeout: int
    gossip_interval: int
    gossip_to_the_dead: int
    push_pull_interval: int
    stream_timeout: int
    seed_interval: int
    indirect_checks: int
    gossip_nodes: int
    retransmit_multiplier: int
    suspicion_multiplier: int
    suspicion_max_multiplier: int
    awareness_max: int
    stream_pings: bool = True

    @classmethod
    def of(cls, profile: Profile) -> Timing:
        """The values of a profile."""
        timing = sized(_abi.mlb_membership_timing)
        call(lib.mlb_membership_timing_init, unsigned(profile, 32, "profile"), byref(timing))
        values = {name: getattr(timing, name) for name in _TIMING_NUMBERS}
        return cls(**values, stream_pings=not timing.flags & _abi.MLB_MEMBERSHIP_NO_STREAM_PINGS)


_TIMING_NUMBERS = [field.name for field in fields(Timing) if field.name != "stream_pings"]


@dataclass(frozen=True)
class Member:
    """A node of the group, this one included, and failed or left ones that are remembered.

    :ivar facts_version: 0 where it has not published any facts
    :ivar versions: of the protocol least, most, spoken; of the application the same
    """

    name: str
    state: MemberState
    address: Optional[IPAddress]
    port: int
    is_self: bool
    incarnation: int
    meta: bytes
    facts_version: int
    facts_length: int
    versions: tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """What a member published about itself; the version only grows."""

    version: int
    data: bytes


@dataclass(frozen=True)
class MembershipEvent:
    """One event; what its kind does not use is zero, empty or None.

    :ivar name: the member that it is about
    :ivar address: of that member; for CONFLICT the newcomer's
    :ivar time: nanoseconds of CLOCK_BOOTTIME
    :ivar code: for ERROR, an ErrorCode, or a plain number that this binding does not know
    :ivar detail: for a person
    """

    kind: MembershipEventKind
    name: str
    address: Optional[IPAddress]
    port: int
    incarnation: int
    time: int
    code: int
    detail: str


@dataclass(frozen=True)
class Statistics:
    """Members by state, and what happened since the start.

    :ivar health: 0: healthy; the higher the slower this node takes itself to be
    :ivar alive: members now, as suspect, failed (remembered still) and left; this node counts
    :ivar queued: messages that wait to be gossiped
    :ivar streams: TCP exchanges that are open
    :ivar bytes_received: by UDP, as bytes_sent
    :ivar packets_failed: the system would not send them; they are lost
    :ivar packets_refused: of a wrong label, key or checksum, or malformed
    :ivar messages_refused: of a packet or stream that was sound: malformed or out of bounds
    :ivar streams_failed: accepted or opened ones
    :ivar push_pulls: full exchanges that were completed
    :ivar suspicions: begun here or heard of
    """

    health: int
    alive: int
    suspect: int
    failed: int
    left: int
    queued: int
    streams: int
    packets_received: int
    packets_sent: int
    bytes_received: int
    bytes_sent: int
    packets_failed: int
    packets_refused: int
    messages_refused: int
    streams_accepted: int
    streams_opened: int
    streams_failed: int
    push_pulls: int
    probes: int
    probes_failed: int
    suspicions: int
    refutations: int
    stalls: int
    conflicts: int


def key_from_secret(secret: Union[str, BytesLike]) -> bytes:
    """The key of a MetalLB group from its secret, as MetalLB v0.14 and later make it."""
    data = secret.encode() if isinstance(secret, str) else secret
    array = octets(data, "a secret")
    key = _abi.mlb_membership_key()
    call(lib.mlb_membership_key_from_secret, array, len(array), byref(key))
    return bytes(key.bytes[: key.length])


def _to_keys(keys: Sequence[BytesLike]) -> Any:
    if isinstance(keys, (bytes, bytearray, memoryview)):
        raise TypeError("keys must be a sequence of keys, not one key")
    array = (_abi.mlb_membership_key * len(keys))()
    for place, key in zip(array, keys):
        data = octets(key, "a key")
        # The library refuses a length that is too large.
        room = min(len(data), len(place.bytes))
        place.bytes[:room] = data[:room]
        place.length = len(data)
    return array


def _to_timing(timing: Timing) -> _abi.mlb_membership_timing:
    expect(timing, Timing, "timing")
    result = sized(_abi.mlb_membership_timing)
    result.flags = 0 if timing.stream_pings else _abi.MLB_MEMBERSHIP_NO_STREAM_PINGS
    for name in _TIMING_NUMBERS:
        setattr(result, name, unsigned(getattr(timing, name), 32, name))
    return result


def _from_member(member: _abi.mlb_member) -> Member:
    return Member(
        name=decode(member.name),
        state=MemberState(member.state),
        address=known_address(member.address),
        port=member.port,
        is_self=bool(member.is_self),
        incarnation=member.incarnation,
        meta=bytes(member.meta)[: member.meta_length],
        facts_version=member.facts_version,
        facts_length=member.facts_length,
        versions=tuple(member.versions),
    )


def _from_event(event: _abi.mlb_membership_event) -> MembershipEvent:
    return MembershipEvent(
        kind=MembershipEventKind(event.kind),
        name=decode(event.name),
        address=known_address(event.address),
        port=event.port,
        incarnation=event.incarnation,
        time=event.time,
        code=known_code(event.code),
        detail=decode(event.detail),
    )


class Membership(LiveHandle[MembershipEvent]):
    """One node of a group; it listens at once and has itself as its only member.

    To the others this node fails when it is closed, unless it has left. A membership belongs to one
    thread at a time; no call blocks but wait() and watch().

    :param name: of this node, 1 to 255 bytes, unique in the group
    :param label: packets of other labels are not heard
    :param keys: of 16, 24 or 32 bytes; the first encrypts, each decrypts; key_from_secret() makes
        that of a MetalLB group
    :param meta: told to all members, at most 512 bytes
    :param timing: Timing.of(Profile.FAST) where it is None
    :param bind_address: None: all addresses of both families; 0.0.0.0 or ``::``: those of one
    :param bind_port: 0: 7946
    :param advertise_address: what the others are told; None: the bind address, or one of the host
    :param advertise_port: 0: the bind port
    :param delegate_versions: of an application protocol: least, most, spoken
    :param compression: False: do not compress what is sent
    :raises OperatingSystemError: the port is taken
    """

    _get_descriptor = lib.mlb_membership_fd
    _dispatch = lib.mlb_membership_dispatch

    def __init__(
        self,
        name: str,
        *,
        label: Optional[str] = None,
        keys: Sequence[BytesLike] = (),
        meta: BytesLike = b"",
        timing: Optional[Timing] = None,
        bind_address: Optional[AddressLike] = None,
        bind_port: int = 0,
        advertise_address: Optional[AddressLike] = None,
        advertise_port: int = 0,
        delegate_versions: Sequence[int] = (0, 0, 0),
        compression: bool = True,
    ) -> None:
        options = sized(_abi.mlb_membership_options)
        options.flags = 0 if compression else _abi.MLB_MEMBERSHIP_NO_COMPRESSION
        options.name = encode(name, "the name of a node")
        options.label = None if label is None else encode(label, "a label")
        options.keys = _to_keys(keys)
        options.key_count = len(keys)
        options.meta = octets(meta, "meta")
        options.meta_length = len(bytes(meta))
        if timing is not None:
            options.timing = pointer(_to_timing(timing))
        options.bind_address = optional_address(bind_address)
        options.bind_port = unsigned(bind_port, 16, "bind_port")
        options.advertise_address = optional_address(advertise_address)
        options.advertise_port = unsigned(advertise_port, 16, "advertise_port")
        options.delegate_versions = _to_versions(delegate_versions)
        made = POINTER(_abi.mlb_membership)()
        call(lib.mlb_membership_new, byref(options), byref(made))
        super().__init__(made, lib.mlb_membership_free)

    def next_event(self) -> Optional[MembershipEvent]:
        """Takes the next event, or None when there is none."""
        event = sized(_abi.mlb_membership_event)
        if call(lib.mlb_membership_next_event, self._pointer, byref(event)):
            return _from_event(event)
        return None

    def join(self, seeds: Sequence[str]) -> None:
        """Sets the seeds, nodes to join by, in place of those set before.

        Each is tried at once, and again while it is no member; names are looked up beside the
        caller.

        :param seeds: ``host``, ``host:port``, ``192.0.2.1:port``, ``2001:db8::1``,
            ``[2001:db8::1]:port``
        :raises InvalidArgumentError: a seed is malformed; the error names it
        """
        texts = encode_all(seeds, "a seed")
        call(lib.mlb_membership_join, self._pointer, texts, len(texts))

    def leave(self, timeout: float = 5.0) -> None:
        """Tells the others that this node goes; the event DEPARTED says when that is done.

        :param timeout: how many seconds to try at most
        :raises WrongStateError: it has left already
        """
        if not 0 <= timeout <= _SECONDS_MAX:
            raise invalid(f"timeout is {timeout}, and must be 0 to {_SECONDS_MAX}", "timeout")
        call(lib.mlb_membership_leave, self._pointer, round(timeout * 1000))

    def return_(self) -> None:
        """Comes back after leave(), with the seeds that it had.

        :raises WrongStateError: it has not left
        """
        call(lib.mlb_membership_return, self._pointer)

    def set_keys(self, keys: Sequence[BytesLike]) -> None:
        """Replaces the keys; who has some cannot lose the last one.

        To change the key of a group without a gap: give all members the new key as second one,
        then as first one, then take the old one away.
        """
        array = _to_keys(keys)
        call(lib.mlb_membership_set_keys, self._pointer, array, len(array))

    def set_meta(self, meta: BytesLike) -> None:
        """Replaces the meta data of this node, at most 512 bytes, and tells the others."""
        array = octets(meta, "meta")
        call(lib.mlb_membership_set_meta, self._pointer, array, len(array))

    def set_facts(self, facts: BytesLike) -> None:
        """Replaces the facts of this node, at most 4096 bytes, and tells the others."""
        array = octets(facts, "facts")
        call(lib.mlb_membership_set_facts, self._pointer, array, len(array))

    def facts(self, name: str) -> Facts:
        """The facts of a member.

        :raises NotFoundError: there is no such member, or it has published none
        """
        buffer = (ctypes.c_uint8 * FACTS_MAX)()
        length = ctypes.c_size_t()
        version = ctypes.c_uint64()
        text = encode(name, "the name of a node")
        results = buffer, len(buffer), byref(length), byref(version)
        call(lib.mlb_membership_facts, self._pointer, text, *results)
        return Facts(version.value, bytes(buffer)[: length.value])

    def members(self) -> list[Member]:
        """All members, ascending by the bytes of their names."""
        return list(self._members())

    def _members(self) -> Iterator[Member]:
        member = sized(_abi.mlb_member)
        position = 0
        while True:
            try:
                call(lib.mlb_membership_member, self._pointer, position, byref(member))
            except NotFoundError:
                return
            yield _from_member(member)
            position += 1

    def member(self, name: str) -> Member:
        """The member of a name.

        :raises NotFoundError: there is none
        """
        member = sized(_abi.mlb_member)
        text = encode(name, "the name of a node")
        call(lib.mlb_membership_find, self._pointer, text, byref(member))
        return _from_member(member)

    def statistics(self) -> Statistics:
        """The statistics now."""
        statistics = sized(_abi.mlb_membership_statistics)
        call(lib.mlb_membership_statistics, self._pointer, byref(statistics))
        names = [field.name for field in fields(Statistics)]
        return Statistics(**{name: getattr(statistics, name) for name in names})


def _to_versions(versions: Sequence[int]) -> Any:
    if len(versions) != 3:
        raise invalid("delegate_versions are three: least, most, spoken", "delegate_versions")
    return (ctypes.c_uint8 * 3)(*(unsigned(one, 8, "delegate_versions") for one in versions))
