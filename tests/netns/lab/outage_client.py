# SPDX-License-Identifier: MIT
"""Sends one UDP request a millisecond to each address and tells which were not answered.

Usage: outage_client.py PORT ADDRESS…

Prints a JSON line whenever another host answers, and after SIGTERM one with the results.
"""

import array
import gc
import json
import signal
import socket
import statistics
import struct
import sys
import time

PERIOD_SECONDS = 0.001
# A later answer comes too late: the request had waited in a queue until the address moved.
DEADLINE_NANOSECONDS = 100_000_000
_SO_TIMESTAMPNS = 35
_BUFFER = 4 * 1024 * 1024
_SEQUENCE = struct.Struct("!Q")


class Target:
    """One address: when each request left, and when its answer came (0: it did not)."""

    def __init__(self, address, port):
        self.address = address
        self.host = None
        self._peer = (address, port)
        self._sent = array.array("q")
        self._answered = array.array("q")
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        # Not connected: an ICMP error would be returned by the next send, which then sends nothing.
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.setblocking(False)

    def ask(self):
        number = len(self._sent)
        self._sent.append(time.time_ns())
        self._answered.append(0)
        try:
            self._socket.sendto(_SEQUENCE.pack(number), self._peer)
        except OSError:
            pass  # no route, no carrier: a request without an answer

    def take_answers(self):
        """Reads what has come; True when another host answers than before."""
        before = self.host
        while True:
            try:
                data, ancillary, _, peer = self._socket.recvmsg(2048, 128)
            except BlockingIOError:
                return self.host != before
            except OSError:
                continue
            if peer[:2] == self._peer and len(data) > _SEQUENCE.size:
                self._take(data, _stamp(ancillary))

    def _take(self, data, at):
        (number,) = _SEQUENCE.unpack_from(data)
        if number >= len(self._sent) or self._answered[number]:
            return
        if at - self._sent[number] <= DEADLINE_NANOSECONDS:
            self._answered[number] = at
            self.host = data[_SEQUENCE.size :].decode()

    def result(self):
        """What was seen, in milliseconds; the time before the first answer does not count."""
        answered = [number for number, at in enumerate(self._answered) if at]
        if not answered:
            return {"sent": len(self._sent), "answered": 0}
        sent = self._sent
        # Between two answers the service was away if a request between them stayed unanswered:
        # from the last request that was served until the first answer after.
        gaps = [
            self._answered[after] - sent[before]
            for before, after in zip(answered, answered[1:])
            if after - before > 1
        ]
        still_away = len(sent) - 1 - answered[-1]
        if still_away:
            gaps.append(sent[-1] - sent[answered[-1]])
        pauses = [after - before for before, after in zip(sent, sent[1:])]
        return {
            "sent": len(sent) - answered[0],
            "answered": len(answered),
            "outage": max(gaps, default=0) / 1e6,
            "over": not still_away,
            "usual_pause": statistics.median(pauses) / 1e6 if pauses else 0.0,
            "longest_pause": max(pauses, default=0) / 1e6,
        }


def _stamp(ancillary):
    """When the kernel took the datagram in; that the process read it later does not matter."""
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = struct.unpack("qq", data[:16])
            return seconds * 1_000_000_000 + nanoseconds
    return time.time_ns()


def say(document):
    print(json.dumps(document), flush=True)


def take_all(targets):
    for target in targets:
        if target.take_answers():
            say({"address": target.address, "host": target.host})


def work(targets, ending):
    due = time.monotonic()
    while not ending:
        for target in targets:
            target.ask()
        take_all(targets)
        due += PERIOD_SECONDS
        left = due - time.monotonic()
        if left > 0:
            time.sleep(left)
        else:
            due -= left  # one that came late does not catch up with a burst
    time.sleep(DEADLINE_NANOSECONDS / 1e9)
    take_all(targets)


def main(port, *addresses):
    ending = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    gc.disable()  # nothing here makes cycles, and a collection takes milliseconds
    targets = [Target(address, int(port)) for address in addresses]
    work(targets, ending)
    say({"results": {target.address: target.result() for target in targets}})


if __name__ == "__main__":
    main(*sys.argv[1:])
