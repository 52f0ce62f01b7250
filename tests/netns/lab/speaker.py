# SPDX-License-Identifier: MIT
"""metallb-speaker inside a host of the lab, with manifests of its own."""

import json
import os
import socket

from lab import manifests
from lab.waiting import wait_for

# What AddressSanitizer and UndefinedBehaviorSanitizer print.
_SANITIZER_MARKS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:")


class Speaker:
    """Starts at once and is ready when the constructor returns.

    Without objects it takes the manifests that already stand in the host's directory.
    """

    def __init__(self, host, objects=None, options=(), wrapper=()):
        self.host = host
        self.node_name = host.name
        self.manifests = os.path.join(host.directory, "manifests")
        self.control = os.path.join(host.directory, "speaker.sock")
        self._options = list(options)
        self._wrapper = list(wrapper)
        os.makedirs(self.manifests, exist_ok=True)
        if objects is not None:
            self.apply(objects)
        self.start()

    def start(self):
        self.process = self.host.start(
            "speaker",
            [
                *self._wrapper,
                os.environ.get("METALLB_SPEAKER", "metallb-speaker"),
                "--manifests", self.manifests,
                "--node-name", self.node_name,
                "--control", self.control,
                *self._options,
            ],
        )  # fmt: skip
        wait_for(self._answers, "answer of the speaker's control socket")

    def _answers(self):
        if not self.process.running:
            raise AssertionError(f"the speaker ended:\n{self.process.log()}")
        try:
            return self.status()
        except OSError:
            return None

    def apply(self, objects, name="manifests.json"):
        """Writes the manifests; the speaker sees that by itself."""
        manifests.write(self.manifests, name, objects)

    def status(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
            control.settimeout(5)
            control.connect(self.control)
            control.sendall(b'{"command":"status"}\n')
            answer = b""
            while chunk := control.recv(65536):
                answer += chunk
        return json.loads(answer)

    def address(self, address):
        """The status entry of an address, or None."""
        for entry in self.status()["addresses"]:
            if entry["address"] == address:
                return entry
        return None

    def interface(self, name):
        """The status entry of an interface, or None."""
        for entry in self.status()["interfaces"]:
            if entry["name"] == name:
                return entry
        return None

    def announces(self, address, interface="eth0"):
        entry = self.address(address)
        return bool(entry) and interface in entry["interfaces"]

    def wait_announcing(self, address, interface="eth0", seconds=5):
        wait_for(
            lambda: self.announces(address, interface),
            f"{self.node_name} announces {address} on {interface}",
            seconds,
        )

    def wait_silent(self, address, interface="eth0", seconds=5):
        wait_for(
            lambda: not self.announces(address, interface),
            f"{self.node_name} no longer announces {address} on {interface}",
            seconds,
        )

    def wait_logged(self, text, seconds=5):
        wait_for(lambda: text in self.process.log(), f"log line with {text!r}", seconds)

    def stop(self, seconds=15):
        """SIGTERM, and its exit status has to be 0 with nothing to say for the sanitizers."""
        status = self.process.stop(seconds)
        self.check(status)

    def check(self, status=0):
        log = self.process.log()
        found = [mark for mark in _SANITIZER_MARKS if mark in log]
        assert status == 0 and not found, f"exit status {status}:\n{log}"
