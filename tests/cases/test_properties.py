# SPDX-License-Identifier: MIT
"""Random objects through metallbctl: what must hold for all, and a second model of the election.

Every number is a seed, so that a case that fails can be run again alone.
"""

import hashlib
import random

from tool import Tap, Tool, metallb, namespace, node, pool, service

ALLOCATION_SEEDS = range(60)
ELECTION_SEEDS = range(120)
SHARING = "metallb.io/allow-shared-ip"
EXCLUDE = "node.kubernetes.io/exclude-from-external-load-balancers"
MODES = ("endpoints", "prefer-endpoints", "speakers", "metallb")
POOLS = {
    "a": ["10.0.0.0/30"],
    "b": ["10.0.1.0/31", "fd00::/126"],
    "c": ["fd00:1::1-fd00:1::2"],
    "d": ["10.0.2.254-10.0.3.1"],
}
ADDRESSES = ["10.0.0.0", "10.0.0.1", "10.0.1.1", "fd00::1", "fd00:1::2", "10.0.3.0", "192.0.2.1"]


def chance(source, probability):
    return source.random() < probability


def random_pool(source, name):
    row = {"name": name, "addresses": POOLS[name]}
    if chance(source, 0.2):
        row["autoAssign"] = False
    if chance(source, 0.3):
        row["avoidBuggyIPs"] = True
    if chance(source, 0.3):
        row["serviceAllocation"] = {"priority": source.randint(0, 3)}
        if chance(source, 0.5):
            row["serviceAllocation"]["namespaces"] = [source.choice("xy")]
    return row


def random_service(source, number):
    row = {"name": f"s{number}", "namespace": source.choice("xy"), "type": "LoadBalancer"}
    row["annotations"] = {SHARING: source.choice(["", "", "k", "l"])}
    if chance(source, 0.25):
        wanted = source.sample(ADDRESSES, source.randint(1, 2))
        row["annotations"]["metallb.io/loadBalancerIPs"] = ",".join(wanted)
    if chance(source, 0.15):
        row["annotations"]["metallb.io/address-pool"] = source.choice("abz")
    if chance(source, 0.3):
        row["creationTimestamp"] = f"2024-01-01T00:00:0{source.randint(0, 9)}Z"
    row["ports"] = source.sample(["TCP/80", "TCP/443", "UDP/53"], source.randint(1, 2))
    if chance(source, 0.3):
        row["externalTrafficPolicy"] = "Local"
    if chance(source, 0.6):
        row["selector"] = {"app": source.choice("mn")}
    if chance(source, 0.4):
        row["ipFamilies"] = source.choice([["IPv4"], ["IPv6"], ["IPv4", "IPv6"]])
    if chance(source, 0.5):
        row["ipFamilyPolicy"] = source.choice(["PreferDualStack", "RequireDualStack"])
    if chance(source, 0.35):
        row["status"] = source.sample(ADDRESSES, source.randint(1, 2))
    return row


def backend(row):
    """Who must be equal to share: None shares with nobody."""
    if row.get("externalTrafficPolicy") != "Local":
        return ""
    return row["selector"]["app"] if "selector" in row else None


def may_share(rows):
    ports = [port for row in rows for port in row["ports"]]
    keys = {row["annotations"][SHARING] for row in rows}
    backends = {backend(row) for row in rows}
    return (
        len(keys) == 1
        and "" not in keys
        and len(backends) == 1
        and None not in backends
        and len(ports) == len(set(ports))
    )


def allocation(tool, seed):
    source = random.Random(seed)
    objects = [pool(random_pool(source, name)) for name in POOLS if chance(source, 0.75)]
    rows = [random_service(source, number) for number in range(source.randint(1, 12))]
    objects += [service(row) for row in rows] + [namespace({"name": "x"})]
    first = tool.run("allocate", objects).value
    source.shuffle(objects)
    if tool.run("allocate", objects).value != first:
        yield "the order of the objects makes a difference"
    tool.forget()
    if tool.allocate_and_record(objects).value != first:
        yield "to record makes a difference"
    again = tool.allocate_and_record(objects).value
    if again != first:
        yield f"not stable: {first}, then {again}"
    users = {}
    by_name = {row["name"]: row for row in rows}
    for entry in first["services"]:
        if not entry["addresses"] and entry["error"] is None:
            yield f"neither an address nor an error: {entry}"
        for address in entry["addresses"]:
            users.setdefault(address, []).append(by_name[entry["name"]])
    for address, sharers in users.items():
        if len(sharers) > 1 and not may_share(sharers):
            yield f"{address} is shared by {sharers}"


