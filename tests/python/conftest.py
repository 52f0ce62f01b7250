# SPDX-License-Identifier: MIT
"""What several files of tests need."""

import itertools
import os

import pytest

_numbers = itertools.count(1)


@pytest.fixture
def loopback():
    """Makes addresses of 127.0.0.0/8 that no other process here uses at this moment."""
    process = os.getpid()
    network = f"127.{64 + (process >> 16 & 63)}.{process >> 8 & 255}.{process & 255}"

    class Loopback:
        address = network

        @staticmethod
        def port():
            return 20000 + next(_numbers)

    return Loopback
