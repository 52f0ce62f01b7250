#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two nodes on loopback watch each other with asyncio; the owner of an address dies.

failover.py [ADDRESS OF 127.0.0.0/8 [FIRST PORT]]
"""

import asyncio
import sys
import time

import metallb
from metallb import MembershipEventKind, MemberState
from metallb.aio import EventStream

SERVICE = "192.0.2.10"
NAMES = ("one", "two")
SECONDS = 30


def owner(membership: metallb.Membership) -> str:
    """Who announces the service, as this node sees it: each decides alone."""
    counted = (MemberState.ALIVE, MemberState.SUSPECT)
    names = [member.name for member in membership.members() if member.state in counted]
    return metallb.rank(SERVICE, names)[0]


async def wait_for(events: EventStream[metallb.MembershipEvent], kind: MembershipEventKind) -> None:
    async for event in events:
        if event.kind is kind:
            return


async def run(address: str, first_port: int) -> None:
    one, two = (
        metallb.Membership(name, bind_address=address, bind_port=first_port + number)
        for number, name in enumerate(NAMES)
    )
    with one, two:
        async with EventStream(one) as of_one, EventStream(two) as of_two:
            two.join([f"{address}:{first_port}"])
            joined = MembershipEventKind.JOINED
            await asyncio.gather(wait_for(of_one, joined), wait_for(of_two, joined))
            first = owner(one)
            assert first == owner(two)
            print(f"{SERVICE} is announced by {first}", flush=True)

            dying, stays, events = (one, two, of_two) if first == "one" else (two, one, of_one)
            dying.close()
            died = time.monotonic()
            await wait_for(events, MembershipEventKind.FAILED)
            seconds = time.monotonic() - died
            print(f"{first} died; {SERVICE} is announced by {owner(stays)}")
            print(f"seen after {seconds:.1f} s", file=sys.stderr)


def main(arguments: list[str]) -> int:
    address = arguments[0] if arguments else "127.0.0.1"
    first_port = int(arguments[1]) if len(arguments) > 1 else metallb.DEFAULT_PORT
    try:
        asyncio.run(asyncio.wait_for(run(address, first_port), SECONDS))
    except metallb.Error as error:
        print(f"failover.py: {error}", file=sys.stderr)
        return 1
    except asyncio.TimeoutError:
        print(f"failover.py: not done within {SECONDS} s", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
