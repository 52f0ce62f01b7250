# SPDX-License-Identifier: MIT
"""What members of every kind have in common."""

import os
import signal

from gossip.log import Follower

PORT = 7946
# Gossip may miss somebody by chance; a regular exchange of full state, after up to a minute, not.
SPREAD_SECONDS = 75
UP = ("alive", "suspect")


class Peer:
    """A member on a host; start() starts it, also once more when it has ended.

    A kind of member gives begin(), view(), join() and leave().
    """

    kind = None

    def __init__(self, host, name, address, port=PORT, **options):
        self.host = host
        self.name = name
        self.address = address
        self.port = port
        self.options = options
        self.process = None
        self.follower = None

    @property
    def endpoint(self):
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"

    @property
    def log_path(self):
        return os.path.join(self.host.directory, self.name + ".log")

    def start(self):
        # A restarted program goes on in the log of the one before.
        self.follower = Follower(self.log_path)
        self.process = self.host.start(self.name, self.command_line(), commands=True)
        self.begin()

    def command_line(self):
        """The program and its arguments."""
        raise NotImplementedError

    def begin(self):
        """Waits until it answers."""
        raise NotImplementedError

    def view(self):
        """The state of each member as it sees it, by name: alive, suspect, failed, left, gone."""
        raise NotImplementedError

    def sees_up(self):
        """Names of those that count as members for it, itself included."""
        return {name for name, state in self.view().items() if state in UP}

    def pause(self):
        self.process.signal(signal.SIGSTOP)

    def resume(self):
        self.process.signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()

    def restart(self):
        self.kill()
        self.start()

    def log(self):
        return self.process.log()
