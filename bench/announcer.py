#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the announcer between two network namespaces: answer latency beside the kernel's own,
a flood of requests for foreign addresses, memory. Needs root.

    bench/announcer.py BUILD_DIRECTORY
"""

import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

HOST = f"bench-host-{os.getpid()}"
CLIENT = f"bench-client-{os.getpid()}"
KERNEL_ADDRESS = "192.0.2.2"
FIRST = "10.64.0.0"
FILTERS = {1: "eBPF", 2: "classic", 3: "covering"}


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


@contextlib.contextmanager
def namespaces():
    """The host and the client on one wire."""
    try:
        for name in (HOST, CLIENT):
            ip("netns", "add", name)
        ip("-n", HOST, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", CLIENT)
        for name in (HOST, CLIENT):
            ip("-n", name, "link", "set", "eth0", "up")
        ip("-n", HOST, "address", "add", f"{KERNEL_ADDRESS}/24", "dev", "eth0")
        time.sleep(1)
        yield
    finally:
        for name in (HOST, CLIENT):
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL, check=False)


class Host:
    """The announcer, as a process in the host's namespace."""

    def __init__(self, build, count, *options):
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", HOST, build / "bench-announcer-host", *options, FIRST, str(count)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline() == "ready\n"
        # The first set of each address leaves at a thousand frames a second, repeats until 5 s.
        time.sleep(max(6, count * 2 / 1000 + 1))

    def cpu(self):
        """Seconds on a processor so far, as exact as the scheduler counts."""
        text = pathlib.Path(f"/proc/{self.process.pid}/schedstat").read_text()
        return int(text.split()[0]) / 1e9

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return json.loads(self.process.communicate()[0].splitlines()[-1])


def client(build, *arguments):
    result = subprocess.run(
        ["ip", "netns", "exec", CLIENT, build / "bench-arp-client", *map(str, arguments)],
        check=True, capture_output=True, text=True)
    return [json.loads(line) for line in result.stdout.splitlines()]


def latency(build):
    host = Host(build, 1)
    client(build, "latency", "eth0", 200, KERNEL_ADDRESS, FIRST)
    kernel, ours = client(build, "latency", "eth0", 5000, KERNEL_ADDRESS, FIRST)
    host.stop()
    for name, result in (("kernel", kernel), ("announcer", ours)):
        print(f"answer latency, {name:9}  p50 {result['p50_us']:6.1f} us  "
              f"p99 {result['p99_us']:6.1f} us  lost {result['lost']}")
    print(f"answer latency, difference p50 {ours['p50_us'] - kernel['p50_us']:6.1f} us")


def flood(build, count, *options):
    host = Host(build, count, *options)
    before = host.cpu()
    (sent,) = client(build, "flood", "eth0", 200000, 5, FIRST, count)
    spent = host.cpu() - before
    result = host.stop()
    print(f"flood, {count:5} addresses, {FILTERS[result['filter']]:8} filter: "
          f"{sent['per_second']:6.0f} foreign/s, announcer {spent * 1000 / 5:5.2f} ms CPU/s, "
          f"answered {sent['answered']}/{sent['asked']}, "
          f"foreign frames in the process {result['foreign']}, resident {result['resident']} kB")


def main():
    build = pathlib.Path(sys.argv[1]).resolve() / "bench"
    if os.geteuid() != 0:
        sys.exit("bench/announcer.py makes network namespaces: run it as root")
    with namespaces():
        latency(build)
        for count in (1, 1000, 10000):
            flood(build, count)
        for count in (1, 1000, 10000):
            flood(build, count, "--no-ebpf")


if __name__ == "__main__":
    main()
