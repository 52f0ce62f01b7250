# SPDX-License-Identifier: MIT
"""Installs into an empty directory and builds programs outside the tree against it."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import headers
import tools
from tap import Tap

CONSUMER = pathlib.Path(__file__).resolve().parent / "consumer.c"
EXAMPLES = headers.ROOT / "examples"
EXAMPLE_CHECKS = headers.ROOT / "tests" / "examples"
# What a source needs beside the library, by a header that it includes.
OPTIONS = {"<ev.h>": ["-lev"]}
# The checks of those examples that need no privilege; they are run on what is built here. All
# others must say how they are used.
CHECKS = {
    "count_addresses": ["check.py", "count-addresses"],
    "share_address": ["check.py", "share-address"],
    "two_nodes": ["check_two_nodes.py"],
    "watch_members": ["check_members.py"],
    "who_owns": ["check.py", "who-owns"],
}


class Installation:
    """What `meson install` made below a staging directory."""

    def __init__(self, build, stage):
        self.build = build
        self.stage = stage
        self.options = tools.build_options(build)
        self.prefix = pathlib.Path(self.options["prefix"])
        self.root = stage / self.prefix.relative_to("/")
        self.libraries = self.root / self.options["libdir"]

    def install(self):
        command = ["meson", "install", "-C", self.build, "--no-rebuild", "--quiet"]
        return tools.problems_of([*command, "--destdir", self.stage])

    def files(self):
        return [path for path in self.stage.rglob("*") if not path.is_dir()]

    def pkg_config(self, *arguments):
        """Runs pkg-config as if the staging directory were the root, for our library only."""
        description = self.libraries / "pkgconfig" / "libmetallb.pc"
        moved = self.stage.parent / "pkgconfig"
        moved.mkdir(exist_ok=True)
        text = description.read_text(encoding="utf-8")
        text = re.sub(r"^prefix=.*$", f"prefix={self.root}", text, flags=re.MULTILINE)
        (moved / "libmetallb.pc").write_text(text, encoding="utf-8")
        environment = {**os.environ, "PKG_CONFIG_PATH": str(moved)}
        return tools.run(["pkg-config", *arguments, "libmetallb"], env=environment)


def outside(installation):
    for path in installation.files():
        if installation.root not in path.parents:
            yield f"{path.relative_to(installation.stage)} is not below {installation.prefix}"


def misplaced(installation):
    """Commands, daemons and headers stand where they are looked for."""
    options = installation.options
    wanted = [
        pathlib.Path(options["includedir"]) / "metallb" / path.name
        for path in headers.header_files()
    ]
    wanted += [
        pathlib.Path(options["bindir"]) / "metallbctl",
        pathlib.Path(options["sbindir"]) / "metallb-speaker",
        pathlib.Path(options["libdir"]) / "libmetallb.so",
        pathlib.Path(options["libdir"]) / "libmetallb.a",
        pathlib.Path(options["libdir"]) / "pkgconfig" / "libmetallb.pc",
    ]
    for path in wanted:
        if not (installation.root / path).exists():
            yield f"{path} is missing"


def unfindable_pages(installation):
    """man(1) finds a page for each function that shows the function."""
    directory = installation.root / installation.options["mandir"]
    for name in sorted(headers.functions()):
        link = directory / "man3" / f"{name}.3"
        target = link.read_text(encoding="utf-8").split() if link.exists() else []
        if len(target) != 2 or target[0] != ".so":
            yield f"{name}.3 leads nowhere"
        elif not (directory / target[1]).exists():
            yield f"{name}.3 leads to {target[1]}, which is missing"
        elif f"{name}(" not in (directory / target[1]).read_text(encoding="utf-8"):
            yield f"{name}.3 leads to {target[1]}, which does not show it"


def build_program(installation, source, program, linking):
    """Compiles outside the tree, with the flags of pkg-config."""
    text = source.read_text(encoding="utf-8")
    options = [word for header, words in OPTIONS.items() if header in text for word in words]
    # An example is built as a reader would who has the file alone; the other one asks for C11.
    standard = ["-std=c11"] if source == CONSUMER else []
    status, flags = installation.pkg_config("--cflags", "--libs", *linking)
    if status:
        return [flags]
    words = flags.split()
    if linking:
        words = ["-l:libmetallb.a" if word == "-lmetallb" else word for word in words]
    source = shutil.copy(source, program.parent)
    sanitizers = tools.sanitizer_flags(installation.options)
    command = [*tools.c_compiler(), "-Wall", "-Wextra", "-Werror", *standard, *sanitizers]
    return tools.problems_of([*command, source, "-o", program, *options, *words])


def wrong_result(program, environment, status, output, error):
    done = subprocess.run([program], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != status or done.stdout != output or error not in done.stderr:
        yield f"{done}, expected exit status {status}, {output!r} and {error!r}"


def run_program(installation, source, program):
    if not program.exists():
        return ["it was not built"]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(installation.libraries)}
    if source == CONSUMER:
        return wrong_result(program, environment, 0, "node-b\n", "")
    if source.stem not in CHECKS:
        return wrong_result(program, environment, 2, "", "usage: ")
    check, *arguments = CHECKS[source.stem]
    return tools.problems_of(
        [sys.executable, EXAMPLE_CHECKS / check, *arguments, program], env=environment
    )


def needs_shared(program):
    return "libmetallb.so" in tools.run(["readelf", "--dynamic", program])[1]


def check_program(tap, installation, work, source, linking):
    name = f"{source.stem}, {'static' if linking else 'shared'}"
    program = work / name.replace(", ", "-")
    built = build_program(installation, source, program, linking)
    tap.check(f"{name}: builds with pkg-config", built)
    tap.check(f"{name}: runs", run_program(installation, source, program))
    wrong = program.exists() and needs_shared(program) == bool(linking)
    tap.check(f"{name}: linked as meant", ["the other library was linked"] if wrong else [])


def lost_checks():
    yield from (f"there is no {name}.c" for name in CHECKS if not (EXAMPLES / f"{name}.c").exists())


def main(build):
    tap = Tap()
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        stage = work / "stage"
        stage.mkdir()
        installation = Installation(build, stage)
        tap.check("meson install", installation.install())
        tap.check("writes only below the prefix", outside(installation))
        tap.check("everything is where it is looked for", misplaced(installation))
        tap.check("each function has a manual page", unfindable_pages(installation))
        tap.check("each check is of an example", lost_checks())
        for source in [CONSUMER, *sorted(EXAMPLES.glob("*.c"))]:
            check_program(tap, installation, work, source, [])
            check_program(tap, installation, work, source, ["--static"])
    tap.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
