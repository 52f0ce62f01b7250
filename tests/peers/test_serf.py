# SPDX-License-Identifier: MIT
"""Our members in groups with serf agents."""

from gossip import scenarios, serf, variants
from gossip.runner import Scenario, main

KEY = bytes(range(32))


def scenario(title, function, seconds, **options):
    return Scenario(title, lambda: function("serf", **options), seconds, serf.missing)


SCENARIOS = [
    scenario("split healed", scenarios.splitting, 150),
    scenario("split healed, encrypted", scenarios.splitting, 150, key=KEY),
    scenario("refutation", scenarios.refuting, 150),
    scenario("refutation, encrypted", scenarios.refuting, 150, key=KEY),
    scenario("failure and restart", scenarios.failing, 180),
    scenario("failure and restart, encrypted", scenarios.failing, 180, key=KEY),
    scenario("join either way round, full state, meta data", scenarios.joining, 60),
    scenario("join either way round, encrypted", scenarios.joining, 60, key=KEY),
    scenario("leave and return", scenarios.leaving, 90),
    scenario("leave and return, encrypted", scenarios.leaving, 90, key=KEY),
    scenario("IPv6", variants.over_ipv6, 90),
    scenario("compression of each side on and off", variants.uncompressed, 60),
    scenario("facts disturb no serf agent", variants.publishing, 90, key=KEY),
    scenario("nothing readable with a key", variants.secret, 60, key=KEY),
]

if __name__ == "__main__":
    main(SCENARIOS)
