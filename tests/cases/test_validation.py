# SPDX-License-Identifier: MIT
"""Configurations, addresses and overlaps as metallbctl validates them.

Left out: configurations with BGP objects, secrets or BFD profiles, and modes other than parse
(BGP comes later).
"""

import ipaddress

from tool import Tap, Tool, cases, metallb, namespace, node, pool

LEFT_OUT = {"bgpPeers", "bgpAdvertisements", "bfdProfiles", "communities", "secrets"}


def objects_of(resources):
    return (
        [pool(row) for row in resources.get("ipAddressPools", [])]
        + [metallb("L2Advertisement", row) for row in resources.get("l2Advertisements", [])]
        + [node(row) for row in resources.get("nodes", [])]
        + [namespace(row) for row in resources.get("namespaces", [])]
    )


def validity(tool, objects, valid):
    answer = tool.run("validate", objects)
    if answer.value["valid"] != valid or answer.code != (0 if valid else 1):
        yield f"valid: {answer.value['valid']}, exit {answer.code}, expected {valid}"
        yield answer.value["errors"]
    if answer.value["valid"] == bool(answer.value["errors"]):
        yield f"valid and errors disagree: {answer.value}"


def sizes(tool, objects, expected):
    """Compares how many addresses each pool has; expected maps names to prefixes."""
    answer = tool.run("allocate", objects)
    for entry in answer.value["pools"]:
        prefixes = [ipaddress.ip_network(text) for text in expected[entry["name"]]]
        for version, key in ((4, "availableIPv4"), (6, "availableIPv6")):
            count = sum(part.num_addresses for part in prefixes if part.version == version)
            if int(entry[key]) != count:
                yield f"{entry['name']}: {key} is {entry[key]}, expected {count}"
    if len(answer.value["pools"]) != len(expected):
        yield f"pools: {answer.value['pools']}"


def configuration(tool, row):
    objects = objects_of(row["resources"])
    yield from validity(tool, objects, row["valid"])
    parsed = row.get("parsed_pools", {})
    if parsed and not any(entry.get("avoidBuggyIPs") for entry in parsed.values()):
        yield from sizes(tool, objects, {name: entry["cidrs"] for name, entry in parsed.items()})


def entry(tool, row):
    objects = [pool({"name": "one", "addresses": [row["input"]]})]
    yield from validity(tool, objects, row["valid"])
    if not row["valid"]:
        return
    yield from sizes(tool, objects, {"one": row["cidrs"]})
    counts = tool.run("allocate", objects).value["pools"][0]
    total = int(counts["availableIPv4"]) + int(counts["availableIPv6"])
    if str(total) != row["address_count"]:
        yield f"{total} addresses, expected {row['address_count']}"


def overlap(tool, row):
    same = [pool({"name": "one", "addresses": [row["a"], row["b"]]})]
    other = [pool({"name": f"pool-{key}", "addresses": [row[key]]}) for key in "ab"]
    for objects in (same, other, other[::-1]):
        yield from validity(tool, objects, not row["overlap"])


def main():
    tap = Tap()
    tool = Tool()
    for row in cases("config_validation.json")["cases"]:
        if row["mode"] == "parse" and not LEFT_OUT & set(row["resources"]):
            tap.check(row["id"], configuration(tool, row))
    addresses = cases("address_parse.json")
    for row in addresses["cases"]:
        tap.check(row["id"], entry(tool, row))
    for row in addresses["overlap_cases"]:
        tap.check(row["id"], overlap(tool, row))
    tap.finish()


main()
