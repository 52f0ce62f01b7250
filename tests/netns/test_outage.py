# SPDX-License-Identifier: MIT
"""The instruments of the demo and of bench/failover: against outages of known length."""

import signal
import sys
import time

from lab import tap
from lab.claimants import Claimants, contested, is_contested_at_end, unclaimed
from lab.frames import BROADCAST, advertisement, arp_request
from lab.keepalived import Keepalived
from lab.network import Lab
from lab.outage import Meter, start_echo
from lab.waiting import TimedOut, wait_for

tap.need_root()

MOVING_4 = "192.0.2.240"
MOVING_6 = "2001:db8::f0"
MOVING = (MOVING_4, MOVING_6)
OBSERVER = ("192.0.2.101", "2001:db8::101")
GAP_SECONDS = 0.7
# What a busy machine may add to a time that is bounded from above.
SLACK_SECONDS = 0.4


def make(lab):
    """A client, and two hosts that echo."""
    client = lab.add_host("client", ["192.0.2.100/24", "2001:db8::100/64"])
    hosts = []
    for number, name in enumerate("ab", 1):
        hosts.append(lab.add_host(name, [f"192.0.2.{number}/24", f"2001:db8::{number}/64"]))
        start_echo(hosts[-1])
    return client, *hosts


def change(host, what):
    """Adds both addresses to a host, or deletes them."""
    host.ip_batch(f"address {what} {MOVING_4}/24 dev eth0\naddress {what} {MOVING_6}/64 dev eth0\n")


def tell(host):
    """What a host says to the LAN when it has got the addresses."""
    hardware = host.hardware_address()
    capture = host.capture()
    capture.send(arp_request(hardware, MOVING_4, MOVING_4, BROADCAST))
    capture.send(advertisement(hardware, MOVING_6, MOVING_6))


def test_known_gap():
    """an address that is nowhere for 0.7 s was out of reach for 0.7 s, for both families"""
    with Lab() as lab:
        client, a, b = make(lab)
        change(a, "add")
        meter = Meter(client, MOVING)
        meter.wait_answered(lambda host: host == "a", "answers of a")
        before = time.monotonic()
        change(a, "del")
        gone = time.monotonic()
        time.sleep(GAP_SECONDS)
        adding = time.monotonic()
        change(b, "add")
        tell(b)
        there = time.monotonic()
        meter.wait_answered(lambda host: host == "b", "answers of b")
        for address, seen in meter.stop().items():
            print(f"# {address}: {seen}")
            assert seen.over
            assert adding - gone <= seen.outage / 1000 <= there - before + SLACK_SECONDS
            lost = seen.sent - seen.answered
            assert lost >= (adding - gone) * 1000 / 2, f"{lost} requests lost"


def test_no_gap():
    """an address that stays has no outage, and is asked each millisecond"""
    with Lab() as lab:
        client, a, _ = make(lab)
        change(a, "add")
        meter = Meter(client, MOVING)
        meter.wait_answered(lambda host: host == "a", "answers of a")
        time.sleep(0.5)
        for address, seen in meter.stop().items():
            print(f"# {address}: {seen}")
            # An answer that was 100 ms late counts as lost, and then so much at least is missing.
            assert seen.outage == 0 if seen.sent == seen.answered else seen.outage >= 100
            assert 0.9 <= seen.usual_pause <= 5


def test_late_answers():
    """a server that stands still is an outage, although it answers everything afterwards"""
    with Lab() as lab:
        client = lab.add_host("client", ["192.0.2.100/24", "2001:db8::100/64"])
        server = start_echo(lab.add_host("a", ["192.0.2.1/24", "2001:db8::1/64"]))
        meter = Meter(client, ["192.0.2.1", "2001:db8::1"])
        meter.wait_answered(lambda host: host == "a", "answers of a")
        before = time.monotonic()
        server.signal(signal.SIGSTOP)
        stopped = time.monotonic()
        time.sleep(GAP_SECONDS)
        going_on = time.monotonic()
        server.signal(signal.SIGCONT)
        time.sleep(0.2)
        after = time.monotonic()
        for seen in meter.stop().values():
            print(f"# {seen}")
            assert going_on - stopped <= seen.outage / 1000 <= after - before + SLACK_SECONDS


def test_lasting_gap():
    """an address that does not come back is out of reach until the end"""
    with Lab() as lab:
        client, a, _ = make(lab)
        change(a, "add")
        meter = Meter(client, MOVING)
        meter.wait_answered(lambda host: host == "a", "answers of a")
        change(a, "del")
        gone = time.monotonic()
        time.sleep(GAP_SECONDS)
        ending = time.monotonic()
        for seen in meter.stop().values():
            assert not seen.over
            assert seen.outage / 1000 >= ending - gone - SLACK_SECONDS


def test_no_answer():
    """an address that never answers has no outage, but no result either"""
    with Lab() as lab:
        client, *_ = make(lab)
        meter = Meter(client, MOVING)
        try:
            meter.wait_answered(lambda _: True, "any answer", 0.5)
        except TimedOut:
            assert meter.stop() == {MOVING_4: None, MOVING_6: None}
            return
        raise AssertionError("somebody answered")


