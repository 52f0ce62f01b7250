#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What the controller costs with many services: from nothing, from full state, one change.

Usage: bench/controller.py BUILD [--services N] [--layout lists|files] [--changes N]

BUILD is a release build. "lists" are files of 100 Services each, "files" one file a Service. The
baseline of a change is a complete run over all services, as an implementation makes it that does
everything again when anything changes: a Namespace that comes or goes causes one here.
"""

import argparse
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

PER_LIST = 100
SETTLE_SECONDS = 0.020  # the controller waits so long after a change before it looks
POOL = {
    "apiVersion": "metallb.io/v1beta1",
    "kind": "IPAddressPool",
    "metadata": {"name": "lan"},
    "spec": {"addresses": ["10.0.0.0/12"]},
}


def service(number):
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": f"service-{number}", "namespace": f"team-{number % 50}"},
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": f"app-{number}"},
            "ports": [{"port": 443, "protocol": "TCP"}],
        },
    }


def write(path, document):
    temporary = os.path.join(os.path.dirname(path), "." + os.path.basename(path) + ".new")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(document, file)
    os.rename(temporary, path)


def make_manifests(directory, count, layout):
    write(os.path.join(directory, "pool.json"), POOL)
    per_file = PER_LIST if layout == "lists" else 1
    for first in range(0, count, per_file):
        items = [service(number) for number in range(first, min(first + per_file, count))]
        document = {"apiVersion": "v1", "kind": "List", "items": items}
        write(os.path.join(directory, f"services-{first}.json"),
              document if per_file > 1 else items[0])  # fmt: skip


class Controller:
    running = []  # ended also where the bench fails

    def __init__(self, build, base):
        self.ctl = os.path.join(build, "daemons", "metallbctl", "metallbctl")
        self.control = os.path.join(base, "control.sock")
        self.state = os.path.join(base, "state")
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [os.path.join(build, "daemons", "controller", "metallb-controller"),
             "--manifests", os.path.join(base, "manifests"), "--state", self.state,
             "--control", self.control, "--log-level", "warn"],
        )  # fmt: skip
        Controller.running.append(self)

    def is_ready(self):
        done = subprocess.run(
            [self.ctl, "status", "-o", "json", "--control", self.control],
            check=False, capture_output=True,
        )  # fmt: skip
        return done.returncode == 0 and json.loads(done.stdout)["ready"]

    def wait_ready(self):
        while not self.is_ready():
            if self.process.poll() is not None:
                sys.exit("the controller has ended")
            time.sleep(0.05)
        return time.monotonic() - self.began

    def cpu(self):
        """Seconds of all threads."""
        total = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(path, encoding="ascii") as file:
                total += int(file.read().split()[0])
        return total / 1e9

    def memory(self, key):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith(key))

    def written(self):
        with open(f"/proc/{self.process.pid}/io", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("wchar"))

    def stop(self):
        Controller.running.remove(self)
        self.process.terminate()
        self.process.wait()


def start(build, base, what, count):
    controller = Controller(build, base)
    seconds = controller.wait_ready()
    cpu = controller.cpu()
    peak = controller.memory("VmHWM")
    written = controller.written() / 1e6
    time.sleep(3)
    print(f"{what:<28} {seconds:6.2f} s wall {cpu:6.2f} s CPU  {controller.memory('VmRSS'):6.1f} MB "
          f"at rest {peak:6.1f} MB peak  {written:6.1f} MB written, {count} services", flush=True)  # fmt: skip
    return controller


def wait_for(condition):
    while not condition():
        time.sleep(0.0005)


def report(what, latencies, costs):
    print(f"{what:<28} {statistics.median(costs) * 1e3:7.2f} ms CPU (min {min(costs) * 1e3:.2f}, "
          f"max {max(costs) * 1e3:.2f})  {statistics.median(latencies) * 1e3:7.2f} ms to the disk "
          f"beside the {SETTLE_SECONDS * 1e3:.0f} ms of settling, n={len(costs)}", flush=True)  # fmt: skip


def quiet(controller):
    """Waits until the controller does nothing any more; its periodic comparison apart."""
    before = controller.cpu()
    while True:
        time.sleep(0.1)
        now = controller.cpu()
        if now - before < 0.001:
            return now
        before = now


def measure(controller, changes, act, record, is_there):
    latencies = []
    costs = []
    for number in range(changes):
        cpu = quiet(controller)
        began = time.monotonic()
        act(number)
        wait_for(lambda n=number: os.path.exists(record(n)) == is_there)
        latencies.append(time.monotonic() - began - SETTLE_SECONDS)
        costs.append(quiet(controller) - cpu)
    return latencies, costs


def measure_changes(controller, base, count, changes):
    manifests = os.path.join(base, "manifests")

    def path(number):
        return os.path.join(manifests, f"new-{number}.json")

    def record(number):
        name = f"service-{count + number}"
        return os.path.join(controller.state, "services", f"team-{(count + number) % 50}",
                            f"{name}.json")  # fmt: skip

    added = measure(controller, changes, lambda n: write(path(n), service(count + n)), record, True)
    report("one service comes", *added)
    removed = measure(controller, changes, lambda n: os.unlink(path(n)), record, False)
    report("one service goes", *removed)


def measure_baseline(controller, base, changes):
    costs = []
    for number in range(changes):
        cpu = quiet(controller)
        write(os.path.join(base, "manifests", f"namespace-{number}.json"),
              {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"x-{number}"}})  # fmt: skip
        time.sleep(0.5)
        costs.append(quiet(controller) - cpu)
    print(f"{'baseline: complete run':<28} {statistics.median(costs) * 1e3:7.2f} ms CPU (min "
          f"{min(costs) * 1e3:.2f}, max {max(costs) * 1e3:.2f}), n={len(costs)}", flush=True)  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--services", type=int, default=100000)
    parser.add_argument("--layout", choices=["lists", "files"], default="lists")
    parser.add_argument("--changes", type=int, default=20)
    parser.add_argument("--directory", help="where the files are made (default: the system's)")
    options = parser.parse_args()
    base = tempfile.mkdtemp(prefix="metallb-bench-", dir=options.directory)
    try:
        os.mkdir(os.path.join(base, "manifests"))
        make_manifests(os.path.join(base, "manifests"), options.services, options.layout)
        os.sync()
        time.sleep(3)
        controller = start(options.build, base, "from empty", options.services)
        controller.stop()
        controller = start(options.build, base, "from full state", options.services)
        measure_changes(controller, base, options.services, options.changes)
        measure_baseline(controller, base, 5)
        controller.stop()
    finally:
        for controller in list(Controller.running):
            controller.stop()
        shutil.rmtree(base)


if __name__ == "__main__":
    main()
