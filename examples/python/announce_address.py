#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Announces one address until it is interrupted; needs CAP_NET_RAW.

announce_address.py 192.0.2.10 [INTERFACE...]
"""

import sys

import metallb
from metallb import AnnouncerEvent, AnnouncerEventKind


def describe(event: AnnouncerEvent) -> str:
    if event.kind is AnnouncerEventKind.INTERFACE_UP:
        return f"{event.interface_name} can be used"
    if event.kind is AnnouncerEventKind.INTERFACE_DOWN:
        return f"{event.interface_name} is no longer used: {event.detail}"
    if event.kind is AnnouncerEventKind.CONFLICT:
        where = event.interface_name
        return f"{event.hardware_address} claims {event.address} too, on {where}"
    return f"{event.kind.name} on {event.interface_name}: {event.detail}"


def main(arguments: list[str]) -> int:
    if not arguments:
        print("usage: announce_address.py ADDRESS [INTERFACE...]", file=sys.stderr)
        return 2
    try:
        with metallb.Announcer() as announcer:
            announcer.announce(arguments[0], arguments[1:] or None)
            for event in announcer.watch():
                print(describe(event), flush=True)
    except metallb.Error as error:
        print(f"announce_address.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
