# SPDX-License-Identifier: MIT
"""Troubleshooting explains each log line, reason and metric, and none that does not exist."""

import re

import tree
from tap import Tap

PAGE = tree.ROOT / "docs" / "troubleshooting.md"
TABLE = r"^\| %s \|.*\n\|[-| ]*\n((?:\|.*\n)*)"
ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)
# Why nobody announces an address, as the reconciler says it.
REASON = re.compile(r'"((?:no|not|other|shared|ip)[A-Z]\w+)"')
METRIC = re.compile(r"\bmetallb_[a-z0-9_]+\b")
SERVED = re.compile(r'"(metallb_[a-z0-9_]+)"')
# A call that logs or reports, up to the end of the statement.
CALL = re.compile(
    r"\b(?:log_(?:info|warn|error|write)|reports_set|reports_count)"
    r'\(((?:"(?:[^"\\]|\\.)*"|[^;"])*);'
)
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def sources(directory="."):
    paths = sorted((tree.ROOT / "daemons" / directory).rglob("*.c"))
    # String literals that stand behind each other are one.
    return re.sub(r'"\s*\n\s*"', "", "\n".join(map(tree.text_of, paths)))


def first_column(head):
    """Code in the first column of the tables with this head."""
    tables = re.findall(TABLE % head, tree.text_of(PAGE), re.MULTILINE)
    cells = [cell for table in tables for cell in ROW.findall(table)]
    return [code for cell in cells for code in tree.SPAN.findall(cell)]


def parts(line):
    """What of an explained line stands in the source; the rest differs from time to time."""
    return [part.strip() for part in line.split("…") if part.strip()]


def unknown_log_lines(code):
    for line in first_column("log line"):
        if not all(part in code for part in parts(line)):
            yield f"{line}: no program writes it"


def messages(code):
    """The texts of each call that logs; those made elsewhere say nothing here."""
    for arguments in CALL.findall(code):
        texts = LITERAL.findall(arguments)
        if any(len(re.findall(r"(?<!%)\b[a-z]{3,}\b", text)) > 1 for text in texts):
            yield " ".join(texts)


def unexplained_log_lines(code):
    explained = [parts(line) for line in first_column("log line")]
    for message in messages(code):
        if not any(all(part in message for part in line) for line in explained):
            yield f"not explained: {message}"


def wrong_reasons():
    explained = set(first_column("reason"))
    known = set(REASON.findall(sources("reconcile")))
    yield from (f"{name} is not explained" for name in sorted(known - explained))
    yield from (f"{name}: nothing says so" for name in sorted(explained - known))


def unexplained_metrics(code):
    explained = set(METRIC.findall(tree.text_of(PAGE)))
    yield from sorted(set(SERVED.findall(code)) - explained)


def unknown_metrics(path, code):
    served = set(SERVED.findall(code))
    for name in sorted(set(METRIC.findall(tree.text_of(path)))):
        # A page may name a family by its beginning.
        if not any(other.startswith(name) for other in served):
            yield f"{name}: no program serves it"


def main():
    tap = Tap()
    code = sources()
    tap.check("log lines are found", [] if len(list(messages(code))) > 20 else ["hardly any"])
    tap.check("explained log lines exist", unknown_log_lines(code))
    tap.check("log lines are explained", unexplained_log_lines(code))
    tap.check("reasons are those of the reconciler", wrong_reasons())
    tap.check("metrics are explained", unexplained_metrics(code))
    for path in tree.documents() + tree.manual_pages():
        tap.check(f"{tree.relative(path)}: metrics exist", unknown_metrics(path, code))
    tap.finish()


if __name__ == "__main__":
    main()
