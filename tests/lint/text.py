# SPDX-License-Identifier: MIT
"""What can be read off a file without understanding its language."""

import re

from project import relative, source_files

LICENCE = "SPDX-License-Identifier: MIT"
# Split, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
LINES_MAX = 600
# An example is read at once.
EXAMPLE_LINES_MAX = 150


def head(path):
    """The first line, or the second one of a script."""
    with open(path, encoding="utf-8") as stream:
        lines = [stream.readline(), stream.readline()]
    return lines[1] if lines[0].startswith("#!") else lines[0]


def without_licence():
    return [
        f"{relative(path)}: the first line is not the SPDX line"
        for path in source_files()
        if path.stat().st_size and LICENCE not in head(path)
    ]


def unfinished():
    for path in source_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if UNFINISHED.search(line):
                yield f"{relative(path)}:{number}: {line.strip()}"


def too_long():
    for path in source_files():
        count = len(path.read_text(encoding="utf-8").splitlines())
        example = relative(path).startswith("examples/")
        most = EXAMPLE_LINES_MAX if example else LINES_MAX
        if path.suffix in (".c", ".py", ".sh") and count > most:
            yield f"{relative(path)}: {count} lines, at most {most}"


def without_pragma_once():
    for path in source_files():
        public = "include/metallb/" in relative(path)
        if path.suffix == ".h" and not public:
            if "#pragma once" not in path.read_text(encoding="utf-8"):
                yield f"{relative(path)}: an internal header without #pragma once"


def odd_white_space():
    for path in source_files():
        text = path.read_text(encoding="utf-8")
        if not text.endswith("\n") and text:
            yield f"{relative(path)}: no newline at the end"
        for number, line in enumerate(text.splitlines(), 1):
            if line != line.rstrip():
                yield f"{relative(path)}:{number}: white space at the end of the line"
