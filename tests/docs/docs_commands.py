# SPDX-License-Identifier: MIT
"""Commands that the documents show use options that the programs know."""

import json
import re
import shlex
import subprocess
import sys

import programs
import tree
from tap import Tap

ASSIGNMENT = re.compile(r"^[A-Z_]+=")
SEPARATOR = re.compile(r"&&|\|\||[;|()]")
DEFINITION = re.compile(r"^-D(\w+)=")
OPTION = re.compile(r"^--[a-z][\w-]*")
UNIT = re.compile(r"^metallb-[\w-]+(?:\.service)?$")
SCRIPT = re.compile(r"^(?:scripts|bench|tests)/")


def introspect(build, what):
    result = subprocess.run(
        ["meson", "introspect", what, build], stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(result.stdout)


class Judge:
    """Knows the programs, the scripts and the options of the build."""

    def __init__(self, build, paths):
        self.programs = programs.by_name(paths)
        self.definitions = {option["name"] for option in introspect(build, "--buildoptions")}
        # Suites are written <project>:<suite>.
        suites = [suite for test in introspect(build, "--tests") for suite in test["suite"]]
        self.suites = {suite.rpartition(":")[2] for suite in suites}

    def problems(self, words):
        """What is wrong with one command, given as words."""
        while words and (ASSIGNMENT.match(words[0]) or words[0] == "sudo"):
            words = words[1:]
        if not words:
            return []
        name = words[0].rpartition("/")[2]
        if name in self.programs:
            return self.of_program(self.programs[name], words[1:])
        if name == "meson":
            return self.of_meson(words[1:])
        if name in ("systemctl", "journalctl"):
            return self.of_units(words[1:])
        if words[0] == "scripts/test":
            return self.of_suites(words[1:])
        return self.of_script(words) if SCRIPT.match(words[0]) else []

    def of_program(self, program, words):
        known = program.options
        if program.commands and words and not words[0].startswith("-"):
            if words[0] not in program.commands:
                return [f"{program.name}: there is no command {words[0]}"]
            known = program.commands[words[0]]
            words = words[1:]
        given = [word.partition("=")[0] for word in words if re.match(r"--?\w", word)]
        return [f"{program.name}: there is no option {name}" for name in given if name not in known]

    def of_meson(self, words):
        given = [match.group(1) for match in map(DEFINITION.match, words) if match]
        unknown = [name for name in given if name not in self.definitions]
        return [f"meson: there is no option {name}" for name in unknown]

    def of_units(self, words):
        names = [word.removesuffix(".service") for word in words if UNIT.match(word)]
        units = {path.name.split(".")[0] for path in (tree.ROOT / "systemd").glob("*.service*")}
        return [f"there is no unit {name}" for name in names if name not in units]

    def of_suites(self, words):
        return [f"there is no suite {word}" for word in words if word not in self.suites]

    def of_script(self, words):
        """A script that does not exist is found by the check of file names."""
        path = tree.ROOT / words[0]
        text = tree.text_of(path) if path.is_file() else ""
        given = [word for word in words[1:] if word.startswith("--")]
        return [f"{words[0]}: there is no option {name}" for name in given if name not in text]


def commands(code):
    """The commands of a text that a shell would run, as words."""
    for line in code.replace("\\\n", " ").splitlines():
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            continue
        for command in SEPARATOR.split(" ".join(words)):
            yield command.split()


def wrong_commands(path, judge):
    text = tree.text_of(path)
    for code in tree.blocks(text) + tree.spans(text):
        for words in commands(code):
            yield from judge.problems(words)


def unknown_options(path, judge):
    """Options that sentences speak of."""
    known = programs.FOREIGN.union(*(one.all_options() for one in judge.programs.values()))
    for span in tree.spans(tree.text_of(path)):
        match = OPTION.match(span)
        if match and match.group() not in known:
            yield f"{match.group()}: no program has it"


def commands_of_interest(judge):
    """How many commands of the documents are judged; with none of them the checks check nothing."""
    count = 0
    for path in tree.documents():
        text = tree.text_of(path)
        for code in tree.blocks(text) + tree.spans(text):
            count += sum(bool(words) and words[0] in judge.programs for words in commands(code))
    return count


def main(build, paths):
    tap = Tap()
    judge = Judge(build, paths)
    tap.check("commands are shown", [] if commands_of_interest(judge) else ["none found"])
    for path in tree.documents():
        tap.check(f"{tree.relative(path)}: commands are right", wrong_commands(path, judge))
        tap.check(f"{tree.relative(path)}: options exist", unknown_options(path, judge))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
