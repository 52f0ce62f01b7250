# SPDX-License-Identifier: MIT
"""The demo: it tells its story to the end, and leaves nothing behind, also when interrupted."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

from lab import tap
from lab.network import list_namespaces
from lab.waiting import wait_for

tap.need_root()

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ["METALLBCTL"]).resolve().parents[2]
# Names of its own, so that a demo on the same machine does not meet it.
PREFIX = f"mlbtest{os.getpid()}"
LOCK = pathlib.Path("/run/lock", PREFIX)
STORY_SECONDS = 180
STEP = re.compile(r"^\d+\. ", re.MULTILINE)
# A row of the crash step: what moved the address, and the outage.
OUTAGE = re.compile(r"^ +([0-9a-f.:]+) +(metallb-speaker|keepalived) +(\d+) ms ", re.MULTILINE)


class Demo:
    """The demo in a session of its own, as in a terminal, with what it printed in a file."""

    def __init__(self):
        path = [str(ROOT / "scripts"), str(ROOT / "tests" / "netns")]
        self._output = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demonstration", "show", str(BUILD), PREFIX],
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": ":".join(path)},
            start_new_session=True,
        )

    def said(self):
        self._output.seek(0)
        return self._output.read()

    def ended(self):
        return self.process.poll() is not None

    def interrupt(self):
        """Ctrl-C, which reaches the whole session."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self, seconds):
        """Its exit status; one that takes too long is ended by SIGTERM, and then cleans up."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait(30)
            raise


def check_nothing_left():
    assert not [name for name in list_namespaces() if name.startswith(PREFIX)]
    assert not list(pathlib.Path(tempfile.gettempdir()).glob(PREFIX + "-*"))


def check_interrupted(words):
    """Interrupts it once it has said the words."""
    demo = Demo()
    try:
        wait_for(lambda: words in demo.said() or demo.ended(), words, STORY_SECONDS)
        assert not demo.ended(), demo.said()
        demo.interrupt()
    finally:
        status = demo.end(30)
    assert status == 130, f"exit status {status}:\n{demo.said()}"
    assert "Interrupted" in demo.said() and "Traceback" not in demo.said(), demo.said()
    check_nothing_left()


def test_story():
    """the demo ends well, with an outage for each address and for keepalived's after each cut"""
    demo = Demo()
    status = demo.end(STORY_SECONDS)
    said = demo.said()
    assert status == 0, f"exit status {status}:\n{said}"
    assert len(STEP.findall(said)) == 10, said
    rows = OUTAGE.findall(said)
    for mover, cuts in (("metallb-speaker", 2), ("keepalived", 2)):
        for is_6 in (False, True):
            chosen = [row for row in rows if row[1] == mover and (":" in row[0]) == is_6]
            outages = [int(milliseconds) for _, _, milliseconds in chosen]
            print(f"# {mover}, {'IPv6' if is_6 else 'IPv4'}: {outages} ms")
            assert len(outages) == cuts and all(0 < outage < 30000 for outage in outages), said
    check_nothing_left()


def test_interrupted_early():
    """interrupted while it builds the LAN, it leaves nothing"""
    check_interrupted("1. ")


def test_interrupted_in_the_crash():
    """interrupted while a link is cut and keepalived runs, it leaves nothing"""
    check_interrupted("The cable of ")


try:
    sys.exit(tap.run([test_story, test_interrupted_early, test_interrupted_in_the_crash]))
finally:
    LOCK.unlink(missing_ok=True)
