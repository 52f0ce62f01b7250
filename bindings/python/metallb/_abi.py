# SPDX-License-Identifier: MIT
"""The C side as the headers declare it: constants, structs and prototypes, under their C names.

This is the one place that knows layouts; the tests compare all of it with the headers.
"""

from __future__ import annotations

from ctypes import (
    POINTER,
    Structure,
    c_char,
    c_char_p,
    c_int32,
    c_size_t,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
)
from typing import Any

# version.h
MLB_VERSION_MAJOR = 0
MLB_VERSION_MINOR = 1
MLB_VERSION_PATCH = 0

# error.h
MLB_OK = 0
MLB_ERROR_INVALID_ARGUMENT = -1
MLB_ERROR_WRONG_STATE = -2
MLB_ERROR_NOT_FOUND = -3
MLB_ERROR_EXISTS = -4
MLB_ERROR_BUFFER_TOO_SMALL = -5
MLB_ERROR_EMPTY = -100
MLB_ERROR_ADDRESS = -101
MLB_ERROR_ZONE = -102
MLB_ERROR_LEADING_ZERO = -103
MLB_ERROR_PREFIX_LENGTH = -104
MLB_ERROR_RANGE_FIRST = -105
MLB_ERROR_RANGE_LAST = -106
MLB_ERROR_RANGE_REVERSED = -107
MLB_ERROR_RANGE_FAMILIES = -108
MLB_ERROR_MALFORMED = -109
MLB_ERROR_OVERLAP = -200
MLB_ERROR_EXHAUSTED = -201
MLB_ERROR_NOT_IN_POOL = -202
MLB_ERROR_POOL_NOT_ALLOWED = -203
MLB_ERROR_SHARING = -204
MLB_ERROR_PORT_IN_USE = -205
MLB_ERROR_FAMILY = -206
MLB_ERROR_SYSTEM = -300
MLB_ERROR_PERMISSION = -301
MLB_ERROR_UNSUPPORTED = -302
MLB_ERROR_NO_MEMORY = -500
MLB_ERROR_INTERNAL = -501

# address.h
MLB_FAMILY_NONE = 0
MLB_FAMILY_IPV4 = 4
MLB_FAMILY_IPV6 = 6
MLB_ADDRESS_TEXT_SIZE = 48
MLB_RANGE_TEXT_SIZE = 96
MLB_COUNT_TEXT_SIZE = 64
MLB_RANGE_PREFIXES_MAX = 254

# pool.h
MLB_POOL_NAME_MAX = 253
MLB_POOL_AVOID_BUGGY = 1

# allocator.h
MLB_ASSIGNMENT_ADDRESSES_MAX = 2
MLB_PROTOCOL_TCP = 6
MLB_PROTOCOL_UDP = 17
MLB_PROTOCOL_SCTP = 132
MLB_FAMILIES_IPV4 = 1
MLB_FAMILIES_IPV6 = 2
MLB_FAMILIES_BOTH = 3
MLB_DUAL_STACK_SINGLE = 0
MLB_DUAL_STACK_PREFER = 1
MLB_DUAL_STACK_REQUIRE = 2

# election.h
MLB_NODE_NAME_MAX = 253
MLB_ELECTION_PLACES = 3

# announcer.h
MLB_INTERFACE_NAME_SIZE = 16
MLB_HARDWARE_ADDRESS_SIZE = 6
MLB_ANNOUNCER_NO_EBPF = 1
MLB_ANNOUNCER_INTERFACE_UP = 1
MLB_ANNOUNCER_INTERFACE_DOWN = 2
MLB_ANNOUNCER_INTERFACE_CHANGED = 3
MLB_ANNOUNCER_CONFLICT = 4
MLB_ANNOUNCER_LOCAL_ADDRESS = 5
MLB_ANNOUNCER_LOCAL_REMOVED = 6
MLB_ANNOUNCER_VRRP = 7
MLB_ANNOUNCER_ERROR = 8
MLB_FILTER_NONE = 0
MLB_FILTER_EBPF = 1
MLB_FILTER_CLASSIC = 2
MLB_FILTER_COVERING = 3

