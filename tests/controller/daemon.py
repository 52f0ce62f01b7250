# SPDX-License-Identifier: MIT
"""A controller under test: its directories, its process, and what its records say."""

import json
import os
import signal
import subprocess
import time

CONTROLLER = os.environ["METALLB_CONTROLLER"]
METALLBCTL = os.environ["METALLBCTL"]

POOL = """apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {{name: {name}}}
spec: {{addresses: {addresses}{more}}}
"""
ADVERTISEMENT = """---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: all}
"""


def pool(name, addresses, more=""):
    return POOL.format(name=name, addresses=json.dumps(addresses), more=more)


def service(name, ports=(80,), annotations=None, **spec):
    document = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": annotations or {}},
        "spec": {"type": "LoadBalancer", "ports": [{"port": port} for port in ports], **spec},
    }
    return json.dumps(document) + "\n"


class Daemon:
    """Runs the controller on directories below a path of the test."""

    def __init__(self, base):
        self.manifests = os.path.join(base, "manifests")
        self.state = os.path.join(base, "state")
        self.control = os.path.join(base, "control.sock")
        self.log_path = os.path.join(base, "log")
        self.process = None
        os.makedirs(self.manifests, exist_ok=True)

    def start(self, *arguments):
        with open(self.log_path, "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [
                    CONTROLLER, "--manifests", self.manifests, "--state", self.state,
                    "--control", self.control, "--log-level", "debug", *arguments,
                ],
                stderr=log,
            )  # fmt: skip

    def log(self):
        with open(self.log_path, encoding="utf-8") as log:
            return log.read()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        """Ends it as systemd would; returns the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)

    def write(self, name, text):
        """Puts a manifest in place in one step."""
        path = os.path.join(self.manifests, name)
        temporary = os.path.join(self.manifests, f".{name}.new")
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(temporary, path)

    def remove(self, name):
        os.unlink(os.path.join(self.manifests, name))

    def ctl(self, command, *arguments):
        return subprocess.run(
            [METALLBCTL, command, *arguments, "--control", self.control],
            check=False, capture_output=True, text=True, timeout=30,
        )  # fmt: skip

    def status(self):
        done = self.ctl("status", "-o", "json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def wait(self, condition, seconds=15):
        """Waits until condition(self) holds; returns whether it does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition(self):
                return True
            time.sleep(0.01)
        return False

    def wait_ready(self):
        def is_ready(daemon):
            status = daemon.status()
            return status is not None and status["ready"]

        return self.wait(is_ready)

    def record(self, name, namespace="default"):
        """The addresses recorded for a service; None without a record."""
        path = os.path.join(self.state, "services", namespace, f"{name}.json")
        try:
            with open(path, encoding="utf-8") as file:
                return addresses_of(json.load(file))
        except FileNotFoundError:
            return None

    def records(self):
        """All records by name, of one namespace."""
        directory = os.path.join(self.state, "services", "default")
        try:
            names = os.listdir(directory)
        except FileNotFoundError:
            return {}
        return {
            name[:-5]: self.record(name[:-5])
            for name in names
            if name.endswith(".json") and not name.startswith(".")
        }


def addresses_of(document):
    return [item["ip"] for item in document["status"]["loadBalancer"]["ingress"]]
