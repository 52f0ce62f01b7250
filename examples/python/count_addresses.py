#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Parses pools and counts their addresses.

count_addresses.py lan=192.0.2.0/24 lab=10.0.0.10-10.0.0.19,fd00::/64
"""

import itertools
import sys

import metallb


def read_pool(argument: str) -> metallb.Pool:
    name, _, entries = argument.partition("=")
    return metallb.Pool(name, entries.split(","))


def main(arguments: list[str]) -> int:
    if not arguments:
        print("usage: count_addresses.py NAME=ENTRY[,ENTRY...]...", file=sys.stderr)
        return 2
    try:
        pools = [read_pool(argument) for argument in arguments]
        for one, other in itertools.combinations(pools, 2):
            one.check_overlap(other)
    except metallb.Error as error:
        print(f"count_addresses.py: {error}", file=sys.stderr)
        return 1
    for pool in pools:
        print(f"{pool.name} IPv4={pool.count(4)} IPv6={pool.count(6)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
