"""What one process has of a shared cache, several times in one test."""

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from proxy.stores.cache import FlightCache
from proxy.stores.shared_cache import Aged, SharedCache, ToldCache
from proxy.stores.valkey import Valkey, open_valkey
from proxy.telemetry import LogAndMetrics
from tests.world.valkey import ValkeyServer

PATIENCE_S = 20
KEY = ("tenant", "p-1")
LONG_S = 3600.0  # nothing here ends by itself


@dataclass(slots=True)
class Omneo:
    """What is dear to ask: counts, and answers when it is allowed to."""

    value: str = "25.00"
    calls: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()

    async def __call__(self) -> str:
        self.calls += 1
        value = self.value
        await self.open.wait()
        return value


@dataclass(slots=True)
class Side:
    valkey: Valkey
    cache: SharedCache[str]
    shown: ToldCache[str]
    log: io.StringIO

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]

    async def joined(self) -> None:
        await until(lambda: self.valkey.told("", ()))


@asynccontextmanager
async def side(server: ValkeyServer, space: str = "proxy:test", deadline_s: float = PATIENCE_S) -> AsyncIterator[Side]:
    log = io.StringIO()
    async with open_valkey(server.url, space, deadline_s, LogAndMetrics(stream=log)) as valkey:
        shown: FlightCache[str] = FlightCache(
            size=1000, ttl_s=lambda _: LONG_S, stale_s=LONG_S, monotonic=time.monotonic
        )
        yield Side(valkey, shared(valkey, str), ToldCache(valkey, "display", shown), log)


def shared(valkey: Valkey, kind: Any, name: str = "readings") -> SharedCache[Any]:
    local: FlightCache[Aged[Any]] = FlightCache(
        size=1000, ttl_s=lambda aged: LONG_S - aged.age_s, stale_s=LONG_S, monotonic=time.monotonic
    )
    return SharedCache(valkey, name, local, TypeAdapter(kind), lambda _: LONG_S)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():
            await asyncio.sleep(0.01)


async def happens(holds: Callable[[], bool]) -> None:
    async def there() -> bool:
        return holds()

    await until(there)
