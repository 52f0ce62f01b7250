# SPDX-License-Identifier: MIT
"""Groups under other conditions: families, labels, compression, keys, and much to tell."""

import os
import struct
import time

from gossip.group import group
from gossip.node import Refused
from gossip.scenarios import check_descriptions, check_log, check_nothing_refused, note
from lab.waiting import wait_for

_PORT = 7946
_IPV4 = 0x0800
_TCP = 6
_UDP = 17
FACTS_MAX = 4096


def over_ipv6(kind, **options):
    with group(kind, family=6, **options) as made:
        made.three_of_each()
        check_descriptions(made)
        made["c"].kill()
        made["z"].kill()
        for name in "c", "z":
            made.wait_down(name)
        check_nothing_refused(made)


def labelled(kind, **options):
    """Members of another label, and of none, are not heard."""
    with group(kind, label="site-1", **options) as made:
        made.three_of_each()
        made.add("d", label="site-2")
        made["d"].join(made["a"], made["x"])
        made.add("w", label="")
        check_cannot_join(made["w"], made["a"])
        made["d"].wait_event("seeds-silent", seconds=15)
        time.sleep(2)
        made.wait_whole([made[name] for name in "abcxyz"], "abcxyz")
        made.wait_whole([made["d"]], "d")
        assert made["a"].statistics()["packets_refused"] + made["a"].statistics()["streams_failed"]


def check_cannot_join(theirs, ours):
    try:
        theirs.join(ours)
    except Refused:
        return
    raise AssertionError(f"{theirs.name} joined {ours.name}")


def uncompressed(kind, **options):
    """Each side may compress or not; the other reads it. Ours does as it is told."""
    with group(kind, **options) as made:
        made.add("a", "x")
        made.add("b", "y", **{"no-compression": True})
        capture = {name: made[name].host.capture() for name in "ab"}
        for member, seed in ("a", "y"), ("b", "x"), ("y", "b"), ("x", "a"):
            made[member].join(made[seed])
        made.wait_whole()
        first = {name: first_stream_bytes(capture[name], made[name].address) for name in "ab"}
        # Type 9 is compress, 6 push/pull. memberlist compresses streams even where they grow.
        assert first["a"] == {9}, f"a begins its streams with {first['a']}"
        assert first["b"] == {6}, f"b begins its streams with {first['b']}"
        check_descriptions(made)
        check_nothing_refused(made)


def payloads(capture):
    """(protocol, source, source port, target port, payload) of what is to or from the port."""
    for frame in capture.frames(lambda frame: frame.kind == _IPV4):
        packet = frame.data[14:]
        header = 4 * (packet[0] & 15)
        packet = packet[: struct.unpack("!H", packet[2:4])[0]]
        protocol = packet[9]
        if protocol not in (_TCP, _UDP):
            continue
        ports = struct.unpack("!HH", packet[header: header + 4])
        if _PORT not in ports:
            continue
        skip = 8 if protocol == _UDP else 4 * (packet[header + 12] >> 4)
        source = ".".join(map(str, packet[12:16]))
        yield protocol, source, ports[0], ports[1], packet[header + skip:]


def first_stream_bytes(capture, address):
    """First bytes of the streams that the address opened."""
    seen = {}
    for protocol, source, source_port, target_port, payload in payloads(capture):
        if protocol == _TCP and source == address and target_port == _PORT and payload:
            seen.setdefault(source_port, payload[0])
    return set(seen.values())


def rotating(kind, key, **options):
    """The key of a running group is changed without a gap."""
    new = bytes(reversed(key))
    with group(kind, key=key, **options) as made:
        made.three_of_each()
        before = {member.name: len(member.happened()) for member in made.ours}
        for keys in (key, new), (new, key), (new,):
            for member in made.running:
                member.set_keys(*keys)
                # Packets of both keys are under way while the members differ.
                time.sleep(0.3)
            made.wait_whole()
        time.sleep(3)
        for member in made.ours:
            news = [event["event"] for event in member.happened()[before[member.name]:]]
            assert not {"suspected", "failed", "error"} & set(news), f"{member.name}: {news}"
        check_nothing_refused(made)
        made.add("d", key=new)
        made["d"].join(made["x"])
        made.wait_whole()
        made.add("w", key=key)
        check_cannot_join(made["w"], made["a"])
        made.wait_whole([member for member in made.running if member.name != "w"], "abcdxyz")


