# SPDX-License-Identifier: MIT
"""Waiting for a condition with a deadline."""

import time


class TimedOut(AssertionError):
    """A condition did not come true in time."""


def wait_for(condition, what, seconds=10.0, pause=0.02):
    """Asks until the condition gives something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise TimedOut(f"after {seconds:g} s still not: {what}")
        time.sleep(pause)
