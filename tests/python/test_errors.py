# SPDX-License-Identifier: MIT
"""Exceptions: their codes, their texts, and what they are to Python."""

import errno
import pickle

import metallb
import pytest
from metallb import errors

KINDS = {
    "INVALID_ARGUMENT": ("InvalidArgumentError", ValueError),
    "WRONG_STATE": ("WrongStateError", Exception),
    "NOT_FOUND": ("NotFoundError", LookupError),
    "EXISTS": ("ExistsError", Exception),
    "BUFFER_TOO_SMALL": ("Error", Exception),
    "EMPTY": ("ParseError", ValueError),
    "ADDRESS": ("ParseError", ValueError),
    "ZONE": ("ParseError", ValueError),
    "LEADING_ZERO": ("ParseError", ValueError),
    "PREFIX_LENGTH": ("ParseError", ValueError),
    "RANGE_FIRST": ("ParseError", ValueError),
    "RANGE_LAST": ("ParseError", ValueError),
    "RANGE_REVERSED": ("ParseError", ValueError),
    "RANGE_FAMILIES": ("ParseError", ValueError),
    "MALFORMED": ("ParseError", ValueError),
    "OVERLAP": ("OverlapError", ValueError),
    "EXHAUSTED": ("ExhaustedError", Exception),
    "NOT_IN_POOL": ("NotInPoolError", LookupError),
    "POOL_NOT_ALLOWED": ("PoolNotAllowedError", Exception),
    "SHARING": ("SharingError", Exception),
    "PORT_IN_USE": ("PortInUseError", metallb.SharingError),
    "FAMILY": ("FamilyError", ValueError),
    "SYSTEM": ("OperatingSystemError", OSError),
    "PERMISSION": ("PermissionDeniedError", PermissionError),
    "UNSUPPORTED": ("UnsupportedError", Exception),
    "NO_MEMORY": ("OutOfMemoryError", MemoryError),
    "INTERNAL": ("InternalError", Exception),
}


def test_every_code_has_its_kind():
    assert set(KINDS) == {code.name for code in metallb.ErrorCode}


@pytest.mark.parametrize("code", metallb.ErrorCode, ids=lambda code: code.name)
def test_kind_of_a_code(code):
    name, base = KINDS[code.name]
    error = errors.make_error(code, "a sentence", "subject", "other", 5)
    assert type(error).__name__ == name
    assert isinstance(error, metallb.Error) and isinstance(error, base)
    assert (error.code, error.message) == (code, "a sentence")
    assert (error.subject, error.other, error.system_error) == ("subject", "other", 5)
    assert str(error) == "a sentence" and isinstance(error.code, metallb.ErrorCode)
    assert error.is_fatal == (code <= -500)


@pytest.mark.parametrize("code", metallb.ErrorCode, ids=lambda code: code.name)
def test_errors_travel_between_processes(code):
    error = errors.make_error(code, "a sentence", "subject", "other", 5)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and vars(copy) == vars(error)


def test_errors_of_the_system_have_errno():
    error = errors.make_error(metallb.ErrorCode.SYSTEM, "no", system_error=errno.EADDRINUSE)
    assert (error.errno, str(error)) == (errno.EADDRINUSE, "no")


def test_code_of_a_later_library():
    with pytest.raises(metallb.Error) as caught:
        errors.check(-299, subject="something")
    assert type(caught.value) is metallb.Error
    assert caught.value.code == -299 and str(caught.value) == "something: unknown error"


def test_positive_results_are_no_errors():
    assert errors.check(0) == 0 and errors.check(1) == 1


def test_diagnostic_is_handed_on():
    with pytest.raises(metallb.OverlapError) as caught:
        metallb.Pool("lan", ["10.0.0.0/24", "10.0.0.7"])
    error = caught.value
    assert error.code is metallb.ErrorCode.OVERLAP
    assert (error.subject, error.other) == ("10.0.0.7", "10.0.0.0/24")
    assert error.message == "entry 10.0.0.7 overlaps entry 10.0.0.0/24 of the same pool lan"


def test_calls_without_a_diagnostic_name_their_subject():
    with metallb.Allocator() as allocator, pytest.raises(metallb.NotFoundError) as caught:
        allocator.release("default/web")
    assert str(caught.value) == "default/web: not found" and caught.value.subject == "default/web"


def test_description_of_codes():
    texts = {errors.describe(code) for code in metallb.ErrorCode}
    assert len(texts) == len(metallb.ErrorCode) and "unknown error" not in texts
