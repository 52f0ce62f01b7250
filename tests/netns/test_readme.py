# SPDX-License-Identifier: MIT
"""The quick start of the README works as it is printed."""

import os
import re
import sys

from lab import tap
from lab.network import Lab
from lab.service import ask, start_server
from lab.speaker import Speaker
from lab.waiting import wait_for

README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "README.md")
ADDRESS = "192.168.1.240"
HOSTS = {"one": "192.168.1.11/24", "two": "192.168.1.12/24"}


def configuration():
    with open(README, encoding="utf-8") as file:
        return re.search(r"```yaml\n(.*?)```", file.read(), re.DOTALL).group(1)


def test_length():
    """the configuration has fewer than 20 lines"""
    assert len(configuration().splitlines()) < 20


def test_two_hosts():
    """two hosts with it serve the address, and one of them answers"""
    with Lab() as lab:
        client = lab.add_host("client", ["192.168.1.100/24"])
        speakers = {}
        for name, address in HOSTS.items():
            host = lab.add_host(name, [address])
            start_server(host, 80)
            directory = os.path.join(host.directory, "manifests")
            os.mkdir(directory)
            with open(os.path.join(directory, "lan.yaml"), "w", encoding="utf-8") as file:
                file.write(configuration())
            speakers[name] = Speaker(host, options=["--drain-seconds", "0"])
        answer = wait_for(lambda: ask(client, ADDRESS, 80, 1), "an answer")
        owner = speakers[answer].address(ADDRESS)
        assert owner["owner"] == answer
        assert sorted(owner["ranking"]) == sorted(HOSTS)
        for speaker in speakers.values():
            assert not speaker.status()["errors"], speaker.status()["errors"]
            speaker.stop()


tap.need_root()
sys.exit(tap.run([test_length, test_two_hosts]))
