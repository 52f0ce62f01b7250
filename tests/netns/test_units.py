# SPDX-License-Identifier: MIT
"""The daemons with just the rights that their systemd units give them."""

import json
import os
import re
import subprocess
import sys

from lab import tap
from lab.frames import REPLY, arp_request, is_arp
from lab.group import Group
from lab.manifests import endpoint_slice, node, write
from lab.scene import CLIENT_4, SERVICE_4, lan, scene, two_services
from lab.waiting import wait_for

UNITS = os.environ["METALLB_UNITS"]
CONTROLLER = os.environ["METALLB_CONTROLLER"]
CONFINE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "confine.py")


def unit(name):
    return os.path.join(UNITS, f"metallb-{name}.service")


def confined(name):
    return [sys.executable, CONFINE, unit(name)]


def open_to_nobody(made, directory):
    os.chmod(made.lab.directory, 0o755)
    os.chmod(directory, 0o777)


def check_answered(made):
    capture = made.client.capture()
    capture.send(arp_request(made.client.hardware_address(), CLIENT_4, SERVICE_4))
    capture.wait_for(is_arp(REPLY, SERVICE_4, CLIENT_4), "reply")


def test_units_are_tight():
    """systemd finds nothing wrong with the units, and little that they leave open"""
    for name in ("controller", "speaker"):
        done = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", "--threshold=25", "--no-pager",
             unit(name)],
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-400:]
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", unit(name)],
            check=False, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        wrong = [
            line for line in done.stderr.splitlines()
            if name in line and "not executable" not in line
        ]  # fmt: skip
        assert not wrong, wrong


def test_speaker_with_the_rights_of_its_unit():
    """a speaker with the user, capabilities and system calls of its unit announces and delivers"""
    with scene() as made:
        host = made.add_host("a", 1)
        open_to_nobody(made, host.directory)
        options = ["--metrics", "127.0.0.1:7472"]
        made.add_speaker(host, two_services("a"), options, wrapper=confined("speaker"))
        check_answered(made)
        wait_for(lambda: SERVICE_4 in host.addresses("lo"), "the address on lo")
        text = host.run("curl", "-s", "http://127.0.0.1:7472/metrics").stdout
        assert re.search(
            r'^metallb_speaker_announced\{service="default/web",protocol="layer2",node="a",'
            rf'ip="{SERVICE_4}"\}} 1$',
            text, re.M,
        ), text  # fmt: skip
        assert re.search(rf'^metallb_layer2_responses_sent\{{ip="{SERVICE_4}"\}} [1-9]', text, re.M)
        assert host.run("curl", "-s", "http://127.0.0.1:7472/readyz").stdout == "ok\n"


def test_controller_and_speaker_with_the_rights_of_their_units():
    """a new Service is given an address by the confined controller and answered for on the LAN"""
    with scene() as made:
        host = made.add_host("a", 1)
        open_to_nobody(made, host.directory)
        state = os.path.join(host.directory, "state")
        os.mkdir(state)
        open_to_nobody(made, state)
        manifests = os.path.join(host.directory, "manifests")
        made.add_speaker(
            host, lan(node("a")), ["--manifests", state], wrapper=confined("speaker")
        )
        controller = host.start(
            "controller",
            [*confined("controller"), CONTROLLER, "--manifests", manifests, "--state", state,
             "--control", os.path.join(host.directory, "controller.sock")],
        )  # fmt: skip
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]},
        }
        write(manifests, "web.json", [service, endpoint_slice("web", "a")])
        record = os.path.join(state, "services", "default", "web.json")
        wait_for(lambda: os.path.exists(record), "the record: " + controller.log())
        with open(record, encoding="utf-8") as file:
            address = json.load(file)["status"]["loadBalancer"]["ingress"][0]["ip"]
        capture = made.client.capture()
        made.speakers["a"].wait_announcing(address)
        capture.send(arp_request(made.client.hardware_address(), CLIENT_4, address))
        capture.wait_for(is_arp(REPLY, address, CLIENT_4), "reply")
        assert controller.stop() == 0, controller.log()


def test_group_with_the_rights_of_their_units():
    """two confined speakers find each other, by a name too, and elect one owner"""
    with scene() as made:
        group = Group(made, ("a", "b"))
        for name, host in group.hosts.items():
            open_to_nobody(made, host.directory)
            os.chmod(group.secret_path(name), 0o644)
        options = ["--metrics", "127.0.0.1:7472"]
        seeds = "192.0.2.1,localhost"
        for name in group.hosts:
            group.start(
                name, two_services("a", "b"), options, members=seeds, wrapper=confined("speaker")
            )
        group.wait_members("a", "b")
        assert group.owner(SERVICE_4) in ("a", "b")
        text = group.hosts["a"].run("curl", "-s", "http://127.0.0.1:7472/metrics").stdout
        assert re.search(r'^metallb_speaker_members\{state="alive"\} 2$', text, re.M), text
        assert re.search(r"^metallb_speaker_members_without_facts 0$", text, re.M), text
        assert re.search(r"^metallb_speaker_membership_packets_sent_total [1-9]", text, re.M), text


tap.need_root()
sys.exit(
    tap.run(
        [
            test_units_are_tight,
            test_speaker_with_the_rights_of_its_unit,
            test_controller_and_speaker_with_the_rights_of_their_units,
            test_group_with_the_rights_of_their_units,
        ]
    )
)
