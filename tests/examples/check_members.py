# SPDX-License-Identifier: MIT
"""Runs watch-members twice on loopback: the two find each other, and one leaves."""

import os
import selectors
import signal
import subprocess
import sys
import time

from tap import Tap

# Longer than anything here takes on a busy machine.
PATIENCE = 30


def address(place):
    """An address of loopback that no other process uses."""
    process = os.getpid()
    return f"127.{1 + (process >> 8) % 250}.{process % 256}.{place}"


class Watcher:
    """One watch-members, and the lines that it has printed."""

    def __init__(self, program, name, place, *seeds):
        self.process = subprocess.Popen(
            [program, name, address(place), *seeds], stdout=subprocess.PIPE
        )
        self.output = b""
        os.set_blocking(self.process.stdout.fileno(), False)

    def wait_for(self, line):
        """Problems unless the line comes."""
        limit = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while line not in self.output.decode().splitlines():
                if not selector.select(limit - time.monotonic()):
                    return [f"{line!r} did not come, but {self.output.decode()!r}"]
                read = self.process.stdout.read()
                if not read:
                    return [f"ended before {line!r}, after {self.output.decode()!r}"]
                self.output += read
        return []

    def end(self):
        """Problems unless it leaves in order."""
        self.process.send_signal(signal.SIGTERM)
        problems = self.wait_for("departed -")
        status = self.process.wait(PATIENCE)
        return problems + ([f"exit status {status}"] if status else [])

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def check(tap, program, watchers):
    one = Watcher(program, "one", 1)
    watchers.append(one)
    two = Watcher(program, "two", 2, address(1))
    watchers.append(two)
    tap.check("one sees two", one.wait_for("joined two alive facts=0"))
    tap.check("two sees one", two.wait_for("joined one alive facts=0"))
    tap.check("two leaves", two.end())
    tap.check("one sees it leave", one.wait_for("left two left facts=0"))
    tap.check("one leaves", one.end())


def main(program):
    tap = Tap()
    watchers = []
    try:
        check(tap, program, watchers)
    finally:
        for watcher in watchers:
            watcher.close()
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1])