# membership.h
MLB_MEMBERSHIP_PORT = 7946
MLB_MEMBER_NAME_MAX = 255
MLB_MEMBERSHIP_META_MAX = 512
MLB_MEMBERSHIP_FACTS_MAX = 4096
MLB_MEMBERSHIP_LABEL_MAX = 255
MLB_MEMBERSHIP_KEY_MAX = 32
MLB_MEMBERSHIP_KEYS_MAX = 16
MLB_MEMBERSHIP_FAST = 0
MLB_MEMBERSHIP_LAN = 1
MLB_MEMBERSHIP_WAN = 2
MLB_MEMBERSHIP_NO_STREAM_PINGS = 1
MLB_MEMBERSHIP_NO_COMPRESSION = 1
MLB_MEMBER_ALIVE = 0
MLB_MEMBER_SUSPECT = 1
MLB_MEMBER_FAILED = 2
MLB_MEMBER_LEFT = 3
MLB_MEMBERSHIP_JOINED = 1
MLB_MEMBERSHIP_UPDATED = 2
MLB_MEMBERSHIP_SUSPECTED = 3
MLB_MEMBERSHIP_FAILED = 4
MLB_MEMBERSHIP_LEFT = 5
MLB_MEMBERSHIP_FACTS = 6
MLB_MEMBERSHIP_CONFLICT = 7
MLB_MEMBERSHIP_TRUSTED = 8
MLB_MEMBERSHIP_SYNCHRONIZED = 9
MLB_MEMBERSHIP_SEEDS_SILENT = 10
MLB_MEMBERSHIP_STALLED = 11
MLB_MEMBERSHIP_RECOVERED = 12
MLB_MEMBERSHIP_DEPARTED = 13
MLB_MEMBERSHIP_ERROR = 14


# Objects whose inside only the library knows.
class mlb_pool(Structure):
    pass


class mlb_allocator(Structure):
    pass


class mlb_election(Structure):
    pass


class mlb_announcer(Structure):
    pass


class mlb_membership(Structure):
    pass


class mlb_diagnostic(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("code", c_int32),
        ("system_error", c_int32),
        ("reserved", c_uint32),
        ("subject", c_char * 256),
        ("other", c_char * 256),
        ("message", c_char * 512),
    ]


class mlb_address(Structure):
    _fields_ = [
        ("family", c_uint8),
        ("reserved", c_uint8 * 7),
        ("bytes", c_uint8 * 16),
    ]


class mlb_range(Structure):
    _fields_ = [
        ("first", mlb_address),
        ("last", mlb_address),
    ]


class mlb_prefix(Structure):
    _fields_ = [
        ("address", mlb_address),
        ("length", c_uint8),
        ("reserved", c_uint8 * 7),
    ]


class mlb_count(Structure):
    _fields_ = [
        ("words", c_uint64 * 3),
    ]


class mlb_pool_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
    ]


class mlb_port(Structure):
    _fields_ = [
        ("number", c_uint16),
        ("protocol", c_uint8),
        ("reserved", c_uint8),
    ]


class mlb_request(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("families", c_uint32),
        ("dual_stack", c_uint32),
        ("primary_family", c_uint8),
        ("reserved", c_uint8 * 3),
        ("id", c_char_p),
        ("pools", POINTER(c_char_p)),
        ("addresses", POINTER(mlb_address)),
        ("ports", POINTER(mlb_port)),
        ("sharing_key", c_char_p),
        ("backend_key", c_char_p),
        ("pool_count", c_uint32),
        ("address_count", c_uint32),
        ("port_count", c_uint32),
        ("reserved2", c_uint32),
    ]


class mlb_assignment(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("address_count", c_uint32),
        ("addresses", mlb_address * MLB_ASSIGNMENT_ADDRESSES_MAX),
        ("pool", c_char * (MLB_POOL_NAME_MAX + 3)),
    ]


class mlb_pool_counters(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("requests", c_uint32),
        ("assigned_ipv4", mlb_count),
        ("available_ipv4", mlb_count),
        ("assigned_ipv6", mlb_count),
        ("available_ipv6", mlb_count),
    ]


class mlb_candidate(Structure):
    _fields_ = [
        ("name", c_char_p),
        ("preference", c_int32),
        ("reserved", c_uint32),
    ]


class mlb_election_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
    ]


class mlb_election_result(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("count", c_uint32),
        ("names", c_char * (MLB_NODE_NAME_MAX + 3) * MLB_ELECTION_PLACES),
    ]


