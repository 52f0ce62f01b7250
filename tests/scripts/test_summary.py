# SPDX-License-Identifier: MIT
"""The counts that end scripts/test: nothing that failed may get lost in them."""

import contextlib
import io
import json
import os
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "scripts"))
sys.dont_write_bytecode = True

import summarise_tests  # noqa: E402


def entry(result, stdout="", stderr="", returncode=0):
    return {
        "name": "x", "result": result, "stdout": stdout, "stderr": stderr, "returncode": returncode,
    }  # fmt: skip


CASES = [
    (
        "cases are counted",
        [entry("OK", "1..2\nok 1 - a\nok 2 - b\n")],
        "2 passed, 0 failed, 0 skipped",
        0,
    ),
    ("a plain program is one case", [entry("OK")], "1 passed, 0 failed, 0 skipped", 0),
    (
        "a failed case is not counted twice",
        [entry("FAIL", "1..2\nok 1 - a\nnot ok 2 - b\n", returncode=1)],
        "1 passed, 1 failed, 0 skipped",
        1,
    ),
    (
        "a crash after good cases fails",
        [entry("ERROR", "1..2\nok 1 - a\n", returncode=-6)],
        "1 passed, 1 failed, 0 skipped",
        1,
    ),
    (
        "a crash without output fails",
        [entry("ERROR", returncode=-11)],
        "0 passed, 1 failed, 0 skipped",
        1,
    ),
    (
        "running out of time fails",
        [entry("TIMEOUT", "ok 1 - a\n")],
        "1 passed, 1 failed, 0 skipped",
        1,
    ),
    ("an interrupted program fails", [entry("INTERRUPT")], "0 passed, 1 failed, 0 skipped", 1),
    (
        "an unexpected pass fails",
        [entry("UNEXPECTEDPASS", "ok 1 - a\n")],
        "1 passed, 1 failed, 0 skipped",
        1,
    ),
    (
        "a plan of nothing is skipped",
        [entry("SKIP", "1..0 # SKIP no root\n")],
        "0 passed, 0 failed, 1 skipped",
        0,
    ),
    (
        "exit status 77 is skipped",
        [entry("SKIP", returncode=77)],
        "0 passed, 0 failed, 1 skipped",
        0,
    ),
    (
        "a skipped case is skipped",
        [entry("OK", "1..2\nok 1 - a # SKIP no IPv6\nok 2 - b\n")],
        "1 passed, 0 failed, 1 skipped",
        0,
    ),
    (
        "cmocka's skipped case is no failure",
        [entry("FAIL", "1..2\nok 1 - a\nnot ok 2 # SKIP b\n")],
        "1 passed, 0 failed, 1 skipped",
        0,
    ),
    (
        "a crash after cmocka's skipped case is one",
        [entry("ERROR", "1..2\nok 1 - a\nnot ok 2 # SKIP b\n", returncode=-6)],
        "1 passed, 1 failed, 1 skipped",
        1,
    ),
    (
        "a number sign in a name means nothing",
        [entry("OK", "1..2\nok 1 - hash of node#address\nok 2 - ends with #\n")],
        "2 passed, 0 failed, 0 skipped",
        0,
    ),
    ("no test at all is a failure", [], "0 passed, 0 failed, 0 skipped", 1),
]


def summarise(entries):
    """Last line and exit status of the summary of a log."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as log:
        log.writelines(json.dumps(one) + "\n" for one in entries)
        log.flush()
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
            status = summarise_tests.main(log.name)
    return output.getvalue().splitlines()[-1], status


print(f"1..{len(CASES)}")
failures = 0
for number, (name, entries, line, status) in enumerate(CASES, 1):
    got = summarise(entries)
    good = got == (line, status)
    failures += not good
    print(f"{'ok' if good else 'not ok'} {number} - {name}" + ("" if good else f"\n# got {got}"))
sys.exit(1 if failures else 0)
