# SPDX-License-Identifier: MIT
"""Links lead somewhere, and files, manual pages, metrics and log lines that are named exist."""

import re

import tree
from tap import Tap

SKIPPED = {"build"}
# A path below one of the project's own directories.
PATH = re.compile(r"(?<![\w./~<-])((?:%s)/[\w./*-]*)")
PAGE = re.compile(r"\*?\b((?:lib)?(?:metallb|mlb_)[\w-]*)\*?\((\d)\)")
METRIC = re.compile(r"\bmetallb_[a-z0-9_]+\b")
LOG_TABLE = re.compile(r"^\| log line \|.*\n\|[-| ]*\n((?:\|.*\n)*)", re.MULTILINE)
ROW = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def is_own(path):
    return path.is_dir() and not path.name.startswith((".", "build"))


def own_path():
    names = sorted(path.name for path in tree.ROOT.iterdir() if is_own(path))
    return re.compile(PATH.pattern % "|".join(map(re.escape, names)))


def broken_links(path):
    for target in tree.links(tree.text_of(path)):
        name, _, anchor = target.partition("#")
        if re.match(r"\w+://", target):
            continue
        other = path.parent / name if name else path
        if not other.exists():
            yield f"{target}: there is no such file"
        elif anchor and anchor not in tree.anchors(tree.text_of(other)):
            yield f"{target}: there is no such heading"


def missing_files(path, pattern):
    text = tree.text_of(path)
    for code in tree.spans(text) + tree.blocks(text):
        for name in pattern.findall(code):
            if not list(tree.ROOT.glob(name.rstrip("./"))):
                yield f"{name}: there is no such file"


def missing_pages(path):
    text = tree.text_of(path)
    if path.suffix == ".md":
        text = " ".join(tree.spans(text))
    for name, section in PAGE.findall(text):
        link = section == "3" and name.startswith("mlb_")
        if not (tree.MAN / f"{name}.{section}.scd").exists() and not link:
            yield f"{name}({section}): there is no such manual page"


def sources():
    return "\n".join(tree.text_of(path) for path in sorted((tree.ROOT / "daemons").rglob("*.c")))


def unknown_metrics(path, code):
    for name in sorted(set(METRIC.findall(tree.text_of(path)))):
        # Some names are put together from parts.
        if f'"{name}' not in code and name.removeprefix("metallb_") not in code:
            yield f"{name}: no program serves it"


def in_one_piece(code):
    """String literals that stand behind each other are one."""
    return re.sub(r'"\s*\n\s*"', "", code)


def unknown_log_lines(path, code):
    for table in LOG_TABLE.findall(tree.text_of(path)):
        for line in ROW.findall(table):
            if not all(part in code for part in line.split("…")):
                yield f"{line}: no program writes it"


def log_lines():
    tables = [table for path in tree.documents() for table in LOG_TABLE.findall(tree.text_of(path))]
    return [line for table in tables for line in ROW.findall(table)]


def main():
    tap = Tap()
    pattern = own_path()
    code = in_one_piece(sources())
    tap.check("log lines are explained", [] if log_lines() else ["no table of log lines found"])
    for path in tree.documents():
        name = tree.relative(path)
        tap.check(f"{name}: links resolve", broken_links(path))
        tap.check(f"{name}: files exist", missing_files(path, pattern))
        tap.check(f"{name}: log lines exist", unknown_log_lines(path, code))
    for path in tree.documents() + tree.manual_pages():
        name = tree.relative(path)
        tap.check(f"{name}: manual pages exist", missing_pages(path))
        tap.check(f"{name}: metrics exist", unknown_metrics(path, code))
    tap.finish()


if __name__ == "__main__":
    main()
