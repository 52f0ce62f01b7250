# SPDX-License-Identifier: MIT
"""The programs in the documents run, and print what stands below them.

A block marked c or python is a whole program; a block marked text is what the last one before it
prints.
"""

import os
import pathlib
import re
import sys
import tempfile

import tools
import tree
from tap import Tap

BLOCK = re.compile(r"^```(c|python|text)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Werror"]
BINDING = tree.ROOT / "bindings/python"


class Runner:
    """Runs a program with the library of this build."""

    def __init__(self, library, build_directory, for_python, directory):
        self.shared_object = library
        self.directory = directory
        self.sanitizers = tools.sanitizer_flags(tools.build_options(build_directory))
        self.environment = {**os.environ, "LD_LIBRARY_PATH": str(library.parent)}
        self.for_python = dict(variable.split("=", 1) for variable in for_python)

    def run_c(self, source):
        path = self.directory / "program.c"
        path.write_text(source, encoding="utf-8")
        include = tree.ROOT / "libmetallb/include"
        build = [*tools.c_compiler(), *FLAGS, *self.sanitizers, "-I", include, path]
        status, output = tools.run([*build, "-o", path.with_suffix(""), self.shared_object])
        return (status, output) if status else self.run([path.with_suffix("")], {})

    def run_python(self, source):
        variables = {**self.for_python, "PYTHONPATH": str(BINDING)}
        return self.run([sys.executable, "-c", source], variables)

    def run(self, command, variables):
        return tools.run(command, env={**self.environment, **variables}, timeout=60)


def programs(text):
    """(language, source, what it prints) of each program; None where nothing is told."""
    found = [list(match.groups()) for match in BLOCK.finditer(text)]
    for i, (language, source) in enumerate(found):
        if language != "text":
            following = found[i + 1] if i + 1 < len(found) else [None, None]
            yield language, source, following[1] if following[0] == "text" else None


def problems(runner, language, source, wanted):
    result = runner.run_c(source) if language == "c" else runner.run_python(source)
    if result[0] != 0 or (wanted is not None and result[1] != wanted):
        yield f"wanted exit status 0 and {wanted!r}, but it gave {result}"


def main(library, build_directory, *for_python):
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        runner = Runner(library, build_directory, for_python, pathlib.Path(directory))
        for path in tree.documents():
            for number, program in enumerate(programs(tree.text_of(path)), 1):
                name = f"{tree.relative(path)}: program {number} ({program[0]})"
                tap.check(name, problems(runner, *program))
    tap.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve(), *sys.argv[2:])
