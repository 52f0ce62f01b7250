# SPDX-License-Identifier: MIT
"""What the manual pages say, read from their scdoc sources."""

import re

from headers import ROOT, in_one_line

MAN = ROOT / "man"
# A line of three back quotes opens and closes a block that is shown as it stands.
BLOCK = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SECTION = re.compile(r"^# (.+)\n", re.MULTILINE)
PROTOTYPE = re.compile(r"[^;]*?\b(mlb_\w+)\([^;]*\);")
ENTRY = re.compile(r"^\*(mlb_\w+)\*\(\)\n((?:\t.*\n|\n)*)", re.MULTILINE)
ARGUMENT = re.compile(r"^\t- (_\w+_(?:, _\w+_)*): ", re.MULTILINE)
ESCAPE = re.compile(r"\\(.)")


def pages(section):
    return sorted(MAN.glob(f"*.{section}.scd"))


def text_of(path):
    return path.read_text(encoding="utf-8")


def sections(text):
    """Title -> text, in order."""
    parts = SECTION.split(text)
    return dict(zip(parts[1::2], parts[2::2]))


def blocks(text):
    """What a reader sees of the blocks: a backslash is written twice."""
    return [ESCAPE.sub(r"\1", block) for block in BLOCK.findall(text)]


def single_backslashes(text):
    """Lines of blocks with a backslash that the reader would not see."""
    for block in BLOCK.findall(text):
        yield from (line for line in block.splitlines() if "\\" in line.replace("\\\\", ""))


def prototypes(text):
    """Name -> declaration on one line, as the synopsis shows it."""
    shown = "\n".join(blocks(sections(text)["SYNOPSIS"]))
    return {match.group(1): in_one_line(match.group(0)) for match in PROTOTYPE.finditer(shown)}


def entries(text):
    """Name of a function -> its description."""
    return dict(ENTRY.findall(text))


def described_arguments(entry):
    """The arguments that the description of a function explains."""
    return {word.strip("_") for words in ARGUMENT.findall(entry) for word in words.split(", ")}


def example(text):
    """The program of the section EXAMPLE."""
    programs = blocks(sections(text)["EXAMPLE"])
    return programs[0] if len(programs) == 1 else None
