# SPDX-License-Identifier: MIT
"""Runs a file of tests, or a directory, with pytest and prints its cases in the Test Anything Protocol."""

import os
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent


def reason_of(report):
    """Why a case was skipped; pytest has file, line and text of it."""
    return report.longrepr[2].split("Skipped: ", 1)[-1]


class TapPrinter:
    """A plugin of pytest; a case that fails in set-up or clean-up counts as failed."""

    def __init__(self, stream):
        self.stream = stream
        self.count = 0
        self.reports = []

    def say(self, line):
        print(line, file=self.stream, flush=True)

    def explain(self, text):
        for line in text.splitlines():
            self.say(f"# {line}")

    def pytest_runtest_logreport(self, report):
        self.reports.append(report)
        if report.when == "teardown":
            self.finish_case(report.nodeid)
            self.reports = []

    def finish_case(self, name):
        self.count += 1
        failed = [report for report in self.reports if report.failed]
        skipped = [report for report in self.reports if report.skipped]
        verdict = "not ok" if failed else "ok"
        reason = f" # SKIP {reason_of(skipped[0])}" if skipped and not failed else ""
        self.say(f"{verdict} {self.count} - {name}{reason}")
        for report in failed:
            self.explain(report.longreprtext)
            for title, output in report.sections:
                self.explain(f"{title}:\n{output}")

    def pytest_collectreport(self, report):
        """A file that cannot even be read is a failed case."""
        if report.failed:
            self.count += 1
            self.say(f"not ok {self.count} - {report.nodeid}")
            self.explain(report.longreprtext)

    def pytest_sessionfinish(self):
        self.say(f"1..{self.count}")


def main(name, *more):
    # The plugin speaks in place of pytest, whose own report goes nowhere.
    with os.fdopen(os.dup(1), "w") as stream, open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        # What a sanitizer says on standard error before it ends the program must not be caught.
        options = ["--capture=sys", "-p", "no:cacheprovider", "--rootdir", str(HERE)]
        return pytest.main([*options, *more, str(HERE / name)], plugins=[TapPrinter(stream)])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
