# SPDX-License-Identifier: MIT
"""What the public headers declare, read from their text."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
INCLUDE = ROOT / "libmetallb" / "include"
MAP = ROOT / "libmetallb" / "libmetallb.map"

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
FUNCTION = re.compile(r"\bMLB_API\b[^;{]*?\b(mlb_\w+)\s*\(")
PROTOTYPE = re.compile(r"^MLB_API\s+([^;{]*?\b(mlb_\w+)\s*\([^;{]*\);)", re.MULTILINE)
DOCUMENTED = re.compile(r"/\*((?:(?!\*/).)*)\*/\s*MLB_API\b[^;{]*?\b(mlb_\w+)\s*\(", re.DOTALL)
PARAMETER = re.compile(r"^ \* @param (\w+(?:, \w+)*)  ", re.MULTILINE)
CODE = re.compile(r"\bMLB_(?:OK|ERROR_\w+)\b")
STRUCT = re.compile(r"^struct\s+(mlb_\w+)\s*\{(.*?)^\};", re.DOTALL | re.MULTILINE)
MEMBER = re.compile(r"(\w+)\s*((?:\[[^\]]*\])*)\s*;")
CONSTANT = re.compile(r"^#define\s+(MLB_\w+)[ \t]+(\S.*)$", re.MULTILINE)
ENUMERATOR = re.compile(r"^\s*(MLB_\w+)\s*=", re.MULTILINE)


def header_files():
    return sorted((INCLUDE / "metallb").glob("*.h"))


def text_of(path):
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def all_text():
    return "\n".join(map(text_of, header_files()))


def functions():
    return set(FUNCTION.findall(all_text()))


def prototypes(text):
    """Name -> declaration on one line, of the functions that a text marks as public."""
    return {name: in_one_line(prototype) for prototype, name in PROTOTYPE.findall(text)}


def struct_bodies(text):
    """Name -> members on one line, of the structs that a text defines."""
    return {name: in_one_line(body) for name, body in STRUCT.findall(COMMENT.sub("", text))}


def arguments(prototype):
    """The arguments of a declaration on one line, in order."""
    inside = prototype[prototype.index("(") + 1 : prototype.rindex(")")]
    return [argument.strip() for argument in inside.split(",")]


def comments(path):
    """Name of a function -> the comment above it."""
    text = path.read_text(encoding="utf-8")
    return {name: comment for comment, name in DOCUMENTED.findall(text)}


def documented_codes(path):
    """Name of a function -> the codes that the comment above it names."""
    return {name: set(CODE.findall(comment)) for name, comment in comments(path).items()}


def documented_parameters(path):
    """Name of a function -> the arguments that the comment above it describes."""
    return {
        name: {word for words in PARAMETER.findall(comment) for word in words.split(", ")}
        for name, comment in comments(path).items()
    }


def in_one_line(text):
    return " ".join(text.split()).replace("( ", "(")


def structs():
    """Name -> members in order, of every struct that has a public layout."""
    return {
        name: [member for member, _ in MEMBER.findall(body)]
        for name, body in STRUCT.findall(all_text())
    }


def constants(text=None):
    """Names of the numeric macros and enumerators."""
    text = all_text() if text is None else text
    macros = [name for name, value in CONSTANT.findall(text) if "__attribute__" not in value]
    return sorted({*macros, *ENUMERATOR.findall(text)} - {"MLB_API"})


def map_symbols():
    """Symbols of the version map: name -> version node."""
    symbols = {}
    node = None
    for line in MAP.read_text(encoding="utf-8").splitlines():
        opened = re.match(r"^(\w+)\s*\{", line)
        node = opened.group(1) if opened else node
        symbol = re.match(r"^\s+(mlb_\w+);", line)
        if symbol:
            symbols[symbol.group(1)] = node
    return symbols
