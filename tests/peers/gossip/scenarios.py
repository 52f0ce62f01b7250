# SPDX-License-Identifier: MIT
"""What is true of a group of ours and of theirs, whatever kind theirs are."""

import json
import os
import time

from gossip.group import group
from gossip.serf import Serf
from lab.waiting import wait_for

# MessagePack of {"role": "speaker"} behind serf's mark for tags; to memberlist it is any bytes.
META = b"\xff\x81\xa4role\xa7speaker"
OTHER_META = b"\xff\x81\xa4role\xa5other"

QUIET_SECONDS = float(os.environ.get("PEERS_QUIET_SECONDS", "120"))
# Of the protocol and of the delegate: least, most, spoken. By kind of group, and whether ours.
VERSIONS = {
    ("serf", True): (1, 5, 2, 2, 5, 4),
    ("serf", False): (1, 5, 2, 2, 5, 5),
    ("memberlist", True): (1, 5, 2, 0, 0, 0),
    ("memberlist", False): (1, 5, 2, 0, 0, 0),
}
FALSE_EVENTS = {"suspected", "failed", "left", "conflict", "stalled", "error"}


def note(text):
    """A measurement for the reader of the results."""
    print(f"# {text}", flush=True)


def joining(kind, **options):
    with group(kind, **options) as made:
        made.add("a", "b", "x", "y")
        made["y"].join(made["x"])
        made.wait_whole([made["x"], made["y"]], "xy")
        made["a"].join(made["x"])
        made.wait_whole([made[name] for name in "axy"], "axy")
        # b knows nobody when a member of the other kind comes.
        made["x"].join(made["b"])
        made.wait_whole()
        made.add("z", **({"meta": META} if kind == "memberlist" else {}))
        made["z"].join(made["a"])
        made.add("c", meta=META)
        made["c"].join(made["z"])
        made.wait_whole()
        check_descriptions(made)
        check_meta(made)
        check_nothing_refused(made)


def check_descriptions(made):
    """Each kind describes each member with the address, port and versions that it has."""
    for seer in made.ours + [peer for peer in made.theirs if not isinstance(peer, Serf)]:
        for name, entry in seer.members().items():
            versions = tuple(entry["versions"])
            wanted = VERSIONS[made.kind, made[name].kind == "ours"]
            assert versions == wanted, f"{seer.name} sees {name} with versions {versions}"
            seen = (entry["address"], entry["port"])
            assert seen == (made[name].address, made[name].port), f"{seer.name}: {entry}"
    for seer in made.theirs:
        if isinstance(seer, Serf):
            for name, entry in seer.shown().items():
                assert entry["addr"] == made[name].endpoint, f"{seer.name}: {entry}"
                assert entry["status"] == "alive", f"{seer.name}: {entry}"


def shows_meta(seer, name, meta):
    if isinstance(seer, Serf):
        return seer.shown()[name]["tags"].get("role") == meta[8:].decode()
    return seer.members()[name]["meta"] == meta.hex()


def check_meta(made):
    """Meta data given at the start, and its change, reach both kinds, from both kinds."""
    for seer in made.running:
        made.wait_view(seer, lambda s: shows_meta(s, "c", META), "meta of c")
    made["c"].set_meta(OTHER_META)
    for seer in made.running:
        made.wait_view(seer, lambda s: shows_meta(s, "c", OTHER_META), "new meta of c")
    for seer in made["a"], made["b"]:
        seer.wait_event("updated", "c")
        assert len(seer.happened("updated", "c")) == 1, seer.happened("updated", "c")
    if made.kind == "serf":
        made["z"].set_tag("role", "other")
    else:
        made["z"].set_meta(OTHER_META)
    for seer in made.ours:
        made.wait_view(seer, lambda s: shows_meta(s, "z", OTHER_META), "new meta of z")
        seer.wait_event("updated", "z")


def check_nothing_refused(made):
    """Our members found nothing to refuse in what came from a group of sound members."""
    for member in made.ours:
        if member.process.running:
            counts = member.statistics()
            refused = {key: counts[key] for key in ("packets_refused", "messages_refused")}
            assert not any(refused.values()), f"{member.name}: {refused}"


