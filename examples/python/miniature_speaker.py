#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A complete speaker in miniature: membership, election and announcer over one poll loop.

    miniature_speaker.py NAME OWN_ADDRESS ADDRESS[,ADDRESS...] [SEED...]

Run it on each host, as root, with the addresses of the others as seeds. The service addresses stand
on lo of each host (ip address add ADDRESS/32 dev lo), and arp_ignore of the LAN interface is 1, so
that only the owner's speaker answers for them.
"""

import select
import sys

import metallb
from metallb import MembershipEventKind, MemberState

name, own_address, services, *seeds = sys.argv[1:]
LIVING = (MemberState.ALIVE, MemberState.SUSPECT)
READY = (MembershipEventKind.SYNCHRONIZED, MembershipEventKind.SEEDS_SILENT)

membership = metallb.Membership(name, bind_address=own_address)
election, announcer = metallb.Election(), metallb.Announcer()
membership.join(seeds)
election.set_group(0, [])
for address in services.split(","):
    election.set_address(address)
poll = select.poll()
poll.register(membership, select.POLLIN)
poll.register(announcer, select.POLLIN)
ready, owned = not seeds, set()

while True:
    poll.poll()
    membership.dispatch()
    announcer.dispatch()
    for notice in announcer.events():
        print(notice.kind.name, notice.interface_name, notice.address, notice.detail, flush=True)
    for event in membership.events():
        print(event.kind.name, event.name, flush=True)
        ready = ready or event.kind in READY
    if ready:  # who would take the addresses before it knows the group would take them from others
        election.set_group(0, [m.name for m in membership.members() if m.state in LIVING])
    for changed in election.changes():
        if election.owner(changed) == name:
            announcer.announce(changed)
            owned.add(changed)
        elif changed in owned:
            announcer.withdraw(changed)
            owned.remove(changed)
        print(changed, "is announced by", election.owner(changed), flush=True)
