# SPDX-License-Identifier: MIT
"""The documents of the project, and what they are cut into."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MAN = ROOT / "man"

FENCE = re.compile(r"^```[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# Four spaces behind an empty line; the lines of a list are not of this kind here.
INDENTED = re.compile(r"(?<=\n\n)((?: {4}.*(?:\n|$))(?:(?: {4}.*|\s*)(?:\n|$))*)")
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def manual_pages():
    return sorted(MAN.glob("*.scd"))


def relative(path):
    return str(path.relative_to(ROOT))


def text_of(path):
    return path.read_text(encoding="utf-8")


def without_blocks(text):
    return INDENTED.sub("\n", FENCE.sub("\n", text))


def blocks(text):
    """Texts of code blocks of either kind."""
    fenced = FENCE.findall(text)
    indented = INDENTED.findall(FENCE.sub("\n", text))
    return fenced + [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in indented]


def manifests(path):
    """Examples of manifests in a document or a manual page."""
    return [block for block in FENCE.findall(text_of(path)) if block.startswith("apiVersion:")]


def spans(text):
    """Code inside sentences; a line break there is a space."""
    return [" ".join(span.split()) for span in SPAN.findall(without_blocks(text))]


def links(text):
    return LINK.findall(SPAN.sub("", without_blocks(text)))


def anchors(text):
    """What a link may name behind #, by the rule of common viewers."""
    headings = HEADING.findall(FENCE.sub("\n", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
