"""An in-process cache: one load for all who wait, stale rather than nothing, never a wrong hold."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from cachetools import TTLCache

from proxy.domain.errors import UpstreamUnavailable
from proxy.ports import Cached

V = TypeVar("V")


class FlightCache(Generic[V]):
    """A bounded cache with a lifetime, single flight and a longer time for which a stale value may still be shown."""

    def __init__(
        self,
        *,
        size: int,
        ttl_s: Callable[[V], float],
        stale_s: float,
        monotonic: Callable[[], float],
        load_s: float = 10,
    ) -> None:
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._load_s = load_s
        self._values: TTLCache[Hashable, tuple[V, float]] = TTLCache(size, stale_s, timer=monotonic)
        self._dropped: TTLCache[Hashable, bool] = TTLCache(size, stale_s, timer=monotonic)
        self._flights: dict[Hashable, asyncio.Task[V]] = {}

    def peek(self, key: Hashable) -> V | None:
        """Give the value only if it is there and fresh; costs no await."""
        found = self._values.get(key)
        return found[0] if found is not None and self._is_fresh(key, found) else None

    async def get(self, key: Hashable, load: Callable[[], Awaitable[V]], *, fresh: bool = False) -> Cached[V]:
        """Give the cached value, or load it once for all who wait; `fresh` accepts no cached and no stale value."""
        found = self._values.get(key)
        if not fresh and found is not None and self._is_fresh(key, found):
            return Cached(found[0], self._monotonic() - found[1], stale=False)
        try:
            # Shielded: that one of those who wait goes away does not end the load for the others.
            value = await asyncio.shield(self._flight(key, load))
        except UpstreamUnavailable:
            if fresh or found is None:
                raise
            return Cached(found[0], self._monotonic() - found[1], stale=True)
        return Cached(value, 0, stale=False)

    def _is_fresh(self, key: Hashable, found: tuple[V, float]) -> bool:
        value, loaded_at = found
        return key not in self._dropped and self._monotonic() - loaded_at < self._ttl_s(value)

    def drop(self, key: Hashable) -> None:
        """Have the next caller load anew; what is being loaded now is not kept."""
        self._flights.pop(key, None)
        if key in self._values:
            self._dropped[key] = True

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
        self._values[key] = (flight.result(), self._monotonic())
        self._dropped.pop(key, None)
