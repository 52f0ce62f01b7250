# SPDX-License-Identifier: MIT
"""Scenarios with one kind of peer, and those that each kind has."""

from gossip import scenarios
from gossip.runner import Scenario

# Each takes less than a minute where gossip misses nobody.
LIMIT = 240


def scenarios_with(kind, missing):
    """What makes a scenario with a kind of peer; missing tells why there is none here, or None."""

    def scenario(title, function, **options):
        return Scenario(title, lambda: function(kind, **options), LIMIT, missing)

    return scenario


def usual(scenario, **encryption):
    """The scenarios of every kind, each in plain text and encrypted."""
    return [
        scenario(title + suffix, function, **options)
        for title, function in (
            ("split healed", scenarios.splitting),
            ("refutation", scenarios.refuting),
            ("failure and restart", scenarios.failing),
            ("join either way round, full state, meta data", scenarios.joining),
            ("leave and return", scenarios.leaving),
        )
        for suffix, options in (("", {}), (", encrypted", encryption))
    ]