def test_cuts():
    """a cut takes the carrier, a silent one does not, nothing passes, and both heal"""
    with Lab() as lab:
        client, a, _ = make(lab)
        for cut, carrier in ((a.cut, "0"), (a.cut_silently, "1")):
            meter = Meter(client, ["192.0.2.1", "2001:db8::1"])
            meter.wait_answered(lambda host: host == "a", "answers of a")
            cut()
            wait_for(lambda c=carrier: a.read("/sys/class/net/eth0/carrier") == c, "the carrier")
            time.sleep(0.3)
            a.heal()
            wait_for(lambda: a.read("/sys/class/net/eth0/carrier") == "1", "the carrier again")
            wait_for(lambda: client.run("ping", "-c1", "-W1", "192.0.2.1", check=False).returncode
                     == 0, "a ping")  # fmt: skip
            time.sleep(0.2)
            for seen in meter.stop().values():
                assert seen.over and seen.outage >= 300, seen


def test_claimants():
    """two hosts that answer for an address for 0.7 s are both seen, for so long"""
    with Lab() as lab:
        _, a, b = make(lab)
        observer = lab.add_host("observer", [OBSERVER[0] + "/24", OBSERVER[1] + "/64"])
        change(a, "add")
        claimants = Claimants(observer, *OBSERVER, MOVING)
        time.sleep(0.3)
        before = time.monotonic()
        change(b, "add")
        both = time.monotonic()
        time.sleep(GAP_SECONDS)
        leaving = time.monotonic()
        change(a, "del")
        alone = time.monotonic()
        time.sleep(0.3)
        hardware = {a.hardware_address(), b.hardware_address()}
        for address, claims in claimants.stop().items():
            seconds = contested(claims)
            print(f"# {address}: {seconds:.3f} s")
            assert set(claims) == hardware
            assert leaving - both - SLACK_SECONDS <= seconds <= alone - before + SLACK_SECONDS


def test_unclaimed():
    """an address that is nowhere for 0.7 s is unclaimed for so long"""
    with Lab() as lab:
        _, a, b = make(lab)
        observer = lab.add_host("observer", [OBSERVER[0] + "/24", OBSERVER[1] + "/64"])
        change(a, "add")
        claimants = Claimants(observer, *OBSERVER, MOVING)
        time.sleep(0.3)
        before = time.monotonic()
        change(a, "del")
        gone = time.monotonic()
        time.sleep(GAP_SECONDS)
        adding = time.monotonic()
        change(b, "add")
        there = time.monotonic()
        time.sleep(0.3)
        for address, claims in claimants.stop().items():
            seconds = unclaimed(claims)
            print(f"# {address}: {seconds:.3f} s")
            assert contested(claims) == 0
            assert adding - gone <= seconds <= there - before + SLACK_SECONDS


def test_claims():
    """claims of known times: when they overlap, and when there are none"""
    claims = {"a": [(1.0, 2.0), (7.0, 7.0)], "b": [(2.5, 6.0)]}
    assert contested(claims) == 0
    assert unclaimed(claims) == unclaimed(claims, since=6.5) == 1.0
    assert unclaimed({"a": [(1.0, 2.0)], "b": [(5.0, 5.0), (5.5, 6.0)]}, since=5.2) == 0.5
    assert unclaimed({"a": [(1.0, 5.0)], "b": [(2.0, 3.0), (4.5, 6.0)]}) == 0
    assert not is_contested_at_end(claims)
    claims["c"] = [(3.0, 4.0), (5.5, 8.0)]
    assert not is_contested_at_end(claims)
    assert abs(contested(claims) - 1.5) < 1e-9
    assert abs(contested(claims, since=3.5) - 1.0) < 1e-9
    claims["a"].append((7.9, 7.99))
    assert is_contested_at_end(claims)


def keepalived_pair(lab):
    client, a, b = make(lab)
    addresses = [MOVING_4 + "/24", MOVING_6 + "/64"]
    pair = [Keepalived(a, 150, addresses, 0.1), Keepalived(b, 100, addresses, 0.1)]
    meter = Meter(client, MOVING)
    meter.wait_answered(lambda host: host == "a", "answers of a")
    return meter, pair


def test_keepalived_takes_over():
    """keepalived runs in the lab, and its standby takes over after a cut"""
    with Lab() as lab:
        meter, (first, second) = keepalived_pair(lab)
        first.host.cut_silently()
        meter.wait_answered(lambda host: host == "b", "answers of b")
        for seen in meter.stop().values():
            print(f"# {seen}")
            # Three advertisements must be missed, each 100 ms after the one before.
            assert seen.over and seen.outage > 200
        first.host.heal()
        wait_for(lambda: first.holds_all() and not second.holds_all(), "the first has them back")
        first.stop()
        wait_for(second.holds_all, "the second has them")
        assert not first.holds_all()


def test_keepalived_crashes():
    """a crashed keepalived leaves its addresses behind, and can be started again"""
    with Lab() as lab:
        meter, (first, second) = keepalived_pair(lab)
        first.crash()
        wait_for(second.holds_all, "the second has them")
        assert first.holds_all()
        assert not first.process.running
        first.start()
        wait_for(lambda: first.holds_all() and not second.holds_all(), "the first has them back")
        meter.stop()


sys.exit(
    tap.run(
        [
            test_known_gap,
            test_no_gap,
            test_late_answers,
            test_lasting_gap,
            test_no_answer,
            test_cuts,
            test_claimants,
            test_unclaimed,
            test_claims,
            test_keepalived_takes_over,
            test_keepalived_crashes,
        ]
    )
)
