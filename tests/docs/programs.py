# SPDX-License-Identifier: MIT
"""What the programs say that they understand, read from their help texts."""

import pathlib
import re
import subprocess

OPTION = re.compile(r"^\s+(?:(-\w), )?(--[\w-]+)", re.MULTILINE)
VARIABLE = re.compile(r"\[(METALLB_\w+)\]")
COMMAND = re.compile(r"^  ([a-z-]+) +\S", re.MULTILINE)
# Options of MetalLB's own programs that documents compare with.
FOREIGN = {"--config", "--ml-labels", "--port"}


def output_of(*words):
    result = subprocess.run(
        [str(word) for word in words], stdout=subprocess.PIPE, text=True, check=True, timeout=30
    )
    return result.stdout


def options_in(text):
    """Short and long options that a help text lists."""
    return {option for pair in OPTION.findall(text) for option in pair if option}


class Program:
    """A program, its options, and its commands with theirs."""

    def __init__(self, path):
        self.name = pathlib.Path(path).name
        text = output_of(path, "--help")
        self.options = options_in(text)
        self.variables = set(VARIABLE.findall(text))
        listed = text.partition("\nCommands:\n")[2].partition("\n\n")[0]
        self.commands = {
            name: options_in(output_of(path, name, "--help")) | {"-h", "--help"}
            for name in COMMAND.findall(listed)
        }

    def all_options(self):
        return self.options.union(*self.commands.values())


def by_name(paths):
    return {program.name: program for program in map(Program, paths)}
