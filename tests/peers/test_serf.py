# SPDX-License-Identifier: MIT
"""Our members in groups with serf agents."""

from gossip import serf, variants
from gossip.runner import main
from gossip.suite import scenarios_with, usual

KEY = bytes(range(32))
scenario = scenarios_with("serf", serf.missing)

SCENARIOS = [
    *usual(scenario, key=KEY),
    scenario("IPv6", variants.over_ipv6),
    scenario("compression of each side on and off", variants.uncompressed),
    scenario("facts disturb no serf agent", variants.publishing, key=KEY),
    scenario("nothing readable with a key", variants.secret, key=KEY),
]

if __name__ == "__main__":
    main(SCENARIOS)
