#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""How long a client is without a service when the host that has its address fails or leaves, and
how long two hosts or none say that they have it; beside keepalived in the same run. Needs root.

Usage: bench/failover.py BUILD [--systems NAME,…] [--events NAME,…] [--repetitions N] [--json FILE]

BUILD is a release build. Three hosts and a client are on one bridge; the client sends one UDP
request a millisecond to each address. The outage lasts from the last request that was answered
until the first answer after, and is 0 where every request was answered. Another host asks who has
the address, by ARP and NDP, every 2 ms: for it the address is away also where the client, who knows
whom to send to, still gets answers. Each event happens to the owner, and is then undone.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import statistics
import subprocess
import sys
import time
from collections import namedtuple

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "netns"))

from failover_systems import Keepaliveds, Speakers  # noqa: E402
from lab import keepalived  # noqa: E402
from lab.claimants import Claimants, contested, is_contested_at_end, unclaimed  # noqa: E402
from lab.network import Lab  # noqa: E402
from lab.outage import Meter, start_echo  # noqa: E402
from lab.waiting import TimedOut  # noqa: E402

OBSERVER = ("192.0.2.101", "2001:db8::101")
BEFORE_SECONDS = 0.5  # of undisturbed answers, and up to a second more
AFTER_SECONDS = 3  # so long it is watched after the address has moved
MOVE_SECONDS = 40  # and so long it may take to move

Event = namedtuple("Event", "name act undone undo")
EVENTS = [
    Event("link cut", lambda s: s.owner.cut(), "healed", lambda s: s.owner.heal()),
    Event("silent cut", lambda s: s.owner.cut_silently(), "healed", lambda s: s.owner.heal()),
    Event("kill -9", lambda s: s.kill(s.owner), "started again", lambda s: s.start(s.owner)),
    Event("SIGTERM", lambda s: s.terminate(s.owner), "started again", lambda s: s.start(s.owner)),
    Event("drain", lambda s: s.drain(s.owner), "undrained", lambda s: s.undrain(s.owner)),
]

# Of one address, in milliseconds; the two flags say that the value is a lower bound.
Sample = namedtuple(
    "Sample", "system event repetition family outage unreachable contested undecided unclaimed longest_pause"
)


class Bench:
    """The LAN, and what is done on it."""

    def __init__(self, lab):
        self.client = lab.add_host("client", ["192.0.2.100/24", "2001:db8::100/64"])
        self.observer = lab.add_host("observer", [OBSERVER[0] + "/24", OBSERVER[1] + "/64"])
        self.hosts = [
            lab.add_host(name, [f"192.0.2.{number}/24", f"2001:db8::{number}/64"])
            for number, name in enumerate("abc", 1)
        ]
        for host in self.hosts:
            start_echo(host)

    def settle(self, system):
        """Waits until the owner answers the client."""
        meter = Meter(self.client, system.addresses)
        meter.wait_answered(lambda host: host == system.owner.name, "the owner's", MOVE_SECONDS)
        meter.stop()

    def watch(self, system, act, has_moved):
        """Does something, and returns what was seen of each address until a while after."""
        meter = Meter(self.client, system.addresses)
        claimants = Claimants(self.observer, *OBSERVER, system.addresses)
        meter.wait_answered(lambda _: True, "any")
        # At any moment between two of a protocol's periodic messages.
        time.sleep(BEFORE_SECONDS + random.random())
        since = time.time()
        act(system)
        try:
            meter.wait_answered(has_moved, "another host's", MOVE_SECONDS)
            time.sleep(AFTER_SECONDS)
        except TimedOut as error:
            print(f"  {error}", file=sys.stderr)
        claims = claimants.stop()
        outages = meter.stop()
        return [(outages[address], claims[address], since) for address in system.addresses]

    def repeat(self, system, event, repetition):
        """An event and its undoing, as samples."""
        owner = system.owner.name
        seen = self.watch(system, event.act, lambda host: host != owner)
        yield from samples(system, event.name, repetition, seen)
        seen = self.watch(system, event.undo, lambda host: host == owner)
        yield from samples(system, f"{event.name}, {event.undone}", repetition, seen)

    def run(self, system, events, repetitions):
        self.settle(system)
        for event in events:
            if event.name in system.lacks:
                continue
            for repetition in range(repetitions):
                for sample in self.repeat(system, event, repetition):
                    say(sample)
                    yield sample
        system.stop()


