# SPDX-License-Identifier: MIT
"""Runs a program as a systemd unit would: its user, capabilities and system-call filter.

Usage: confine.py UNIT PROGRAM [ARGUMENT...]

The unit's file says what is allowed; the groups of system calls are those of systemd itself.
"""

import ctypes
import os
import re
import subprocess
import sys

NOBODY = "65534"
SCMP_ACT_ALLOW = 0x7FFF0000
SCMP_ACT_ERRNO_EPERM = 0x00050001


def settings(path):
    """Values of a unit file by key, in order."""
    found = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = re.match(r"(\w+)=(.*)$", line.strip())
            if match:
                found.setdefault(match.group(1), []).append(match.group(2))
    return found


def group(name, known={}):
    """System calls of a group such as @privileged, the groups in it resolved."""
    if not known:
        text = subprocess.run(
            ["systemd-analyze", "syscall-filter", "--no-pager"],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        current = None
        for line in text.splitlines():
            line = re.sub(r"\x1b\[[0-9;]*m", "", line)
            if line.startswith("@"):
                current = known.setdefault(line.strip(), [])
            elif line.startswith("    ") and current is not None and "#" not in line:
                current.append(line.strip())
    if not name.startswith("@"):
        return {name}
    return {call for item in known[name] for call in group(item)}


def allowed_calls(lines):
    """What is allowed when the lines of SystemCallFilter= are read one after another."""
    calls = set()
    for line in lines:
        names = {call for word in line.lstrip("~").split() for call in group(word)}
        calls = calls - names if line.startswith("~") else calls | names
    return calls


def load_filter(calls):
    library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(SCMP_ACT_ERRNO_EPERM)))
    for call in calls:
        number = library.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:
            library.seccomp_rule_add(context, ctypes.c_uint32(SCMP_ACT_ALLOW), number, 0)
    if library.seccomp_load(context) != 0:
        sys.exit("the system-call filter cannot be loaded")


def capability_list(unit, key):
    names = " ".join(unit.get(key, [""])).lower().replace("cap_", "").split()
    return ",".join(["-all", *(f"+{name}" for name in names)])


def main():
    path, program = sys.argv[1], sys.argv[2:]
    unit = settings(path)
    # LeakSanitizer looks at its process by ptrace(2), which no unit allows.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    if os.environ.get("CONFINED") == "1":
        load_filter(allowed_calls(unit["SystemCallFilter"]))
        os.execvp(program[0], program)
    os.environ["CONFINED"] = "1"
    ambient = capability_list(unit, "AmbientCapabilities")
    os.execvp(
        "setpriv",
        ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", "--no-new-privs",
         "--bounding-set", capability_list(unit, "CapabilityBoundingSet"),
         "--inh-caps", ambient, "--ambient-caps", ambient,
         sys.executable, os.path.abspath(__file__), path, *program],
    )  # fmt: skip


if __name__ == "__main__":
    main()
