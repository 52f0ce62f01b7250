# SPDX-License-Identifier: MIT
"""What several files of tests need."""

import itertools
import os
import socket

import pytest

# Below those that the kernel gives to connections.
_ports = itertools.count(20000)


def _is_free(address, port):
    """Whether nobody, as a listener on all addresses, holds a port."""
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True


@pytest.fixture
def loopback():
    """An address of 127.0.0.0/8 that no other process here uses, and free ports of it."""
    process = os.getpid()
    network = f"127.{64 + (process >> 16 & 63)}.{process >> 8 & 255}.{process & 255}"

    class Loopback:
        address = network

        @staticmethod
        def port():
            return next(port for port in _ports if _is_free(network, port))

    return Loopback