class mlb_announcer_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("exclude", POINTER(c_char_p)),
        ("exclude_count", c_uint32),
        ("refresh_seconds", c_uint32),
    ]


class mlb_announcer_event(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_uint32),
        ("interface_index", c_uint32),
        ("code", c_int32),
        ("count", c_uint64),
        ("address", mlb_address),
        ("interface_name", c_char * MLB_INTERFACE_NAME_SIZE),
        ("hardware_address", c_uint8 * MLB_HARDWARE_ADDRESS_SIZE),
        ("reserved", c_uint8 * 2),
        ("sender", mlb_address),
        ("detail", c_char * 128),
    ]


class mlb_announcer_counters(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("reserved", c_uint32),
        ("requests", c_uint64),
        ("replies", c_uint64),
        ("gratuitous", c_uint64),
        ("dropped", c_uint64),
        ("conflicts", c_uint64),
    ]


class mlb_interface(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("index", c_uint32),
        ("name", c_char * MLB_INTERFACE_NAME_SIZE),
        ("hardware_address", c_uint8 * MLB_HARDWARE_ADDRESS_SIZE),
        ("usable", c_uint8),
        ("filter", c_uint8),
        ("reserved", c_uint8 * 8),
        ("reason", c_char * 64),
        ("frames", c_uint64),
        ("foreign", c_uint64),
    ]


class mlb_membership_timing(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("probe_interval", c_uint32),
        ("probe_timeout", c_uint32),
        ("gossip_interval", c_uint32),
        ("gossip_to_the_dead", c_uint32),
        ("push_pull_interval", c_uint32),
        ("stream_timeout", c_uint32),
        ("seed_interval", c_uint32),
        ("indirect_checks", c_uint32),
        ("gossip_nodes", c_uint32),
        ("retransmit_multiplier", c_uint32),
        ("suspicion_multiplier", c_uint32),
        ("suspicion_max_multiplier", c_uint32),
        ("awareness_max", c_uint32),
        ("reserved", c_uint32),
    ]


class mlb_membership_key(Structure):
    _fields_ = [
        ("bytes", c_uint8 * MLB_MEMBERSHIP_KEY_MAX),
        ("length", c_uint32),
        ("reserved", c_uint32),
    ]


class mlb_membership_options(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("flags", c_uint32),
        ("name", c_char_p),
        ("label", c_char_p),
        ("keys", POINTER(mlb_membership_key)),
        ("meta", POINTER(c_uint8)),
        ("timing", POINTER(mlb_membership_timing)),
        ("bind_address", mlb_address),
        ("advertise_address", mlb_address),
        ("key_count", c_uint32),
        ("meta_length", c_uint32),
        ("bind_port", c_uint16),
        ("advertise_port", c_uint16),
        ("delegate_versions", c_uint8 * 3),
        ("reserved", c_uint8),
    ]


class mlb_member(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("state", c_uint32),
        ("incarnation", c_uint32),
        ("meta_length", c_uint32),
        ("facts_version", c_uint64),
        ("facts_length", c_uint32),
        ("port", c_uint16),
        ("is_self", c_uint8),
        ("reserved", c_uint8),
        ("address", mlb_address),
        ("versions", c_uint8 * 6),
        ("reserved2", c_uint8 * 2),
        ("meta", c_uint8 * MLB_MEMBERSHIP_META_MAX),
        ("name", c_char * (MLB_MEMBER_NAME_MAX + 1)),
    ]


class mlb_membership_event(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("kind", c_uint32),
        ("code", c_int32),
        ("incarnation", c_uint32),
        ("time", c_uint64),
        ("address", mlb_address),
        ("port", c_uint16),
        ("reserved", c_uint8 * 6),
        ("name", c_char * (MLB_MEMBER_NAME_MAX + 1)),
        ("detail", c_char * 256),
    ]


class mlb_membership_statistics(Structure):
    _fields_ = [
        ("struct_size", c_uint32),
        ("health", c_uint32),
        ("alive", c_uint32),
        ("suspect", c_uint32),
        ("failed", c_uint32),
        ("left", c_uint32),
        ("queued", c_uint32),
        ("streams", c_uint32),
        ("packets_received", c_uint64),
        ("packets_sent", c_uint64),
        ("bytes_received", c_uint64),
        ("bytes_sent", c_uint64),
        ("packets_failed", c_uint64),
        ("packets_refused", c_uint64),
        ("messages_refused", c_uint64),
        ("streams_accepted", c_uint64),
        ("streams_opened", c_uint64),
        ("streams_failed", c_uint64),
        ("push_pulls", c_uint64),
        ("probes", c_uint64),
        ("probes_failed", c_uint64),
        ("suspicions", c_uint64),
        ("refutations", c_uint64),
        ("stalls", c_uint64),
        ("conflicts", c_uint64),
    ]


