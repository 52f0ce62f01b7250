# SPDX-License-Identifier: MIT
"""The outage that a client sees: one UDP request a millisecond, answered by the host reached."""

import json
import os
import socket
import sys
from collections import namedtuple

from lab.waiting import wait_for

PORT = 7
END_SECONDS = 10
_HERE = os.path.dirname(os.path.abspath(__file__))

# Of one address, in milliseconds. "over" is False where it was still out of reach at the end. The
# pauses are the client's own, between two requests: an outage is no more exact than they are.
Outage = namedtuple("Outage", "sent answered outage over usual_pause longest_pause")


def start_echo(host):
    """A server on every address of the host, for both families."""
    program = os.path.join(_HERE, "echo_server.py")
    process = host.start("echo", [sys.executable, program, host.name, str(PORT)])
    for family in (socket.AF_INET, socket.AF_INET6):
        wait_for(lambda f=family: _answers(host, f), f"echo server of {host.name}")
    return process


def _answers(host, family):
    with host.socket(family, socket.SOCK_DGRAM) as udp:
        udp.settimeout(1)
        try:
            udp.connect(("::1" if family == socket.AF_INET6 else "127.0.0.1", PORT))
            udp.send(b"ready?")
            return udp.recv(2048)
        except OSError:
            return None


class Meter:
    """Asks from the moment it is made until stop(), in a process of its own."""

    def __init__(self, client, addresses, name="outage"):
        program = os.path.join(_HERE, "outage_client.py")
        log = os.path.join(client.directory, name + ".log")
        if os.path.exists(log):
            os.unlink(log)
        self._addresses = list(addresses)
        self._process = client.start(name, [sys.executable, program, str(PORT), *addresses])

    def _lines(self):
        """The whole lines that it has printed so far."""
        text = self._process.log()
        for line in text[: text.rfind("\n") + 1].splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                raise AssertionError(f"the outage client says:\n{text}") from None

    def hosts(self):
        """Which host answered last, by address."""
        return {line["address"]: line["host"] for line in self._lines() if "host" in line}

    def wait_answered(self, suits, what, seconds=10):
        """Waits until the host that answers suits at every address."""

        def all_suit():
            if not self._process.running:
                raise AssertionError(f"the outage client ended:\n{self._process.log()}")
            hosts = self.hosts()
            return all(address in hosts and suits(hosts[address]) for address in self._addresses)

        wait_for(all_suit, f"{what}; answers come from {self.hosts()}", seconds)

    def stop(self):
        """Ends the asking and returns an Outage by address, None where nothing ever answered."""
        self._process.stop(END_SECONDS)
        for line in self._lines():
            if "results" in line:
                return {
                    address: Outage(**result) if result["answered"] else None
                    for address, result in line["results"].items()
                }
        raise AssertionError(f"the outage client had no results:\n{self._process.log()}")
