# SPDX-License-Identifier: MIT
"""Links lead somewhere, and files, manual pages, metrics and log lines that are named exist."""

import re

import tree
from tap import Tap

# A path below one of the project's own directories.
PATH = re.compile(r"(?<![\w./~<-])((?:%s)/[\w./*-]*)")
PAGE = re.compile(r"\*?\b((?:lib)?(?:metallb|mlb_)[\w-]*)\*?\((\d)\)")
FUNCTION = re.compile(r"^\s+(mlb_\w+);", re.MULTILINE)
METRIC = re.compile(r"\bmetallb_[a-z0-9_]+\b")
TABLE = r"^\| %s \|.*\n\|[-| ]*\n((?:\|.*\n)*)"
ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
# Why nobody announces an address, as the reconciler says it.
REASON = re.compile(r'"((?:no|not|other|shared|ip)[A-Z]\w+)"')


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


def functions():
    return set(FUNCTION.findall(tree.text_of(tree.ROOT / "libmetallb" / "libmetallb.map")))


def missing_pages(path):
    text = tree.text_of(path)
    if path.suffix == ".md":
        text = " ".join(tree.spans(text))
    for name, section in PAGE.findall(text):
        is_function = section == "3" and name in functions()
        if not (tree.MAN / f"{name}.{section}.scd").exists() and not is_function:
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


def first_column(path, head):
    """Code in the first column of the tables with this head."""
    tables = re.findall(TABLE % head, tree.text_of(path), re.MULTILINE)
    cells = [cell for table in tables for cell in ROW.findall(table)]
    return [code for cell in cells for code in tree.SPAN.findall(cell)]


def unknown_log_lines(path, code):
    for line in first_column(path, "log line"):
        if not all(part.strip() in code for part in line.split("…")):
            yield f"{line}: no program writes it"


def wrong_reasons(path):
    explained = set(first_column(path, "reason"))
    known = set()
    for source in sorted((tree.ROOT / "daemons" / "reconcile").glob("*.c")):
        known |= set(REASON.findall(tree.text_of(source)))
    yield from (f"{name} is not explained" for name in sorted(known - explained))
    yield from (f"{name}: nothing says so" for name in sorted(explained - known))


def main():
    tap = Tap()
    pattern = own_path()
    code = in_one_piece(sources())
    help_page = tree.ROOT / "docs" / "troubleshooting.md"
    explained = first_column(help_page, "log line")
    tap.check("log lines are explained", [] if explained else ["no table of log lines found"])
    tap.check("reasons are those of the reconciler", wrong_reasons(help_page))
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
