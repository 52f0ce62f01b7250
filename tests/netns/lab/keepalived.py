# SPDX-License-Identifier: MIT
"""Debian's keepalived inside a host of the lab, with files of its own."""

import os
import shutil
import signal

from lab.waiting import wait_for

PROGRAM = shutil.which("keepalived") or shutil.which("keepalived", path="/usr/sbin:/sbin")
START_SECONDS = 15

_INSTANCE = """
vrrp_instance {name} {{
    state BACKUP
    interface eth0
    virtual_router_id {number}
    priority {priority}
    advert_int {interval:g}
    virtual_ipaddress {{
        {address}
    }}
}}
"""


def is_installed():
    return PROGRAM is not None


def configuration(priority, addresses, interval):
    """One instance for each address; everything else is as keepalived has it by default."""
    # Version 2, the default, knows whole seconds only, and IPv4 only.
    version = "" if float(interval).is_integer() else "global_defs {\n    vrrp_version 3\n}\n"
    return version + "".join(
        _INSTANCE.format(
            name=f"address_{number}",
            number=number,
            priority=priority,
            interval=interval,
            address=address,
        )
        for number, address in enumerate(addresses, 51)
    )


class Keepalived:
    """Starts at once. The host with the highest priority gets the addresses, as 192.0.2.240/24."""

    def __init__(self, host, priority, addresses, interval=1):
        self.host = host
        self._addresses = [address.split("/")[0] for address in addresses]
        self._file = os.path.join(host.directory, "keepalived.conf")
        self._child_file = os.path.join(host.directory, "keepalived-vrrp.pid")
        with open(self._file, "w", encoding="ascii") as file:
            file.write(configuration(priority, addresses, interval))
        self.start()

    def start(self):
        if not is_installed():
            raise RuntimeError("keepalived is not installed")
        self.process = self.host.start(
            "keepalived",
            [
                PROGRAM,
                "--vrrp",
                "--dont-fork",
                "--log-console",
                "--no-syslog",
                "--use-file", self._file,
                "--pid", os.path.join(self.host.directory, "keepalived.pid"),
                "--vrrp_pid", self._child_file,
            ],
        )  # fmt: skip
        wait_for(self._child, "process of keepalived that speaks VRRP", START_SECONDS)

    def _child(self):
        if not self.process.running:
            raise AssertionError(f"keepalived ended:\n{self.process.log()}")
        try:
            with open(self._child_file, encoding="ascii") as file:
                return int(file.read())
        except (FileNotFoundError, ValueError):
            return None

    def holds_all(self):
        held = self.host.addresses("eth0")
        return all(address in held for address in self._addresses)

    def holds_any(self):
        held = self.host.addresses("eth0")
        return any(address in held for address in self._addresses)

    def stop(self):
        self.process.stop()

    def crash(self):
        """SIGKILL for both its processes; neither may see the other end and tidy up."""
        child = self._child()
        self.process.signal(signal.SIGSTOP)
        os.kill(child, signal.SIGKILL)
        self.process.kill()
        os.unlink(self._child_file)