def leaving(kind, **options):
    with group(kind, **options) as made:
        made.three_of_each()
        check_our_leave(made, 1)
        made["c"].come_back()
        made.wait_whole()
        check_our_leave(made, 2)
        made["c"].quit()

        made["z"].leave()
        for seer in made.ours[:2]:
            seer.wait_event("left", "z")
            assert not seer.happened("failed", "z"), seer.happened(name="z")
        # Another serf agent says failed if its dead reaches it before serf's own message of leave.
        made.wait_down("z")
        if made["z"].process.running:
            made["z"].kill()

        # Who comes now learns the full state from one member, and nobody who left in it.
        made.add("d", "w")
        made["d"].join(made["x"])
        made.wait_whole([made["d"]], "abdxy")
        made["w"].join(made["a"])
        made.wait_whole()
        check_nothing_refused(made)


def check_our_leave(made, count):
    made["c"].leave()
    made["c"].wait_event("departed", count=count)
    for seer in made["a"], made["b"]:
        seer.wait_event("left", "c", count=count)
        assert not seer.happened("failed", "c"), seer.happened(name="c")
        assert seer.view()["c"] == "left", seer.view()
    # serf shows as failed who goes without serf's own message of leave before.
    made.wait_down("c", among=("failed", "gone"), members=made.theirs)
    if made.kind == "serf":
        for seer in made.theirs:
            assert seer.shown()["c"]["status"] == "failed", seer.shown()


def failing(kind, **options):
    with group(kind, **options) as made:
        made.three_of_each()
        for name in "c", "z":
            check_failure(made, name)
        # A member that is back under its name has to outbid what is believed of it.
        made["c"].start()
        made["c"].join(made["x"])
        made["z"].start()
        made["z"].join(made["a"])
        made.wait_whole()
        for name in "b", "y":
            check_quick_restart(made, name)
        check_nothing_refused(made)


def check_failure(made, name):
    started = time.clock_gettime(time.CLOCK_BOOTTIME)
    made[name].kill()
    made.wait_down(name)
    seers = [seer for seer in made.ours if seer.name != name]
    events = [seer.wait_event("failed", name) for seer in seers if seer.process.running]
    times = [f"{event['time'] - started:.2f}" for event in events]
    note(f"{made[name].kind} {name} killed: failed for ours after {', '.join(times)} s")
    assert any(seer.happened("suspected", name) for seer in seers), "nobody suspected it"
    assert not any(seer.happened("left", name) for seer in seers), "somebody took it for left"
    if made.kind == "serf":
        for seer in made.theirs:
            if seer.name != name:
                assert seer.shown()[name]["status"] == "failed", seer.shown()


def check_quick_restart(made, name):
    """Restarted faster than anybody can find it missing."""
    seers = [seer for seer in made.ours if seer.name != name]
    before = [len(seer.happened("failed", name)) for seer in seers]
    made[name].restart()
    made[name].join(made["a"], made["x"])
    made.wait_whole()
    time.sleep(8)
    after = [len(seer.happened("failed", name)) for seer in seers]
    assert before == after, f"{name} was taken for failed after its restart"
    made.wait_whole()


def refuting(kind, **options):
    with group(kind, **options) as made:
        made.three_of_each()
        for name in "z", "b":
            check_refutation(made, name)
        assert made["b"].statistics()["refutations"] > 0, made["b"].statistics()
        for name in "x", "c":
            check_return_from_death(made, name)
        made["c"].wait_event("stalled")
        made["c"].wait_event("recovered")
        check_nothing_refused(made)


