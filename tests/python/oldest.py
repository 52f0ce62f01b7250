# SPDX-License-Identifier: MIT
"""Runs the tests of the binding with the oldest Python that it promises, where there is one."""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
OLDEST = "python3.9"

# The package is built and checked by tools, which the system's interpreter has.
OMITTED = [
    f"--ignore={HERE / 'test_package.py'}",
    "--deselect=test_examples.py::test_examples_are_typed",
]


def has_pytest(python):
    found = subprocess.run([python, "-c", "import pytest"], capture_output=True, check=False)
    return found.returncode == 0


def main():
    python = shutil.which(OLDEST)
    if python is None or not has_pytest(python):
        print(f"1..0 # SKIP not tried with the oldest Python: no {OLDEST} with pytest")
        return
    os.execv(python, [python, str(HERE / "run.py"), ".", *OMITTED])


sys.exit(main())
