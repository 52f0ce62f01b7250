# SPDX-License-Identifier: MIT
"""The binding against the headers: functions and their types, structs, constants, what is told."""

import ast
import ctypes
import dataclasses
import re

import abi_layout
import headers
import metallb
import pytest
from metallb import _abi
from metallb._library import NEEDED, lib
from support import BINDING

DECLARATION = re.compile(r"^MLB_API\s+([^;{]*?)\b(mlb_\w+)\s*\(([^)]*)\)\s*;", re.MULTILINE)

SCALARS = {
    "int32_t": ctypes.c_int32,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "uint16_t": ctypes.c_uint16,
    "uint8_t": ctypes.c_uint8,
    "size_t": ctypes.c_size_t,
}

# Counts are Python's integers of any size, so nobody needs their text.
NOT_CALLED = {"mlb_count_format"}


@pytest.fixture(scope="module")
def measured():
    return abi_layout.measure()


def type_of(declaration):
    """The ctypes type of `const struct mlb_pool *const *pools`."""
    words = re.findall(r"\w+|\*", declaration)
    words = [word for word in words if word not in ("const", "struct")]
    stars = words.count("*")
    name = words[0]
    if name == "void" and not stars:
        return None
    if name == "char":
        name, stars = "text", stars - 1
    result = {**SCALARS, "text": ctypes.c_char_p}.get(name) or getattr(_abi, name)
    for _ in range(stars):
        result = ctypes.POINTER(result)
    return result


def prototypes():
    for result, name, arguments in DECLARATION.findall(headers.all_text()):
        listed = [] if arguments.strip() == "void" else arguments.split(",")
        yield name, type_of(result), [type_of(one) for one in listed]


def bound_structs():
    classes = {name: value for name, value in vars(_abi).items() if name.startswith("mlb_")}
    return {name: value for name, value in classes.items() if "_fields_" in vars(value)}


def test_functions_are_those_of_the_headers():
    assert set(_abi.PROTOTYPES) == headers.functions()


def test_prototypes_are_those_of_the_headers():
    declared = {name: (result, arguments) for name, result, arguments in prototypes()}
    assert declared.keys() == headers.functions()
    for name, prototype in declared.items():
        assert _abi.PROTOTYPES[name] == prototype, name


def takes_diagnostic(name):
    return _abi.PROTOTYPES[name][1][-1:] == [ctypes.POINTER(_abi.mlb_diagnostic)]


def test_the_diagnostic_comes_last_where_the_header_has_one():
    for name, text in headers.prototypes(headers.all_text()).items():
        assert takes_diagnostic(name) == text.endswith("struct mlb_diagnostic *diagnostic);"), name