def samples(system, event, repetition, seen):
    for family, (outage, claims, since) in zip(("IPv4", "IPv6"), seen):
        yield Sample(
            system.name,
            event,
            repetition,
            family,
            outage.outage,
            not outage.over,
            contested(claims, since) * 1000,
            is_contested_at_end(claims),
            unclaimed(claims, since) * 1000,
            outage.longest_pause,
        )


def say(sample):
    print(f"  {sample.system}: {sample.event}, {sample.family}: outage {sample.outage:.0f} ms, "
          f"two answer for {sample.contested:.0f} ms, nobody for {sample.unclaimed:.0f} ms",
          file=sys.stderr, flush=True)  # fmt: skip


def cell(values, are_bounds=()):
    """Median and range; "≥" where a value still grew when the watching ended."""
    mark = "≥ " if any(are_bounds) else ""
    return f"{mark}{statistics.median(values):.0f} ({min(values):.0f}–{max(values):.0f})"


def report(found):
    print("| event | system | outage, IPv4 | IPv6 | two answer, IPv4 | IPv6 "
          "| nobody answers, IPv4 | IPv6 |")
    print("|---|---|---|---|---|---|---|---|")
    for name in dict.fromkeys(sample.event for sample in found):
        for system in dict.fromkeys(sample.system for sample in found):
            chosen = [s for s in found if s.event == name and s.system == system]
            if not chosen:
                continue
            families = [[s for s in chosen if s.family == f] for f in ("IPv4", "IPv6")]
            cells = [cell([s.outage for s in f], [s.unreachable for s in f]) for f in families]
            cells += [cell([s.contested for s in f], [s.undecided for s in f]) for f in families]
            cells += [cell([s.unclaimed for s in f]) for f in families]
            print(f"| {name} | {system} | {' | '.join(cells)} |")


def machine():
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return f"{os.cpu_count()} processors, Linux {platform.release()}, load average {load}"


def systems_of(build, profile):
    """How to make each system, by the name that --systems knows."""
    tool = build / "daemons" / "metallbctl" / "metallbctl"
    return {
        "speaker": lambda hosts: Speakers(hosts, tool, profile),
        "keepalived-1": lambda hosts: Keepaliveds(hosts, 1),
        "keepalived-0.1": lambda hosts: Keepaliveds(hosts, 0.1),
    }


def chosen(text, known, parser):
    """The named ones, in the order known."""
    names = text.split(",") if text else list(known)
    for name in names:
        if name not in known:
            parser.error(f"{name} is none of {', '.join(known)}")
    return [name for name in known if name in names]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--systems", help="speaker, keepalived-1, keepalived-0.1 (default: all)")
    parser.add_argument("--events", help="names from the table, with commas (default: all)")
    parser.add_argument("--profile", default="fast", help="of the speakers' group (default: fast)")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path, help="each single value, into this file")
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("bench/failover.py makes network namespaces: run it as root")
    build = options.build.resolve()
    systems = systems_of(build, options.profile)
    names = chosen(options.systems, systems, parser)
    events = chosen(options.events, [event.name for event in EVENTS], parser)
    if not keepalived.is_installed():
        print("keepalived is not installed: without it", file=sys.stderr)
        names = [name for name in names if not name.startswith("keepalived")]
    os.environ["METALLB_SPEAKER"] = str(build / "daemons" / "speaker" / "metallb-speaker")
    print("Before: " + machine())
    found = []
    with Lab() as lab:
        bench = Bench(lab)
        for name in names:
            wanted = [event for event in EVENTS if event.name in events]
            found += bench.run(systems[name](bench.hosts), wanted, options.repetitions)
    print("After: " + machine() + "\n\nMilliseconds: median (least–most)\n")
    report(found)
    if options.json:
        options.json.write_text(json.dumps([sample._asdict() for sample in found], indent=1))


if __name__ == "__main__":
    main()
