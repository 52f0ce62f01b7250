# SPDX-License-Identifier: MIT
"""Runs test functions one after the other and prints TAP."""

import os
import sys
import time
import traceback


def need_root():
    """Ends the program as skipped where it cannot make network namespaces."""
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root to make network namespaces")
        sys.exit(0)


def run(tests, explain=lambda: ""):
    """Runs functions without arguments; `explain` gives text to print after a failure.

    Returns the exit status for the program.
    """
    print(f"1..{len(tests)}", flush=True)
    failed = 0
    for number, test in enumerate(tests, 1):
        name = (test.__doc__ or test.__name__).strip().splitlines()[0].rstrip(".")
        started = time.monotonic()
        try:
            test()
        except Exception:  # each failure is reported, the other tests go on
            failed += 1
            print(f"not ok {number} - {name}")
            _print_lines(traceback.format_exc() + explain())
        else:
            print(f"ok {number} - {name}")
        print(f"# {time.monotonic() - started:.2f} s", flush=True)
    return 1 if failed else 0


def _print_lines(text):
    for line in text.splitlines():
        print("# " + line)