def check_refutation(made, name):
    """One that stands still is suspected and, going on in time, refutes that."""
    seers = [seer for seer in made.ours if seer.name != name]
    before = seers[0].members()[name]["incarnation"]
    made[name].pause()
    wait_for(
        lambda: all(seer.happened("suspected", name) for seer in seers),
        f"{name} suspected", 15,
    )  # fmt: skip
    made[name].resume()
    for seer in seers:
        seer.wait_event("trusted", name)
        assert not seer.happened("failed", name), seer.happened(name=name)
    after = seers[0].members()[name]["incarnation"]
    assert after > before, f"{name} goes on as incarnation {after}, before {before}"
    made.wait_whole()
    # Theirs may miss each other's refutation and are not reminded of it; of ours they are.
    for seer in made.theirs if name in made.names(made.ours) else []:
        failed = seer.times_failed(name)
        assert not failed, f"{seer.name} took {name} for failed"


def check_return_from_death(made, name):
    """One that stood still until all took it for dead is a member again when it goes on."""
    made[name].pause()
    others = [member for member in made.running if member.name != name]
    made.wait_down(name, members=others)
    started = time.monotonic()
    made[name].resume()
    made.wait_whole()
    note(f"{made[name].kind} {name} back after {time.monotonic() - started:.2f} s")


def splitting(kind, **options):
    with group(kind, **options) as made:
        made.three_of_each()
        halves = ("a", "x", "y"), ("b", "c", "z")
        made.split(halves[1])
        for half in halves:
            made.wait_whole([made[name] for name in half], half)
        started = time.clock_gettime(time.CLOCK_BOOTTIME)
        made.heal(halves[1])
        made.wait_whole()
        last = 0
        for seer in made.ours:
            for name in halves[1] if seer.name in halves[0] else halves[0]:
                last = max(last, seer.happened("joined", name)[-1]["time"])
        note(f"healed for ours after {last - started:.2f} s")
        assert last - started <= 3, f"healed for ours only after {last - started:.2f} s"
        check_nothing_refused(made)


def quiet(kind, **options):
    with group(kind, **options) as made:
        made.three_of_each()
        for member in made.ours:
            member.set_facts(member.name.encode() * 100)
        time.sleep(3)
        seen = {member.name: len(member.happened()) for member in made.ours}
        started = time.monotonic()
        round_ = 0
        while time.monotonic() - started < QUIET_SECONDS:
            time.sleep(5)
            round_ += 1
            member = made.ours[round_ % 3]
            member.set_facts(f"{member.name} {round_} ".encode() * (1 + 31 * round_ % 300))
        for member in made.ours:
            check_was_quiet(member, seen[member.name])
        for member in made.theirs:
            check_log(member, introductions=2 * len(made.ours))
        made.wait_whole()
        check_nothing_refused(made)


def check_was_quiet(member, seen):
    news = [event for event in member.happened()[seen:] if event["event"] in FALSE_EVENTS]
    assert not news, f"{member.name}: {json.dumps(news)}"
    counts = member.statistics()
    wrong = {
        key: counts[key]
        for key in ("suspicions", "refutations", "stalls", "conflicts", "streams_failed", "health")
    }
    assert not any(wrong.values()), f"{member.name}: {counts}"
    # Both sides of an exchange count it, so one in each interval of 30 s is the average.
    assert counts["push_pulls"] >= QUIET_SECONDS // 60, f"{member.name}: {counts}"
    note(f"{member.name}: {counts['probes']} probes, {counts['probes_failed']} failed")


# What serf says of user state that is not its own. Ours sends it to whom it does not know yet.
_FOREIGN_STATE = "Remote state has bad type prefix"


def check_log(peer, introductions=0):
    """Nothing but warnings in the log of one of theirs, and no doubt about anybody."""
    lines = peer.log().splitlines()
    # The last two: one that acknowledges by TCP only.
    marks = ("[ERR]", "Suspect", "MemberFailed", "UDP probes failed", "but other probes failed")
    bad = [line for line in lines if any(mark in line for mark in marks)]
    foreign = [line for line in bad if _FOREIGN_STATE in line]
    bad = [line.strip() for line in bad if line not in foreign]
    assert not bad, f"{peer.name}: {bad[:5]}"
    assert len(foreign) <= introductions, f"{peer.name}: {foreign}"
    warnings = [line for line in lines if "[WARN]" in line]
    if warnings:
        note(f"{peer.name}: {len(warnings)} warnings, the last: {warnings[-1].strip()[:160]}")
