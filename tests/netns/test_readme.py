# SPDX-License-Identifier: MIT
"""The quick start of the README works as it is printed."""

import os
import re
import shlex
import sys

from lab import tap
from lab.namespace import run as run_program
from lab.network import Lab
from lab.service import ask, start_server
from lab.speaker import Speaker
from lab.waiting import wait_for

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")
ADDRESS = "192.168.1.240"
HOSTS = {"one": "192.168.1.11/24", "two": "192.168.1.12/24"}
METALLBCTL = os.environ.get("METALLBCTL", "metallbctl")


def text():
    with open(README, encoding="utf-8") as file:
        return file.read()


def configuration():
    return re.search(r"```yaml\n(.*?)```", text(), re.DOTALL).group(1)


def group_options(key):
    """What the README's command says of the group, with the key at another place."""
    command = re.search(r"^    metallb-speaker (.*\\\n.*)$", text(), re.MULTILINE).group(1)
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:2] == ["--manifests", "/etc/metallb/manifests"]
    return [key if word == "/etc/metallb/secretkey" else word for word in words[2:]]


def make_key(directory):
    """The README's command makes the key."""
    path = os.path.join(directory, "secretkey")
    command = re.search(r"^    (\(umask 077; .*\))$", text(), re.MULTILINE).group(1)
    run_program("sh", "-c", command.replace("/etc/metallb/secretkey", shlex.quote(path)))
    return path


def test_length():
    """the configuration has fewer than 20 lines"""
    assert len(configuration().splitlines()) < 20


def start_speakers(lab):
    """Both hosts with a web server and a speaker, as the README says; name -> speaker."""
    hosts = {name: lab.add_host(name, [address]) for name, address in HOSTS.items()}
    key = make_key(hosts["one"].directory)
    speakers = {}
    for name, host in hosts.items():
        start_server(host, 80)
        directory = os.path.join(host.directory, "manifests")
        os.mkdir(directory)
        with open(os.path.join(directory, "lan.yaml"), "w", encoding="utf-8") as file:
            file.write(configuration())
        speakers[name] = Speaker(host, options=[*group_options(key), "--drain-seconds", "0"])
    return speakers


def wait_answer(client, name):
    wait_for(lambda: ask(client, ADDRESS, 80, 1) == name, f"an answer of {name}", 10)


def control(speaker, command):
    run_program(METALLBCTL, command, "--control", speaker.control)


def test_two_hosts():
    """two hosts with it serve the address; it moves by draining, back, and when the owner dies"""
    with Lab() as lab:
        client = lab.add_host("client", ["192.168.1.100/24"])
        speakers = start_speakers(lab)
        for speaker in speakers.values():
            wait_for(lambda one=speaker: len(one.address(ADDRESS)["ranking"]) == 2, "both nodes")
        owner = speakers["one"].address(ADDRESS)["owner"]
        (other,) = set(HOSTS) - {owner}
        wait_answer(client, owner)
        for speaker in speakers.values():
            assert not speaker.status()["errors"], speaker.status()["errors"]
        control(speakers[owner], "drain")
        wait_answer(client, other)
        control(speakers[owner], "undrain")
        wait_answer(client, owner)
        speakers[owner].process.kill()
        wait_answer(client, other)
        speakers[other].stop()


tap.need_root()
sys.exit(tap.run([test_length, test_two_hosts]))
