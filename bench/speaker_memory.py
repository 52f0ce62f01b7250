#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures metallb-speaker in a network namespace: resident memory at 1, 1 000 and 10 000
addresses, and what starting to announce them costs. Needs root.

    bench/speaker_memory.py BUILD_DIRECTORY [--mappings] [COUNT...]
"""

import argparse
import collections
import contextlib
import ipaddress
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

NAMESPACE = f"bench-speaker-{os.getpid()}"
FIRST = ipaddress.ip_address("10.64.0.0")
START_LIMIT = 60
SETTLE = 6  # seconds until the last repetition of a take-over, and until memory is given back

POOL = """apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: pool, namespace: metallb-system}
spec: {addresses: [10.64.0.0/16]}
---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: everywhere, namespace: metallb-system}
---
apiVersion: v1
kind: Node
metadata: {name: bench-node, labels: {kubernetes.io/hostname: bench-node}}
"""

SERVICE = """---
apiVersion: v1
kind: Service
metadata: {{name: service-{number}, namespace: default}}
spec:
  type: LoadBalancer
  ports: [{{name: http, port: 80, protocol: TCP}}]
status: {{loadBalancer: {{ingress: [{{ip: {address}}}]}}}}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: service-{number}-slice
  namespace: default
  labels: {{kubernetes.io/service-name: service-{number}}}
addressType: IPv4
endpoints:
  - addresses: [192.0.2.2]
    nodeName: bench-node
    conditions: {{ready: true}}
ports: [{{name: http, port: 80, protocol: TCP}}]
"""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


@contextlib.contextmanager
def namespace():
    """A host with one interface, whose other end nobody uses."""
    try:
        ip("netns", "add", NAMESPACE)
        ip("-n", NAMESPACE, "link", "add", "eth0", "type", "veth", "peer", "name", "peer0")
        for device in ("lo", "eth0", "peer0"):
            ip("-n", NAMESPACE, "link", "set", device, "up")
        ip("-n", NAMESPACE, "address", "add", "192.0.2.2/24", "dev", "eth0")
        yield
    finally:
        subprocess.run(["ip", "netns", "delete", NAMESPACE], stderr=subprocess.DEVNULL, check=False)


@contextlib.contextmanager
def speaker(build, directory, count):
    """A speaker that announces count addresses, once it does."""
    manifest = directory / "cluster.yaml"
    socket = directory / "speaker.sock"
    services = (SERVICE.format(number=i, address=FIRST + i) for i in range(count))
    manifest.write_text(POOL + "".join(services))
    command = [build / "daemons/speaker/metallb-speaker", "--manifests", manifest,
               "--node-name", "bench-node", "--drain-seconds", "0", "--control", socket,
               "--exclude-interfaces", directory / "exclude.yaml"]
    with open(directory / "log", "wb") as log:
        process = subprocess.Popen(["ip", "netns", "exec", NAMESPACE, *command], stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_addresses(process, directory, count):
    """Until the log counts every address; returns the seconds it took."""
    start = time.monotonic()
    while time.monotonic() - start < START_LIMIT:
        if process.poll() is not None:
            break
        if (directory / "log").read_text().count("address=10.") >= count:
            return time.monotonic() - start
        time.sleep(0.02)
    sys.exit((directory / "log").read_text()[-2000:] + f"\nnot {count} addresses announced")


def status(pid):
    """The figures of /proc/PID/status that are about memory, in kB."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {name: int(kilobytes) for name, kilobytes in re.findall(r"^(\w+):\s+(\d+) kB$", text, re.M)}


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:13]]


def print_mappings(pid):
    """Resident kB of each mapped file, and how much of it is the process's own."""
    resident = collections.Counter()
    own = collections.Counter()
    name = ""
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        fields = line.split()
        if not fields[0].endswith(":"):
            name = fields[5] if len(fields) > 5 else "[anonymous]"
        elif fields[0] == "Rss:":
            resident[name] += int(fields[1])
        elif fields[0] in ("Private_Dirty:", "Shared_Dirty:"):
            own[name] += int(fields[1])
    for name, kilobytes in resident.most_common():
        if kilobytes:
            print(f"    {kilobytes:6} kB, of it written {own[name]:6} kB  {pathlib.Path(name).name}")


def measure(build, count, mappings):
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        (directory / "exclude.yaml").write_text("announcedInterfacesToExclude: [\"^peer0$\"]\n")
        with speaker(build, directory, count) as process:
            seconds = wait_for_addresses(process, directory, count)
            user, system = processor_seconds(process.pid)
            time.sleep(SETTLE)
            memory = status(process.pid)
            print(f"{count:6} addresses: VmRSS {memory['VmRSS']:6} kB = RssAnon {memory['RssAnon']:6} "
                  f"+ RssFile {memory['RssFile']:6}, at its highest {memory['VmHWM']:6} kB; announced "
                  f"after {seconds:.2f} s, processor {user:.2f} s + kernel {system:.2f} s", flush=True)
            if mappings:
                print_mappings(process.pid)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="a build directory")
    parser.add_argument("counts", type=int, nargs="*", default=[1, 1000, 10000])
    parser.add_argument("--mappings", action="store_true", help="list what the memory is")
    options = parser.parse_intermixed_args()
    if os.geteuid() != 0:
        sys.exit("bench/speaker_memory.py makes a network namespace: run it as root")
    with namespace():
        for count in options.counts:
            measure(options.build.resolve(), count, options.mappings)


if __name__ == "__main__":
    main()
