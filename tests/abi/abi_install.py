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
# Source -> options of the compiler, arguments, exit status, standard output. Examples are built as
# a reader would who has the file alone; those that need a network only say how they are used.
PROGRAMS = {
    CONSUMER: (["-std=c11"], [], 0, "node-b\n"),
    EXAMPLES / "count_addresses.c": ([], ["lan=192.0.2.0/24"], 0, "lan IPv4=256 IPv6=0\n"),
    EXAMPLES / "who_owns.c": ([], ["10.0.0.1", "node-b"], 0, "owner node-b\n"),
    EXAMPLES / "announce_address.c": ([], [], 2, ""),
    EXAMPLES / "announce_libev.c": (["-lev"], [], 2, ""),
    EXAMPLES / "two_nodes.c": ([], [], 2, ""),
    EXAMPLES / "watch_answers.c": ([], [], 2, ""),
    EXAMPLES / "watch_members.c": ([], [], 2, ""),
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
    options = PROGRAMS[source][0]
    status, flags = installation.pkg_config("--cflags", "--libs", *linking)
    if status:
        return [flags]
    words = flags.split()
    if linking:
        words = ["-l:libmetallb.a" if word == "-lmetallb" else word for word in words]
    source = shutil.copy(source, program.parent)
    sanitizers = tools.sanitizer_flags(installation.options)
    command = [*tools.c_compiler(), "-Wall", "-Wextra", "-Werror", *sanitizers]
    return tools.problems_of([*command, source, "-o", program, *options, *words])


def run_program(installation, source, program):
    if not program.exists():
        return ["it was not built"]
    _, arguments, *expected = PROGRAMS[source]
    libraries = {**os.environ, "LD_LIBRARY_PATH": str(installation.libraries)}
    done = subprocess.run(
        [program, *arguments], env=libraries, capture_output=True, text=True, check=False
    )
    if [done.returncode, done.stdout] != expected:
        return [f"{done}, expected {expected}"]
    return []


def needs_shared(program):
    return "libmetallb.so" in tools.run(["readelf", "--dynamic", program])[1]


def check_program(tap, installation, work, source, linking):
    name = f"{source.stem}, {'static' if linking else 'shared'}"
    program = work / name.replace(", ", "-")
    tap.check(f"{name}: builds with pkg-config", build_program(installation, source, program, linking))
    tap.check(f"{name}: runs", run_program(installation, source, program))
    wrong = program.exists() and needs_shared(program) == bool(linking)
    tap.check(f"{name}: linked as meant", ["the other library was linked"] if wrong else [])


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
        for source in PROGRAMS:
            check_program(tap, installation, work, source, [])
            check_program(tap, installation, work, source, ["--static"])
    tap.finish()


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
