"""The deadline of every request under way, on one timer: a timer each costs a warm read a tenth of its time."""

import asyncio
from typing import Any

Request = asyncio.Task[Any]


class Deadlines:
    """Cancels requests that take longer than `within_s` seconds; each is known by the task that serves it."""

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._ends: dict[Request, float] = {}  # in the order in which they began, and so in that in which they end
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> Request:
        """Have the running task's request end in time; `end` is to be called whatever becomes of it."""
        loop, request = asyncio.get_running_loop(), asyncio.current_task()
        assert request is not None
        self._ends[request] = loop.time() + self._within_s
        if self._timer is None:
            self._timer = loop.call_later(self._within_s, self._look)
        return request

    def passed(self, request: Request) -> bool:
        """Tell whether it was cancelled from here."""
        return request not in self._ends

    def end(self, request: Request) -> None:
        """Forget the request; that it was cancelled from here is taken back, for its answer is still to be sent."""
        if self._ends.pop(request, None) is None:
            request.uncancel()

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while self._ends:
            request, ends = next(iter(self._ends.items()))
            if ends > loop.time():
                self._timer = loop.call_at(ends, self._look)
                return
            del self._ends[request]
            request.cancel()
        self._timer = None
