# SPDX-License-Identifier: MIT
"""The step that cuts the owner off, with keepalived beside it."""

import signal
import time

from demonstration.site import VIRTUAL
from demonstration.text import heading, line, table
from lab.outage import Meter
from lab.waiting import wait_for

SPEAKER = "metallb-speaker"
KEEPALIVED = "keepalived"
MOVE_SECONDS = 30
# A while before the cut and after the move, so that nothing hidden follows.
QUIET_SECONDS = 1


def show_crash(site, services, rankings):
    """The host that owns the first address loses its link, first seen by it and then not."""
    name = rankings[services[0].address][1]
    owner = site.lab.hosts[name]
    addresses = {s.address: SPEAKER for s in services if rankings[s.address][1] == name}
    heading(f"A crash: host {name} is cut off from the client and from the other hosts")
    line(f"Host {name} is the owner again (metallbctl undrain). Then its link is cut, and the")
    line("client sends one UDP request a millisecond to each address. An outage lasts from the")
    line("last request that was answered until the first answer after.")
    site.ask_speaker(name, "undrain")
    daemons = site.start_keepalived(first=name)
    if daemons:
        line("keepalived moves two addresses of its own between the same hosts, with its defaults.")
        addresses |= {address.split("/")[0]: KEEPALIVED for address in VIRTUAL}
    else:
        line("keepalived is not installed, so there is nothing to compare with.")
    settle(site, rankings, daemons)
    line("")
    line(f"The cable of {name} is pulled; it sees that its carrier is gone:")
    show_cut(site.client, owner, owner.cut, addresses)
    settle(site, rankings, daemons)
    line("")
    line(f"A switch behind fails silently; {name} sees nothing:")
    show_cut(site.client, owner, owner.cut_silently, addresses)
    settle(site, rankings, daemons)
    line("")
    line(f"The link was healed after each cut, and {name} has its addresses again.")
    # Each takes a second to end.
    for daemon in daemons:
        daemon.process.signal(signal.SIGTERM)
    for daemon in daemons:
        daemon.stop()


def settle(site, rankings, daemons):
    """Waits until every address is at its first owner."""
    wait_for(lambda: site.agreement() == rankings, "the first owners", MOVE_SECONDS)
    if daemons:
        first, *others = daemons
        wait_for(
            lambda: first.holds_all() and not any(other.holds_any() for other in others),
            "keepalived's first owner",
            MOVE_SECONDS,
        )


def show_cut(client, owner, cut, addresses):
    """Cuts the owner off until another host answers at every address, and heals it."""
    meter = Meter(client, addresses)
    meter.wait_answered(lambda host: host == owner.name, "the owner's")
    time.sleep(QUIET_SECONDS)
    cut()
    meter.wait_answered(lambda host: host != owner.name, "another host's", MOVE_SECONDS)
    time.sleep(QUIET_SECONDS)
    hosts = meter.hosts()
    seen = meter.stop()
    owner.heal()
    table(
        ["ADDRESS", "MOVED BY", "OUTAGE", "REQUESTS", "UNANSWERED", "NOW ANSWERED BY"],
        [
            [address, by, f"{seen[address].outage:.0f} ms", seen[address].sent,
             seen[address].sent - seen[address].answered, f"host {hosts[address]}"]
            for address, by in addresses.items()
        ],
    )  # fmt: skip
    pauses = [outage.longest_pause for outage in seen.values()]
    line(f"(The client's own longest pause between two requests was {max(pauses):.0f} ms.)")
