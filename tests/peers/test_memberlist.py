# SPDX-License-Identifier: MIT
"""Our members in groups with MetalLB's memberlist, where Go is at hand."""

from gossip import golang, scenarios, variants
from gossip.runner import Scenario, main

KEY = bytes(range(16))
# As the controller of MetalLB makes one.
SECRET = "AAECAwQFBgcICQoLDA0ODw"


def scenario(title, function, seconds, **options):
    return Scenario(title, lambda: function("memberlist", **options), seconds, golang.missing)


SCENARIOS = [
    scenario("split healed", scenarios.splitting, 150),
    scenario("split healed, encrypted", scenarios.splitting, 150, secret=SECRET),
    scenario("refutation", scenarios.refuting, 150),
    scenario("refutation, encrypted", scenarios.refuting, 150, secret=SECRET),
    scenario("failure and restart", scenarios.failing, 180),
    scenario("failure and restart, encrypted", scenarios.failing, 180, secret=SECRET),
    scenario("join either way round, full state, meta data", scenarios.joining, 60),
    scenario("join either way round, encrypted", scenarios.joining, 60, secret=SECRET),
    scenario("leave and return", scenarios.leaving, 90),
    scenario("leave and return, encrypted", scenarios.leaving, 90, secret=SECRET),
    scenario("IPv6", variants.over_ipv6, 90),
    scenario("label", variants.labelled, 90),
    scenario("label, encrypted", variants.labelled, 90, secret=SECRET),
    scenario("compression of each side on and off", variants.uncompressed, 60),
    scenario("change of the key", variants.rotating, 90, key=KEY),
    scenario("facts disturb no memberlist", variants.publishing, 90),
    scenario("user state of more than 64 KiB", variants.telling_much, 120),
    scenario("nothing readable with a key", variants.secret, 60, key=KEY),
]


if __name__ == "__main__":
    main(SCENARIOS)
