# SPDX-License-Identifier: MIT
"""Groups of real members of different kinds, each on a host of the lab of tests/netns.

runner.py      scenarios beside each other, each in a process of its own
group.py       the hosts, the members on them, and what all of them have to see
peer.py        what members of every kind have in common; log.py reads what they say
node.py        a member that takes commands by lines: ours, and MetalLB's memberlist
serf.py        a member that is a serf agent
golang.py      builds the Go program
suite.py       scenarios of one kind, and those that every kind has
scenarios.py   what is true of a group whatever the other kind is
variants.py    the same under other conditions: families, labels, compression, keys, facts
"""
