#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Allocates addresses to services, some of which share one, and tells who holds what."""

import metallb
from metallb import Port, Protocol, Request

SERVICES = [
    Request("default/web", ["lan"], ports=[Port(80), Port(443)], sharing_key="front"),
    Request("default/dns", ["lan"], ports=[Port(53, Protocol.UDP)], sharing_key="front"),
    # The same port as default/web, so it cannot share with it.
    Request("default/web-too", ["lan"], ports=[Port(80)], sharing_key="front"),
    Request("default/mail", ["lan"], ports=[Port(25)]),
    Request("default/news", ["lan"], ports=[Port(119)], sharing_key="front"),
    # Nothing is left for one that shares with nobody.
    Request("default/late", ["lan"], ports=[Port(70)]),
]


def main() -> None:
    pool = metallb.Pool("lan", ["192.0.2.0-192.0.2.2"])
    with metallb.Allocator([pool]) as allocator:
        for request in SERVICES:
            try:
                held = allocator.allocate(request)
                print(f"{request.id:16} {held.addresses[0]}")
            except metallb.ExhaustedError as error:
                print(f"{request.id:16} {error}")
        print("192.0.2.0 is held by", ", ".join(allocator.holders("192.0.2.0")))
        allocator.release("default/mail")
        print(f"default/late     {allocator.allocate(SERVICES[-1]).addresses[0]}")
        counters = allocator.counters("lan")
        print(f"{counters.requests} services, {counters.assigned_ipv4} addresses in use")


if __name__ == "__main__":
    main()
