# SPDX-License-Identifier: MIT
"""Rows of our own, in the manner of the behaviour cases, through metallbctl."""

from tool import Tap, Tool, cases, metallb, node, pool, service

CLUSTER_ADDRESSES = {"ipv4": ["1.1.1.1"], "ipv6": ["1::1"], "dual": ["1.1.1.1", "1::1"]}


def find(answer, name):
    return next(entry for entry in answer.value["services"] if entry["name"] == name)


def convergence(tool, pools, row):
    objects = [pool(entry) for entry in pools]
    objects.append(service(dict(row["service"], name="a", type="LoadBalancer")))
    entry = find(tool.run("allocate", objects), "a")
    if (entry["addresses"], entry["pool"]) != (row["addresses"], row["pool"]):
        yield f"{row['what']}: {entry}"
    if (entry["error"] is not None) != row["fails"]:
        yield f"{row['what']}: error {entry['error']}"


def family(step):
    addresses = step.get("ips", [])
    if len(addresses) == 2:
        return "dual"
    if addresses:
        return "ipv6" if ":" in addresses[0] else "ipv4"
    return step.get("family", "ipv4")


def requested(step, created):
    """The Service that asks for what a step of the allocator says."""
    annotations = {"metallb.io/loadBalancerIPs": ",".join(step.get("ips", []))}
    annotations["metallb.io/address-pool"] = step.get("pool", "")
    annotations["metallb.io/allow-shared-ip"] = step.get("sharingKey", "")
    row = {
        "name": step["service"],
        "namespace": step.get("namespace"),
        "labels": step.get("labels"),
        "annotations": annotations,
        "creationTimestamp": f"2024-01-01T00:{created:02}:00Z",
        "type": "LoadBalancer",
        "clusterIPs": CLUSTER_ADDRESSES[family(step)],
        "ports": step.get("ports", []),
    }
    for key in ("ipFamilyPolicy", "ipFamilies"):
        if key in step:
            row[key] = step[key]
    if "backendKey" in step:
        row.update(externalTrafficPolicy="Local", selector={"app": step["backendKey"]})
    return row


def allocation(tool, row):
    tool.forget()
    pools = row["pools"]
    services = {}
    for number, step in enumerate(row["steps"]):
        name = step.get("service")
        if step["op"] == "release":
            services.pop(name, None)
        elif step["op"] == "setPools":
            pools = step["pools"]
        else:
            fields = requested(step, number)
            if name in services:
                fields["creationTimestamp"] = services[name]["creationTimestamp"]
            services[name] = fields
        objects = [pool(entry) for entry in pools]
        objects += [service(entry) for entry in services.values()]
        answer = tool.allocate_and_record(objects)
        for held, expected in step.get("pool_of", {}).items():
            if find(answer, held)["pool"] != expected:
                yield f"step {number}: {find(answer, held)}, expected the pool {expected}"
        if "expect" in step and find(answer, name)["addresses"] != step["expect"]:
            yield f"step {number}: {find(answer, name)}, expected {step['expect']}"


def balanced(row):
    fields = {
        "name": row["name"],
        "type": "LoadBalancer",
        "externalTrafficPolicy": row.get("policy", "Cluster"),
        "status": row["addresses"],
    }
    endpoints = [
        {"addresses": ["10.9.9.9"], "conditions": {"ready": True}, "nodeName": name}
        for name in row["endpoints"]
    ]
    slices = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": row["name"],
            "labels": {"kubernetes.io/service-name": row["name"]},
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
    }
    return [service(fields), slices]


def election(tool, row):
    objects = [node({"name": name}) for name in ("n1", "n2", "n3")]
    objects.append(pool({"name": "lan", "addresses": ["10.0.0.0/24", "fd00::/64"]}))
    objects.append(metallb("L2Advertisement", {"name": "all"}))
    for entry in row["services"]:
        objects += balanced(entry)
    options = ["--election", row["election"]] if "election" in row else []
    if "alive" in row:
        options += ["--alive", ",".join(row["alive"])]
    answer = tool.run("elect", objects, *options)
    found = {entry.pop("address"): entry for entry in answer.value["addresses"]}
    for entry in found.values():
        if entry.pop("services") != [f"default/{item['name']}" for item in row["services"]]:
            yield f"services: {answer.value}"
    if found != row["expect"]:
        yield f"{row['what']}: {found}, expected {row['expect']}"
    if ("warning:" in answer.errors) != row.get("warns", False):
        yield f"standard error: {answer.errors}"


def main():
    tap = Tap()
    tool = Tool()
    data = cases("additional.json")
    pools = cases("controller_convergence.json")["pools"]
    for row in data["convergence"]:
        tap.check(row["id"], convergence(tool, pools, row))
    for row in data["allocation"]:
        tap.check(row["id"], allocation(tool, row))
    for row in data["election"]:
        tap.check(row["id"], election(tool, row))
    tap.finish()


main()
