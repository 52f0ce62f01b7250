# SPDX-License-Identifier: MIT
"""The laboratory itself: without it every other result here would mean nothing."""

import os
import socket
import sys
import time

from lab import tap
from lab.network import Lab, list_namespaces, remove_leftovers
from lab.waiting import TimedOut, wait_for

tap.need_root()


def test_hosts_reach_each_other():
    """two hosts on the bridge reach each other over both families."""
    with Lab() as lab:
        lab.add_host("a", ["192.0.2.1/24", "2001:db8::1/64"])
        client = lab.add_host("client", ["192.0.2.100/24", "2001:db8::100/64"])
        client.run("ping", "-c1", "-W2", "192.0.2.1")
        client.run("ping", "-c1", "-W2", "2001:db8::1")


def test_capture_sees_both_directions():
    """a capture sees request and reply, with the kernel's times."""
    with Lab() as lab:
        a = lab.add_host("a", ["192.0.2.1/24"])
        client = lab.add_host("client", ["192.0.2.100/24"])
        capture = client.capture()
        before = time.time()
        client.run("ping", "-c1", "-W2", "192.0.2.1")
        request, reply = capture.wait_for(lambda f: f.kind == 0x0806, "request and reply", 2)
        assert request.outgoing and request.destination == "ff:ff:ff:ff:ff:ff"
        assert not reply.outgoing and reply.source == a.hardware_address()
        assert before <= request.at <= reply.at <= time.time()


def test_capture_sees_vlan_tags():
    """a capture tells the VLAN number of a tagged frame."""
    with Lab() as lab:
        a = lab.add_host("a")
        client = lab.add_host("client")
        seen = a.capture()
        client.capture().send(
            bytes.fromhex("ffffffffffff 020000000001 8100 000a 88b5") + b"tagged".ljust(46)
        )
        (frame,) = seen.wait_for(lambda f: b"tagged" in f.data, "the tagged frame")
        assert frame.vlan == 10


def test_processes_run_inside():
    """a program started in a host serves there, and only there."""
    with Lab() as lab:
        a = lab.add_host("a", ["192.0.2.1/24"])
        client = lab.add_host("client", ["192.0.2.100/24"])
        server = a.start("server", [sys.executable, "-m", "http.server", "80"])

        def connect():
            try:
                with client.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
                    tcp.settimeout(1)
                    tcp.connect(("192.0.2.1", 80))
                    return True
            except OSError:
                return False

        wait_for(connect, "connection to the server")
        server.stop()
        assert not connect()


def test_nothing_is_left():
    """a closed lab leaves no namespace, no directory and no process."""
    with Lab() as lab:
        a = lab.add_host("a")
        sleeper = a.start("sleeper", ["sleep", "60"])
        directory = lab.directory
    assert not [name for name in list_namespaces() if name.startswith(lab.prefix + "-")]
    assert not os.path.exists(directory)
    assert not sleeper.running


def test_leftovers_of_a_dead_run_go():
    """what a killed run left behind is removed by the next one."""
    child = os.fork()
    if child == 0:
        lab = Lab()
        lab.__enter__()
        lab.add_host("a")
        os._exit(0)
    os.waitpid(child, 0)
    assert [name for name in list_namespaces() if name.startswith(f"mlbtest{child}-")]
    remove_leftovers()
    assert not [name for name in list_namespaces() if name.startswith(f"mlbtest{child}-")]


def test_waiting_ends():
    """waiting for what never comes true ends with an error."""
    try:
        wait_for(lambda: False, "never", seconds=0.1)
    except TimedOut:
        return
    raise AssertionError("waited without an error")


sys.exit(
    tap.run(
        [
            test_hosts_reach_each_other,
            test_capture_sees_both_directions,
            test_capture_sees_vlan_tags,
            test_processes_run_inside,
            test_nothing_is_left,
            test_leftovers_of_a_dead_run_go,
            test_waiting_ends,
        ]
    )
)
