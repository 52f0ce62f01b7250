# SPDX-License-Identifier: MIT
"""Finds and loads libmetallb, and refuses one that does not suit this binding."""

from __future__ import annotations

import ctypes
import os

from . import _abi

SONAME = "libmetallb.so.0"

# A path here is loaded instead of what the system's linker finds, for tests and private builds.
ENVIRONMENT = "METALLB_LIBRARY"

# The library whose headers this binding mirrors; an older one lacks something that it uses.
NEEDED = (_abi.MLB_VERSION_MAJOR, _abi.MLB_VERSION_MINOR, _abi.MLB_VERSION_PATCH)


class LibraryError(ImportError):
    """libmetallb cannot be loaded, or does not suit this version of the Python binding."""


def _load() -> tuple[ctypes.CDLL, str]:
    path = os.environ.get(ENVIRONMENT) or SONAME
    try:
        return ctypes.CDLL(path), path
    except OSError as error:
        if path == SONAME:
            advice = (
                "install libmetallb (meson install, then ldconfig), or name the file in the "
                f"environment variable {ENVIRONMENT}"
            )
        else:
            advice = f"the environment variable {ENVIRONMENT} names it; correct or unset it"
        # The linker's message often begins with the name.
        reason = str(error).split(f"{path}: ", 1)[-1]
        raise LibraryError(f"cannot load {path}: {reason}; {advice}") from error


def _text_of(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _check_version(library: ctypes.CDLL, path: str) -> None:
    try:
        function = library.mlb_version
    except AttributeError:
        raise LibraryError(f"{path} is not libmetallb: it has no mlb_version()") from None
    function.restype, function.argtypes = _abi.PROTOTYPES["mlb_version"]
    number = function()
    found = (number >> 16, number >> 8 & 0xFF, number & 0xFF)
    if found[0] == NEEDED[0] and found >= NEEDED:
        return
    problem = "too old" if found < NEEDED else "too new"
    raise LibraryError(
        f"{path} has version {_text_of(found)} and is {problem}: this Python binding needs "
        f"{_text_of(NEEDED)} or a later {NEEDED[0]}.x; install a libmetallb and a binding that "
        "belong together"
    )


def _declare(library: ctypes.CDLL, path: str) -> None:
    for name, (result, arguments) in _abi.PROTOTYPES.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise LibraryError(
                f"{path} has no {name}(): it is older than this Python binding, which needs "
                f"{_text_of(NEEDED)}; install a libmetallb and a binding that belong together"
            ) from None
        function.restype = result
        function.argtypes = arguments


def load() -> ctypes.CDLL:
    """The library with all its prototypes declared; raises LibraryError."""
    library, path = _load()
    _check_version(library, path)
    _declare(library, path)
    return library


lib = load()
