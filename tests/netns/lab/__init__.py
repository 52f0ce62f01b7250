# SPDX-License-Identifier: MIT
"""A small network laboratory: hosts in network namespaces on a bridge in a namespace of its own.

network.py     the bridge, the hosts, their links, and cleaning up
namespace.py   sockets and commands inside a network namespace
capture.py     frames seen on an interface, with the kernel's times
process.py     programs that run inside a host
members.py     what makes several speakers a group
group.py       hosts with servers whose speakers know of each other
waiting.py     waiting for a condition, never longer than told
outage.py      how long an address was out of a client's reach
claimants.py   how long more than one host answered for an address
keepalived.py  Debian's keepalived inside a host, to compare with
"""
