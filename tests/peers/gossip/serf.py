# SPDX-License-Identifier: MIT
"""A member that is a serf agent; its RPC address is on the loopback of its own host."""

import base64
import json
import os
import re
import shutil

from gossip.peer import Peer
from lab.waiting import wait_for

# Versions of its delegate, which a member of its group must be compatible with.
VERSIONS = "2,5,4"

_EVENT = re.compile(r"serf: EventMember(?P<kind>\w+): (?P<name>\S+) ")
_STATES = {"Join": "alive", "Failed": "failed", "Leave": "left"}


def missing():
    """Why serf cannot be used here, or None."""
    return None if shutil.which("serf") else "serf is not installed"


class Serf(Peer):
    kind = "serf"

    def command_line(self):
        config = {
            "node_name": self.name,
            "bind": self.endpoint,
            "rpc_addr": "127.0.0.1:7373",
            "profile": "lan",
            "log_level": "debug",
            "enable_compression": not self.options.get("no-compression"),
        }
        if "key" in self.options:
            config["encrypt_key"] = base64.b64encode(self.options["key"]).decode()
        path = os.path.join(self.host.directory, self.name + ".json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(config, file)
        return ["serf", "agent", "-config-file", path]

    def begin(self):
        self.lines = []
        self._view = {}
        wait_for(self._answers, f"answer of the serf agent {self.name}", 20, pause=0.1)

    def _answers(self):
        if not self.process.running:
            raise AssertionError(f"{self.name} ended")
        return self.host.run("serf", "info", check=False).returncode == 0

    def view(self):
        """From its log, which costs less than asking the agent; see shown()."""
        for line in self.follower.lines():
            self.lines.append(line)
            event = _EVENT.search(line)
            if event and event["kind"] in _STATES:
                self._view[event["name"]] = _STATES[event["kind"]]
        return dict(self._view)

    def shown(self):
        """What `serf members` shows, by name."""
        answer = self.host.run("serf", "members", "-format=json").stdout
        return {member["name"]: member for member in json.loads(answer)["members"]}

    def times_failed(self, name):
        """How often it took a member for failed."""
        self.view()
        found = [_EVENT.search(line) for line in self.lines]
        return sum(1 for event in found if event and event.group("kind", "name") == ("Failed", name))

    def join(self, *peers):
        self.host.run("serf", "join", *(peer.endpoint for peer in peers))

    def leave(self):
        """The agent ends by itself afterwards."""
        self.host.run("serf", "leave")
        self.process.wait(20)

    def set_tag(self, key, value):
        self.host.run("serf", "tags", "-set", f"{key}={value}")
