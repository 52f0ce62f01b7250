# SPDX-License-Identifier: MIT
"""A LAN of hosts: each one a network namespace, the bridge between them in one more.

The names begin with a prefix and the process id, so that runs do not meet and a later run removes
what a killed one left behind.
"""

import atexit
import json
import os
import re
import shutil
import signal
import tempfile

from lab.capture import Capture
from lab.namespace import call_inside, open_socket, run
from lab.process import Process

PREFIX = "mlbtest"
# States of a bridge's port, as the kernel numbers them.
_PORT_DISABLED = 0
_PORT_FORWARDING = 3


class Host:
    """A network namespace whose eth0 is on the LAN."""

    def __init__(self, lab, name):
        self.lab = lab
        self.name = name
        self.namespace = f"{lab.prefix}-{name}"
        self.port = f"p-{name}"[:15]
        self.directory = os.path.join(lab.directory, name)
        os.mkdir(self.directory)

    def run(self, *command, **options):
        return run("ip", "netns", "exec", self.namespace, *command, **options)

    def ip(self, *arguments, **options):
        return run("ip", "-n", self.namespace, *arguments, **options)

    def ip_batch(self, text):
        return run("ip", "-n", self.namespace, "-batch", "-", input_text=text)

    def socket(self, family, kind, protocol=0):
        return open_socket(self.namespace, family, kind, protocol)

    def start(self, name, command, environment=None, commands=False):
        """Starts a program inside; its output goes to NAME.log in the host's directory."""
        log_path = os.path.join(self.directory, name + ".log")
        process = Process(self.namespace, command, log_path, environment, commands)
        self.lab.processes.append(process)
        return process

    def capture(self, interface="eth0"):
        return self.lab.opened(Capture(self.namespace, interface))

    def capture_port(self):
        """What passes the bridge's port of this host, in both directions."""
        return self.lab.opened(Capture(self.lab.bridge_namespace, self.port))

    def cut(self):
        """Pulls the cable of eth0: both ends see that the carrier is gone."""
        self.lab.bridge_ip("link", "set", self.port, "down")

    def cut_silently(self):
        """Nothing passes any more, but the carrier stays: as where a switch behind has failed."""
        self._set_port_state(_PORT_DISABLED)

    def heal(self):
        """Undoes either cut."""
        self.lab.bridge_ip("link", "set", self.port, "up")
        self._set_port_state(_PORT_FORWARDING)

    def _set_port_state(self, state):
        run("bridge", "-n", self.lab.bridge_namespace, "link", "set", "dev", self.port,
            "state", str(state))  # fmt: skip

    def hardware_address(self, interface="eth0"):
        return self.read(f"/sys/class/net/{interface}/address")

    def neighbour(self, address):
        """The hardware address that the host's kernel has for an address, or None."""
        for entry in json.loads(self.ip("-j", "neigh", "show", "to", address).stdout or "[]"):
            if "lladdr" in entry:
                return entry["lladdr"]
        return None

    def addresses(self, interface):
        """What `ip address` tells of the addresses of an interface, by address."""
        answer = json.loads(self.ip("-j", "address", "show", "dev", interface).stdout)
        return {info["local"]: info for entry in answer for info in entry.get("addr_info", [])}

    def read(self, path):
        """A file of /proc/sys or /sys as the host sees it."""
        return self.run("cat", path).stdout.strip()

    def sysctl(self, name, value):
        set_sysctl(self.namespace, name, value)


