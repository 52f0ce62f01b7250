# SPDX-License-Identifier: MIT
"""Runs the examples that need no privileges and compares what they print."""

import subprocess
import sys

from tap import Tap

# Name -> runs: arguments, exit status, standard output.
RUNS = {
    "count-addresses": [
        (
            ["lan=192.0.2.0/24", "lab=10.0.0.10-10.0.0.19,fd00::/64"],
            0,
            "lan IPv4=256 IPv6=0\nlab IPv4=10 IPv6=18446744073709551616\n",
        ),
        (["all=::/0"], 0, "all IPv4=0 IPv6=340282366920938463463374607431768211456\n"),
        (["a=10.0.0.0/8", "b=10.1.2.3"], 1, ""),
        (["a=10.0.0.9-10.0.0.1"], 1, ""),
        ([], 2, ""),
    ],
    "who-owns": [
        (["10.0.0.1", "node-a", "node-b", "node-c"], 0, "owner node-b\nthen  node-a\nthen  node-c\n"),
        (
            ["10.0.0.1", "node-a", "node-b", "node-c=1"],
            0,
            "owner node-c\nthen  node-b\nthen  node-a\n",
        ),
        (["10.0.0.1", "node-a", "node-a"], 1, ""),
        (["10.0.0", "node-a"], 1, ""),
        (["10.0.0.1"], 2, ""),
    ],
    "share-address": [
        (
            [],
            0,
            "default/web      192.0.2.0\n"
            "default/dns      192.0.2.0\n"
            "default/web-too  192.0.2.1\n"
            "default/mail     192.0.2.2\n"
            "default/news     192.0.2.0\n"
            "5 services, 3 addresses in use, 1 left\n",
        ),
    ],
}


def differences(program, arguments, status, output):
    result = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=30, check=False
    )
    if result.returncode != status:
        yield f"exit status {result.returncode}, expected {status}: {result.stderr}"
    if result.stdout != output:
        yield f"printed {result.stdout!r}, expected {output!r}"
    # The name of the program, and what was wrong.
    if status and not result.stderr.partition(": ")[2].strip():
        yield f"failed without a reason on standard error: {result.stderr!r}"


def main(name, program):
    tap = Tap()
    for arguments, status, output in RUNS[name]:
        title = " ".join([name, *arguments])
        tap.check(title, differences(program, arguments, status, output))
    tap.finish()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
