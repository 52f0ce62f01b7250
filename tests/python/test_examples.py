# SPDX-License-Identifier: MIT
"""The examples, each run as a user runs it; the miniature speaker runs in the suite netns."""

import importlib.util
import os
import queue
import re
import signal
import subprocess
import threading
import time

import pytest
import wire
from support import PYTHON, ROOT, run, without_sanitizer

DIRECTORY = ROOT / "examples" / "python"
EXAMPLES = sorted(DIRECTORY.glob("*.py"), key=lambda path: path.name)
LINES_MAX = 150
ADDRESS = "192.0.2.10"
ADDRESS_6 = "2001:db8::10"

SHARED = """\
default/web      192.0.2.0
default/dns      192.0.2.0
default/web-too  192.0.2.1
default/mail     192.0.2.2
default/news     192.0.2.0
default/late     no IPv4 address is left for default/late in pool lan
192.0.2.0 is held by default/web, default/dns, default/news
default/late     192.0.2.2
5 services, 3 addresses in use
"""


def runs_of_the_c_examples():
    """Those that exist in both languages take and print the same."""
    path = ROOT / "tests" / "examples" / "check.py"
    spec = importlib.util.spec_from_file_location("check", path)
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    for name in ("count-addresses", "who-owns"):
        for arguments, status, output in check.RUNS[name]:
            yield name.replace("-", "_") + ".py", arguments, status, output


class Program:
    """An example that runs until it is ended; its lines can be waited for."""

    def __init__(self, name, *arguments):
        self._process = subprocess.Popen(
            [PYTHON, DIRECTORY / name, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))

    def wait_line(self, pattern, seconds=20):
        seen = []
        deadline = time.monotonic() + seconds
        while True:
            try:
                seen.append(self._lines.get(timeout=max(0, deadline - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"no line {pattern!r} but {seen}") from None
            if re.search(pattern, seen[-1]):
                return seen[-1]

    def stop(self):
        """Ends it as a person does; the exit status."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(20)
        finally:
            self.kill()

    def kill(self):
        self._process.kill()
        self._process.wait(20)
        self._reader.join(20)
        self._process.stdout.close()


@pytest.fixture
def start():
    programs = []

    def begin(name, *arguments):
        programs.append(Program(name, *arguments))
        return programs[-1]

    yield begin
    for program in programs:
        program.kill()


def test_there_are_examples():
    assert len(EXAMPLES) == 7


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_examples_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < LINES_MAX
    assert os.access(path, os.X_OK)


def test_examples_are_typed():
    """As a user's programs: without the configuration of the binding."""
    command = [PYTHON, "-m", "mypy", "--strict", "--cache-dir", os.devnull, *EXAMPLES]
    done = run(*command, env=without_sanitizer(MYPYPATH=str(ROOT / "bindings" / "python")))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name, arguments, status, output", list(runs_of_the_c_examples()))
def test_same_as_in_c(name, arguments, status, output):
    done = run(PYTHON, DIRECTORY / name, *arguments)
    assert (done.returncode, done.stdout) == (status, output), done.stderr
    assert bool(done.stderr) == bool(status) and "Traceback" not in done.stderr


def test_share_address():
    done = run(PYTHON, DIRECTORY / "share_address.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, SHARED, "")


def test_failover(loopback):
    done = run(PYTHON, DIRECTORY / "failover.py", loopback.address, loopback.port())
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "192.0.2.10 is announced by one\none died; 192.0.2.10 is announced by two\n"
    )
    assert re.fullmatch(r"seen after \d+\.\d s\n", done.stderr)


def test_failover_refuses_a_wrong_address():
    done = run(PYTHON, DIRECTORY / "failover.py", "192.0.2.1")
    assert done.returncode == 1 and done.stderr.startswith("failover.py: ")


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS_6])
def test_announce_and_watch(start, address):
    """In a namespace of this process: one example announces, the other asks from the other end."""
    wire.enter_own_namespace()
    watcher = start("watch_answers.py", wire.THEIRS, address, "0.3")
    watcher.wait_line(f"{address}: nobody$")
    announcer = start("announce_address.py", address, wire.OURS)
    announcer.wait_line(f"{wire.OURS} can be used")
    watcher.wait_line(f"{address}: {wire.hardware_address(wire.OURS)}$")
    assert announcer.stop() == 0
    watcher.wait_line(f"{address}: nobody$")
    assert watcher.stop() == 0


@pytest.mark.parametrize("address", [ADDRESS, ADDRESS_6])
def test_watch_goes_on_while_it_cannot_ask(start, address):
    wire.enter_own_namespace()
    watcher = start("watch_answers.py", wire.THEIRS, address, "0.1")
    watcher.wait_line(f"{address}: nobody$")
    wire.ip("link", "set", wire.THEIRS, "down")
    watcher.wait_line(f"{address}: cannot ask: [A-Z]")
    wire.ip("link", "set", wire.THEIRS, "up")
    watcher.wait_line(f"{address}: nobody$")
    assert watcher.stop() == 0


@pytest.mark.parametrize(
    "name, arguments, status",
    [
        ("announce_address.py", [], 2),
        ("announce_address.py", ["224.0.0.1"], 1),
        ("announce_address.py", ["no-address"], 1),
        ("watch_answers.py", [], 2),
        ("watch_answers.py", ["lo", "192.0.2.1", "0"], 1),
        ("watch_answers.py", ["lo", "2001:db8::1", "nan"], 1),
        ("watch_answers.py", ["none0", "192.0.2.1"], 1),
        ("watch_answers.py", ["none0", "2001:db8::1"], 1),
    ],
)
def test_wrong_arguments(name, arguments, status):
    done = run(PYTHON, DIRECTORY / name, *arguments)
    assert done.returncode == status and done.stderr and "Traceback" not in done.stderr