class Election:
    """Random nodes, advertisements and services, and who should announce what."""

    def __init__(self, seed):
        self.source = random.Random(seed)
        self.mode = self.source.choice(MODES)
        self.nodes = {f"n{n}": self.random_node() for n in range(self.source.randint(1, 6))}
        self.alive = [name for name in self.nodes if chance(self.source, 0.8)]
        self.advertisements = [
            self.random_advertisement() for _ in range(self.source.randint(1, 3))
        ]
        self.services = [self.random_service() for _ in range(self.source.randint(1, 4))]

    def random_node(self):
        return {
            "zone": self.source.choice("ab"),
            "excluded": chance(self.source, 0.12),
            "unavailable": chance(self.source, 0.1),
        }

    def random_advertisement(self):
        source = self.source
        return {
            "zone": source.choice([None, None, "a", "b"]),
            "app": source.choice([None, None, None, "m", "n"]),
            "weights": {zone: source.randint(1, 100) for zone in "ab" if chance(source, 0.3)},
        }

    def random_service(self):
        source = self.source
        addresses = [source.choice(["10.0.0.1", "10.0.0.2", "192.0.2.1"])]
        if chance(source, 0.4):
            addresses.insert(source.randint(0, 1), source.choice(["fd00::1", "fd00::2"]))
        return {
            "addresses": addresses,
            "app": source.choice("mno"),
            "local": chance(source, 0.3),
            "shares": chance(source, 0.5),
            "endpoints": [
                (source.choice(list(self.nodes) + [None]), chance(source, 0.7))
                for _ in range(source.randint(0, 4))
            ],
        }

    def objects(self):
        yield pool({"name": "lan", "addresses": ["10.0.0.0/24", "fd00::/64"]})
        for name, row in self.nodes.items():
            labels = {"zone": row["zone"], **({EXCLUDE: ""} if row["excluded"] else {})}
            item = node({"name": name, "labels": labels})
            status = "True" if row["unavailable"] else "False"
            item["status"] = {"conditions": [{"type": "NetworkUnavailable", "status": status}]}
            yield item
        for number, row in enumerate(self.advertisements):
            fields = {"name": f"a{number}", "preferredNodeSelectors": []}
            if row["zone"]:
                fields["nodeSelectors"] = [{"matchLabels": {"zone": row["zone"]}}]
            if row["app"]:
                fields["serviceSelectors"] = [{"matchLabels": {"app": row["app"]}}]
            for zone, weight in row["weights"].items():
                preference = {"weight": weight, "preference": {"matchLabels": {"zone": zone}}}
                fields["preferredNodeSelectors"].append(preference)
            yield metallb("L2Advertisement", fields)
        for number, row in enumerate(self.services):
            yield from self.service_objects(f"s{number}", row)

    @staticmethod
    def service_objects(name, row):
        fields = {"name": name, "type": "LoadBalancer", "status": row["addresses"]}
        fields["labels"] = {"app": row["app"]}
        fields["externalTrafficPolicy"] = "Local" if row["local"] else "Cluster"
        if row["shares"]:
            fields["annotations"] = {SHARING: "k"}
        yield service(fields)
        endpoints = [
            {"conditions": {"ready": ready}, **({"nodeName": host} if host else {})}
            for host, ready in row["endpoints"]
        ]
        labels = {"kubernetes.io/service-name": name}
        yield {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": name, "labels": labels},
            "endpoints": endpoints,
        }

    def selected(self, advertisement):
        """The live nodes of an advertisement."""
        zones = (None, advertisement["zone"]) if advertisement["zone"] else None
        return {n for n in self.alive if zones is None or self.nodes[n]["zone"] in zones}

    def matching(self, row):
        return [item for item in self.advertisements if item["app"] in (None, row["app"])]

    def rank(self, candidates, advertisements, address, first=()):
        def place(name):
            score = sum(
                item["weights"].get(self.nodes[name]["zone"], 0)
                for item in advertisements
                if name in self.selected(item)
            )
            digest = hashlib.sha256(f"{name}#{address}".encode()).digest()
            return (name not in first, -score, digest)

        return sorted(candidates, key=place)

    def candidates(self, row):
        """Nodes that may announce for a service, and those of them that suit it best."""
        advertisements = self.matching(row)
        nodes = set().union(*(self.selected(item) for item in advertisements))
        nodes -= {n for n in nodes if self.nodes[n]["excluded"] or self.nodes[n]["unavailable"]}
        ready = {host for host, is_ready in row["endpoints"] if is_ready}
        if self.mode == "metallb":
            restricted = row["shares"] and any(item["app"] for item in advertisements)
            if not ready or restricted:
                nodes = set()
        if row["local"] or self.mode == "endpoints":
            nodes &= ready
        return nodes, nodes & ready if self.mode == "prefer-endpoints" else nodes

    def expected(self, address):
        users = [row for row in self.services if address in row["addresses"]]
        users = [row for row in users if "192.0.2.1" not in row["addresses"]]
        if self.mode == "metallb":
            for row in users:
                nodes, _ = self.candidates(row)
                if nodes:
                    return self.rank(nodes, self.matching(row), row["addresses"][0])
            return []
        if not users:
            return []
        advertisements = [
            item for item in self.advertisements if any(item in self.matching(u) for u in users)
        ]
        found = [self.candidates(row) for row in users]
        possible, best = (
            set.intersection(*sets) or set.union(*sets) for sets in map(list, zip(*found))
        )
        first = best if self.mode == "prefer-endpoints" else ()
        return self.rank(possible | best, advertisements, address, first)


def election(tool, seed):
    case = Election(seed)
    options = ["--election", case.mode, "--alive", ",".join(case.alive)]
    found = tool.run("elect", list(case.objects()), *options).value["addresses"]
    addresses = {address for row in case.services for address in row["addresses"]}
    if {entry["address"] for entry in found} != addresses:
        yield f"{found}, expected {addresses}"
    for entry in found:
        expected = case.expected(entry["address"])
        if entry["ranking"] != expected:
            yield f"{case.mode}: {entry}, expected {expected}"
        if entry["owner"] != (expected[0] if expected else None):
            yield f"owner: {entry}"
        if (entry["owner"] is None) != (entry["reason"] is not None):
            yield f"reason: {entry}"


def main():
    tap = Tap()
    tool = Tool()
    for seed in ALLOCATION_SEEDS:
        tap.check(f"allocation-{seed}", allocation(tool, seed))
    for seed in ELECTION_SEEDS:
        tap.check(f"election-{seed}", election(tool, seed))
    tap.finish()


main()
