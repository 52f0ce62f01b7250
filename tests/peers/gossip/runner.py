# SPDX-License-Identifier: MIT
"""Runs scenarios beside each other, each in a process of its own, and prints TAP.

They mostly wait for timers of the protocol, so more of them run than there are processors.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import traceback

from lab import tap
from lab.network import PREFIX, make_namespace, remove_namespaces

PARALLEL = int(os.environ.get("PEERS_PARALLEL", "6"))
CLEANING_SECONDS = 30


class Scenario:
    """A function without arguments, its limit in seconds, and the line that reports it.

    `missing` tells why it cannot run here, or None; it also makes what it needs.
    """

    def __init__(self, title, function, seconds, missing):
        self.title = title
        self.function = function
        self.seconds = seconds
        self.missing = missing


class _Run:
    """A scenario under way."""

    def __init__(self, script, number, scenario):
        self.scenario = scenario
        self.started = time.monotonic()
        self.output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, script, str(number)],
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
        )

    @property
    def seconds(self):
        return time.monotonic() - self.started

    def status(self):
        """Exit status, or None while it runs; one that takes too long is ended."""
        if self._process.poll() is None and self.seconds > self.scenario.seconds:
            self.end()
        return self._process.poll()

    def end(self):
        """Ends it early; what it made is removed by itself or, if it cannot, here."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(CLEANING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        remove_namespaces(f"{PREFIX}{self._process.pid}-")

    def text(self):
        self.output.seek(0)
        return self.output.read().decode("utf-8", "replace")


def main(scenarios):
    """Ends the program. With an argument only the scenario of that number runs, and plainly."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    if len(sys.argv) > 1:
        sys.exit(_run_here(scenarios[int(sys.argv[1])]))
    tap.need_root()
    print(f"1..{len(scenarios)}", flush=True)
    # Where this is the first namespace of all, its directory is made, by one process alone.
    make_namespace(f"{PREFIX}{os.getpid()}-first")
    remove_namespaces(f"{PREFIX}{os.getpid()}-")
    can_run = _skip(scenarios)
    sys.exit(_run_all(can_run, len(scenarios) - len(can_run)))


def _leave(number, _frame):
    raise SystemExit(128 + number)


def _skip(scenarios):
    """Reports those that cannot run; the others with their numbers."""
    can_run = []
    reasons = {}
    for number, scenario in enumerate(scenarios):
        if scenario.missing not in reasons:
            reasons[scenario.missing] = scenario.missing()
        if not reasons[scenario.missing]:
            can_run.append((number, scenario))
            continue
        reported = number - len(can_run) + 1
        print(f"ok {reported} - {scenario.title} # SKIP {reasons[scenario.missing]}", flush=True)
    return can_run


def _run_here(scenario):
    try:
        scenario.function()
    except BaseException:  # where it was when its time was over is worth knowing too
        traceback.print_exc()
        return 1
    return 0


def _run_all(waiting, done):
    running = []
    failed = 0
    try:
        while waiting or running:
            while waiting and len(running) < PARALLEL:
                number, scenario = waiting.pop(0)
                running.append(_Run(sys.argv[0], number, scenario))
            time.sleep(0.1)
            for run in [run for run in running if run.status() is not None]:
                running.remove(run)
                done += 1
                failed += run.status() != 0
                _report(done, run)
    finally:
        for run in running:
            run.end()
    return 1 if failed else 0


def _report(number, run):
    status = run.status()
    print(f"{'not ok' if status else 'ok'} {number} - {run.scenario.title}")
    sys.stdout.flush()
    for line in run.text().splitlines():
        # Meson shows only what a failed test says on standard error.
        print(line if line.startswith("#") else f"# {line}", file=sys.stderr if status else None)
    late = f" of at most {run.scenario.seconds:g} s" if run.seconds > run.scenario.seconds else ""
    print(f"# {run.seconds:.2f} s{late}", flush=True)
