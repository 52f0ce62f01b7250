# SPDX-License-Identifier: MIT
"""Speakers that know of each other: hosts with servers and a speaker each, in one group."""

import os

from lab.members import member_options
from lab.scene import SERVICE_4, SERVICE_6, scene, two_services
from lab.service import start_server
from lab.waiting import wait_for

SECRET = "a secret of the lab"
NAMES = ("a", "b", "c")


class Group:
    """Hosts of a scene; a speaker starts only when it is asked to."""

    def __init__(self, made, names=NAMES, secret=SECRET):
        self.made = made
        self.hosts = {}
        self.speakers = {}
        self.seeds = ",".join(f"192.0.2.{number}" for number, _ in enumerate(names, 1))
        for number, name in enumerate(names, 1):
            self.hosts[name] = made.add_host(name, number)
            start_server(self.hosts[name], 80, 81)
            self.write_secret(name, secret)

    def secret_path(self, name):
        return os.path.join(self.hosts[name].directory, "secretkey")

    def write_secret(self, name, secret):
        """Replaced in one step, as a careful tool does."""
        path = self.secret_path(name)
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(secret)
        os.rename(path + ".new", path)

    def start(self, name, objects, options=(), members=None, **arguments):
        """Starts the speaker of a host; members is its list of seeds, all hosts by default."""
        host = self.hosts[name]
        speaker = self.made.add_speaker(
            host,
            objects,
            [*member_options(members or self.seeds, self.secret_path(name)), *options],
            **arguments,
        )
        self.speakers[name] = speaker
        return speaker

    def start_all(self, objects, options=()):
        for name in self.hosts:
            self.start(name, objects, options)
        self.wait_members(*self.hosts)
        return self

    def running(self):
        return {name: one for name, one in self.speakers.items() if one.process.running}

    def members(self, name, state="alive"):
        """Names that the speaker of a host sees in a state."""
        members = self.speakers[name].status()["members"]
        return {member["name"] for member in members if member["state"] == state}

    def member(self, name, other):
        """What the speaker of a host shows of another, or None."""
        for member in self.speakers[name].status()["members"]:
            if member["name"] == other:
                return member
        return None

    def wait_members(self, *names, seconds=10):
        """Each of the named sees exactly these alive, and all of them ready."""

        def complete(name):
            alive = [
                member
                for member in self.speakers[name].status()["members"]
                if member["state"] == "alive"
            ]
            ready = {member["name"] for member in alive if member.get("ready")}
            return len(alive) == len(names) and ready == set(names)

        for name in names:
            wait_for(lambda one=name: complete(one), f"{name} sees {names} ready", seconds)

    def owner(self, address, *names, seconds=10):
        """The owner of an address, once all of the named say the same and only it announces."""

        def agreed():
            speakers = {name: self.speakers[name] for name in names or self.running()}
            entries = {name: one.address(address) for name, one in speakers.items()}
            owners = {(entry or {}).get("owner") for entry in entries.values()}
            announcing = [name for name, one in speakers.items() if one.announces(address)]
            return announcing[0] if owners == set(announcing) and len(announcing) == 1 else None

        return wait_for(agreed, f"agreement on the owner of {address}", seconds)


def with_group(test):
    """A test with three speakers in one group; a owns both addresses of the lab."""

    def wrapped():
        with scene() as made:
            group = Group(made).start_all(two_services(*NAMES))
            assert group.owner(SERVICE_4) == group.owner(SERVICE_6) == "a"
            test(group)

    wrapped.__doc__ = test.__doc__
    return wrapped
