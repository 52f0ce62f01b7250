# SPDX-License-Identifier: MIT
"""Prints the results of checks in the Test Anything Protocol."""

import sys


class Tap:
    """Counts checks; a check passes when it found no problem."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, problems):
        problems = list(problems)
        self.count += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}", flush=True)
        for problem in problems:
            for line in str(problem).splitlines():
                print(f"# {line}", flush=True)

    def finish(self):
        """Prints the plan and ends the program."""
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)
