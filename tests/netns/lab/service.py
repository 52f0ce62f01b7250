# SPDX-License-Identifier: MIT
"""A server behind a service, and a client that asks it."""

import os
import socket
import sys
import threading
import time

from lab.namespace import enter
from lab.waiting import wait_for

_SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "http_server.py")


def start_server(host, *services):
    """A web server on every address of the host; a service is a port or NAME=PORT."""
    services = [str(service) for service in services]
    process = host.start("server", [sys.executable, _SERVER, host.name, *services])
    for service in services:
        port = int(service.rpartition("=")[2])
        wait_for(lambda p=port: _listens(host, p), f"server of {host.name} on port {port}")
    return process


def _listens(host, port):
    with host.socket(socket.AF_INET6, socket.SOCK_STREAM) as tcp:
        return tcp.connect_ex(("::1", port)) == 0


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


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def ask(host, address, port, seconds=3):
    """The answer of a service as the host sees it, or None."""
    try:
        with host.socket(family_of(address), socket.SOCK_STREAM) as tcp:
            return fetch(tcp, address, port, seconds)
    except OSError:
        return None


class Watcher:
    """Asks a service again and again, each time over a new connection."""

    def __init__(self, host, address, port, answer_seconds=0.05, pause_seconds=0.002):
        self._target = (address, port)
        self._namespace = host.namespace
        self._answer_seconds = answer_seconds
        self._pause_seconds = pause_seconds
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.answers = []  # (time, text)
        self.lost = 0
        self._thread.start()

    def _work(self):
        enter(self._namespace)
        address, port = self._target
        while not self._ending.wait(self._pause_seconds):
            try:
                with socket.socket(family_of(address), socket.SOCK_STREAM) as tcp:
                    text = fetch(tcp, address, port, self._answer_seconds)
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
