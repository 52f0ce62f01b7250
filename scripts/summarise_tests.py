# SPDX-License-Identifier: MIT
"""Counts the cases in meson's JSON test log and prints what failed or was skipped.

A program that speaks TAP counts by its cases, any other one as a single case. A program that
crashed, ran out of time or broke its plan counts as failed even where each case it printed passed.
"""

import json
import re
import sys

CASE = re.compile(r"^(?P<failed>not )?ok\b(?P<text>.*)$")
SKIP_ONE = re.compile(r"#\s*skip\S*\s*(?P<reason>.*)$", re.IGNORECASE)
SKIP_ALL = re.compile(r"^1\.\.0\s*#\s*skip\S*\s*(?P<reason>.*)$", re.IGNORECASE)
GOOD = {"OK", "EXPECTEDFAIL"}


def read_case(line):
    """(outcome, reason or text) of a TAP line, or None for any other line."""
    skipped = SKIP_ALL.match(line)
    if skipped:
        return "skipped", skipped.group("reason")
    case = CASE.match(line)
    if not case:
        return None
    skipped = SKIP_ONE.search(case.group("text"))
    if skipped:
        return "skipped", skipped.group("reason")
    return ("failed" if case.group("failed") else "passed"), case.group("text").strip(" -")


def read_cases(entry):
    """Outcomes of one program, with what the program's own result adds to them."""
    lines = entry.get("stdout", "").splitlines()
    cases = [case for case in map(read_case, lines) if case]
    result = entry["result"]
    if not cases:
        if result in GOOD:
            return [("passed", "")]
        if result == "SKIP":
            return [("skipped", reason_of_silent_skip(entry))]
    failed = any(outcome == "failed" for outcome, _ in cases)
    if result not in GOOD | {"SKIP"} and not failed and not only_skipped(entry, cases):
        cases.append(("failed", f"{result.lower()}, exit status {entry['returncode']}"))
    return cases


def only_skipped(entry, cases):
    """Whether meson's FAIL comes from cmocka alone, which prints a skipped case as "not ok"."""
    ended_well = entry["result"] == "FAIL" and entry["returncode"] == 0
    return ended_well and any(outcome == "skipped" for outcome, _ in cases)


def reason_of_silent_skip(entry):
    output = (entry.get("stdout", "") + entry.get("stderr", "")).strip()
    return output.splitlines()[-1] if output else "no reason given"


def read_log(path):
    with open(path, encoding="utf-8") as log:
        return [json.loads(line) for line in log if line.strip()]


def main(path):
    try:
        entries = read_log(path)
    except FileNotFoundError:
        print("No test has run.", file=sys.stderr)
        entries = []
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for entry in entries:
        for outcome, text in read_cases(entry):
            counts[outcome] += 1
            if outcome != "passed":
                print(f"{outcome.upper()} {entry['name']}: {text}")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    return 1 if counts["failed"] or not entries else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
