# SPDX-License-Identifier: MIT
"""Members that take commands by lines and answer by lines of JSON: ours, and MetalLB's memberlist.

Both programs take the same commands; member.c describes them.
"""

import json
import os

from gossip.peer import Peer, SPREAD_SECONDS
from lab.waiting import wait_for

MEMBER = os.environ.get("METALLB_MEMBER", "metallb-member")

# What AddressSanitizer and UndefinedBehaviorSanitizer print.
_SANITIZER_MARKS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:")


class Refused(Exception):
    """A member answers a command with an error."""


class LineNode(Peer):
    dashes = None

    def command_line(self):
        words = [self.program()]
        values = {"name": self.name, "bind": self.address, "port": str(self.port)}
        values.update(self.options)
        for option, value in values.items():
            words.append(self.dashes + option)
            if value is not True:
                words.append(value.hex() if isinstance(value, bytes) else value)
        return words

    def program(self):
        raise NotImplementedError

    def begin(self):
        self.events = []
        self._answers = []
        self._answer("ready")

    def _read(self):
        for line in self.follower.lines():
            if line.startswith("{"):
                entry = json.loads(line)
                (self.events if "event" in entry else self._answers).append(entry)

    def _answer(self, command):
        def take():
            running = self.process.running
            self._read()
            if self._answers:
                return self._answers.pop(0)
            if not running:
                raise AssertionError(f"{self.name} ended")
            return None

        answer = wait_for(take, f"answer of {self.name} to {command}", 20, pause=0.01)
        if answer["answer"] != command.split()[0]:
            raise AssertionError(f"{self.name} answers {answer} to {command}")
        if "error" in answer:
            raise Refused(f"{self.name}: {command}: {answer['error']}")
        return answer

    def command(self, text):
        """The answer to a command; an error in it is raised."""
        self.process.write_line(text)
        return self._answer(text)

    def members(self):
        """What it knows of each member, by name."""
        return {member["name"]: member for member in self.command("members")["members"]}

    def view(self):
        return {name: member["state"] for name, member in self.members().items()}

    def happened(self, kind=None, name=None):
        """Events until now, of a kind and about a member if told."""
        self._read()
        return [
            event
            for event in self.events
            if kind in (None, event["event"]) and name in (None, event["name"])
        ]

    def wait_event(self, kind, name=None, seconds=SPREAD_SECONDS, count=1):
        """The event of that kind that is the count-th, as soon as it is there."""
        what = f"{self.name} tells {kind} of {name or 'anybody'}"
        return wait_for(lambda: self.happened(kind, name)[count - 1:], what, seconds)[0]

    def times_failed(self, name):
        """How often it took a member for failed, or for gone where it does not tell."""
        return len(self.happened("failed", name)) + len(self.happened("gone", name))

    def join(self, *peers):
        self.command("join " + " ".join(peer.endpoint for peer in peers))

    def leave(self):
        self.command("leave")

    def set_meta(self, meta):
        self.command("meta " + meta.hex())

    def set_keys(self, *keys):
        self.command("keys " + ",".join(key.hex() for key in keys))

    def quit(self):
        """Ends it in good order; it must have nothing to complain of."""
        self.process.write_line("quit")
        status = self.process.wait(20)
        found = [mark for mark in _SANITIZER_MARKS if mark in self.log()]
        if status != 0 or found:
            raise AssertionError(f"{self.name}: exit status {status} {found}")


class Ours(LineNode):
    """A member on <metallb/membership.h>."""

    kind = "ours"
    dashes = "--"

    def program(self):
        return MEMBER

    def set_facts(self, facts):
        self.command("facts " + facts.hex())

    def facts(self, name):
        """The facts that it knows of a member, and their version."""
        answer = self.command("facts-of " + name)
        return bytes.fromhex(answer["facts"]), answer["version"]

    def come_back(self):
        self.command("return")

    def statistics(self):
        return self.command("statistics")["statistics"]


class Memberlist(LineNode):
    """A member as MetalLB's speaker is one; it does not tell failed from left."""

    kind = "memberlist"
    dashes = "-"

    def program(self):
        return os.environ["PEERS_MEMBERLIST"]
