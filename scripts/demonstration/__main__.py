# SPDX-License-Identifier: MIT
"""Entry of the demo: show, keep or down."""

import fcntl
import glob
import os
import shutil
import sys
import tempfile

PREFIX = "mlbdemo"
LOCKS = "/run/lock"


def take_lock(prefix):
    """One demo at a time: the names of its namespaces are fixed, so that --down finds them."""
    os.makedirs(LOCKS, exist_ok=True)
    lock = open(os.path.join(LOCKS, prefix), "w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit("A demo is running already.")
    return lock


def tear_down(prefix):
    from lab.network import remove_namespaces

    remove_namespaces(prefix + "-")
    for directory in glob.glob(os.path.join(tempfile.gettempdir(), prefix + "-*")):
        shutil.rmtree(directory, ignore_errors=True)


def show(build, prefix, keep):
    from demonstration.story import tell
    from lab.network import Lab

    tear_down(prefix)
    with Lab(prefix) as lab:
        site = tell(lab, build)
        if keep:
            lab.keep()
            say_how_to_enter(site)
    if not keep:
        print("\nThe lab is gone. scripts/demo --keep leaves it standing.")


def say_how_to_enter(site):
    print("\nThe lab stands. Enter a host or run something in it:")
    for host in [*site.hosts, site.client]:
        print(f"   ip netns exec {host.namespace} bash")
    print("Look, change, watch:")
    first = site.hosts[0]
    for command in ("status", "members", "drain", "undrain"):
        print(f"   {site.tool} {command} --control {site.speakers[first.name].control}")
    print(f"   ip -n {site.lab.bridge_namespace} link set {first.port} down    (its cable; and up)")
    print(f"   less {first.directory}/speaker.log")
    print("Tear it down:")
    print("   scripts/demo --down")


def main(mode, build, prefix=PREFIX):
    os.environ["METALLB_SPEAKER"] = os.path.join(build, "daemons", "speaker", "metallb-speaker")
    with take_lock(prefix):
        if mode == "down":
            tear_down(prefix)
        else:
            show(build, prefix, keep=mode == "keep")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        print("\nInterrupted; the lab is gone.", file=sys.stderr)
        sys.exit(130)
