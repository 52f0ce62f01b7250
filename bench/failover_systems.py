# SPDX-License-Identifier: MIT
"""What bench/failover.py compares: three speakers, and three instances of keepalived.

Each system has its hosts, the addresses that move, the host that owns them when all is well, and a
method for each thing that can happen to it.
"""

import hashlib
import signal
import subprocess

from lab.keepalived import Keepalived
from lab.manifests import advertisement, endpoint_slice, node, pool, service
from lab.members import member_options, write_key
from lab.speaker import Speaker

SERVICE_4 = "192.0.2.200"
SERVICES_6 = [f"2001:db8::{number:x}" for number in range(0x200, 0x300)]
VIRTUAL = ("192.0.2.240", "2001:db8::f0")
PRIORITIES = (150, 100, 50)
END_SECONDS = 30


class Speakers:
    """metallb-speaker on each host, number n of which has 192.0.2.n."""

    lacks = ()

    def __init__(self, hosts, tool, profile):
        self.name = f"metallb-speaker, {profile}"
        self.hosts = hosts
        self._tool = tool
        names = [host.name for host in hosts]
        owner = elected(names, SERVICE_4)
        self.owner = hosts[names.index(owner)]
        # One host shall own both addresses, so that one cut takes both.
        service_6 = next(address for address in SERVICES_6 if elected(names, address) == owner)
        self.addresses = (SERVICE_4, service_6)
        objects = manifests(names, self.addresses)
        addresses = [f"192.0.2.{number}" for number, _ in enumerate(hosts, 1)]
        members = ",".join(addresses)
        key = write_key(hosts[0].directory)
        self._speakers = {
            host.name: Speaker(host, objects, member_options(members, key, address, profile))
            for host, address in zip(hosts, addresses)
        }

    def holds(self, host):
        return all(self._speakers[host.name].announces(address) for address in self.addresses)

    def kill(self, host):
        self._speakers[host.name].process.kill()

    def terminate(self, host):
        self._speakers[host.name].process.signal(signal.SIGTERM)

    def start(self, host):
        """Starts it again after it was ended, once it has."""
        self._speakers[host.name].process.wait(END_SECONDS)
        self._speakers[host.name].start()

    def drain(self, host):
        self._command("drain", host)

    def undrain(self, host):
        self._command("undrain", host)

    def _command(self, name, host):
        control = self._speakers[host.name].control
        subprocess.run([self._tool, name, "--control", control], check=True, capture_output=True)

    def stop(self):
        for speaker in self._speakers.values():
            speaker.process.signal(signal.SIGTERM)
        for speaker in self._speakers.values():
            speaker.process.wait(END_SECONDS)


class Keepaliveds:
    """keepalived on each host; the first one has the highest priority."""

    lacks = ("drain",)

    def __init__(self, hosts, interval):
        self.name = f"keepalived, advert_int {interval:g}"
        self.hosts = hosts
        self.owner = hosts[0]
        self.addresses = VIRTUAL
        four, six = VIRTUAL
        self._daemons = {
            host.name: Keepalived(host, priority, [f"{four}/24", f"{six}/64"], interval)
            for host, priority in zip(hosts, PRIORITIES)
        }

    def holds(self, host):
        return self._daemons[host.name].holds_all()

    def kill(self, host):
        self._daemons[host.name].crash()

    def terminate(self, host):
        self._daemons[host.name].process.signal(signal.SIGTERM)

    def start(self, host):
        self._daemons[host.name].process.wait(END_SECONDS)
        self._daemons[host.name].start()

    def stop(self):
        for daemon in self._daemons.values():
            daemon.process.signal(signal.SIGTERM)
        for daemon in self._daemons.values():
            daemon.process.wait(END_SECONDS)


def elected(names, address):
    """Who owns an address while all are well: the lowest SHA-256 of node#address."""
    return min(names, key=lambda name: hashlib.sha256(f"{name}#{address}".encode()).digest())


def manifests(names, addresses):
    """A service for each address, with an endpoint on every host."""
    objects = [
        pool("ipv4", "192.0.2.192/27"),
        pool("ipv6", "2001:db8::200-2001:db8::2ff"),
        advertisement(),
        *(node(name) for name in names),
    ]
    for name, address in zip(("four", "six"), addresses):
        objects += [service(name, address), endpoint_slice(name, *names)]
    return objects
