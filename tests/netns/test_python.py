# SPDX-License-Identifier: MIT
"""The miniature speaker in Python on three hosts: one answers, it is killed, the address moves."""

import json
import os
import pathlib
import re
import subprocess
import sys
import time

from lab import tap
from lab.network import Lab
from lab.waiting import wait_for

PROGRAM = (
    pathlib.Path(__file__).resolve().parent.parent.parent
    / "examples" / "python" / "miniature_speaker.py"
)  # fmt: skip
SERVICE = "192.0.2.200"
OTHER = "192.0.2.201"
HOSTS = {"one": "192.0.2.1", "two": "192.0.2.2", "three": "192.0.2.3"}
CLIENT = "192.0.2.100"

# What the binding needs, as NAME=VALUE.
EXTRA = dict(word.split("=", 1) for word in os.environ.get("METALLB_PYTHON", "").split())

# Longest gap in the answers when the owner is killed. Three nodes see that within a second; the
# rest is for a machine busy with other tests.
GAP_SECONDS = 5.0
PING_SECONDS = 0.05


class Speakers:
    def __init__(self, lab):
        self.lab = lab
        self.client = lab.add_host("client", [CLIENT + "/24"])
        self.hosts = {}
        self.processes = {}
        for name, address in HOSTS.items():
            host = self.hosts[name] = lab.add_host(name, [address + "/24"])
            for service in (SERVICE, OTHER):
                host.ip("address", "add", service + "/32", "dev", "lo")
            # The owner's speaker answers alone; the kernels would all do it.
            host.sysctl("net.ipv4.conf.eth0.arp_ignore", 1)
            host.sysctl("net.ipv4.conf.eth0.arp_announce", 2)
        for name in HOSTS:
            self.start(name)

    def start(self, name):
        seeds = [address for other, address in HOSTS.items() if other != name]
        command = [sys.executable, str(PROGRAM), name, HOSTS[name], f"{SERVICE},{OTHER}", *seeds]
        host = self.hosts[name]
        self.processes[name] = host.start("speaker", command, {**os.environ, **EXTRA})

    def logs(self):
        return "".join(f"\n{name}:\n{p.log()}" for name, p in self.processes.items())

    def living(self):
        return {name: p for name, p in self.processes.items() if p.running}

    def owner(self, service):
        """The host on which all speakers that live agree, or None."""
        said = set()
        for process in self.living().values():
            lines = re.findall(
                rf"^{re.escape(service)} is announced by (\w+)$", process.log(), re.M
            )
            said.add(lines[-1] if lines else None)
        return said.pop() if len(said) == 1 else None

    def wait_owner(self, service, allowed):
        def agreed():
            owner = self.owner(service)
            return owner if owner in allowed else None

        return wait_for(agreed, f"agreement on who of {sorted(allowed)} has {service}", 20)

    def wait_members(self, count):
        """Until each speaker has told of the others, so that the first election is over."""

        def known():
            return all(
                len(set(re.findall(r"^JOINED (\w+)$", process.log(), re.M))) >= count - 1
                for process in self.living().values()
            )

        wait_for(known, f"{count} members", 20)

    def check_answers(self, service, name):
        """Everybody is asked by broadcast, and only this host answers."""
        output = self.client.run("arping", "-b", "-c3", "-w5", "-I", "eth0", service).stdout
        answers = set(re.findall(r"reply from \S+ \[([0-9A-F:]+)\]", output))
        assert answers == {self.hosts[name].hardware_address().upper()}, output

    def neighbour_is(self, service, name):
        return self.client.neighbour(service) == self.hosts[name].hardware_address()


class Ping:
    """Asks all the time; when each answer came is in its log."""

    def __init__(self, client, address):
        command = ["ping", "-D", "-n", "-i", str(PING_SECONDS), address]
        self.process = client.start("ping", command)

    def times(self):
        lines = re.findall(r"^\[(\d+\.\d+)\] \d+ bytes from", self.process.log(), re.M)
        return [float(line) for line in lines]

    def wait_more(self, count):
        wanted = len(self.times()) + count
        wait_for(lambda: len(self.times()) >= wanted, "answers to the ping", 20)


class Failover:
    def __init__(self, speakers):
        self.speakers = speakers

    def test_one_owner(self):
        """three speakers agree on the owner of each address, which answers"""
        speakers = self.speakers
        speakers.wait_members(3)
        for service in (SERVICE, OTHER):
            owner = speakers.wait_owner(service, set(HOSTS))
            speakers.client.run("ping", "-c1", "-W2", service)
            assert speakers.neighbour_is(service, owner)
            speakers.check_answers(service, owner)

    def test_owner_is_the_elected_one(self):
        """the owner is the one that MetalLB's rule elects"""
        names = json.dumps(sorted(HOSTS))
        code = f"import metallb; print(metallb.owner({SERVICE!r}, {names}))"
        done = subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, **EXTRA},
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert done.stdout.strip() == self.speakers.owner(SERVICE)

    def test_killed_owner(self):
        """the owner is killed while a client pings: the address moves to another host"""
        speakers = self.speakers
        ping = Ping(speakers.client, SERVICE)
        ping.wait_more(10)
        owner = speakers.owner(SERVICE)
        # The host goes with its speaker: its kernel must not answer the client's old entry.
        speakers.hosts[owner].ip("link", "set", "eth0", "down")
        speakers.processes[owner].kill()
        killed = time.time()
        successor = speakers.wait_owner(SERVICE, set(HOSTS) - {owner})
        wait_for(lambda: ping.times()[-1] > killed, "answers of the successor", 20)
        ping.wait_more(20)
        assert speakers.neighbour_is(SERVICE, successor)
        speakers.check_answers(SERVICE, successor)
        times = ping.times()
        gap = max(later - earlier for earlier, later in zip(times, times[1:]))
        print(f"# {SERVICE} moved from {owner} to {successor}; longest gap {gap:.2f} s")
        assert gap < GAP_SECONDS, f"no answer for {gap:.2f} s"
        ping.process.kill()

    def test_all_agree_again(self):
        """a speaker that comes back takes its place, and all agree"""
        speakers = self.speakers
        (dead,) = set(HOSTS) - set(speakers.living())
        speakers.hosts[dead].ip("link", "set", "eth0", "up")
        speakers.start(dead)
        speakers.wait_owner(SERVICE, {dead})
        speakers.client.run("ping", "-c1", "-W2", SERVICE)
        speakers.check_answers(SERVICE, dead)

    def test_clean_output(self):
        """no speaker says anything of an exception or a sanitizer"""
        for process in self.speakers.living().values():
            process.kill()
        for process in self.speakers.lab.processes:
            for mark in ("Traceback", "Sanitizer", "runtime error"):
                assert mark not in process.log(), process.log()


def main():
    tap.need_root()
    with Lab() as lab:
        speakers = Speakers(lab)
        failover = Failover(speakers)
        return tap.run(
            [
                failover.test_one_owner,
                failover.test_owner_is_the_elected_one,
                failover.test_killed_owner,
                failover.test_all_agree_again,
                failover.test_clean_output,
            ],
            speakers.logs,
        )


sys.exit(main())
