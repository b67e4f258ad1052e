"""Ports at which a request stands still for as long as a test likes."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, TypeVar

import structlog

from proxy.stores.database import Database, PostgresDatabase, SqliteDatabase, Unit

T = TypeVar("T")

MARKED = "the-one-that-stands-still"


class Standstill:
    """Stands around every port; the nth call of requests with the id `MARKED` waits, before it is made or after."""

    def __init__(self, nth: int | None = None, when: str = "before") -> None:
        self.calls: list[str] = []
        self.reached = asyncio.Event()
        self.over = asyncio.Event()
        self._nth = nth
        self._when = when

    def __call__(self, port: Any, /) -> Any:
        """Give the port with its calls counted."""
        return _Ledger(port, self) if isinstance(port, SqliteDatabase | PostgresDatabase) else _Upstream(port, self)

    async def through(self, name: str, call: Callable[[], Awaitable[T]]) -> T:
        if structlog.contextvars.get_contextvars().get("request_id") != MARKED:
            return await call()
        self.calls.append(name)
        stands = len(self.calls) == self._nth
        if stands and self._when == "before":
            await self._stand()
        answer = await call()
        if stands and self._when == "after":
            await self._stand()
        return answer

    async def _stand(self) -> None:
        self.reached.set()
        await self.over.wait()


class _Ledger:
    def __init__(self, database: Database, around: Standstill) -> None:
        self._database = database
        self._around = around

    async def write(self, work: Callable[[Unit], T]) -> T:
        return await self._around.through("write", partial(self._database.write, work))

    async def read(self, work: Callable[[Unit], T]) -> T:
        return await self._around.through("read", partial(self._database.read, work))

    def close(self) -> None:
        self._database.close()


class _Upstream:
    def __init__(self, port: Any, around: Standstill) -> None:
        self._port = port
        self._around = around

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not iscoroutinefunction(found):
            return found

        async def counted(*given: Any, **named: Any) -> Any:
            return await self._around.through(name, partial(found, *given, **named))

        return counted
