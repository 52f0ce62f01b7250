# SPDX-License-Identifier: MIT
"""The usual scene of the tests: hosts with speakers, and a Linux client, on one LAN."""

from contextlib import contextmanager

from lab.manifests import advertisement, endpoint_slice, node, pool, service
from lab.network import Lab
from lab.speaker import Speaker

SERVICE_4 = "192.0.2.200"
SERVICE_6 = "2001:db8::200"
CLIENT_4 = "192.0.2.100"
CLIENT_6 = "2001:db8::100"
DRAIN_SECONDS = "1"


class Scene:
    def __init__(self, lab):
        self.lab = lab
        self.client = lab.add_host("client", [CLIENT_4 + "/24", CLIENT_6 + "/64"])
        self.speakers = {}

    def add_host(self, name, number):
        return self.lab.add_host(name, [f"192.0.2.{number}/24", f"2001:db8::{number}/64"])

    def add_speaker(self, host, objects, options=(), **arguments):
        options = ["--drain-seconds", DRAIN_SECONDS, *options]
        speaker = Speaker(host, objects, options, **arguments)
        self.speakers[host.name] = speaker
        return speaker

    def check_speakers(self):
        """Ends the speakers that still run, and each must end well."""
        for speaker in self.speakers.values():
            if speaker.process.running:
                speaker.stop()

    def logs(self):
        """What the speakers said, for the reader of a failure."""
        return "".join(
            f"\n{process.log_path}:\n{process.log()}"
            for process in self.lab.processes
            if process.log_path.endswith("speaker.log")
        )


def lan(*extra):
    """Pools of both families, announced everywhere, and more objects."""
    return [
        pool("ipv4", "192.0.2.192/27"),
        pool("ipv6", "2001:db8::200-2001:db8::ffff"),
        advertisement(),
        *extra,
    ]


def two_services(*nodes):
    """A service for each family, with an endpoint on each of the nodes."""
    return lan(
        *(node(name) for name in nodes),
        service("web", SERVICE_4),
        endpoint_slice("web", *nodes),
        service("six", SERVICE_6, port=81),
        endpoint_slice("six", *nodes),
    )


@contextmanager
def scene(**options):
    """A scene that is checked and removed at its end; a failure shows the speakers' logs."""
    with Lab(**options) as lab:
        made = Scene(lab)
        try:
            yield made
            made.check_speakers()
        except Exception as error:
            raise AssertionError(f"{error}{made.logs()}") from error


@contextmanager
def one_speaker(options=(), wrapper=()):
    """A client and the host a, whose speaker announces one address of each family."""
    with scene() as made:
        host = made.add_host("a", 1)
        speaker = made.add_speaker(host, two_services("a"), options, wrapper=wrapper)
        speaker.wait_announcing(SERVICE_4)
        speaker.wait_announcing(SERVICE_6)
        yield made, host, speaker
