# SPDX-License-Identifier: MIT
"""Our members in groups with MetalLB's memberlist, where Go is at hand."""

from gossip import golang, scenarios, variants
from gossip.runner import Scenario, main

KEY = bytes(range(16))
# As the controller of MetalLB makes one.
SECRET = "AAECAwQFBgcICQoLDA0ODw"
# Each takes less than a minute where gossip misses nobody.
LIMIT = 240


def scenario(title, function, **options):
    return Scenario(title, lambda: function("memberlist", **options), LIMIT, golang.missing)


SCENARIOS = [
    scenario("split healed", scenarios.splitting),
    scenario("split healed, encrypted", scenarios.splitting, secret=SECRET),
    scenario("refutation", scenarios.refuting),
    scenario("refutation, encrypted", scenarios.refuting, secret=SECRET),
    scenario("failure and restart", scenarios.failing),
    scenario("failure and restart, encrypted", scenarios.failing, secret=SECRET),
    scenario("join either way round, full state, meta data", scenarios.joining),
    scenario("join either way round, encrypted", scenarios.joining, secret=SECRET),
    scenario("leave and return", scenarios.leaving),
    scenario("leave and return, encrypted", scenarios.leaving, secret=SECRET),
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
