# SPDX-License-Identifier: MIT
"""Layer-2 load balancing for bare metal: the Python binding of libmetallb.

Pools and allocation of addresses, the election of the announcing node, announcement by ARP and NDP,
and membership between nodes. The classes follow the C API; its headers have the last word.

Objects are freed by close(), at the end of a ``with`` block, or with the last reference. Each
belongs to one thread at a time: it may move between threads, but no two may use it at once.
Functions without an object are pure and may be called from any thread. The module metallb.aio has
the events in asyncio.

Importing fails with LibraryError (an ImportError) where libmetallb is missing or too old.
"""

from ._abi import MLB_VERSION_MAJOR, MLB_VERSION_MINOR, MLB_VERSION_PATCH
from ._library import LibraryError, lib
from .address import (
    AddressLike,
    IPAddress,
    IPNetwork,
    Range,
    RangeLike,
    compare_addresses,
    format_address,
    parse_address,
)
from .allocator import (
    Allocator,
    Assignment,
    DualStack,
    Families,
    PoolCounters,
    Port,
    Protocol,
    Request,
)
from .announcer import (
    Announcer,
    AnnouncerCounters,
    AnnouncerEvent,
    AnnouncerEventKind,
    Filter,
    Interface,
)
from .election import Candidate, CandidateLike, Election, owner, rank
from .errors import (
    Error,
    ErrorCode,
    ExhaustedError,
    ExistsError,
    FamilyError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    NotInPoolError,
    OperatingSystemError,
    OutOfMemoryError,
    OverlapError,
    ParseError,
    PermissionDeniedError,
    PoolNotAllowedError,
    PortInUseError,
    SharingError,
    UnsupportedError,
    WrongStateError,
)
from .membership import (
    DEFAULT_PORT,
    FACTS_MAX,
    META_MAX,
    Facts,
    Member,
    Membership,
    MembershipEvent,
    MembershipEventKind,
    MemberState,
    Profile,
    Statistics,
    Timing,
    key_from_secret,
)
from .pool import Pool

__version__ = f"{MLB_VERSION_MAJOR}.{MLB_VERSION_MINOR}.{MLB_VERSION_PATCH}"


def library_version() -> str:
    """The version of the libmetallb that is loaded."""
    text: bytes = lib.mlb_version_text()
    return text.decode()


__all__ = [
    "DEFAULT_PORT",
    "FACTS_MAX",
    "META_MAX",
    "AddressLike",
    "Allocator",
    "Announcer",
    "AnnouncerCounters",
    "AnnouncerEvent",
    "AnnouncerEventKind",
    "Assignment",
    "Candidate",
    "CandidateLike",
    "DualStack",
    "Election",
    "Error",
    "ErrorCode",
    "ExhaustedError",
    "ExistsError",
    "Facts",
    "Families",
    "FamilyError",
    "Filter",
    "IPAddress",
    "IPNetwork",
    "Interface",
    "InternalError",
    "InvalidArgumentError",
    "LibraryError",
    "Member",
    "MemberState",
    "Membership",
    "MembershipEvent",
    "MembershipEventKind",
    "NotFoundError",
    "NotInPoolError",
    "OperatingSystemError",
    "OutOfMemoryError",
    "OverlapError",
    "ParseError",
    "PermissionDeniedError",
    "Pool",
    "PoolCounters",
    "PoolNotAllowedError",
    "Port",
    "PortInUseError",
    "Profile",
    "Protocol",
    "Range",
    "RangeLike",
    "Request",
    "SharingError",
    "Statistics",
    "Timing",
    "UnsupportedError",
    "WrongStateError",
    "compare_addresses",
    "format_address",
    "key_from_secret",
    "library_version",
    "owner",
    "parse_address",
    "rank",
]