_text = c_char_p
_texts = POINTER(c_char_p)
_octets = POINTER(c_uint8)
_address = POINTER(mlb_address)
_range = POINTER(mlb_range)
_count = POINTER(mlb_count)
_diagnostic = POINTER(mlb_diagnostic)
_candidates = POINTER(mlb_candidate)
_pool = POINTER(mlb_pool)
_allocator = POINTER(mlb_allocator)
_request = POINTER(mlb_request)
_assignment = POINTER(mlb_assignment)
_election = POINTER(mlb_election)
_announcer = POINTER(mlb_announcer)
_membership = POINTER(mlb_membership)

# Name -> type of the result, types of the arguments.
PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "mlb_version": (c_uint32, []),
    "mlb_version_text": (_text, []),
    "mlb_diagnostic_init": (None, [_diagnostic]),
    "mlb_strerror": (_text, [c_int32]),
    "mlb_error_is_fatal": (c_int32, [c_int32]),
    "mlb_address_parse": (c_int32, [_text, _address, _diagnostic]),
    "mlb_address_format": (c_int32, [_address, _text, c_size_t, _diagnostic]),
    "mlb_address_compare": (c_int32, [_address, _address]),
    "mlb_range_parse": (c_int32, [_text, _range, _diagnostic]),
    "mlb_range_format": (c_int32, [_range, _text, c_size_t, _diagnostic]),
    "mlb_range_contains": (c_int32, [_range, _address]),
    "mlb_range_overlaps": (c_int32, [_range, _range]),
    "mlb_range_count": (c_int32, [_range, _count, _diagnostic]),
    "mlb_range_prefixes": (
        c_int32,
        [_range, POINTER(mlb_prefix), c_size_t, POINTER(c_size_t), _diagnostic],
    ),
    "mlb_count_format": (c_int32, [_count, _text, c_size_t, _diagnostic]),
    "mlb_pool_new": (c_int32, [_text, POINTER(mlb_pool_options), POINTER(_pool), _diagnostic]),
    "mlb_pool_free": (None, [_pool]),
    "mlb_pool_add": (c_int32, [_pool, _text, _diagnostic]),
    "mlb_pool_add_range": (c_int32, [_pool, _range, _diagnostic]),
    "mlb_pool_name": (_text, [_pool]),
    "mlb_pool_size": (c_size_t, [_pool]),
    "mlb_pool_range": (c_int32, [_pool, c_size_t, _range, _diagnostic]),
    "mlb_pool_contains": (c_int32, [_pool, _address]),
    "mlb_pool_count": (c_int32, [_pool, c_uint8, _count, _diagnostic]),
    "mlb_pool_check_overlap": (c_int32, [_pool, _pool, _diagnostic]),
    "mlb_allocator_new": (c_int32, [POINTER(_allocator), _diagnostic]),
    "mlb_allocator_free": (None, [_allocator]),
    "mlb_allocator_set_pools": (c_int32, [_allocator, POINTER(_pool), c_size_t, _diagnostic]),
    "mlb_allocator_assign": (c_int32, [_allocator, _request, _assignment, _diagnostic]),
    "mlb_allocator_allocate": (c_int32, [_allocator, _request, _assignment, _diagnostic]),
    "mlb_allocator_complete": (c_int32, [_allocator, _request, _assignment, _diagnostic]),
    "mlb_allocator_release": (c_int32, [_allocator, _text, _diagnostic]),
    "mlb_allocator_find": (c_int32, [_allocator, _text, _assignment, _diagnostic]),
    "mlb_allocator_holder": (
        c_int32,
        [_allocator, _address, c_size_t, _text, c_size_t, _diagnostic],
    ),
    "mlb_allocator_pool_of": (c_int32, [_allocator, _address, _text, c_size_t, _diagnostic]),
    "mlb_allocator_pool_counters": (
        c_int32,
        [_allocator, _text, POINTER(mlb_pool_counters), _diagnostic],
    ),
    "mlb_election_rank": (
        c_int32,
        [_address, _candidates, c_size_t, POINTER(c_uint32), c_size_t, _diagnostic],
    ),
    "mlb_election_new": (c_int32, [POINTER(mlb_election_options), POINTER(_election), _diagnostic]),
    "mlb_election_free": (None, [_election]),
    "mlb_election_set_group": (c_int32, [_election, c_uint32, _candidates, c_size_t, _diagnostic]),
    "mlb_election_remove_group": (c_int32, [_election, c_uint32, _diagnostic]),
    "mlb_election_set_address": (c_int32, [_election, _address, c_uint32, _diagnostic]),
    "mlb_election_remove_address": (c_int32, [_election, _address, _diagnostic]),
    "mlb_election_find": (
        c_int32,
        [_election, _address, POINTER(mlb_election_result), _diagnostic],
    ),
    "mlb_election_next_changed": (c_int32, [_election, _address, _diagnostic]),
    "mlb_announcer_new": (
        c_int32,
        [POINTER(mlb_announcer_options), POINTER(_announcer), _diagnostic],
    ),
    "mlb_announcer_free": (None, [_announcer]),
    "mlb_announcer_fd": (c_int32, [_announcer]),
    "mlb_announcer_dispatch": (c_int32, [_announcer, _diagnostic]),
    "mlb_announcer_next_event": (c_int32, [_announcer, POINTER(mlb_announcer_event), _diagnostic]),
    "mlb_announcer_announce": (c_int32, [_announcer, _address, _texts, c_size_t, _diagnostic]),
    "mlb_announcer_withdraw": (c_int32, [_announcer, _address, _diagnostic]),
    "mlb_announcer_repeat": (c_int32, [_announcer, _address, _diagnostic]),
    "mlb_announcer_counters": (
        c_int32,
        [_announcer, _address, c_uint32, POINTER(mlb_announcer_counters), _diagnostic],
    ),
    "mlb_announcer_interface": (
        c_int32,
        [_announcer, c_size_t, POINTER(mlb_interface), _diagnostic],
    ),
    "mlb_announcer_announces_on": (c_int32, [_announcer, _address, c_uint32, _diagnostic]),
    "mlb_membership_timing_init": (
        c_int32,
        [c_uint32, POINTER(mlb_membership_timing), _diagnostic],
    ),
    "mlb_membership_key_from_secret": (
        c_int32,
        [_octets, c_size_t, POINTER(mlb_membership_key), _diagnostic],
    ),
    "mlb_membership_new": (
        c_int32,
        [POINTER(mlb_membership_options), POINTER(_membership), _diagnostic],
    ),
    "mlb_membership_free": (None, [_membership]),
    "mlb_membership_fd": (c_int32, [_membership]),
    "mlb_membership_dispatch": (c_int32, [_membership, _diagnostic]),
    "mlb_membership_next_event": (
        c_int32,
        [_membership, POINTER(mlb_membership_event), _diagnostic],
    ),
    "mlb_membership_join": (c_int32, [_membership, _texts, c_size_t, _diagnostic]),
    "mlb_membership_leave": (c_int32, [_membership, c_uint32, _diagnostic]),
    "mlb_membership_return": (c_int32, [_membership, _diagnostic]),
    "mlb_membership_set_keys": (
        c_int32,
        [_membership, POINTER(mlb_membership_key), c_size_t, _diagnostic],
    ),
    "mlb_membership_set_meta": (c_int32, [_membership, _octets, c_size_t, _diagnostic]),
    "mlb_membership_set_facts": (c_int32, [_membership, _octets, c_size_t, _diagnostic]),
    "mlb_membership_member": (c_int32, [_membership, c_size_t, POINTER(mlb_member), _diagnostic]),
    "mlb_membership_find": (c_int32, [_membership, _text, POINTER(mlb_member), _diagnostic]),
    "mlb_membership_facts": (
        c_int32,
        [_membership, _text, _octets, c_size_t, POINTER(c_size_t), POINTER(c_uint64), _diagnostic],
    ),
    "mlb_membership_statistics": (
        c_int32,
        [_membership, POINTER(mlb_membership_statistics), _diagnostic],
    ),
}
