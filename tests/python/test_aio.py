# SPDX-License-Identifier: MIT
"""The asyncio adapter, with memberships that meet on loopback."""

import asyncio
import gc
import weakref

import metallb
import pytest
from metallb import MembershipEventKind as Kind
from metallb.aio import EventStream

SECONDS = 15


@pytest.fixture
def pair(loopback):
    """Two memberships; the second one joins the first."""
    ports = loopback.port(), loopback.port()
    one, two = (
        metallb.Membership(name, bind_address=loopback.address, bind_port=port)
        for name, port in zip(("one", "two"), ports)
    )
    two.join([f"{loopback.address}:{ports[0]}"])
    yield one, two
    one.close()
    two.close()


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, SECONDS))


async def find(events, kind, name):
    async for event in events:
        if event.kind is kind and event.name == name:
            return event
    raise AssertionError("the stream ended")


def test_two_memberships(pair):
    one, two = pair

    async def body():
        async with EventStream(one) as of_one, EventStream(two) as of_two:
            await asyncio.gather(find(of_one, Kind.JOINED, "two"), find(of_two, Kind.JOINED, "one"))
            one.set_facts(b"facts")
            await find(of_two, Kind.FACTS, "one")
            assert two.facts("one").data == b"facts"
            two.leave()
            await asyncio.gather(find(of_one, Kind.LEFT, "two"), find(of_two, Kind.DEPARTED, ""))

    run(body())


def test_one_stream_at_a_time(pair):
    one, two = pair

    async def body():
        async with EventStream(one) as events, EventStream(two):
            with pytest.raises(RuntimeError, match="this Membership has an open stream already"):
                await EventStream(one).__aenter__()
            await find(events, Kind.JOINED, "two")
        async with EventStream(one):
            pass

    run(body())


def test_a_stream_after_a_loop_that_ended(pair):
    one, _ = pair
    left_open = EventStream(one)

    asyncio.run(left_open.__aenter__())
    assert not left_open.is_open()

    async def body():
        async with EventStream(one) as events:
            left_open.close()
            assert events.is_open()

    run(body())


def test_work_goes_on_without_a_reader(pair):
    one, two = pair

    async def body():
        async with EventStream(one), EventStream(two):
            while len(one.members()) < 2 or len(two.members()) < 2:
                await asyncio.sleep(0.02)

    run(body())
    # The events wait in the library.
    assert Kind.JOINED in [event.kind for event in one.events()]


def test_several_tasks_share_a_stream(pair):
    one, two = pair
    seen = []

    async def take(events):
        async for event in events:
            seen.append((event.kind, event.name))

    async def body():
        async with EventStream(one) as of_one, EventStream(two):
            tasks = [asyncio.ensure_future(take(of_one)) for _ in range(3)]
            while (Kind.JOINED, "two") not in seen:
                await asyncio.sleep(0.02)
            of_one.close()
            await asyncio.gather(*tasks)

    run(body())
    assert len(seen) == len(set(seen))


def test_closing_the_object_ends_the_stream(pair):
    one, _ = pair

    async def body():
        async with EventStream(one) as events:
            asyncio.get_running_loop().call_later(0.05, one.close)
            return [event async for event in events]

    assert run(body()) == []


def test_the_descriptor_may_be_used_again(pair, loopback):
    """A new object gets the number of one just closed: the loop must have forgotten that one."""
    one, two = pair
    seed = f"{loopback.address}:{two.member('two').port}"

    async def replace(old, name):
        """Closes one inside its open stream; the new one must be woken under the same number."""
        async with EventStream(old):
            descriptor = old.fileno()
            old.close()
            new = metallb.Membership(name, bind_address=loopback.address, bind_port=loopback.port())
            assert new.fileno() == descriptor
            new.join([seed])
            async with EventStream(new) as events:
                await find(events, Kind.JOINED, "two")
        return new

    async def body():
        async with EventStream(two):
            current = one
            for name in ("three", "four", "five"):
                current = await replace(current, name)
            current.close()

    run(body())


def test_errors_of_the_work_are_raised(pair, monkeypatch):
    one, _ = pair

    def fail():
        raise metallb.OperatingSystemError(metallb.ErrorCode.SYSTEM, "epoll_wait", system_error=9)

    async def body():
        async with EventStream(one) as events:
            monkeypatch.setattr(one, "dispatch", fail)
            with pytest.raises(metallb.OperatingSystemError):
                async for _ in events:
                    pass
            with pytest.raises(StopAsyncIteration):
                await events.__anext__()

    run(body())


def test_cancelling_a_reader_harms_nobody(pair):
    one, two = pair

    async def body():
        async with EventStream(one) as of_one, EventStream(two):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(find(of_one, Kind.LEFT, "nobody"), 0.3)
            two.leave()
            await find(of_one, Kind.LEFT, "two")

    run(body())


def test_misuse(pair):
    one, two = pair

    async def body():
        stream = EventStream(one)
        with pytest.raises(StopAsyncIteration):
            await stream.__anext__()
        async with stream:
            with pytest.raises(RuntimeError):
                await stream.__aenter__()
        stream.close()
        with pytest.raises(RuntimeError):
            await stream.__aenter__()
        two.close()
        with pytest.raises(metallb.WrongStateError):
            await EventStream(two).__aenter__()

    run(body())


def test_a_loop_that_ended_first(pair):
    one, _ = pair

    async def body():
        stream = EventStream(one)
        await stream.__aenter__()
        return stream

    stream = run(body())
    one.close()
    stream.close()


def test_nothing_stays(pair):
    one, _ = pair

    async def body():
        async with EventStream(one) as events:
            return weakref.ref(events)

    gone = run(body())
    gc.collect()
    assert gone() is None and one._watcher is None
