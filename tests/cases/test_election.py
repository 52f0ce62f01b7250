# SPDX-License-Identifier: MIT
"""Who announces, as metallbctl elect --election metallb decides.

Left out: interface_merge (which interfaces a node uses is not part of the election; a unit test has
it) and the winners of MetalLB v0.9 to v0.10, whose rule is not offered.
"""

from tool import Tap, Tool, cases, metallb, node, pool, service

HOSTNAME = "kubernetes.io/hostname"
EXCLUDE = "node.kubernetes.io/exclude-from-external-load-balancers"
EVERYTHING = {"name": "everything", "addresses": ["0.0.0.0/0", "::/0"]}


def host(name, labels=None, unavailable=False, excluded=False):
    result = node({"name": name, "labels": {HOSTNAME: name, **(labels or {})}})
    if excluded:
        result["metadata"]["labels"][EXCLUDE] = ""
    if unavailable:
        result["status"] = {"conditions": [{"type": "NetworkUnavailable", "status": "True"}]}
    return result


def named(names):
    return [{"matchExpressions": [{"key": HOSTNAME, "operator": "In", "values": list(names)}]}]


def preferences(scores):
    """One preference a node; what exceeds the largest weight is split."""
    result = []
    for name, score in scores.items():
        for part, start in enumerate(range(0, score, 100)):
            selector = {"matchLabels": {HOSTNAME: name}}
            if part:
                selector["matchExpressions"] = [
                    {"key": f"part-{part}", "operator": "DoesNotExist"}
                ]
            result.append({"weight": min(100, score - start), "preference": selector})
    return result


def advertisement(number, nodes=None, interfaces=None, scores=None, service_selectors=None):
    row = {"name": f"advertisement-{number}"}
    if nodes is not None:
        row["nodeSelectors"] = named(nodes or ["nobody"])
    if interfaces:
        row["interfaces"] = interfaces
    if scores:
        row["preferredNodeSelectors"] = preferences(scores)
    if service_selectors:
        row["serviceSelectors"] = service_selectors
    return metallb("L2Advertisement", row)


def balanced(name, addresses, policy="Cluster", labels=None, annotations=None):
    return service(
        {
            "name": name,
            "type": "LoadBalancer",
            "externalTrafficPolicy": policy,
            "ports": ["TCP/80"],
            "selector": {"app": name},
            "labels": labels,
            "annotations": annotations,
            "status": addresses,
        }
    )


def endpoints(name, rows):
    entries = []
    for row in rows:
        entry = {"addresses": ["10.0.0.1"], "conditions": {}}
        if row.get("node") is not None:
            entry["nodeName"] = row["node"]
        for key in ("ready", "serving"):
            if row.get(key) is not None:
                entry["conditions"][key] = row[key]
        entries.append(entry)
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": f"{name}-1", "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "endpoints": entries,
    }


def elect(tool, objects, alive, *options):
    if alive is not None:
        options += ("--alive", ",".join(alive))
    answer = tool.run("elect", objects + [pool(EVERYTHING)], "--election", "metallb", *options)
    return {entry["address"]: entry for entry in answer.value["addresses"]}


def consistent(entry):
    """What must hold for every address."""
    if entry["owner"] != (entry["ranking"][0] if entry["ranking"] else None):
        yield f"owner and ranking disagree: {entry}"
    if (entry["owner"] is None) != (entry["reason"] is not None):
        yield f"owner and reason disagree: {entry}"


def case(tool, row):
    objects = [
        host(
            entry["name"],
            excluded=entry.get("exclude_from_lb", False),
            unavailable=entry.get("network_unavailable", False),
        )
        for entry in row["nodes"]
    ]
    for number, entry in enumerate(row["advertisements"]):
        objects.append(
            advertisement(
                number,
                entry["nodes"],
                entry["interfaces"],
                entry.get("preferred"),
                entry.get("service_selectors"),
            )
        )
    fields = row["service"]
    objects.append(
        balanced(
            "web",
            row["ips"],
            fields["external_traffic_policy"],
            fields["labels"],
            fields["annotations"],
        )
    )
    objects.append(endpoints("web", row["endpoints"]))
    options = ["--ignore-exclude-lb"] if row["ignore_exclude_lb"] else []
    alive = row["speakers"] if row["memberlist_enabled"] else None
    answers = elect(tool, objects, alive, *options)
    for address in row["ips"]:
        entry = answers[address]
        yield from consistent(entry)
        if entry["owner"] != row["expect"]["announcer"]:
            yield f"{entry}, expected {row['expect']['announcer']}"
        reasons = set(row["expect"]["per_node"].values())
        if entry["owner"] is None and reasons and entry["reason"] not in reasons:
            yield f"reason {entry['reason']}, expected one of {reasons}"


