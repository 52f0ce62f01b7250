# SPDX-License-Identifier: MIT
"""What a client on the LAN sees."""

import json
import socket
import threading
import time

from lab.namespace import enter

ANSWER_SECONDS = 0.05
PAUSE_SECONDS = 0.002


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def fetch(tcp, address, port, seconds):
    """The body of GET / over a fresh socket."""
    tcp.settimeout(seconds)
    tcp.connect((address, port))
    tcp.sendall(b"GET / HTTP/1.0\r\n\r\n")
    answer = b""
    while chunk := tcp.recv(4096):
        answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise OSError("no good answer")
    return body.decode().strip()


def ask(host, address, port, seconds=2):
    """The answer of a service as the host sees it."""
    with host.socket(family_of(address), socket.SOCK_STREAM) as tcp:
        return fetch(tcp, address, port, seconds)


def neighbour(host, address):
    """The hardware address that the host's kernel has for an address, or None."""
    for entry in json.loads(host.ip("-j", "neigh", "show", "to", address).stdout or "[]"):
        if "lladdr" in entry:
            return entry["lladdr"]
    return None


class Watcher:
    """Asks a service again and again, each time over a new connection."""

    def __init__(self, host, address, port):
        self._target = (address, port)
        self._namespace = host.namespace
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.answers = []  # (time, text)
        self.lost = 0
        self._thread.start()

    def _work(self):
        enter(self._namespace)
        address, port = self._target
        while not self._ending.wait(PAUSE_SECONDS):
            try:
                with socket.socket(family_of(address), socket.SOCK_STREAM) as tcp:
                    text = fetch(tcp, address, port, ANSWER_SECONDS)
            except OSError:
                self.lost += 1
            else:
                self.answers.append((time.monotonic(), text))

    def stop(self):
        self._ending.set()
        self._thread.join(5)

    @property
    def count(self):
        return len(self.answers) + self.lost

    def last(self):
        return self.answers[-1][1] if self.answers else None

    def longest_pause(self):
        """Milliseconds between two answers, at worst: an upper bound of the outage."""
        times = [at for at, _ in self.answers]
        return max((b - a for a, b in zip(times, times[1:])), default=0.0) * 1000

    def usual_pause(self):
        """Milliseconds between two answers in the middle of all."""
        times = [at for at, _ in self.answers]
        pauses = sorted(b - a for a, b in zip(times, times[1:]))
        return pauses[len(pauses) // 2] * 1000 if pauses else 0.0
