# SPDX-License-Identifier: MIT
"""The examples that need a network: two announce an address, one watches who answers for it."""

import os
import sys

from lab import tap
from lab.network import Lab
from lab.waiting import wait_for

SERVICE_4 = "192.0.2.200"
SERVICE_6 = "2001:db8::200"
ANNOUNCERS = ("announce-address", "announce-libev")


def program(name):
    return os.path.join(os.environ["METALLB_EXAMPLES"], name)


class Examples:
    def __init__(self, lab):
        self.started = 0
        self.a = lab.add_host("a", ["192.0.2.1/24", "2001:db8::1/64"])
        self.b = lab.add_host("b", ["192.0.2.2/24", "2001:db8::2/64"])
        self.client = lab.add_host("client", ["192.0.2.100/24", "2001:db8::100/64"])

    def announce(self, host, name, address):
        """Starts an announcer that has told the LAN."""
        self.started += 1
        process = host.start(f"{self.started}-{name}", [program(name), address])
        wait_for(lambda: "eth0 can be used" in process.log(), f"{name} on {host.name}")
        return process

    def check_resolves(self, address, host):
        hardware = host.hardware_address().upper()
        if ":" in address:
            output = self.client.run("ndisc6", "-1", "-w2000", address, "eth0").stdout
        else:
            output = self.client.run("arping", "-c1", "-w5", "-I", "eth0", address).stdout
        assert hardware in output.upper(), output

    def stop(self, process):
        status = process.stop()
        assert status == 0, f"exit status {status}: {process.log()}"

    def test_announcers_answer(self):
        """announce-address and announce-libev answer for IPv4 and IPv6, and end in order"""
        for name in ANNOUNCERS:
            for address in (SERVICE_4, SERVICE_6):
                process = self.announce(self.a, name, address)
                self.check_resolves(address, self.a)
                self.stop(process)

    def test_ping(self):
        """a client's ping reaches a host that announces an address of its loopback device"""
        self.a.sysctl("net.ipv4.conf.eth0.arp_ignore", 1)
        for address, length in ((SERVICE_4, 32), (SERVICE_6, 128)):
            self.a.ip("address", "add", f"{address}/{length}", "dev", "lo")
            process = self.announce(self.a, "announce-address", address)
            self.client.run("ping", "-c1", "-W5", address)
            self.stop(process)
            self.a.ip("address", "delete", f"{address}/{length}", "dev", "lo")

    def watch_takeover(self, address):
        first = self.announce(self.a, "announce-address", address)
        watcher = self.client.start(
            f"watch-{address}", [program("watch-answers"), address, "eth0"]
        )
        seen = [f"{host.hardware_address()} answers" for host in (self.a, self.b)]
        wait_for(lambda: watcher.log().splitlines() == seen[:1], f"the first owner of {address}")
        self.stop(first)
        second = self.announce(self.b, "announce-libev", address)
        wait_for(lambda: watcher.log().splitlines() == seen, f"the second owner of {address}")
        assert watcher.running
        watcher.kill()
        self.stop(second)

    def test_watch_shows_takeover(self):
        """watch-answers tells who answers, and who does after a take-over, for IPv4 and IPv6"""
        self.watch_takeover(SERVICE_4)
        self.watch_takeover(SERVICE_6)


def main():
    tap.need_root()
    with Lab() as lab:
        examples = Examples(lab)
        return tap.run(
            [
                examples.test_announcers_answer,
                examples.test_ping,
                examples.test_watch_shows_takeover,
            ],
            lambda: "".join(f"\n{one.log_path}:\n{one.log()}" for one in lab.processes),
        )


sys.exit(main())
