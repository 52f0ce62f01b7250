# SPDX-License-Identifier: MIT
"""Exceptions: what a call of the library refused, with its code and its diagnostic.

Each is an :class:`Error`. Where Python has a kind of exception for the same thing, it is that as
well: a text that is no address is a ``ValueError``, a missing capability a ``PermissionError``.
"""

from __future__ import annotations

import enum
from ctypes import byref
from typing import Any, Callable

from . import _abi
from ._library import LibraryError, lib

__all__ = [
    "Error",
    "ErrorCode",
    "ExhaustedError",
    "ExistsError",
    "FamilyError",
    "InternalError",
    "InvalidArgumentError",
    "LibraryError",
    "NotFoundError",
    "NotInPoolError",
    "OperatingSystemError",
    "OutOfMemoryError",
    "OverlapError",
    "ParseError",
    "PermissionDeniedError",
    "PoolNotAllowedError",
    "PortInUseError",
    "SharingError",
    "UnsupportedError",
    "WrongStateError",
]


class ErrorCode(enum.IntEnum):
    """The codes of ``enum mlb_error``."""

    INVALID_ARGUMENT = _abi.MLB_ERROR_INVALID_ARGUMENT
    WRONG_STATE = _abi.MLB_ERROR_WRONG_STATE
    NOT_FOUND = _abi.MLB_ERROR_NOT_FOUND
    EXISTS = _abi.MLB_ERROR_EXISTS
    BUFFER_TOO_SMALL = _abi.MLB_ERROR_BUFFER_TOO_SMALL
    EMPTY = _abi.MLB_ERROR_EMPTY
    ADDRESS = _abi.MLB_ERROR_ADDRESS
    ZONE = _abi.MLB_ERROR_ZONE
    LEADING_ZERO = _abi.MLB_ERROR_LEADING_ZERO
    PREFIX_LENGTH = _abi.MLB_ERROR_PREFIX_LENGTH
    RANGE_FIRST = _abi.MLB_ERROR_RANGE_FIRST
    RANGE_LAST = _abi.MLB_ERROR_RANGE_LAST
    RANGE_REVERSED = _abi.MLB_ERROR_RANGE_REVERSED
    RANGE_FAMILIES = _abi.MLB_ERROR_RANGE_FAMILIES
    MALFORMED = _abi.MLB_ERROR_MALFORMED
    OVERLAP = _abi.MLB_ERROR_OVERLAP
    EXHAUSTED = _abi.MLB_ERROR_EXHAUSTED
    NOT_IN_POOL = _abi.MLB_ERROR_NOT_IN_POOL
    POOL_NOT_ALLOWED = _abi.MLB_ERROR_POOL_NOT_ALLOWED
    SHARING = _abi.MLB_ERROR_SHARING
    PORT_IN_USE = _abi.MLB_ERROR_PORT_IN_USE
    FAMILY = _abi.MLB_ERROR_FAMILY
    SYSTEM = _abi.MLB_ERROR_SYSTEM
    PERMISSION = _abi.MLB_ERROR_PERMISSION
    UNSUPPORTED = _abi.MLB_ERROR_UNSUPPORTED
    NO_MEMORY = _abi.MLB_ERROR_NO_MEMORY
    INTERNAL = _abi.MLB_ERROR_INTERNAL

    @property
    def description(self) -> str:
        """A few words about it."""
        return describe(self)


class Error(Exception):
    """A call failed; it changed nothing.

    :ivar code: an :class:`ErrorCode`, or a plain number that this binding does not know
    :ivar message: one sentence that says why
    :ivar subject: what the error is about: the entry, pool, address or option; may be empty
    :ivar other: the second party: the entry overlapped, the holder; mostly empty
    :ivar system_error: ``errno`` where a system call failed, else 0
    """

    def __init__(
        self, code: int, message: str, subject: str = "", other: str = "", system_error: int = 0
    ) -> None:
        self._initialise(message, system_error)
        self.code = known_code(code)
        self.message = message
        self.subject = subject
        self.other = other
        self.system_error = system_error

    def _initialise(self, message: str, system_error: int) -> None:
        super().__init__(message)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (int(self.code), self.message, self.subject, self.other, self.system_error)
        return type(self), fields

    @property
    def is_fatal(self) -> bool:
        """Whether no other argument would have helped: memory is short, or libmetallb has a fault."""
        return bool(lib.mlb_error_is_fatal(self.code))


class InvalidArgumentError(Error, ValueError):
    """A value that the call does not accept."""


class WrongStateError(Error):
    """The object cannot do this now; it may be closed."""


