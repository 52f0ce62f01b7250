# SPDX-License-Identifier: MIT
"""Objects of the library, and those of them that have a descriptor."""

from __future__ import annotations

import os
import select
import time
import weakref
from typing import Any, Callable, Generic, Iterator, Optional, Protocol, TypeVar

from .errors import ErrorCode, call, check, make_error

Event = TypeVar("Event")
Self = TypeVar("Self", bound="Handle")


def _free(free: Callable[[Any], None], pointer: Any, process: int) -> None:
    # A child made by fork() shares the descriptors: to free them there would disturb the parent.
    if os.getpid() == process:
        free(pointer)


class Handle:
    """Owns an object of the library, which is freed once: by close(), at the end of a with block,
    or with the Python object."""

    def __init__(self, pointer: Any, free: Callable[[Any], None]) -> None:
        self._handle = pointer
        self._finalizer = weakref.finalize(self, _free, free, pointer, os.getpid())

    @property
    def _pointer(self) -> Any:
        if not self._finalizer.alive:
            message = f"this {type(self).__name__} is closed"
            raise make_error(ErrorCode.WRONG_STATE, message)
        return self._handle

    @property
    def closed(self) -> bool:
        """Whether it was closed; any other call raises WrongStateError then."""
        return not self._finalizer.alive

    def close(self) -> None:
        """Frees the object; a second time does nothing."""
        self._finalizer()

    def __enter__(self: Self) -> Self:
        self._pointer
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Watcher(Protocol):
    """An adapter that has an event loop watch the descriptor."""

    def close(self) -> None:
        """Ends the watching."""

    def is_open(self) -> bool:
        """Whether a loop still watches."""


class LiveHandle(Handle, Generic[Event]):
    """An object with one descriptor and a queue of events.

    It can be given to select, poll and selectors as it stands, having fileno(). When the
    descriptor is readable call dispatch(), then take the events; wait() and watch() do both.
    """

    _get_descriptor: Callable[[Any], int]
    _dispatch: Callable[[Any, Any], int]

    def __init__(self, pointer: Any, free: Callable[[Any], None]) -> None:
        super().__init__(pointer, free)
        self._watcher: Optional[Watcher] = None

    def close(self) -> None:
        """Frees the object; a second time does nothing. An adapter that watches it ends."""
        if self._watcher is not None:
            self._watcher.close()
        super().close()

    def fileno(self) -> int:
        """The descriptor; it belongs to the object and becomes readable when there is work."""
        return check(type(self)._get_descriptor(self._pointer))

    def dispatch(self) -> None:
        """Does a bounded amount of the work that is due; never blocks."""
        call(type(self)._dispatch, self._pointer)

    def next_event(self) -> Optional[Event]:
        """Takes the next event, or None when there is none."""
        raise NotImplementedError

    def events(self) -> Iterator[Event]:
        """Takes the events that wait now; never blocks."""
        while (event := self.next_event()) is not None:
            yield event

    def wait(self, timeout: Optional[float] = None) -> bool:
        """Waits until there is work, at most so many seconds, and does it.

        :return: False when the time was over first
        """
        poll = select.poll()
        poll.register(self.fileno(), select.POLLIN)
        if not poll.poll(None if timeout is None else max(0.0, timeout) * 1000):
            return False
        self.dispatch()
        return True

    def watch(self, timeout: Optional[float] = None) -> Iterator[Event]:
        """Works and yields each event as it comes, for so many seconds, or without end."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            yield from self.events()
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return
            self.wait(left)
