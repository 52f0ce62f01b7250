# SPDX-License-Identifier: MIT
"""Other processes, and waiting."""

import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINDING = ROOT / "bindings" / "python"

# The system's interpreter, for which the packages of Debian are installed.
PYTHON = sys.executable


def environment(**changes):
    """The environment with changes; None takes a variable away."""
    result = {**os.environ, **{name: value for name, value in changes.items() if value is not None}}
    return {name: value for name, value in result.items() if name not in changes or changes[name]}


def without_sanitizer(**changes):
    """The environment for programs that do not load the library."""
    return environment(LD_PRELOAD=None, PYTHONMALLOC=None, **changes)


def run(*command, env=None, seconds=120, **options):
    return subprocess.run(
        [str(word) for word in command],
        env=env,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        **options,
    )


def run_python(code, **changes):
    """Runs some lines in an interpreter of their own."""
    return run(PYTHON, "-c", code, env=environment(**changes))


def wait_until(condition, what, work, seconds=10.0):
    """Works until a condition holds, and returns what it gave."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"after {seconds:g} s still not: {what}"
        work()
