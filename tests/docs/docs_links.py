# SPDX-License-Identifier: MIT
"""Links lead somewhere, and files and manual pages that are named exist."""

import re

import tree
from tap import Tap

# A path below one of the project's own directories.
PATH = re.compile(r"(?<![\w./~<-])((?:%s)/[\w./*-]*)")
PAGE = re.compile(r"\*?\b((?:lib)?(?:metallb|mlb_)[\w-]*)\*?\((\d)\)")
FUNCTION = re.compile(r"^\s+(mlb_\w+);", re.MULTILINE)


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


def main():
    tap = Tap()
    pattern = own_path()
    for path in tree.documents():
        name = tree.relative(path)
        tap.check(f"{name}: links resolve", broken_links(path))
        tap.check(f"{name}: files exist", missing_files(path, pattern))
    for path in tree.documents() + tree.manual_pages():
        tap.check(f"{tree.relative(path)}: manual pages exist", missing_pages(path))
    tap.finish()


if __name__ == "__main__":
    main()
