"""An in-process cache: one load for all who wait, stale rather than nothing, never a wrong hold."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TTLCache

from proxy.domain.errors import UpstreamUnavailable
from proxy.ports import Cached

V = TypeVar("V")


class _Entry(Generic[V]):
    """A value and until when it is fresh; dropping it leaves it for stale answers."""

    __slots__ = ("fresh_until", "loaded_at", "value")

    def __init__(self, value: V, loaded_at: float, fresh_until: float) -> None:
        self.value = value
        self.loaded_at = loaded_at
        self.fresh_until = fresh_until


class FlightCache(Generic[V]):
    """A bounded cache with a lifetime, single flight and a longer time for which a stale value may still be shown.

    Where there is a stale value, a load is waited for `patience_s` seconds at most, and goes on by itself.
    """

    def __init__(
        self,
        *,
        size: int,
        ttl_s: Callable[[V], float],
        stale_s: float,
        monotonic: Callable[[], float],
        load_s: float = 10,
        patience_s: float | None = None,
    ) -> None:
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._load_s = load_s
        self._patience_s = patience_s
        self._entries: TTLCache[Hashable, _Entry[V]] = TTLCache(size, stale_s, timer=monotonic)
        self._flights: dict[Hashable, asyncio.Task[V]] = {}

    def peek(self, key: Hashable) -> V | None:
        """Give the value only if it is there and fresh, without waiting."""
        entry = self._entry(key)
        return entry.value if entry is not None and self._monotonic() < entry.fresh_until else None

    async def get(self, key: Hashable, load: Callable[[], Awaitable[V]], *, fresh: bool = False) -> Cached[V]:
        """Give the cached value, or load it once for all who wait; `fresh` accepts no cached and no stale value."""
        entry = self._entry(key)
        if not fresh and entry is not None and self._monotonic() < entry.fresh_until:
            return Cached(entry.value, self._monotonic() - entry.loaded_at, stale=False)
        showable = entry is not None and not fresh
        try:
            # Shielded: that one of those who wait goes away does not end the load for the others.
            async with asyncio.timeout(self._patience_s if showable else None):
                value = await asyncio.shield(self._flight(key, load))
        except (UpstreamUnavailable, TimeoutError):
            if entry is None or fresh:
                raise
            return Cached(entry.value, self._monotonic() - entry.loaded_at, stale=True)
        return Cached(value, 0, stale=False)

    def remembered(self, key: Hashable) -> Cached[V] | None:
        """Give what this process last saw, however old, without asking anybody."""
        entry = self._entry(key)
        if entry is None:
            return None
        now = self._monotonic()
        return Cached(entry.value, now - entry.loaded_at, stale=now >= entry.fresh_until)

    def drop(self, key: Hashable) -> None:
        """Have the next caller load anew; what is being loaded now is not kept."""
        self._flights.pop(key, None)
        entry = self._entry(key)
        if entry is not None:
            entry.fresh_until = 0.0

    def drop_all(self) -> None:
        """Have everything loaded anew."""
        self._flights.clear()
        for key in list(self._entries):
            self.drop(key)

    def _entry(self, key: Hashable) -> _Entry[V] | None:
        try:
            return self._entries[key]  # get() would look twice
        except KeyError:
            return None

    def _flight(self, key: Hashable, load: Callable[[], Awaitable[V]]) -> "asyncio.Task[V]":
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._load(load))
            self._flights[key] = flight
            flight.add_done_callback(lambda done: self._land(key, done))
        return flight

    async def _load(self, load: Callable[[], Awaitable[V]]) -> V:
        try:
            async with asyncio.timeout(self._load_s):
                return await load()
        except TimeoutError:
            raise UpstreamUnavailable(reason="load_deadline") from None

    def _land(self, key: Hashable, flight: "asyncio.Task[V]") -> None:
        current = self._flights.get(key) is flight
        if current:
            del self._flights[key]
        if flight.cancelled() or flight.exception() is not None or not current:
            return
        value, now = flight.result(), self._monotonic()
        self._entries[key] = _Entry(value, now, now + self._ttl_s(value))
