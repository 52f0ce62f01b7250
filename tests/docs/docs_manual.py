# SPDX-License-Identifier: MIT
"""The manual pages of the programs document each option, and none that does not exist."""

import re
import sys

import programs
import tree
from tap import Tap

SECTIONS = {
    "metallbctl": "1",
    "metallb-controller": "8",
    "metallb-speaker": "8",
}
TERM = re.compile(r"^\*-.*$", re.MULTILINE)
NAME = re.compile(r"(?<![\w-])(--?[a-zA-Z][\w-]*)")
LONG = re.compile(r"(?<![\w-])--[a-z][\w-]*")
VARIABLE = re.compile(r"\bMETALLB_[A-Z_]*[A-Z]\b")
SYNOPSIS = r"^\*metallbctl\* \*([a-z-]+)\*(.*)$"
ENTRY = re.compile(r"^\*([a-z-]+)\*$", re.MULTILINE)


def text_of(program):
    return tree.text_of(tree.MAN / f"{program.name}.{SECTIONS[program.name]}.scd")


def section(text, title):
    return text.partition(f"\n# {title}\n")[2].partition("\n# ")[0]


def documented(text):
    terms = " ".join(TERM.findall(section(text, "OPTIONS")))
    return set(NAME.findall(terms))


def differences(wanted, shown, what):
    yield from (f"{what} {name} is not documented" for name in sorted(wanted - shown))
    yield from (f"{what} {name} does not exist" for name in sorted(shown - wanted))


def unknown_names(program, every):
    """Options and variables that the text speaks of, also those of other programs."""
    options = set().union(*(other.all_options() for other in every.values()))
    variables = set().union(*(other.variables for other in every.values()))
    text = text_of(program)
    for name in sorted(set(LONG.findall(text)) - options - programs.FOREIGN):
        yield f"{name} is no option"
    for name in sorted(set(VARIABLE.findall(text)) - variables):
        yield f"{name} is no variable"


def wrong_commands(program):
    text = text_of(program)
    described = set(ENTRY.findall(section(text, "DESCRIPTION")))
    return differences(set(program.commands), described, "command")


def wrong_synopses(program):
    lines = dict(re.findall(SYNOPSIS, section(text_of(program), "SYNOPSIS"), re.MULTILINE))
    yield from differences(set(program.commands), set(lines), "in the synopsis: command")
    for command, line in sorted(lines.items()):
        known = program.commands.get(command, set())
        for option in NAME.findall(line):
            if option not in known:
                yield f"in the synopsis: {command} does not know {option}"


def main(paths):
    tap = Tap()
    every = programs.by_name(paths)
    for name in SECTIONS:
        program = every[name]
        options = differences(program.all_options(), documented(text_of(program)), "option")
        tap.check(f"{name}: options are those of --help", options)
        tap.check(f"{name}: options and variables in the text exist", unknown_names(program, every))
        if program.commands:
            tap.check(f"{name}: commands are those of --help", wrong_commands(program))
            tap.check(f"{name}: the synopsis fits the commands", wrong_synopses(program))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1:])
