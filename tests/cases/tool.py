# SPDX-License-Identifier: MIT
"""Runs the built metallbctl on objects made from the rows of a case file."""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "support"))

from tap import Tap  # noqa: E402  (the path is set above)

__all__ = ["Tap", "Tool", "cases", "metallb", "namespace", "node", "pool", "service"]

METALLB = "metallb.io/v1beta1"


def cases(name):
    """The content of a case file."""
    with open(os.path.join(HERE, "data", name), encoding="utf-8") as file:
        return json.load(file)


def metadata(row, namespaced=True):
    """metadata of a row that holds name, namespace, labels and annotations beside its spec."""
    result = {"name": row["name"]}
    if namespaced:
        result["namespace"] = row.get("namespace") or "default"
    for key in ("labels", "annotations", "creationTimestamp"):
        if row.get(key):
            result[key] = row[key]
    return result


def spec(row):
    outside = ("name", "namespace", "labels", "annotations", "creationTimestamp", "status")
    return {key: value for key, value in row.items() if key not in outside}


def metallb(kind, row):
    return {"apiVersion": METALLB, "kind": kind, "metadata": metadata(row), "spec": spec(row)}


def pool(row):
    return metallb("IPAddressPool", row)


def node(row):
    return {"apiVersion": "v1", "kind": "Node", "metadata": metadata(row, False)}


def namespace(row):
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata(row, False)}


def port(text):
    protocol, number = text.split("/")
    return {"name": text.lower().replace("/", "-"), "protocol": protocol.upper(), "port": int(number)}


def service(row):
    """A Service; ports are "proto/port", the status a list of addresses or of ingress entries."""
    fields = spec(row)
    if "ports" in fields:
        fields["ports"] = [port(text) for text in fields["ports"]]
    result = {"apiVersion": "v1", "kind": "Service", "metadata": metadata(row), "spec": fields}
    if row.get("status"):
        ingress = [entry if isinstance(entry, dict) else {"ip": entry} for entry in row["status"]]
        result["status"] = {"loadBalancer": {"ingress": ingress}}
    return result


class Answer:
    """What a run of the tool gave."""

    def __init__(self, done):
        self.code = done.returncode
        self.errors = done.stderr
        self.value = json.loads(done.stdout) if done.stdout else None


class Tool:
    """metallbctl with a directory of its own."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="metallb-cases-")
        self.program = os.environ["METALLBCTL"]
        self.lock = os.path.join(self.directory.name, "assignments.yaml")

    def run(self, command, objects, *options):
        path = os.path.join(self.directory.name, "objects.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"apiVersion": "v1", "kind": "List", "items": objects}, file)
        done = subprocess.run(
            [self.program, command, "-f", path, "-o", "json", *options],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode not in (0, 1) or not done.stdout:
            raise RuntimeError(f"metallbctl {command}: {done.returncode}: {done.stderr}")
        return Answer(done)

    def forget(self):
        """Removes the recorded assignments."""
        if os.path.exists(self.lock):
            os.unlink(self.lock)

    def allocate_and_record(self, objects):
        """Allocates with what former calls recorded, and records it."""
        return self.run("allocate", objects, "--write", self.lock)
