# SPDX-License-Identifier: MIT
"""Sudden death of a speaker: what it left behind expires by itself."""

import sys
import time

from lab import tap
from lab.scene import SERVICE_4, SERVICE_6, one_speaker
from lab.waiting import wait_for

# Longest lifetime of an address without its speaker.
LIFETIME_SECONDS = 60
FOREVER = 4294967295


def test_killed():
    """after kill -9 nobody answers and the addresses expire by themselves"""
    with one_speaker() as (made, host, speaker):
        speaker.process.kill()
        killed = time.monotonic()
        done = made.client.run("arping", "-c1", "-w1", "-I", "eth0", SERVICE_4, check=False)
        assert done.returncode == 1, "somebody answers"
        for address in (SERVICE_4, SERVICE_6):
            assert host.addresses("lo")[address]["valid_life_time"] != FOREVER
        wait_for(
            lambda: not {SERVICE_4, SERVICE_6} & set(host.addresses("lo")),
            "the addresses expired",
            LIFETIME_SECONDS + 5,
            pause=0.5,
        )
        print(f"# gone {time.monotonic() - killed:.0f} s after the kill")


tap.need_root()
sys.exit(tap.run([test_killed]))
