# SPDX-License-Identifier: MIT
"""Layers, licence lines, length, formatting of C, the syntax of scripts, and tests left out."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import layers  # noqa: E402
import text  # noqa: E402
from project import (  # noqa: E402
    ROOT,
    c_files,
    missing_tool,
    python_files,
    relative,
    run,
    shell_files,
)
from tap import Tap  # noqa: E402


def formatting():
    missing = missing_tool("clang-format", "clang-format")
    if missing:
        return missing
    result = run(["clang-format", "--dry-run", "--Werror", *map(str, c_files())])
    return [line for line in result.stdout.splitlines() if ": error:" in line]


def python_syntax():
    for path in python_files():
        try:
            compile(path.read_text(encoding="utf-8"), str(path), "exec")
        except SyntaxError as error:
            yield f"{relative(path)}:{error.lineno}: {error.msg}"


def shell_quality():
    missing = missing_tool("shellcheck", "shellcheck")
    scripts = shell_files()
    if missing or not scripts:
        return missing or ["no shell script found"]
    result = run(["shellcheck", "-x", "-f", "gcc", *map(str, scripts)])
    return result.stdout.splitlines() if result.returncode else []


def unbuilt_tests():
    """Of two tests that share a name in a dictionary of Meson, one is never built nor missed."""
    build = pathlib.Path(sys.argv[1])
    commands = json.loads((build / "compile_commands.json").read_text(encoding="utf-8"))
    built = {(build / command["file"]).resolve() for command in commands}
    for path in sorted((ROOT / "tests" / "unit").rglob("test_*.c")):
        if path not in built:
            yield f"{relative(path)}: no test is built from it"


def main():
    tap = Tap()
    tap.check("layers include only what they may", layers.problems())
    tap.check("every directory is a known layer", layers.unknown_directories())
    tap.check("SPDX line first in every source", text.without_licence())
    tap.check("nothing unfinished is marked", text.unfinished())
    tap.check("no source is too long", text.too_long())
    tap.check("internal headers are included once", text.without_pragma_once())
    tap.check("no odd white space", text.odd_white_space())
    tap.check("clang-format", formatting())
    tap.check("Python compiles", python_syntax())
    tap.check("shellcheck", shell_quality())
    tap.check("every unit test is built", unbuilt_tests())
    tap.finish()


if __name__ == "__main__":
    main()
