# SPDX-License-Identifier: MIT
"""Three hosts with servers and speakers, and a client."""

import json
import os
import re
import shutil
import subprocess
from collections import namedtuple

from lab.keepalived import Keepalived, is_installed
from lab.members import member_options, write_key
from lab.outage import start_echo
from lab.service import start_server
from lab.speaker import Speaker
from lab.waiting import wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
HOSTS = {"a": 1, "b": 2, "c": 3}
CLIENT = ("192.0.2.100/24", "2001:db8::100/64")
PORTS = {"web": 80, "six": 8006, "shop": 8001, "shop-admin": 8002}
# Services that come and go while a controller runs, and the one address that there is for them.
LATE_PORTS = {"blog": 8003, "wiki": 8004}
LATE_ADDRESS = "192.0.2.250"
# What keepalived moves between the same hosts, to compare with.
VIRTUAL = ("192.0.2.240/24", "2001:db8::f0/64")

Service = namedtuple("Service", "name address port")


class Site:
    def __init__(self, lab, build):
        self.lab = lab
        self.tool = os.path.join(build, "daemons", "metallbctl", "metallbctl")
        self.controller_program = os.path.join(
            build, "daemons", "controller", "metallb-controller"
        )
        self.state = os.path.join(lab.directory, "state")
        self.late = os.path.join(lab.directory, "late")
        self.control = os.path.join(lab.directory, "controller.sock")
        os.makedirs(self.state)
        os.makedirs(self.late)
        self.manifests = os.path.join(lab.directory, "manifests")
        self.client = lab.add_host("client", CLIENT)
        self.hosts = [
            lab.add_host(name, [f"192.0.2.{number}/24", f"2001:db8::{number}/64"])
            for name, number in HOSTS.items()
        ]
        self.speakers = {}
        shutil.copytree(os.path.join(HERE, "manifests"), self.manifests)
        self.write("endpoints.yaml", "---\n".join(endpoint_slice(name) for name in PORTS))
        self.write("nodes.yaml", nodes())

    def write(self, name, text):
        with open(os.path.join(self.manifests, name), "w", encoding="utf-8") as file:
            file.write(text)

    def pool_ranges(self):
        """The addresses of each pool as its manifest has them."""
        with open(os.path.join(self.manifests, "pools.yaml"), encoding="utf-8") as file:
            text = file.read()
        pools = re.findall(r"name: (\S+)\n.*\nspec:\n  addresses:\n((?:    - .*\n)+)", text)
        return {name: " ".join(re.findall(r"- (\S+)", entries)) for name, entries in pools}

    def start_servers(self):
        for host in self.hosts:
            ports = {**PORTS, **LATE_PORTS}
            start_server(host, *(f"{name}={port}" for name, port in ports.items()))
            start_echo(host)

    def allocate(self):
        """Gives every service an address and records it beside the manifests."""
        lock = os.path.join(self.manifests, "assignments.yaml")
        return self.metallbctl("allocate", "-f", self.manifests, "--write", lock, "-o", "json")

    def start_speakers(self):
        """One on each host; the addresses of all and a secret key make them a group."""
        key = write_key(self.lab.directory)
        members = [f"192.0.2.{number}" for number in HOSTS.values()]
        for host, member in zip(self.hosts, members):
            shutil.copytree(self.manifests, os.path.join(host.directory, "manifests"))
            options = ["--manifests", self.late, "--manifests", self.state]
            options += member_options(",".join(members), key, member)
            self.speakers[host.name] = Speaker(host, options=options)

    def start_keepalived(self, first):
        """keepalived on each host, the named one first in rank; none where it is not installed."""
        if not is_installed():
            return []
        ranked = sorted(self.hosts, key=lambda host: host.name != first)
        priorities = (150, 100, 50)
        return [Keepalived(host, rank, VIRTUAL) for host, rank in zip(ranked, priorities)]

    def start_controller(self):
        """On the first host; what it decides stands in a directory that all speakers read."""
        self.write_late("pool.yaml", late_pool())
        return self.hosts[0].start(
            "controller",
            [self.controller_program, "--manifests", self.late, "--state", self.state,
             "--control", self.control],
        )  # fmt: skip

    def write_late(self, name, text):
        path = os.path.join(self.late, name)
        with open(path + ".new~", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(path + ".new~", path)

    def add_late(self, name):
        self.write_late(f"{name}.yaml", late_service(name) + "---\n" + endpoint_slice(name))

    def remove_late(self, name):
        os.unlink(os.path.join(self.late, f"{name}.yaml"))

    def late_address(self, name):
        """What the controller has recorded for a service: None before it did."""
        path = os.path.join(self.state, "services", "default", f"{name}.json")
        try:
            with open(path, encoding="utf-8") as file:
                ingress = json.load(file)["status"]["loadBalancer"]["ingress"]
        except FileNotFoundError:
            return None
        return ingress[0]["ip"] if ingress else "none"

    def ask_controller(self, *arguments):
        return self._ask(self.control, *arguments)

    def ask_speaker(self, name, *arguments):
        return self._ask(self.speakers[name].control, *arguments)

    def _ask(self, control, *arguments):
        """The lines that metallbctl prints."""
        done = subprocess.run(
            [self.tool, *arguments, "--control", control],
            capture_output=True, text=True, timeout=30, check=True,
        )  # fmt: skip
        return done.stdout.splitlines()

    def metallbctl(self, *arguments):
        done = subprocess.run(
            [self.tool, *arguments], capture_output=True, text=True, timeout=30, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"metallbctl {arguments[0]}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def rankings(self):
        """What the speakers say of each address, once all say the same of all three hosts, and the
        owners announce."""
        return wait_for(self.agreement, "agreement of the speakers", 10)

    def agreement(self):
        """The same, or None as long as they disagree."""
        opinions = {}
        for name, speaker in self.speakers.items():
            status = self.metallbctl("status", "--control", speaker.control, "-o", "json")
            for entry in status["addresses"]:
                opinion = (entry["services"], entry["owner"], entry["ranking"])
                opinions.setdefault(entry["address"], []).append(opinion)
                if entry["owner"] == name and not entry["interfaces"]:
                    return None
        for same in opinions.values():
            _, _, ranking = same[0]
            # Speakers that have not all found together yet may also be of one opinion.
            if len(ranking) != len(self.speakers):
                return None
            if len(same) != len(self.speakers) or any(other != same[0] for other in same):
                return None
        return {address: same[0] for address, same in opinions.items()}

    def host_with(self, hardware_address):
        """Name of the host whose eth0 has this hardware address."""
        for host in self.hosts:
            if host.hardware_address() == hardware_address:
                return host.name
        return "nobody"


def late_pool():
    return f"""apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {{name: late}}
spec: {{addresses: [{LATE_ADDRESS}/32]}}
"""


def late_service(name):
    return f"""apiVersion: v1
kind: Service
metadata: {{name: {name}}}
spec: {{type: LoadBalancer, ports: [{{port: {LATE_PORTS[name]}}}]}}
"""


def endpoint_slice(service):
    """The three servers of a service."""
    endpoints = "".join(
        f"  - addresses: [192.0.2.{number}]\n    nodeName: {name}\n"
        for name, number in HOSTS.items()
    )
    return f"""apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: {service}
  namespace: default
  labels:
    kubernetes.io/service-name: {service}
addressType: IPv4
endpoints:
{endpoints}"""


def nodes():
    return "---\n".join(
        f"""apiVersion: v1
kind: Node
metadata:
  name: {name}
  labels:
    kubernetes.io/hostname: {name}
"""
        for name in HOSTS
    )
