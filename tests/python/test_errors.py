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


def answer(result, **told):
    """A function of the library that fills its diagnostic and returns a result."""

    def function(pointer):
        for name, value in told.items():
            setattr(pointer._obj, name, value)
        return result

    return function


def test_all_that_a_diagnostic_tells_is_handed_on():
    told = {"message": b"a sentence \xff", "subject": b"one", "other": b"two", "system_error": 5}
    with pytest.raises(metallb.OperatingSystemError) as caught:
        errors.call(answer(-300, code=-300, **told))
    error = caught.value
    assert (error.code, error.message) == (metallb.ErrorCode.SYSTEM, "a sentence \udcff")
    assert (error.subject, error.other, error.errno) == ("one", "two", 5)


@pytest.mark.parametrize("fail", [lambda: errors.check(-299), lambda: errors.call(answer(-299))])
def test_code_without_a_diagnostic(fail):
    """Also one that a later library may have."""
    with pytest.raises(metallb.Error) as caught:
        fail()
    assert type(caught.value) is metallb.Error
    assert caught.value.code == -299 and str(caught.value) == "unknown error"


@pytest.mark.parametrize("result", [0, 1])
def test_results_that_are_no_errors(result):
    assert errors.check(result) == errors.call(answer(result)) == result


def test_diagnostic_of_the_library():
    with pytest.raises(metallb.OverlapError) as caught:
        metallb.Pool("lan", ["10.0.0.0/24", "10.0.0.7"])
    error = caught.value
    assert error.code is metallb.ErrorCode.OVERLAP
    assert (error.subject, error.other) == ("10.0.0.7", "10.0.0.0/24")
    assert error.message == "entry 10.0.0.7 overlaps entry 10.0.0.0/24 of the same pool lan"


def test_description_of_codes():
    texts = {code.description for code in metallb.ErrorCode}
    assert len(texts) == len(metallb.ErrorCode) and "unknown error" not in texts
