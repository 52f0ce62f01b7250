# SPDX-License-Identifier: MIT
"""The project's files, and the tools that look at them."""

import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SKIPPED_DIRECTORIES = {".git", "__pycache__", "corpus", "subprojects"}
C_SUFFIXES = {".c", ".h"}
HASH_COMMENT_SUFFIXES = {".py", ".sh", ".map", ".build"}
HASH_COMMENT_NAMES = {".clang-format", ".clang-tidy", "meson_options.txt"}


def is_skipped(directory, name):
    is_build = name.startswith("build") or (directory / name / "meson-private").exists()
    return name in SKIPPED_DIRECTORIES or is_build


def all_files():
    """Every file of the tree but corpora and what a build made."""
    for directory, names, files in os.walk(ROOT):
        directory = pathlib.Path(directory)
        names[:] = sorted(name for name in names if not is_skipped(directory, name))
        for name in sorted(files):
            yield directory / name


def relative(path):
    return str(path.relative_to(ROOT))


def first_line(path):
    with open(path, "rb") as stream:
        return stream.readline(200).decode("utf-8", "replace").rstrip("\n")


def c_files():
    return [path for path in all_files() if path.suffix in C_SUFFIXES]


def python_files():
    return [path for path in all_files() if path.suffix == ".py" or is_script(path, "python3")]


def shell_files():
    return [
        path
        for path in all_files()
        if path.suffix == ".sh" or is_script(path, "bash") or is_script(path, "sh")
    ]


def is_script(path, interpreter):
    return not path.suffix and first_line(path).startswith("#!") and (
        first_line(path).rsplit("/", 1)[-1].split()[-1] == interpreter
    )


def source_files():
    """What a person writes and a machine runs or builds."""
    scripts = set(python_files()) | set(shell_files())
    for path in all_files():
        named = path.suffix in C_SUFFIXES | HASH_COMMENT_SUFFIXES or path.name in HASH_COMMENT_NAMES
        if named or path in scripts:
            yield path


def missing_tool(tool, package):
    """A problem that says what to install, or nothing."""
    if shutil.which(tool):
        return []
    return [f"{tool} is missing: install the package {package} (scripts/install-dependencies)"]


def run(command, **options):
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
