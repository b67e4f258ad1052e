"""An event loop whose time jumps to what is due next, and the clock that the sandboxes and the proxy read on it."""

import asyncio
import selectors
from datetime import UTC, datetime, timedelta
from typing import Any

from proxy.sandbox.clock import SandboxClock

_BEGAN = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class NothingLeftError(Exception):
    """Everything waits for something that cannot come: a real process would hang here."""


class _JumpingSelector(selectors.DefaultSelector):
    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        events = super().select(0)
        if events or timeout == 0:
            return list(events)
        if timeout is None:
            raise NothingLeftError
        self.loop.passed_s += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Sleeps, deadlines and back-offs take no real time; the order of everything repeats exactly."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        selector = _JumpingSelector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.passed_s


class VirtualClock(SandboxClock):
    """The loop's time as a wall clock; only waiting moves it."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    @property
    def offset_s(self) -> float:
        return (self.now() - datetime.now(UTC)).total_seconds()

    @property
    def now_ms(self) -> int:
        return int(self.now().timestamp() * 1000)

    def now(self) -> datetime:
        return _BEGAN + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        return self._loop.time()
