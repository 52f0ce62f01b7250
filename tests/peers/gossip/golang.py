# SPDX-License-Identifier: MIT
"""Builds the Go program around MetalLB's memberlist, where Go and the modules are at hand."""

import fcntl
import os
import re
import shutil
import subprocess

_OLDEST = (1, 24)
_SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "memberlist")
# Where Go's own archive installs it, which is in few search paths.
_USUAL_PLACE = "/usr/local/go/bin"
_DOWNLOAD_SECONDS = 60
_BUILD_SECONDS = 300


class Unavailable(Exception):
    """There is no way to have the program here; says why."""


def missing():
    """Builds the program into PEERS_MEMBERLIST; why it cannot be had, or None."""
    try:
        os.environ["PEERS_MEMBERLIST"] = _build()
    except Unavailable as reason:
        return str(reason)
    return None


def _build():
    """Path of the program; Unavailable without Go or the modules, other errors are failures."""
    go = shutil.which("go", path=f"{os.environ['PATH']}:{_USUAL_PLACE}")
    if not go:
        raise Unavailable("Go is not installed")
    _check_version(go)
    path = os.path.join(os.environ["PEERS_BUILD"], "memberlist-member")
    # Two programs of the suite may come here at once.
    with open(path + ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _download(go)
        _run(go, _BUILD_SECONDS, "build", "-mod=readonly", "-buildvcs=false", "-o", path, ".")
    return path


def _check_version(go):
    version = _run(go, 30, "env", "GOVERSION").strip()
    found = re.match(r"go(\d+)\.(\d+)", version)
    if not found or tuple(map(int, found.groups())) < _OLDEST:
        raise Unavailable(f"Go is {version}, older than {'.'.join(map(str, _OLDEST))}")


def _download(go):
    try:
        _run(go, _DOWNLOAD_SECONDS, "mod", "download", "github.com/hashicorp/memberlist")
        # Compiles nothing, but needs every module that is imported.
        _run(go, _DOWNLOAD_SECONDS, "list", "-mod=readonly", "-deps", ".")
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        reason = str(error).strip().splitlines()[-1]
        raise Unavailable(f"the Go modules cannot be had: {reason}") from error


def _run(go, seconds, *arguments):
    # The compiler is the one that is here; no other one is fetched.
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [go, *arguments], cwd=_SOURCES, env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"go {arguments[0]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout
