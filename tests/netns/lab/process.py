# SPDX-License-Identifier: MIT
"""A program that runs inside a host, with its output in a file."""

import signal
import subprocess


class Process:
    """Started at once; always ended by stop() or kill().

    With `commands` its standard input is a pipe that write_line() writes to, else it has none.
    """

    def __init__(self, namespace, command, log_path, environment=None, commands=False):
        self.log_path = log_path
        with open(log_path, "ab") as log:
            # ip netns exec replaces itself with the command, so signals reach it.
            self._process = subprocess.Popen(
                ["ip", "netns", "exec", namespace, *command],
                stdin=subprocess.PIPE if commands else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self._process.pid

    @property
    def running(self):
        return self._process.poll() is None

    def write_line(self, text):
        self._process.stdin.write(text.encode() + b"\n")
        self._process.stdin.flush()

    def signal(self, number):
        if self.running:
            self._process.send_signal(number)

    def wait(self, seconds):
        """Exit status; negative for a signal."""
        return self._process.wait(seconds)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait(10)

    def stop(self, seconds=10):
        """Asks it to end and waits; one that does not obey is killed and reported."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"process {self.pid} did not end within {seconds} s") from None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()
