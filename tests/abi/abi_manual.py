# SPDX-License-Identifier: MIT
"""The manual pages of section 3 say what the headers say."""

import re

import headers
import manual
from tap import Tap

# Headers whose page is not called after them.
OVERVIEW = {"error.h": "libmetallb", "version.h": "libmetallb", "metallb.h": "libmetallb"}
WORD = re.compile(r"\bMLB_\w+\b")
# A constant and its value, as a page shows them: "*NAME* (-1)", or "*NAME*" and "1: " below.
SHOWN_VALUE = re.compile(r"^\*(MLB_\w+)\*(?: \(|\n\t)(-?\d+)[):, ]", re.MULTILINE)
VALUE = re.compile(r"\b(MLB_\w+)(?: = |[ \t]+)(-?\d+)u?\b")


def page_name(header):
    return OVERVIEW.get(header.name, f"mlb_{header.stem}")


def headers_of(page):
    name = page.name.split(".")[0]
    return [header for header in headers.header_files() if page_name(header) == name]


def raw(page):
    return "\n".join(path.read_text(encoding="utf-8") for path in headers_of(page))


def declared(page):
    return "\n".join(map(headers.text_of, headers_of(page)))


def missing_pages():
    names = {page.name.split(".")[0] for page in manual.pages(3)}
    wanted = {page_name(header) for header in headers.header_files()}
    yield from (f"{name}.3.scd is missing" for name in sorted(wanted - names))
    yield from (f"{name}.3.scd is of no header" for name in sorted(names - wanted))


def differences(wanted, shown, what):
    """Both are dictionaries of texts."""
    for name in sorted(wanted.keys() | shown.keys()):
        if name not in shown:
            yield f"{what} {name} is missing"
        elif name not in wanted:
            yield f"{what} {name} is not in the header"
        elif wanted[name] != shown[name]:
            yield f"{what} {name}: the header has {wanted[name]}, the page {shown[name]}"


def wrong_prototypes(page):
    wanted = headers.prototypes(declared(page))
    return differences(wanted, manual.prototypes(manual.text_of(page)), "synopsis:")


def wrong_structs(page):
    shown = headers.struct_bodies("\n".join(manual.blocks(manual.text_of(page))))
    return differences(headers.struct_bodies(raw(page)), shown, "struct")


def undescribed(page):
    wanted = headers.prototypes(declared(page)).keys()
    described = manual.entries(manual.text_of(page)).keys()
    yield from (f"{name}() has no description" for name in sorted(wanted - described))
    yield from (f"{name}() is no function" for name in sorted(described - wanted))


def unnamed_constants(page):
    text = manual.text_of(page)
    named = set(WORD.findall(text))
    missing = set(headers.constants(declared(page))) - named
    yield from (f"{name} is not named" for name in sorted(missing))
    known = {*headers.constants(), "MLB_API"}
    for name in sorted(named - known):
        # "MLB_FILTER_*" stands for a family of constants.
        if not name.endswith("_") or not any(other.startswith(name) for other in known):
            yield f"{name} is in no header"


def wrong_values(page):
    values = dict(VALUE.findall(declared(page)))
    for name, value in SHOWN_VALUE.findall(manual.text_of(page)):
        if values.get(name) != value:
            yield f"{name}: the header has {values.get(name)}, the page {value}"


def unnamed_codes(page):
    described = manual.entries(manual.text_of(page))
    for header in headers_of(page):
        for name, codes in sorted(headers.documented_codes(header).items()):
            missing = codes - set(WORD.findall(described.get(name, "")))
            yield from (f"{name}(): {code} is not named" for code in sorted(missing))


def wrong_arguments(page):
    described = manual.entries(manual.text_of(page))
    for header in headers_of(page):
        for name, wanted in sorted(headers.documented_parameters(header).items()):
            shown = manual.described_arguments(described.get(name, ""))
            yield from (f"{name}(): {word} is not described" for word in sorted(wanted - shown))
            yield from (f"{name}() has no argument {word}" for word in sorted(shown - wanted))


def functions_nowhere():
    shown = set()
    for page in manual.pages(3):
        shown |= manual.prototypes(manual.text_of(page)).keys()
    yield from sorted(headers.functions() ^ shown)


def lost_backslashes(page):
    return manual.single_backslashes(manual.text_of(page))


def main():
    tap = Tap()
    tap.check("each header has a page", missing_pages())
    tap.check("headers and pages have the same functions", functions_nowhere())
    for page in manual.pages(3):
        name = page.name.removesuffix(".3.scd")
        tap.check(f"{name}: the synopsis is that of the header", wrong_prototypes(page))
        tap.check(f"{name}: structs are those of the header", wrong_structs(page))
        tap.check(f"{name}: each function is described", undescribed(page))
        tap.check(f"{name}: constants are those of the header", unnamed_constants(page))
        tap.check(f"{name}: values are those of the header", wrong_values(page))
        tap.check(f"{name}: results are those of the header", unnamed_codes(page))
        tap.check(f"{name}: arguments are those of the header", wrong_arguments(page))
        tap.check(f"{name}: blocks are shown as they stand", lost_backslashes(page))
    tap.finish()


if __name__ == "__main__":
    main()