def test_calls_that_can_fail_go_through_one_function():
    """errors.call() gives the diagnostic and raises what it tells; nothing else does."""
    direct = {
        node.func.attr
        for path in (BINDING / "metallb").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    taking = {name for name in direct & headers.functions() if takes_diagnostic(name)}
    assert taking == {"mlb_diagnostic_init"}


def test_prototypes_are_set_on_the_library():
    for name, (result, arguments) in _abi.PROTOTYPES.items():
        function = getattr(lib, name)
        assert (function.restype, list(function.argtypes)) == (result, arguments), name


def test_every_function_is_called():
    """What is declared and never called would be out of a Python user's reach."""
    called = {
        node.attr
        for path in (BINDING / "metallb").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr.startswith("mlb_")
    }
    assert headers.functions() - called == NOT_CALLED


def test_structs_are_those_of_the_headers(measured):
    assert bound_structs().keys() == measured["structs"].keys()


def test_layouts_are_those_of_the_compiler(measured):
    for name, struct in bound_structs().items():
        places = {field: getattr(struct, field) for field, _ in struct._fields_}
        members = {n: {"offset": place.offset, "size": place.size} for n, place in places.items()}
        layout = {"size": ctypes.sizeof(struct), "members": members}
        assert layout == measured["structs"][name], name


def test_member_types_have_the_sign_of_the_headers():
    """Offset and size cannot tell int32_t from uint32_t."""
    for name, body in headers.STRUCT.findall(headers.all_text()):
        for kind, stars, member in re.findall(r"(\w+)\s+((?:\*|const\b|\s)*)(\w+)[\[\];]", body):
            bound = dict(bound_structs()[name]._fields_)[member]
            while hasattr(bound, "_length_"):
                bound = bound._type_
            if "*" not in stars and kind in SCALARS:
                assert bound is SCALARS[kind], f"{name}.{member}"


def test_constants_are_those_of_the_headers(measured):
    bound = {name: value for name, value in vars(_abi).items() if name.startswith("MLB_")}
    assert bound == measured["constants"]


ENUMERATIONS = [
    (metallb.ErrorCode, r"MLB_ERROR_(\w+)"),
    (metallb.Families, r"MLB_FAMILIES_(\w+)"),
    (metallb.DualStack, r"MLB_DUAL_STACK_(\w+)"),
    (metallb.Protocol, r"MLB_PROTOCOL_(\w+)"),
    (metallb.Filter, r"MLB_FILTER_(\w+)"),
    (metallb.MemberState, r"MLB_MEMBER_(?!NAME_MAX)(\w+)"),
    (metallb.AnnouncerEventKind, r"MLB_ANNOUNCER_(?!NO_EBPF)(\w+)"),
    (metallb.Profile, r"MLB_MEMBERSHIP_(FAST|LAN|WAN)"),
    (
        metallb.MembershipEventKind,
        r"MLB_MEMBERSHIP_(?!FAST$|LAN$|WAN$|PORT$|NO_|\w+_MAX$)(\w+)",
    ),
]


@pytest.mark.parametrize("kind, pattern", ENUMERATIONS)
def test_enumerations_are_complete(measured, kind, pattern):
    wanted = {
        match.group(1): value
        for name, value in measured["constants"].items()
        if (match := re.fullmatch(pattern, name))
    }
    assert wanted and {member.name: member.value for member in kind} == wanted


# Record -> its struct, members that have another name or form in Python.
RECORDS = [
    (metallb.Statistics, "mlb_membership_statistics", {}),
    (metallb.Timing, "mlb_membership_timing", {"flags": "stream_pings"}),
    (metallb.Member, "mlb_member", {"meta_length": "meta"}),
    (metallb.MembershipEvent, "mlb_membership_event", {}),
    (metallb.AnnouncerEvent, "mlb_announcer_event", {}),
    (metallb.AnnouncerCounters, "mlb_announcer_counters", {}),
    (metallb.Interface, "mlb_interface", {}),
    (metallb.PoolCounters, "mlb_pool_counters", {}),
    (metallb.Assignment, "mlb_assignment", {"address_count": "addresses"}),
    (metallb.Candidate, "mlb_candidate", {}),
    (metallb.Port, "mlb_port", {}),
    (
        metallb.Request,
        "mlb_request",
        {
            "primary_family": "primary_version",
            "pool_count": "pools",
            "address_count": "addresses",
            "port_count": "ports",
        },
    ),
]


@pytest.mark.parametrize("record, struct, renamed", RECORDS)
def test_records_tell_all_that_their_structs_hold(record, struct, renamed):
    members = {
        renamed.get(member, member)
        for member in headers.structs()[struct]
        if member != "struct_size" and not member.startswith("reserved")
    }
    assert {field.name for field in dataclasses.fields(record)} == members


def test_version_is_that_of_the_headers(measured):
    constants = measured["constants"]
    version = tuple(constants[f"MLB_VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH"))
    text = ".".join(map(str, version))
    project = (BINDING / "pyproject.toml").read_text(encoding="utf-8")
    assert version == NEEDED
    assert metallb.__version__ == metallb.library_version() == text
    assert f'version = "{text}"' in project


def test_all_names_are_public():
    assert sorted(metallb.__all__) == sorted(set(metallb.__all__))
    for name in metallb.__all__:
        assert hasattr(metallb, name), name
