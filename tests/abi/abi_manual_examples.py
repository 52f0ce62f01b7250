# SPDX-License-Identifier: MIT
"""The examples of the manual pages of section 3 compile and do what their pages say."""

import os
import pathlib
import sys
import tempfile

import headers
import manual
import tools
from tap import Tap

# Exit status and output of each program when it is run without arguments.
EXPECTED = {
    "libmetallb": (0, "192.0.2.10: node-b\n192.0.2.11: node-a\n"),
    "mlb_address": (
        0,
        "192.0.2.10-192.0.2.20: 11 addresses\n"
        "192.0.2.10/31\n192.0.2.12/30\n192.0.2.16/30\n192.0.2.20/32\n",
    ),
    "mlb_allocator": (
        0,
        "default/web has 192.0.2.0 of lan\ndefault/mail has 192.0.2.0 of lan\n",
    ),
    # It would need a privilege to do more.
    "mlb_announcer": (2, "usage: mlb_announcer ADDRESS\n"),
    "mlb_election": (0, "10.0.0.1: node-b\n10.0.0.1: node-a\n"),
    "mlb_membership": (0, "two joined\ntwo says: draining\n"),
    "mlb_pool": (
        0,
        "lan: 128 addresses\nlab: 100 addresses\n"
        "entry 192.0.2.0/25 of pool lan overlaps entry 192.0.2.100-192.0.2.199 of pool lab\n",
    ),
}
# Addresses of loopback in an example, and the same that no other process uses.
PROCESS = os.getpid()
SHOWN_LOOPBACK = "127.90.0."
OWN_LOOPBACK = f"127.{1 + (PROCESS >> 8) % 250}.{PROCESS % 256}."
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror"]


def build(source, program, library, sanitizers):
    command = [*tools.c_compiler(), *FLAGS, *sanitizers, "-I", headers.INCLUDE, source.name]
    return tools.problems_of([*command, "-o", program, library], cwd=source.parent)


def run(program, library):
    """(exit status, output) of a program that is called by its name alone."""
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}
    environment["PATH"] = f"{program.parent}:{environment['PATH']}"
    return tools.run([program.name], env=environment, timeout=60)


def wrong_result(program, library):
    wanted = EXPECTED.get(program.name)
    result = run(program, library)
    if result != wanted:
        yield f"wanted {wanted}, but it gave {result}"


def main(library, build_directory):
    tap = Tap()
    sanitizers = tools.sanitizer_flags(tools.build_options(build_directory))
    with tempfile.TemporaryDirectory() as directory:
        for page in manual.pages(3):
            name = page.name.removesuffix(".3.scd")
            text = manual.example(manual.text_of(page))
            program = pathlib.Path(directory) / name
            source = program.with_suffix(".c")
            text = (text or "#error no example\n").replace(SHOWN_LOOPBACK, OWN_LOOPBACK)
            source.write_text(text, encoding="utf-8")
            tap.check(f"{name}: the example compiles", build(source, program, library, sanitizers))
            result = wrong_result(program, library) if program.exists() else ["-"]
            tap.check(f"{name}: the example works", result)
    tap.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), sys.argv[2])
