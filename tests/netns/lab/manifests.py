# SPDX-License-Identifier: MIT
"""Kubernetes-shaped objects for the tests, and their files."""

import json
import os

EXCLUDE_LABEL = "node.kubernetes.io/exclude-from-external-load-balancers"


def pool(name, *addresses):
    return {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "IPAddressPool",
        "metadata": {"name": name, "namespace": "metallb-system"},
        "spec": {"addresses": list(addresses)},
    }


def advertisement(name="lan", **spec):
    """Without arguments: of all pools, from all nodes, on all interfaces."""
    return {
        "apiVersion": "metallb.io/v1beta1",
        "kind": "L2Advertisement",
        "metadata": {"name": name, "namespace": "metallb-system"},
        "spec": spec,
    }


def service(name, *addresses, port=80, policy="Cluster", sharing=None):
    """A service with pinned addresses; sharing is the key under which it shares them."""
    annotations = {"metallb.io/loadBalancerIPs": ",".join(addresses)}
    if sharing:
        annotations["metallb.io/allow-shared-ip"] = sharing
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "default", "annotations": annotations},
        "spec": {
            "type": "LoadBalancer",
            "externalTrafficPolicy": policy,
            "ports": [{"port": port, "protocol": "TCP"}],
        },
    }


def endpoint_slice(service_name, *nodes):
    """A ready endpoint of the service on each of the nodes."""
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": service_name,
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": service_name},
        },
        "addressType": "IPv4",
        "endpoints": [
            {"addresses": [f"192.0.2.{number}"], "nodeName": name, "conditions": {"ready": True}}
            for number, name in enumerate(nodes, 1)
        ],
    }


def node(name, excluded=False):
    labels = {"kubernetes.io/hostname": name}
    if excluded:
        labels[EXCLUDE_LABEL] = ""
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


def write(directory, name, objects):
    """Writes objects as one List, whole or not at all."""
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=1)
    temporary = os.path.join(directory, "." + name)
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, os.path.join(directory, name))