class Lab:
    """A context manager; everything made through it is gone afterwards."""

    def __init__(self, prefix=None, mld_snooping=True):
        self.prefix = prefix or f"{PREFIX}{os.getpid()}"
        self.bridge_namespace = f"{self.prefix}-lan"
        self.directory = tempfile.mkdtemp(prefix=f"{self.prefix}-")
        self.hosts = {}
        self.processes = []
        self._resources = []
        self._closed = False
        self._mld_snooping = mld_snooping

    def __enter__(self):
        remove_leftovers()
        atexit.register(self.close)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _leave)
        try:
            self._make_bridge()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _make_bridge(self):
        make_namespace(self.bridge_namespace)
        snooping = int(self._mld_snooping)
        run(
            "ip", "-n", self.bridge_namespace, "-batch", "-",
            input_text=(
                f"link add br0 type bridge forward_delay 0 mcast_snooping {snooping}\n"
                "link set lo up\n"
                "link set br0 up\n"
            ),
        )  # fmt: skip

    def start_querier(self):
        """Makes the bridge an MLD querier, so that snooping takes effect."""
        # It trusts its own snooping one response interval after it became querier: set that first.
        intervals = "mcast_query_response_interval 50 mcast_query_interval 200"
        for options in (intervals, "mcast_mld_version 2 mcast_querier 1"):
            self.bridge_ip("link", "set", "br0", "type", "bridge", *options.split())

    def add_host(self, name, addresses=()):
        """A host with eth0 on the LAN and the given addresses, as 192.0.2.1/24."""
        host = Host(self, name)
        self.hosts[name] = host
        make_namespace(host.namespace)
        host.ip("link", "set", "lo", "up")
        self.add_link(host, "eth0", host.port)
        for address in addresses:
            host.ip("address", "add", address, "dev", "eth0")
        return host

    def add_link(self, host, interface, port):
        """A cable from an interface of the host to a port of the bridge."""
        host.ip(
            "link", "add", interface, "type", "veth", "peer", "name", port,
            "netns", self.bridge_namespace,
        )  # fmt: skip
        self.bridge_ip("link", "set", port, "master", "br0", "up")
        host.ip("link", "set", interface, "up")

    def bridge_ip(self, *arguments):
        return run("ip", "-n", self.bridge_namespace, *arguments)

    def opened(self, resource):
        """Remembers something with close() until the lab is closed."""
        self._resources.append(resource)
        return resource

    def keep(self):
        """Leaves the namespaces and the programs in them standing."""
        self._closed = True

    def close(self):
        if self._closed:
            return
        # An impatient second Ctrl-C must not leave half of it behind.
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._closed = True
        self._remove()
        signal.signal(signal.SIGINT, interrupt)

    def _remove(self):
        for process in self.processes:
            process.signal(signal.SIGKILL)
        for process in self.processes:
            process.wait(10)
        for resource in self._resources:
            resource.close()
        remove_namespaces(f"{self.prefix}-")
        shutil.rmtree(self.directory, ignore_errors=True)


def make_namespace(name):
    run("ip", "netns", "add", name)
    # Duplicate address detection would keep every address waiting for a second.
    for scope in ("all", "default"):
        set_sysctl(name, f"net.ipv6.conf.{scope}.accept_dad", 0)


def set_sysctl(namespace, name, value):
    def write():
        with open("/proc/sys/" + name.replace(".", "/"), "w", encoding="ascii") as file:
            file.write(str(value))

    call_inside(namespace, write)


def _leave(number, _frame):
    raise SystemExit(128 + number)


def list_namespaces():
    return [line.split()[0] for line in run("ip", "netns", "list").stdout.splitlines() if line]


def remove_namespaces(prefix):
    """Removes the namespaces that begin with the prefix, and what runs in them."""
    for name in list_namespaces():
        if not name.startswith(prefix):
            continue
        for pid in run("ip", "netns", "pids", name, check=False).stdout.split():
            _kill(int(pid))
        run("ip", "netns", "delete", name, check=False)


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def remove_leftovers():
    """Removes the namespaces and the directories of runs that no longer exist."""
    directories = tempfile.gettempdir()
    for name in list_namespaces() + os.listdir(directories):
        owner = re.match(rf"{PREFIX}(\d+)-", name)
        if not owner or os.path.exists(f"/proc/{owner.group(1)}"):
            continue
        remove_namespaces(owner.group(0))
        shutil.rmtree(os.path.join(directories, name), ignore_errors=True)
