# SPDX-License-Identifier: MIT
"""Manifests of a running speaker that break, vanish, or are written by the tool."""

import json
import os
import subprocess
import sys

from lab import manifests, tap
from lab.frames import REPLY, arp_request, is_arp
from lab.manifests import endpoint_slice, node
from lab.scene import CLIENT_4, SERVICE_4, SERVICE_6, lan, one_speaker, scene, two_services
from lab.waiting import wait_for

METALLBCTL = os.environ.get("METALLBCTL", "metallbctl")


def check_answered(made):
    capture = made.client.capture()
    capture.send(arp_request(made.client.hardware_address(), CLIENT_4, SERVICE_4))
    capture.wait_for(is_arp(REPLY, SERVICE_4, CLIENT_4), "reply")


def service_without_address(name, port=80):
    """A service that has neither a pinned nor an assigned address."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"type": "LoadBalancer", "ports": [{"port": port}]},
    }


def test_broken_file():
    """a file that became unreadable text is reported, its last good version stays in force"""
    with one_speaker() as (made, _, speaker):
        path = os.path.join(speaker.manifests, "manifests.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write('{"kind": "List", "items": [')
        wait_for(lambda: speaker.status()["errors"], "the error in the status")
        assert speaker.announces(SERVICE_4) and speaker.announces(SERVICE_6)
        check_answered(made)
        speaker.apply(two_services("a"))
        wait_for(lambda: not speaker.status()["errors"], "the status is clean again")
        assert speaker.announces(SERVICE_4)


def test_broken_at_start_after_a_crash():
    """what a crashed run announced goes on although its manifests are broken at the start"""
    with one_speaker() as (made, host, speaker):
        speaker.process.kill()
        with open(os.path.join(speaker.manifests, "manifests.json"), "w", encoding="utf-8") as file:
            file.write('{"kind": "List", "items": [')
        speaker.start()
        check_answered(made)
        assert SERVICE_4 in host.addresses("lo") and SERVICE_6 in host.addresses("lo")
        speaker.apply([one for one in two_services("a") if one["metadata"]["name"] != "six"])
        speaker.wait_announcing(SERVICE_4)
        wait_for(lambda: SERVICE_6 not in host.addresses("lo"), "lo no longer has it")


def test_emptied_directory():
    """a directory that is empty at once, with more than one file gone, withdraws nothing"""
    with one_speaker() as (made, _, speaker):
        speaker.apply([node("b")], name="more.json")
        wait_for(
            lambda: len(os.listdir(speaker.manifests)) == 2 and speaker.announces(SERVICE_4),
            "two files",
        )
        # The new file has been read when its service is announced.
        extra = lan(manifests.service("new", "192.0.2.205"), endpoint_slice("new", "a"))[3:]
        speaker.apply([node("b"), *extra], name="more.json")
        speaker.wait_announcing("192.0.2.205")
        for name in os.listdir(speaker.manifests):
            os.unlink(os.path.join(speaker.manifests, name))
        wait_for(lambda: speaker.status()["errors"], "the error in the status")
        assert speaker.announces(SERVICE_4)
        check_answered(made)


def test_removed_service():
    """a service that its file no longer has is withdrawn"""
    with one_speaker() as (_, host, speaker):
        speaker.apply([one for one in two_services("a") if one["metadata"]["name"] != "six"])
        speaker.wait_silent(SERVICE_6)
        assert speaker.announces(SERVICE_4)
        wait_for(lambda: SERVICE_6 not in host.addresses("lo"), "lo no longer has it")


def test_allocated_addresses():
    """addresses that metallbctl allocate wrote are announced"""
    with scene() as made:
        host = made.add_host("a", 1)
        objects = lan(node("a"), service_without_address("web"), endpoint_slice("web", "a"))
        speaker = made.add_speaker(host, objects)
        assert not speaker.status()["addresses"]
        subprocess.run(
            [
                METALLBCTL, "allocate", "-f", speaker.manifests,
                "--write", os.path.join(speaker.manifests, "assignments.yaml"),
            ],
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip
        # The lowest address of the pool.
        speaker.wait_announcing("192.0.2.192")


def test_status_tool():
    """metallbctl status shows what the speaker announces, with exactly the members promised"""
    with one_speaker() as (_, _, speaker):
        done = subprocess.run(
            [METALLBCTL, "status", "--control", speaker.control, "-o", "json"],
            check=True, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        status = json.loads(done.stdout)
        assert list(status) == [
            "node", "state", "addresses", "interfaces", "members", "membership", "errors",
        ]  # fmt: skip
        assert (status["state"], status["members"]) == ("running", None)
        assert status["node"] == "a"
        entry = next(one for one in status["addresses"] if one["address"] == SERVICE_4)
        assert set(entry) == {
            "address", "services", "owner", "ranking", "reason", "interfaces", "counters",
        }  # fmt: skip
        assert (entry["owner"], entry["ranking"]) == ("a", ["a"])
        assert entry["services"] == ["default/web"]
        assert entry["interfaces"] == ["eth0"]
        table = subprocess.run(
            [METALLBCTL, "status", "--control", speaker.control],
            check=True, capture_output=True, text=True, timeout=30,
        ).stdout  # fmt: skip
        assert SERVICE_4 in table and "eth0" in table


def test_status_without_speaker():
    """metallbctl status says clearly when no speaker listens"""
    done = subprocess.run(
        [METALLBCTL, "status", "--control", "/run/metallb-nobody.sock"],
        check=False, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1
    assert "/run/metallb-nobody.sock" in done.stderr


tap.need_root()
sys.exit(
    tap.run(
        [
            test_broken_file,
            test_broken_at_start_after_a_crash,
            test_emptied_directory,
            test_removed_service,
            test_allocated_addresses,
            test_status_tool,
            test_status_without_speaker,
        ]
    )
)
