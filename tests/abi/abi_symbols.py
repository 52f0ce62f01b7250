# SPDX-License-Identifier: MIT
"""The headers, the version map and the built libraries name the same functions."""

import sys

import headers
import tools
from tap import Tap


def differences(left, left_name, right, right_name):
    yield from (f"{name}: in {left_name}, not in {right_name}" for name in sorted(left - right))
    yield from (f"{name}: in {right_name}, not in {left_name}" for name in sorted(right - left))


def dynamic_symbols(library):
    """Name -> version of what the shared object defines; version nodes themselves left out."""
    _, output = tools.run(["nm", "--dynamic", "--defined-only", "--with-symbol-versions", library])
    symbols = {}
    for line in output.splitlines():
        _, kind, name = line.split()
        if kind != "A":
            name, _, version = name.partition("@@")
            symbols[name] = version
    return symbols


def static_symbols(library):
    _, output = tools.run(["nm", "--extern-only", "--defined-only", library])
    fields = (line.split() for line in output.splitlines())
    names = {words[2] for words in fields if len(words) == 3}
    # AddressSanitizer's own marks of global data.
    return {name for name in names if not name.startswith("__odr_asan.")}


def wrong_versions(symbols, mapped):
    for name, version in sorted(symbols.items()):
        if mapped.get(name) != version:
            yield f"{name}: version {version or 'none'}, the map says {mapped.get(name)}"


def main(shared, static):
    tap = Tap()
    declared = headers.functions()
    mapped = headers.map_symbols()
    exported = dynamic_symbols(shared)
    tap.check("headers and map agree", differences(declared, "headers", set(mapped), "map"))
    tap.check(
        "headers and shared object agree",
        differences(declared, "headers", set(exported), "shared object"),
    )
    tap.check("exported symbols have the version of the map", wrong_versions(exported, mapped))
    tap.check(
        "the static library shows the same functions and nothing internal",
        differences(declared, "headers", static_symbols(static), "static library"),
    )
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
