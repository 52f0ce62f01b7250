# SPDX-License-Identifier: MIT
"""The life of objects: closing, with blocks, garbage collection in any order, fork and threads."""

import gc
import os
import random
import threading
import time
import weakref

import metallb
import pytest
from support import run_python

KINDS = {
    "Pool": lambda loopback: metallb.Pool("lan", ["10.0.0.0/8"]),
    "Allocator": lambda loopback: metallb.Allocator([metallb.Pool("lan", ["10.0.0.0/8"])]),
    "Election": lambda loopback: metallb.Election(),
    "Membership": lambda loopback: metallb.Membership(
        "one", bind_address=loopback.address, bind_port=loopback.port()
    ),
}

# Each call that reaches the library.
CALLS = {
    "Pool": [
        lambda pool: pool.name,
        lambda pool: pool.add("11.0.0.0/8"),
        len,
        list,
        lambda pool: pool[0],
        lambda pool: "10.0.0.1" in pool,
        lambda pool: pool.count(),
        lambda pool: pool.overlaps(metallb.Pool("other")),
        lambda pool: metallb.Pool("other").overlaps(pool),
        lambda pool: metallb.Allocator([pool]),
    ],
    "Allocator": [
        lambda allocator: allocator.set_pools([]),
        lambda allocator: allocator.assign(metallb.Request("a")),
        lambda allocator: allocator.allocate(metallb.Request("a")),
        lambda allocator: allocator.complete(metallb.Request("a")),
        lambda allocator: allocator.release("a"),
        lambda allocator: allocator.find("a"),
        lambda allocator: "a" in allocator,
        lambda allocator: allocator.holders("10.0.0.1"),
        lambda allocator: allocator.pool_of("10.0.0.1"),
        lambda allocator: allocator.counters("lan"),
    ],
    "Election": [
        lambda election: election.set_group(0, []),
        lambda election: election.remove_group(0),
        lambda election: election.set_address("10.0.0.1"),
        lambda election: election.remove_address("10.0.0.1"),
        lambda election: election.places("10.0.0.1"),
        lambda election: election.owner("10.0.0.1"),
        lambda election: list(election.changes()),
    ],
    "Membership": [
        lambda membership: membership.fileno(),
        lambda membership: membership.dispatch(),
        lambda membership: membership.next_event(),
        lambda membership: list(membership.events()),
        lambda membership: membership.wait(0),
        lambda membership: list(membership.watch(0)),
        lambda membership: membership.join([]),
        lambda membership: membership.leave(),
        lambda membership: membership.return_(),
        lambda membership: membership.set_keys([]),
        lambda membership: membership.set_meta(b""),
        lambda membership: membership.set_facts(b""),
        lambda membership: membership.facts("one"),
        lambda membership: membership.members(),
        lambda membership: membership.member("one"),
        lambda membership: membership.statistics(),
    ],
}

every_kind = pytest.mark.parametrize("kind", KINDS)


@every_kind
def test_with_block(kind, loopback):
    with KINDS[kind](loopback) as made:
        assert not made.closed
    assert made.closed
    made.close()
    with pytest.raises(metallb.WrongStateError), made:
        pass


@every_kind
def test_with_block_that_fails(kind, loopback):
    with pytest.raises(KeyError), KINDS[kind](loopback) as made:
        raise KeyError("anything")
    assert made.closed


@every_kind
def test_calls_on_a_closed_one(kind, loopback):
    made = KINDS[kind](loopback)
    made.close()
    for call in CALLS[kind]:
        with pytest.raises(metallb.WrongStateError) as caught:
            call(made)
        assert type(caught.value) is metallb.WrongStateError
        assert caught.value.code is metallb.ErrorCode.WRONG_STATE
        assert str(caught.value) == f"this {kind} is closed"
    assert "Pool" not in kind or repr(made) == "<Pool, closed>"


@every_kind
def test_the_last_reference_frees(kind, loopback):
    made = KINDS[kind](loopback)
    finalizer, gone = made._finalizer, weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None and not finalizer.alive


def test_the_descriptor_is_closed_with_the_last_reference(loopback):
    made = KINDS["Membership"](loopback)
    descriptor = made.fileno()
    os.fstat(descriptor)
    del made
    gc.collect()
    with pytest.raises(OSError):
        os.fstat(descriptor)


def test_objects_are_freed_in_any_order(loopback):
    random.seed(7)
    for _ in range(20):
        pools = [metallb.Pool(str(n), [f"10.{n}.0.0/16"]) for n in range(10)]
        allocators = [metallb.Allocator(pools) for _ in range(3)]
        everything = [*pools, *allocators, metallb.Election(), KINDS["Membership"](loopback)]
        random.shuffle(everything)
        pools.clear()
        allocators.clear()
        while everything:
            everything.pop()
    gc.collect()


