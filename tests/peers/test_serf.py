# SPDX-License-Identifier: MIT
"""Our members in groups with serf agents."""

from gossip import scenarios, serf, variants
from gossip.runner import Scenario, main

KEY = bytes(range(32))
# Each takes less than a minute where gossip misses nobody.
LIMIT = 240


def scenario(title, function, **options):
    return Scenario(title, lambda: function("serf", **options), LIMIT, serf.missing)


SCENARIOS = [
    scenario("split healed", scenarios.splitting),
    scenario("split healed, encrypted", scenarios.splitting, key=KEY),
    scenario("refutation", scenarios.refuting),
    scenario("refutation, encrypted", scenarios.refuting, key=KEY),
    scenario("failure and restart", scenarios.failing),
    scenario("failure and restart, encrypted", scenarios.failing, key=KEY),
    scenario("join either way round, full state, meta data", scenarios.joining),
    scenario("join either way round, encrypted", scenarios.joining, key=KEY),
    scenario("leave and return", scenarios.leaving),
    scenario("leave and return, encrypted", scenarios.leaving, key=KEY),
    scenario("IPv6", variants.over_ipv6),
    scenario("compression of each side on and off", variants.uncompressed),
    scenario("facts disturb no serf agent", variants.publishing, key=KEY),
    scenario("nothing readable with a key", variants.secret, key=KEY),
]

if __name__ == "__main__":
    main(SCENARIOS)