class NotFoundError(Error, LookupError):
    """There is no such name, address or index."""


class ExistsError(Error):
    """The name is taken."""


class ParseError(Error, ValueError):
    """A text is no address, range or prefix; the code tells which rule it breaks."""


class OverlapError(Error, ValueError):
    """Two pools, or two entries of one, have a common address."""


class ExhaustedError(Error):
    """No address is left in the pools that the request may use."""


class NotInPoolError(Error, LookupError):
    """The address is in no pool, or not all addresses are in one pool."""


class PoolNotAllowedError(Error):
    """The address is in a pool that the request may not use."""


class SharingError(Error):
    """The address is taken, and the keys do not allow to share it."""


class PortInUseError(SharingError):
    """The address could be shared, but a holder uses the same protocol and port."""


class FamilyError(Error, ValueError):
    """The families of addresses and request do not agree."""


class OperatingSystemError(Error, OSError):
    """A system call failed; ``errno`` tells how."""

    def _initialise(self, message: str, system_error: int) -> None:
        OSError.__init__(self, system_error, message)


class PermissionDeniedError(OperatingSystemError, PermissionError):
    """A capability is missing; the message names it."""


class UnsupportedError(Error):
    """The kernel, or another node, lacks what is needed."""


class OutOfMemoryError(Error, MemoryError):
    """An allocation failed; the object is unchanged."""


class InternalError(Error):
    """A rule inside the library was broken."""


_CLASSES: dict[int, type[Error]] = {
    ErrorCode.INVALID_ARGUMENT: InvalidArgumentError,
    ErrorCode.WRONG_STATE: WrongStateError,
    ErrorCode.NOT_FOUND: NotFoundError,
    ErrorCode.EXISTS: ExistsError,
    ErrorCode.EMPTY: ParseError,
    ErrorCode.ADDRESS: ParseError,
    ErrorCode.ZONE: ParseError,
    ErrorCode.LEADING_ZERO: ParseError,
    ErrorCode.PREFIX_LENGTH: ParseError,
    ErrorCode.RANGE_FIRST: ParseError,
    ErrorCode.RANGE_LAST: ParseError,
    ErrorCode.RANGE_REVERSED: ParseError,
    ErrorCode.RANGE_FAMILIES: ParseError,
    ErrorCode.MALFORMED: ParseError,
    ErrorCode.OVERLAP: OverlapError,
    ErrorCode.EXHAUSTED: ExhaustedError,
    ErrorCode.NOT_IN_POOL: NotInPoolError,
    ErrorCode.POOL_NOT_ALLOWED: PoolNotAllowedError,
    ErrorCode.SHARING: SharingError,
    ErrorCode.PORT_IN_USE: PortInUseError,
    ErrorCode.FAMILY: FamilyError,
    ErrorCode.SYSTEM: OperatingSystemError,
    ErrorCode.PERMISSION: PermissionDeniedError,
    ErrorCode.UNSUPPORTED: UnsupportedError,
    ErrorCode.NO_MEMORY: OutOfMemoryError,
    ErrorCode.INTERNAL: InternalError,
}


def known_code(code: int) -> int:
    """An ErrorCode where there is one."""
    try:
        return ErrorCode(code)
    except ValueError:
        return code


def describe(code: int) -> str:
    """A few words about any code."""
    text: bytes = lib.mlb_strerror(code)
    return text.decode()


def make_error(
    code: int, message: str, subject: str = "", other: str = "", system_error: int = 0
) -> Error:
    """The exception that belongs to a code."""
    return _CLASSES.get(code, Error)(code, message, subject, other, system_error)


def invalid(message: str, subject: str = "") -> Error:
    """The exception for an argument that never reaches the library."""
    return make_error(ErrorCode.INVALID_ARGUMENT, message, subject)


def check(result: int) -> int:
    """Hands on the result of a call without a diagnostic, or raises what it tells."""
    if result < 0:
        raise make_error(result, describe(result))
    return result


def call(function: Callable[..., int], *arguments: Any) -> int:
    """Calls a function of the library that can fail, which takes a diagnostic after its arguments.

    :return: its result, where that is no error
    :raises Error: what the diagnostic tells
    """
    diagnostic = _abi.mlb_diagnostic()
    lib.mlb_diagnostic_init(byref(diagnostic))
    result = function(*arguments, byref(diagnostic))
    if result < 0 and diagnostic.code == result:
        texts = (diagnostic.message, diagnostic.subject, diagnostic.other)
        message, subject, other = (text.decode("utf-8", "surrogateescape") for text in texts)
        raise make_error(result, message, subject, other, diagnostic.system_error)
    return check(result)
