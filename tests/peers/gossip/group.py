# SPDX-License-Identifier: MIT
"""A group of members on a LAN of their own, and what all of them have to see."""

from contextlib import contextmanager

from gossip.node import Memberlist, Ours
from gossip.peer import SPREAD_SECONDS
from gossip.serf import VERSIONS, Serf
from lab.network import Lab
from lab.namespace import run
from lab.waiting import TimedOut, wait_for

_LOG_LINES = 25
_OTHERS = {"serf": Serf, "memberlist": Memberlist}
OURS = ("a", "b", "c", "d")
THEIRS = ("x", "y", "z", "w")


class Group:
    """Our members a to d and theirs x to w, added one by one; theirs are of one kind."""

    def __init__(self, lab, kind, key=None, secret=None, label=None, family=4):
        self.lab = lab
        self.kind = kind
        self.members = []
        self._family = family
        self._common = {"key": key, "secret": secret, "label": label}
        self._common = {name: value for name, value in self._common.items() if value}

    def __getitem__(self, name):
        return next(member for member in self.members if member.name == name)

    @property
    def ours(self):
        return [member for member in self.members if isinstance(member, Ours)]

    @property
    def theirs(self):
        return [member for member in self.members if not isinstance(member, Ours)]

    @staticmethod
    def names(members):
        return {member.name for member in members}

    @property
    def running(self):
        return [member for member in self.members if member.process.running]

    def add(self, *names, **options):
        """Members by name, each alone on a new host; returns the last."""
        return [self._add(name, options) for name in names][-1]

    def _add(self, name, options):
        number = 1 + (OURS + THEIRS).index(name)
        host = self.lab.add_host(name, [f"192.0.2.{number}/24", f"2001:db8::{number}/64"])
        address = f"192.0.2.{number}" if self._family == 4 else f"2001:db8::{number}"
        return self.add_on(host, name, address, name in OURS, **options)

    def add_on(self, host, name, address, is_ours, **options):
        """A member on a host that is there."""
        if is_ours:
            options.setdefault("profile", "lan")
            if self.kind == "serf":
                options.setdefault("versions", VERSIONS)
        kind = Ours if is_ours else _OTHERS[self.kind]
        member = kind(host, name, address, **{**self._common, **options})
        self.members.append(member)
        member.start()
        return member

    def three_of_each(self, **options):
        """The usual group: three of ours, three of theirs, each told of all others."""
        self.add("a", "b", "c", **options)
        self.add("x", "y", "z", **options)
        for member in self.members:
            member.join(*(other for other in self.members if other is not member))
        self.wait_whole()

    def wait_whole(self, members=None, names=None):
        """Each of the members (default: all that run) sees exactly those names up."""
        members = members or self.running
        names = set(names or self.names(self.running))
        for member in members:
            self.wait_view(member, lambda m: m.sees_up() == names, f"{sorted(names)} up")

    def wait_down(self, name, among=("failed", "left", "gone"), members=None):
        """Each other that runs sees the member down in one of the states."""
        for member in members or self.running:
            if member.name != name:
                self.wait_view(member, lambda m: m.view().get(name) in among, f"{name} {among}")

    def wait_view(self, member, condition, what, seconds=SPREAD_SECONDS):
        try:
            wait_for(lambda: condition(member), what, seconds, pause=0.05)
        except TimedOut as error:
            raise TimedOut(f"{member.name}: {error}; it sees {member.view()}") from None

    def split(self, names):
        """Puts the hosts of these members on a LAN of their own."""
        self.lab.bridge_ip("link", "add", "br1", "type", "bridge", "forward_delay", "0")
        self.lab.bridge_ip("link", "set", "br1", "up")
        self._move(names, "br1")

    def heal(self, names):
        self._move(names, "br0")

    def _move(self, names, bridge):
        ports = [self[name].host.port for name in names]
        text = "".join(f"link set {port} master {bridge}\n" for port in ports)
        run("ip", "-n", self.lab.bridge_namespace, "-batch", "-", input_text=text)

    def check(self):
        """Ends our members that still run, and each must end well."""
        for member in self.ours:
            if member.process.running:
                member.quit()

    def report(self):
        """The last lines of each member, for the reader of a failure."""
        text = ""
        for member in self.members:
            state = "running" if member.process.running else "ended"
            # Its view is asked for again and again: what happened would be drowned.
            lines = [line for line in member.log().splitlines() if '"members":' not in line]
            lines = [line[:300] for line in lines[-_LOG_LINES:]]
            text += "\n".join([f"\n{member.kind} {member.name}, {state}:", *lines])
        return text


@contextmanager
def group(kind, **options):
    """A group that is checked and removed at its end; a failure shows the ends of the logs."""
    with Lab() as lab:
        made = Group(lab, kind, **options)
        try:
            yield made
            made.check()
        except BaseException:
            print(made.report())
            raise
