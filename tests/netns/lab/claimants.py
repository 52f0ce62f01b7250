# SPDX-License-Identifier: MIT
"""Who answers ARP and neighbour solicitations for an address, and how long more than one does, or
nobody."""

import itertools
import socket
import threading
import time
from collections import namedtuple

from lab.frames import arp_request, solicitation

PERIOD_SECONDS = 0.002
# Requests without an answer for so long end a claim; shorter pauses are those of a busy machine.
PAUSE_SECONDS = 0.05
# A host's last answers may still be on their way when the asking ends.
LAST_ANSWER_SECONDS = 0.1

Question = namedtuple("Question", "address request is_answer")


def _arp_question(address, asker, hardware):
    asked, target = socket.inet_aton(address), socket.inet_aton(asker)

    def is_answer(data):
        reply = data[12:14] == b"\x08\x06" and data[20:22] == b"\0\2"
        return reply and data[28:32] == asked and data[38:42] == target

    return Question(address, arp_request(hardware, asker, address), is_answer)


def _ndp_question(address, asker, hardware):
    asked = socket.inet_pton(socket.AF_INET6, address)
    target = socket.inet_pton(socket.AF_INET6, asker)

    def is_answer(data):
        advertisement = data[12:14] == b"\x86\xdd" and data[20] == 58 and data[54] == 136
        return advertisement and data[38:54] == target and data[62:78] == asked

    return Question(address, solicitation(hardware, asker, address), is_answer)


class Claimants:
    """Asks every 2 ms from the moment it is made until stop().

    The observer has an address of each family. It must not be the client whose outage is measured:
    answers to it would correct the client's neighbour entries.
    """

    def __init__(self, observer, observer_4, observer_6, addresses):
        hardware = observer.hardware_address()
        self._questions = [
            _ndp_question(address, observer_6, hardware)
            if ":" in address
            else _arp_question(address, observer_4, hardware)
            for address in addresses
        ]
        self._capture = observer.capture()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        while not self._ending.wait(PERIOD_SECONDS):
            for question in self._questions:
                self._capture.send(question.request)

    def stop(self):
        """Ends the asking and returns the claims by address: {hardware address: [(start, end), …]}.

        Times are those of time.time(); a claim lasts from its first to its last answer.
        """
        self._ending.set()
        self._thread.join()
        time.sleep(LAST_ANSWER_SECONDS)
        frames = self._capture.frames(lambda frame: not frame.outgoing)
        self._capture.close()
        return {question.address: _claims(question, frames) for question in self._questions}


def _claims(question, frames):
    found = {}
    for frame in frames:
        if not question.is_answer(frame.data):
            continue
        claims = found.setdefault(frame.source, [])
        if claims and frame.at - claims[-1][1] <= PAUSE_SECONDS:
            claims[-1] = (claims[-1][0], frame.at)
        else:
            claims.append((frame.at, frame.at))
    return found


def is_contested_at_end(claims):
    """Whether two or more still answered when the asking ended."""
    last = [spans[-1][1] for spans in claims.values()]
    return sum(end >= max(last) - PAUSE_SECONDS for end in last) > 1


def contested(claims, since=0.0):
    """Seconds, from a time on, in which two or more answered for the address."""
    total = 0.0
    changes = sorted(
        change
        for spans in claims.values()
        for start, end in spans
        for change in ((max(start, since), 1), (max(end, since), -1))
    )
    holders = 0
    for (at, step), (following, _) in itertools.pairwise(changes):
        holders += step
        if holders > 1:
            total += following - at
    return total


def unclaimed(claims, since=0.0):
    """Seconds of the longest time without any answer, from the last answer before a time on."""
    longest = 0.0
    last = None
    for start, end in sorted(span for spans in claims.values() for span in spans):
        if last is not None and start > max(last, since):
            longest = max(longest, start - last)
        last = end if last is None else max(last, end)
    return longest
