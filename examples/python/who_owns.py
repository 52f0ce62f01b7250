#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tells which node would announce an address, and who would follow if it failed.

    who_owns.py 192.0.2.10 node-a node-b=100 node-c

A number behind a node's name is its preference.
"""

import sys

import metallb


def read_candidate(argument: str) -> metallb.Candidate:
    name, separator, preference = argument.partition("=")
    return metallb.Candidate(name, int(preference) if separator else 0)


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        print("usage: who_owns.py ADDRESS NODE[=PREFERENCE]...", file=sys.stderr)
        return 2
    try:
        ranking = metallb.rank(arguments[0], map(read_candidate, arguments[1:]))
    except ValueError as error:
        print(f"who_owns.py: {error}", file=sys.stderr)
        return 1
    for place, name in enumerate(ranking):
        print("then " if place else "owner", name)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