def ordering(tool, row):
    objects = [host(name) for name in row["candidates"]]
    objects.append(advertisement(0, row["candidates"], scores=row["scores"]))
    objects.append(balanced("web", [row["ip"]]))
    objects.append(endpoints("web", [{"node": "elsewhere", "ready": True}]))
    entry = elect(tool, objects, row["candidates"])[row["ip"]]
    yield from consistent(entry)
    if entry["ranking"] != row["order"]:
        yield f"{entry['ranking']}, expected {row['order']}"


def sweep(tool, row):
    objects = [host("iris1"), host("iris2"), advertisement(0)]
    for octet in row["winner_by_last_octet"]:
        objects.append(balanced(f"web-{octet}", [f"10.20.30.{octet}"]))
        objects.append(endpoints(f"web-{octet}", [{"node": "iris1", "ready": True}]))
    answers = elect(tool, objects, ["iris1", "iris2"])
    for octet, winner in row["winner_by_last_octet"].items():
        entry = answers[f"10.20.30.{octet}"]
        yield from consistent(entry)
        if entry["owner"] != winner:
            yield f"{entry}, expected {winner}"


def endpoint_filter(tool, row):
    objects = [host(name) for name in row["speakers"]]
    objects += [advertisement(0), balanced("web", ["10.20.30.1"], "Local")]
    objects.append(endpoints("web", row["endpoints"]))
    entry = elect(tool, objects, row["speakers"])["10.20.30.1"]
    yield from consistent(entry)
    if sorted(entry["ranking"]) != sorted(row["nodes_with_endpoint"]):
        yield f"{entry}, expected {row['nodes_with_endpoint']}"


def falling(ranking, scores):
    """The ranking must have the scores in falling order."""
    values = [scores.get(name, 0) for name in ranking]
    if values != sorted(values, reverse=True):
        yield f"{ranking} with the scores {scores}"


def scored(tool, names, advertisements, scores, nodes):
    addresses = [f"10.20.30.{octet}" for octet in range(1, 9)]
    objects = nodes + advertisements
    objects += [balanced(f"web-{n}", [address]) for n, address in enumerate(addresses)]
    objects += [
        endpoints(f"web-{n}", [{"node": "elsewhere", "ready": True}])
        for n in range(len(addresses))
    ]
    for entry in elect(tool, objects, [item["metadata"]["name"] for item in nodes]).values():
        if sorted(entry["ranking"]) != sorted(names):
            yield f"{entry}, expected the candidates {names}"
        yield from falling(entry["ranking"], scores)


def score_sum(tool, row):
    names = ["a", "b", "c", "d"]
    parts = row["preferred_per_ad"] or [{}]
    advertisements = [advertisement(n, scores=part) for n, part in enumerate(parts)]
    yield from scored(tool, names, advertisements, row["sum"], [host(name) for name in names])


def selected_nodes(tool, row):
    nodes = [host(entry["name"], entry["labels"]) for entry in row["nodes"]]
    item = advertisement(0, row["eligible"])
    item["spec"]["preferredNodeSelectors"] = row["preferredNodeSelectors"]
    if row["error"]:
        answer = tool.run("validate", nodes + [item, pool(EVERYTHING)])
        if answer.value["valid"]:
            yield "valid, expected an error"
        return
    yield from scored(tool, row["eligible"], [item], row["scores"], nodes)


def historic(tool, row):
    objects = [host(name) for name in ("node-a", "node-b", "node-c")]
    objects += [advertisement(0), balanced("web", [row["ip"]], row["external_traffic_policy"])]
    ready = [{"node": name, "ready": True} for name in row["nodes_with_ready_endpoint"]]
    objects.append(endpoints("web", ready))
    entry = elect(tool, objects, row["speakers"])[row["ip"]]
    yield from consistent(entry)
    if entry["owner"] != row["winner_v0_11_to_v0_12"]:
        yield f"{entry}, expected {row['winner_v0_11_to_v0_12']}"


def main():
    tap = Tap()
    tool = Tool()
    data = cases("l2_election.json")
    groups = {
        "cases": case,
        "endpoint_filter": endpoint_filter,
        "ordering": ordering,
        "score_sum": score_sum,
        "preferred_node_selectors": selected_nodes,
        "historic_rules": historic,
    }
    for group, function in groups.items():
        for row in data[group]:
            tap.check(row["id"], function(tool, row))
    tap.check("cluster_policy_sweep", sweep(tool, data["cluster_policy_sweep"]))
    tap.finish()


main()
