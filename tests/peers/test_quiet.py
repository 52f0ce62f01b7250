# SPDX-License-Identifier: MIT
"""Groups that nothing happens to, beside each other for PEERS_QUIET_SECONDS (120)."""

from gossip import golang, scenarios, serf
from gossip.runner import Scenario, main

LIMIT = scenarios.QUIET_SECONDS + 90

SCENARIOS = [
    Scenario(
        f"{scenarios.QUIET_SECONDS:g} s without a false event, {kind}",
        lambda kind=kind: scenarios.quiet(kind),
        LIMIT,
        missing,
    )
    for kind, missing in (("serf", serf.missing), ("memberlist", golang.missing))
]

if __name__ == "__main__":
    main(SCENARIOS)
