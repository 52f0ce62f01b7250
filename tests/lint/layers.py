# SPDX-License-Identifier: MIT
"""Who may include whom, from the #include lines alone."""

import re

from project import ROOT, c_files, relative

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

LIBRARY = "libmetallb/src/"
PUBLIC = "libmetallb/include/metallb/"
DAEMONS = "daemons/"
OUTSIDE = ("examples/", "bench/", "bindings/")
# Groups in virtual time are run by tests and by a bench alike.
SIMULATOR = "simulator/"

# Layer -> layers that it may include, itself apart. Decisions never include each other.
LIBRARY_LAYERS = {
    "base": set(),
    "crypto": {"base"},
    "address": {"base"},
    "wire": {"base"},
    "pool": {"base", "crypto", "address", "wire"},
    "election": {"base", "crypto", "address", "wire"},
    "announce": {"base", "crypto", "address", "wire"},
    "membership": {"base", "crypto", "address", "wire"},
    "os": {"base", "address", "wire"},
}
# Public objects with a descriptor join a decision to the operating system.
LIBRARY_LAYERS["live"] = set(LIBRARY_LAYERS)
LIBRARY_LAYERS[""] = set(LIBRARY_LAYERS)

BELOW_PROGRAMS = {"common", "objects", "sources", "reconcile", "documents"}
DAEMON_LAYERS = {
    "common": set(),
    "objects": {"common"},
    "sources": {"common", "objects"},
    "reconcile": {"objects"},
    "documents": {"common", "objects", "reconcile"},
    "controller": BELOW_PROGRAMS,
    "speaker": BELOW_PROGRAMS,
    "operator": BELOW_PROGRAMS,
    "metallbctl": BELOW_PROGRAMS,
}

# System headers that bring in a dependency: the beginning of the name -> directories that may.
OWNERS = {
    "openssl/": {"libmetallb/src/crypto"},
    "netlink/": {"libmetallb/src/os", "daemons/common", "daemons/speaker"},
    "bpf/": {"libmetallb/src/os"},
    "linux/bpf": {"libmetallb/src/os"},
    "linux/filter": {"libmetallb/src/os"},
    "linux/if_packet": {"libmetallb/src/os"},
    "cjson/": {"daemons"},
    "yaml.h": {"daemons"},
    "ev.h": {"daemons"},
    "sys/capability.h": {"daemons"},
}

# Decisions and values do no I/O and know no clock.
PURE = {
    "libmetallb/src/" + layer
    for layer in ("base", "crypto", "address", "wire", "pool", "election", "announce", "membership")
} | {"daemons/reconcile"}
IMPURE_HEADERS = re.compile(
    r"^(time\.h|poll\.h|fcntl\.h|unistd\.h|dirent\.h|signal\.h|pthread\.h|net/if\.h|ifaddrs\.h"
    r"|sys/(socket|un|epoll|timerfd|eventfd|signalfd|inotify|ioctl|time|uio|stat|mman)\.h)$"
)


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == '"', match.group(2)


def layer_below(name, prefix):
    """The layer of a file below a prefix; empty for a file that stands directly there."""
    rest = name[len(prefix):]
    return rest.split("/", 1)[0] if "/" in rest else ""


def own_problem(layer, layers, target):
    """Why a quoted include is refused, or None."""
    if "/" not in target and not layer and (ROOT / LIBRARY / target).exists():
        return None
    if target.startswith(".") or "/" not in target:
        return "is not written from the root of the layers"
    other = target.split("/", 1)[0]
    if other not in layers:
        return f"is no layer that {layer or 'this file'} knows"
    if other != layer and other not in layers[layer]:
        return f"is of the layer {other}, which {layer} may not include"
    return None


def public_problem(quoted, target):
    if quoted or not (target.startswith("metallb/") or target in ("stddef.h", "stdint.h")):
        return "does not belong into a public header"
    return None


def quoted_problem(name, target):
    if name.startswith(LIBRARY):
        return own_problem(layer_below(name, LIBRARY), LIBRARY_LAYERS, target)
    if name.startswith(DAEMONS):
        layer = layer_below(name, DAEMONS)
        if layer not in DAEMON_LAYERS:
            return f"stands in an unknown layer {layer!r}"
        return own_problem(layer, DAEMON_LAYERS, target)
    if name.startswith("bench/") and target.startswith(SIMULATOR):
        return None
    if name.startswith(OUTSIDE):
        return "is internal; only <metallb/*.h> may be used here"
    return None


def system_problem(name, target):
    directory = name.rsplit("/", 1)[0]
    if directory in PURE and IMPURE_HEADERS.match(target):
        return "brings I/O or a clock into a pure layer"
    if not name.startswith((LIBRARY, DAEMONS)):
        return None
    for beginning, owners in OWNERS.items():
        owned = any(directory == owner or directory.startswith(owner + "/") for owner in owners)
        if target.startswith(beginning) and not owned:
            return "is a dependency of another layer"
    return None


def include_problem(name, quoted, target):
    if name.startswith(PUBLIC):
        return public_problem(quoted, target)
    if quoted:
        return quoted_problem(name, target)
    return system_problem(name, target)


def file_problems(path):
    name = relative(path)
    for number, quoted, target in includes(path):
        problem = include_problem(name, quoted, target)
        if problem:
            yield f"{name}:{number}: {target} {problem}"


def problems():
    return [problem for path in c_files() for problem in file_problems(path)]


def unknown_directories():
    """A new directory of the library or the daemons needs a line above before it counts."""
    for base, layers in ((LIBRARY, LIBRARY_LAYERS), (DAEMONS, DAEMON_LAYERS)):
        for path in sorted((ROOT / base).iterdir()):
            if path.is_dir() and path.name not in layers:
                yield f"{relative(path)} is no known layer"
