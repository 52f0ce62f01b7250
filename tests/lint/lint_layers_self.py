# SPDX-License-Identifier: MIT
"""The layer rules themselves: what they must refuse and what they must let pass."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from layers import include_problem  # noqa: E402
from tap import Tap  # noqa: E402

LIB = "libmetallb/src/"
REFUSED = [
    (LIB + "base/a.c", '"wire/arp.h"'),
    (LIB + "wire/a.c", '"address/value.h"'),
    (LIB + "pool/a.c", '"election/rank.h"'),
    (LIB + "announce/a.c", '"os/clock.h"'),
    (LIB + "os/a.c", '"announce/core.h"'),
    (LIB + "pool/a.c", '"../base/list.h"'),
    (LIB + "pool/a.c", '"entry.h"'),
    (LIB + "error.c", '"objects/objects.h"'),
    (LIB + "election/a.c", "<openssl/sha.h>"),
    (LIB + "announce/a.c", "<time.h>"),
    (LIB + "pool/a.c", "<cjson/cJSON.h>"),
    ("libmetallb/include/metallb/a.h", '"base/list.h"'),
    ("libmetallb/include/metallb/a.h", "<netinet/in.h>"),
    ("daemons/objects/a.c", '"sources/source.h"'),
    ("daemons/reconcile/a.c", '"common/log.h"'),
    ("daemons/reconcile/a.c", "<sys/socket.h>"),
    ("daemons/speaker/a.c", '"base/list.h"'),
    ("daemons/speaker/a.c", '"metallbctl/table.h"'),
    ("examples/a.c", '"objects/objects.h"'),
    ("bench/a.c", '"crypto/sha256.h"'),
    ("examples/a.c", '"simulator/sim.h"'),
]
ACCEPTED = [
    (LIB + "election/a.c", '"crypto/sha256.h"'),
    (LIB + "crypto/a.c", "<openssl/sha.h>"),
    (LIB + "os/a.c", "<netlink/netlink.h>"),
    (LIB + "announcer.c", '"announce/core.h"'),
    (LIB + "announcer.c", '"os/clock.h"'),
    ("libmetallb/include/metallb/a.h", "<metallb/error.h>"),
    ("daemons/sources/a.c", '"objects/objects.h"'),
    ("daemons/speaker/a.c", '"reconcile/services.h"'),
    ("daemons/speaker/a.c", "<ev.h>"),
    ("examples/a.c", "<metallb/pool.h>"),
    ("bench/a.c", "<time.h>"),
    ("bench/a.c", '"simulator/sim.h"'),
    ("tests/unit/a.c", '"crypto/sha256.h"'),
]


def problem(name, include):
    return include_problem(name, include.startswith('"'), include.strip('"<>'))


def main():
    tap = Tap()
    for name, include in REFUSED:
        accepted = [] if problem(name, include) else ["was accepted"]
        tap.check(f"{name} may not include {include}", accepted)
    for name, include in ACCEPTED:
        tap.check(f"{name} may include {include}", filter(None, [problem(name, include)]))
    tap.finish()


if __name__ == "__main__":
    main()
