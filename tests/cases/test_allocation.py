# SPDX-License-Identifier: MIT
"""What metallbctl allocate gives, run after run, with a record of the assignments between.

Left out: ctl-019 (a Service without clusterIPs has families here, because no cluster is needed) and
prefer-dual-single-clusterip (an oscillation of MetalLB that is not copied). Events and the writes
of an API server come with Kubernetes. allocator_assign.json drives the library directly in the unit
tests; only its capacities are visible here.
"""

from tool import Tap, Tool, cases, pool, service

LEFT_OUT = {"ctl-019", "prefer-dual-single-clusterip"}
SHARING_POOL = {"name": "shared", "addresses": ["192.0.2.0/24"]}


def find(answer, namespace, name):
    for entry in answer.value["services"]:
        if (entry["namespace"], entry["name"]) == (namespace, name):
            return entry
    return None


def outcome(entry, row, expect):
    """Compares what one service got with what a case expects."""
    if row["type"] != "LoadBalancer":
        if entry is not None:
            yield f"listed although it is no LoadBalancer: {entry}"
        return
    if entry is None:
        yield "not listed"
        return
    allowed = expect.get("status_one_of") or [
        {"status": expect["status"], "pool": expect.get("annotation_pool")}
    ]
    if {"status": entry["addresses"], "pool": entry["pool"]} not in allowed:
        yield f"got {entry}, expected one of {allowed}"
    fails = expect["result"] == "error-no-retry"
    if fails != (entry["error"] is not None):
        yield f"error: {entry['error']}, expected {expect['result']}"


def one_service(tool, pools, row):
    fields = dict(row["service"], name="a")
    tool.forget()
    objects = [pool(entry) for entry in pools] + [service(fields)]
    where = (fields.get("namespace") or "default", "a")
    first = tool.allocate_and_record(objects)
    yield from outcome(find(first, *where), fields, row["expect"])
    again = tool.allocate_and_record(objects)
    if find(again, *where) != find(first, *where):
        yield f"not stable: {find(again, *where)} after {find(first, *where)}"


def scenario(tool, row):
    tool.forget()
    pools = None
    services = {}
    for number, step in enumerate(row["ops"]):
        if step["op"] == "set_pools":
            pools = step["pools"]
            continue
        namespace, name = step["key"].split("/")
        created = services.get(step["key"], {}).get("creationTimestamp")
        created = created or f"2024-01-01T00:00:{len(services):02}Z"
        fields = dict(
            step["service"], namespace=namespace, name=name, creationTimestamp=created
        )
        services[step["key"]] = fields
        objects = [pool(entry) for entry in pools or []]
        objects += [service(entry) for entry in services.values()]
        answer = tool.allocate_and_record(objects)
        # Without any configuration the controller waits; the tool has nothing to wait for.
        if pools is not None:
            for problem in outcome(find(answer, namespace, name), fields, step["expect"]):
                yield f"step {number}: {problem}"


def sharing(tool, row):
    tool.forget()
    services = {}
    for number, (step, expected) in enumerate(zip(row["services"], row["expect"])):
        fields = {key: value for key, value in step.items() if key != "requested_ip"}
        fields.update(
            type="LoadBalancer",
            loadBalancerIP=step["requested_ip"],
            creationTimestamp=f"2024-01-01T00:00:{len(services):02}Z",
        )
        if step["name"] in services:
            fields["creationTimestamp"] = services[step["name"]]["creationTimestamp"]
        services[step["name"]] = fields
        objects = [pool(SHARING_POOL)] + [service(entry) for entry in services.values()]
        entry = find(tool.allocate_and_record(objects), "default", step["name"])
        addresses = [step["requested_ip"]] if expected == "ok" else []
        if entry["addresses"] != addresses or (entry["error"] is None) != (expected == "ok"):
            yield f"step {number}: {entry}, expected {expected}"
        in_use = entry["error"] is not None and "port" in entry["error"]
        if in_use != (expected == "port-in-use"):
            yield f"step {number}: {entry['error']}, expected {expected}"


def automatic_sharing(tool, row):
    tool.forget()
    services = []
    for number, (step, expected) in enumerate(zip(row["ops"], row["expect"])):
        fields = {key: value for key, value in step.items() if key != "op"}
        fields.update(type="LoadBalancer", creationTimestamp=f"2024-01-01T00:00:{number:02}Z")
        if step["op"] == "create":
            services.append(service(fields))
        objects = [pool({"name": "shared", "addresses": row["pool"]})] + services
        entry = find(tool.allocate_and_record(objects), "default", step["name"])
        if entry["addresses"] != expected.get("ips", []):
            yield f"step {number}: {entry}, expected {expected}"
        if (entry["error"] is None) != expected["ok"]:
            yield f"step {number}: {entry}, expected {expected}"


def capacity(tool, row):
    fields = {key: row[key] for key in ("addresses", "avoidBuggyIPs")}
    counts = tool.run("allocate", [pool(dict(fields, name="p"))]).value["pools"][0]
    found = (counts["availableIPv4"], counts["availableIPv6"])
    if found != (row["ipv4"], row["ipv6"]):
        yield f"{found}, expected {row['ipv4']}, {row['ipv6']}"


def main():
    tap = Tap()
    tool = Tool()
    convergence = cases("controller_convergence.json")
    for row in convergence["cases"]:
        if row["id"] not in LEFT_OUT:
            tap.check(row["id"], one_service(tool, convergence["pools"], row))
    for row in convergence["scenarios"]:
        if row["id"] not in LEFT_OUT:
            tap.check(row["id"], scenario(tool, row))
    keys = cases("sharing_keys.json")
    for row in keys["explicit"]:
        tap.check(row["id"], sharing(tool, row))
    for row in keys["automatic"]:
        tap.check(row["id"], automatic_sharing(tool, row))
    for row in cases("allocator_assign.json")["capacity"]:
        tap.check(row["id"], capacity(tool, row))
    tap.finish()


main()