def publishing(kind, **options):
    """Facts of ours reach ours through a group of both kinds and do not disturb theirs."""
    with group(kind, **options) as made:
        made.three_of_each()
        for length in (1, 200, 1300, 1500, FACTS_MAX):
            for member in made.ours:
                facts = os.urandom(length)
                member.set_facts(facts)
                for seer in made.ours:
                    wait_for(
                        lambda s=seer, m=member, f=facts: knows(s, m.name, f),
                        f"{seer.name} knows {length} bytes of facts of {member.name}", 5,
                    )  # fmt: skip
        for number in range(200):
            made["a"].set_facts(number.to_bytes(2, "big") * 20)
            time.sleep(0.02)
        for seer in made.ours:
            facts = (199).to_bytes(2, "big") * 20
            wait_for(lambda s=seer, f=facts: knows(s, "a", f), f"{seer.name} knows the last", 5)
        # One that comes now learns them by its first exchange, also from one of theirs at once.
        made.add("d")
        made["d"].join(made["x"])
        made.wait_whole()
        for name in "abc":
            facts = made[name].facts(name)[0]
            wait_for(lambda n=name, f=facts: knows(made["d"], n, f), f"d knows {name}", 10)
        time.sleep(2)
        for member in made.theirs:
            check_log(member, introductions=2 * len(made.ours))
        made.wait_whole()
        check_nothing_refused(made)


def knows(seer, name, facts):
    member = seer.members().get(name)
    return member and member["facts_length"] == len(facts) and seer.facts(name)[0] == facts


def telling_much(kind, **options):
    """User state of more than 64 KiB, which theirs takes and a newcomer of ours learns from."""
    with group(kind, **options) as made:
        made.add("x")
        host = made.lab.add_host("a", ["192.0.2.1/24"])
        many = [
            made.add_on(host, f"many-{number}", "192.0.2.1", True, port=_PORT + number)
            for number in range(17)
        ]
        facts = {member.name: os.urandom(FACTS_MAX) for member in many}
        for member in many:
            member.set_facts(facts[member.name])
            member.join(many[0])
        made.wait_whole(many, [member.name for member in many])
        for seer in many[1], many[16]:
            for name, wanted in facts.items():
                wait_for(lambda: knows(seer, name, wanted), f"{seer.name} knows {name}", 20)
        made["x"].join(many[0])
        made.wait_whole([made["x"]])
        made.add("d")
        made["d"].join(many[0])
        made["d"].wait_event("synchronized")
        started = time.monotonic()
        for name, wanted in facts.items():
            wait_for(lambda: knows(made["d"], name, wanted), f"d knows {name}", 5)
        note(f"d knows all facts {time.monotonic() - started:.2f} s after its first exchange")
        made.wait_whole()
        check_log(made["x"])
        check_nothing_refused(made)


def secret(kind, key, **options):
    """With a key nothing that can be read travels; without one the same search finds it."""
    found = traffic_with(kind, **options)
    assert found, "the search finds nothing even in clear text: it is blind"
    found = traffic_with(kind, key=key, **options)
    assert not found, f"in clear text: {sorted(found)}"


def traffic_with(kind, **options):
    """Which of the texts, all told by ours, were seen on the wire."""
    texts = {"readable-name-1", "readable-name-2", "readable-meta", "readable-facts"}
    with group(kind, **options) as made:
        first = made.lab.add_host("a", ["192.0.2.1/24"])
        second = made.lab.add_host("b", ["192.0.2.2/24"])
        captures = [first.capture(), second.capture()]
        one = made.add_on(first, "readable-name-1", "192.0.2.1", True, meta=b"readable-meta")
        two = made.add_on(second, "readable-name-2", "192.0.2.2", True)
        made.add("x")
        one.set_facts(b"readable-facts")
        one.join(made["x"])
        two.join(made["x"])
        made.wait_whole()
        wait_for(lambda: knows(two, one.name, b"readable-facts"), "facts have arrived")
        time.sleep(3)
        seen = set()
        count = 0
        for capture in captures:
            for _, _, _, _, payload in payloads(capture):
                count += 1
                seen |= {text for text in texts if text.encode() in payload}
        assert count > 20, f"only {count} packets seen"
        note(f"{count} packets, readable: {sorted(seen)}")
    return seen
