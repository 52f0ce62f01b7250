# SPDX-License-Identifier: MIT
"""Announcer and membership in asyncio.

    async with EventStream(membership) as events:
        async for event in events:
            ...

While a stream is open the running loop watches the descriptor and does the work that is due, also
when nobody waits for an event. Events stay in the library's own bounded queue until they are taken.
"""

from __future__ import annotations

import asyncio
from typing import AsyncIterator, Generic, Optional

from ._handle import Event, LiveHandle

__all__ = ["EventStream"]


class EventStream(AsyncIterator[Event], Generic[Event]):
    """The events of one object, as they come; several tasks may take from one stream.

    It ends when it or the object is closed. An error of dispatch() is raised where the next event
    was awaited, and ends the stream.

    The stream belongs to the loop in which it was entered; the object must not be dispatched by
    anybody else meanwhile, all its other calls may be made as ever. An object has one open stream
    at a time.
    """

    def __init__(self, live: LiveHandle[Event]) -> None:
        self._live = live
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._descriptor = -1
        self._ready: Optional[asyncio.Event] = None
        self._error: Optional[BaseException] = None

    async def __aenter__(self) -> EventStream[Event]:
        if self._loop is not None:
            raise RuntimeError("this stream was opened before; make a new one")
        descriptor = self._live.fileno()
        # A loop has one reader for a descriptor: a second stream would silence the first one.
        if self._live._watcher is not None and self._live._watcher.is_open():
            kind = type(self._live).__name__
            raise RuntimeError(f"this {kind} has an open stream already; take the events from it")
        self._loop = asyncio.get_running_loop()
        self._ready = asyncio.Event()
        self._loop.add_reader(descriptor, self._work)
        self._descriptor = descriptor
        self._live._watcher = self
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stops watching; what waits for an event ends. A second time does nothing."""
        if self._descriptor < 0 or self._loop is None:
            return
        if not self._loop.is_closed():
            self._loop.remove_reader(self._descriptor)
        self._descriptor = -1
        if self._live._watcher is self:
            self._live._watcher = None
        self._wake()

    def is_open(self) -> bool:
        """Whether a loop still watches; one that has ended does not."""
        return self._descriptor >= 0 and self._loop is not None and not self._loop.is_closed()

    def _wake(self) -> None:
        if self._ready is not None:
            self._ready.set()

    def _work(self) -> None:
        try:
            self._live.dispatch()
        except Exception as error:
            self._error = error
            self.close()
        self._wake()

    def __aiter__(self) -> EventStream[Event]:
        return self

    async def __anext__(self) -> Event:
        while self._ready is not None and self._descriptor >= 0:
            event = self._live.next_event()
            if event is not None:
                return event
            self._ready.clear()
            await self._ready.wait()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        raise StopAsyncIteration
