# SPDX-License-Identifier: MIT
"""Runs two-nodes on loopback: the owner dies and the other node takes over."""

import os
import subprocess
import sys

from tap import Tap

SERVICE = "192.0.2.10"
NODES = {"node-a", "node-b"}


def address(place):
    """An address of loopback that no other process uses."""
    process = os.getpid()
    return f"127.{1 + (process >> 8) % 250}.{process % 256}.{place}"


def failover(lines):
    """Problems of the order in which things happened."""
    deaths = [line.split()[0] for line in lines if line.endswith(" dies")]
    if len(deaths) != 1 or deaths[0] not in NODES:
        return [f"not one node died: {lines}"]
    (dead,) = deaths
    (heir,) = NODES - {dead}
    place = lines.index(f"{dead} dies")
    wanted_before = {f"{heir}: {dead} joined", f"{dead}: {heir} joined"}
    problems = [f"{line!r} is missing" for line in wanted_before - set(lines[:place])]
    for name in NODES:
        said = [line for line in lines[:place] if line.startswith(f"{name}: the owner is ")]
        if not said or said[-1] != f"{name}: the owner is {dead}":
            problems.append(f"{name} did not take {dead} for the owner, but {said}")
    after = [f"{heir}: {dead} failed", f"{heir}: the owner is {heir}"]
    if lines[place + 1 :] != after:
        problems.append(f"after the death: {lines[place + 1:]}, expected {after}")
    return problems


def main(program):
    tap = Tap()
    arguments = [SERVICE, address(1), address(2)]
    result = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=90, check=False
    )
    status = [f"exit status {result.returncode}: {result.stderr}"] if result.returncode else []
    tap.check("two nodes end well", status)
    tap.check("the other node takes over", failover(result.stdout.splitlines()))
    usage = subprocess.run([program], capture_output=True, text=True, timeout=30, check=False)
    tap.check("it says how it is used", [] if usage.returncode == 2 and usage.stderr else ["no"])
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