def test_pools_of_a_generator_live_long_enough():
    """Nothing else refers to them while the library copies them."""
    allocator = metallb.Allocator(metallb.Pool(str(n), [f"10.{n}.0.0/16"]) for n in range(100))
    assert [allocator.pool_of(f"10.{n}.1.1") for n in range(100)] == [str(n) for n in range(100)]


def test_what_was_made_of_an_object_outlives_it(loopback):
    pool = metallb.Pool("lan", ["10.0.0.0/8"])
    entry, name, allocator = pool[0], pool.name, metallb.Allocator([pool])
    pool.close()
    assert (str(entry), name) == ("10.0.0.0/8", "lan")
    held = allocator.allocate(metallb.Request("a", ["lan"]))
    allocator.close()
    assert held.pool == "lan"
    membership = KINDS["Membership"](loopback)
    (member,) = membership.members()
    membership.close()
    assert member.name == "one"


def test_cycles_are_collected():
    pool = metallb.Pool("lan")
    pool.myself = pool
    gone = weakref.ref(pool)
    del pool
    gc.collect()
    assert gone() is None


def test_failed_constructors_leave_nothing(loopback):
    before = set(os.listdir("/proc/self/fd"))
    for _ in range(50):
        for make in (
            lambda: metallb.Pool("lan", ["10.0.0.0/33"]),
            lambda: metallb.Allocator([metallb.Pool("a", ["::/0"]), metallb.Pool("b", ["::/0"])]),
            lambda: metallb.Membership("one", bind_address="192.0.2.1"),
        ):
            with pytest.raises(metallb.Error):
                make()
    gc.collect()
    assert set(os.listdir("/proc/self/fd")) == before


def test_requests_keep_what_they_point_to(monkeypatch):
    """The C structs must not point into memory that Python took back."""
    from metallb import allocator

    request = metallb.Request(
        "".join(["name", "space"]),
        pools=["".join(["po", "ol", str(n)]) for n in range(50)],
        addresses=["10.0.0.1"],
        ports=[metallb.Port(n + 1) for n in range(50)],
        sharing_key="".join(["k", "ey"]),
    )
    struct = allocator._to_request(request)
    gc.collect()
    noise = [bytes([n % 256]) * 24 for n in range(100000)]
    assert struct.id == b"namespace" and struct.sharing_key == b"key"
    assert [struct.pools[n] for n in range(50)] == [f"pool{n}".encode() for n in range(50)]
    assert [struct.ports[n].number for n in range(50)] == list(range(1, 51))
    assert bytes(struct.addresses[0].bytes)[:4] == b"\x0a\0\0\1" and noise


def test_a_child_of_fork_frees_nothing(loopback):
    made = KINDS["Membership"](loopback)
    descriptor = made.fileno()
    child = os.fork()
    if child == 0:
        made.close()
        try:
            os.fstat(descriptor)
        except OSError:
            os._exit(1)
        os._exit(0 if made.closed else 2)
    assert os.waitpid(child, 0)[1] == 0
    # The parent's descriptor still wakes it: the timers of a membership never end.
    for _ in range(3):
        assert made.wait(5)
    made.close()
    with pytest.raises(OSError):
        os.fstat(descriptor)


def test_waiting_ends_in_time(loopback, monkeypatch):
    """With a descriptor that stays silent, as that of no object does for long."""
    reader, writer = os.pipe()
    with KINDS["Membership"](loopback) as made:
        monkeypatch.setattr(made, "fileno", lambda: reader)
        for seconds in (0.2, 0, -1):
            started = time.monotonic()
            assert made.wait(seconds) is False
            assert seconds <= time.monotonic() - started < 10
        os.write(writer, b"!")
        assert made.wait() is True
    os.close(reader)
    os.close(writer)


def test_an_object_may_move_between_threads():
    allocator = metallb.Allocator([metallb.Pool("lan", ["10.0.0.0/24"])])
    failures = []

    def body(name):
        try:
            allocator.allocate(metallb.Request(name, ["lan"]))
        except Exception as error:
            failures.append(error)

    for number in range(10):
        thread = threading.Thread(target=body, args=(str(number),))
        thread.start()
        thread.join()
    assert not failures and allocator.counters("lan").requests == 10


def test_pure_functions_run_in_many_threads():
    nodes = ["node-a", "node-b", "node-c"]
    wanted = [metallb.rank(f"10.0.0.{n}", nodes) for n in range(256)]
    results = []

    def body():
        results.append([metallb.rank(f"10.0.0.{n}", nodes) for n in range(256)])

    threads = [threading.Thread(target=body) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [wanted] * 8


AT_EXIT = """
import metallb
pool = metallb.Pool("lan", ["10.0.0.0/8"])
allocator = metallb.Allocator([pool])
membership = metallb.Membership("one", bind_address="%s", bind_port=%d)
pool.allocator, allocator.membership, membership.pool = allocator, membership, pool
print("end")
"""


def test_the_end_of_the_interpreter_frees(loopback):
    done = run_python(AT_EXIT % (loopback.address, loopback.port()))
    assert (done.returncode, done.stdout, done.stderr) == (0, "end\n", "")
