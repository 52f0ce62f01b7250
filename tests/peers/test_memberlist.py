# SPDX-License-Identifier: MIT
"""Our members in groups with MetalLB's memberlist, where Go is at hand."""

from gossip import golang, variants
from gossip.runner import main
from gossip.suite import scenarios_with, usual

KEY = bytes(range(16))
# As the controller of MetalLB makes one.
SECRET = "AAECAwQFBgcICQoLDA0ODw"
scenario = scenarios_with("memberlist", golang.missing)

SCENARIOS = [
    *usual(scenario, secret=SECRET),
    scenario("IPv6", variants.over_ipv6),
    scenario("label", variants.labelled),
    scenario("label, encrypted", variants.labelled, secret=SECRET),
    scenario("compression of each side on and off", variants.uncompressed),
    scenario("change of the key", variants.rotating, key=KEY),
    scenario("facts disturb no memberlist", variants.publishing),
    scenario("user state of more than 64 KiB", variants.telling_much),
    scenario("nothing readable with a key", variants.secret, key=KEY),
]


if __name__ == "__main__":
    main(SCENARIOS)
