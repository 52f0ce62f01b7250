# SPDX-License-Identifier: MIT
"""Printing: numbered headings and aligned tables."""

import itertools
import sys

_numbers = itertools.count(1)


def bold(text):
    return f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text


def heading(text):
    print(f"\n{bold(f'{next(_numbers)}. {text}')}", flush=True)


def line(text):
    print("   " + text, flush=True)


def table(head, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, *rows]:
        line("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
