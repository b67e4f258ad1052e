"""A process of the proxy that can die or stall at every unit of work and at every send."""

import asyncio
from collections.abc import Callable, MutableMapping
from concurrent.futures import Future
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import httpx
from starlette.types import ASGIApp

from proxy.stores.database import PostgresDatabase, SqliteDatabase, Unit, open_database
from tests.model.virtual_time import VirtualClock

T = TypeVar("T")


class Process:
    """What one process has in hand; once dead, nothing of it reaches the database or the network any more."""

    def __init__(self, order: Random) -> None:
        self.dead = False
        self.dies_after: int | None = None
        self.stalls_after: int | None = None
        self.stall_s = 0.0
        self.in_hand: set[asyncio.Task[Any]] = set()
        self._order = order

    def begin(self, work: Any) -> "asyncio.Task[Any]":
        """Begin work that dies with the process."""
        task = asyncio.get_running_loop().create_task(work)
        self.in_hand.add(task)
        task.add_done_callback(self.in_hand.discard)
        return task

    def die(self) -> None:
        """Stop as after SIGKILL: what was in hand stays as it is."""
        self.dead = True
        for task in self.in_hand:
            task.cancel()

    async def cross(self) -> None:
        """Pass a place between two durable steps."""
        if self._counted_down("dies_after"):
            self.die()
        if self.dead:
            raise asyncio.CancelledError
        if self._counted_down("stalls_after"):
            await asyncio.sleep(self.stall_s)
        # Work that is under way at the same time takes turns in an order that the test chose.
        for _ in range(self._order.randrange(4) if len(asyncio.all_tasks()) > 2 else 0):
            await asyncio.sleep(0)
        if self.dead:
            raise asyncio.CancelledError

    def _counted_down(self, name: str) -> bool:
        left = getattr(self, name)
        if left is None:
            return False
        setattr(self, name, left - 1 if left > 1 else None)
        return bool(left == 1)


class Engine:
    """The real store's engine, one unit after another in the caller's thread, by the virtual clock."""

    def __init__(self, url: str, clock: VirtualClock) -> None:
        self._clock = clock
        self._database = open_database(url, lambda: clock.now_ms, size=1)

    def do(self, work: Callable[[Unit], T]) -> T:
        """Run one unit to its commit before anything else happens."""

        def timed(unit: Unit) -> T:
            return work(replace(unit, now_ms=self._clock.now_ms))

        # What the engine's own threads call: to hand it to them and to wait would only cost time.
        if isinstance(self._database, PostgresDatabase):
            return self._database._run(timed)
        assert isinstance(self._database, SqliteDatabase)
        done: Future[T] = Future()
        self._database._commit([(timed, done)])
        return done.result()

    def close(self) -> None:
        self._database.close()


class ProcessDatabase:
    """The engine as one process has it: it may die before a unit, or after the commit and before it hears of it."""

    def __init__(self, engine: Engine, process: Process) -> None:
        self._engine = engine
        self._process = process

    async def write(self, work: Callable[[Unit], T]) -> T:
        await self._process.cross()
        answer = self._engine.do(work)
        await self._process.cross()
        return answer

    async def read(self, work: Callable[[Unit], T]) -> T:
        await self._process.cross()
        return self._engine.do(work)

    def close(self) -> None:
        """Leave it open: a process that died closed nothing, and the next one uses the same file."""


class Wire(httpx.AsyncBaseTransport):
    """Carries requests to an app in this loop, and ends as a socket would: an answer that is not whole is cut off.

    The app goes on when the caller gives up, and stops only if it belongs to a process that dies.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        caller: Process | None = None,
        server: Process | None = None,
        state: dict[str, Any] | None = None,
        down: Callable[[], bool] = lambda: False,
    ) -> None:
        self._app = app
        self._caller = caller
        self._server = server
        self._state = state or {}
        self._down = down
        self._served: set[asyncio.Task[Any]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._caller is not None:
            await self._caller.cross()
        if self._down() or (self._server is not None and self._server.dead):
            raise httpx.ConnectError("refused", request=request)
        answer = _Answer()
        call = self._app(self._scope(request), _once(await request.aread()), answer.take)
        served = self._server.begin(call) if self._server else asyncio.get_running_loop().create_task(call)  # type: ignore[arg-type]
        self._served.add(served)
        served.add_done_callback(self._served.discard)
        try:
            await asyncio.shield(served)
        except asyncio.CancelledError:
            if not served.cancelled():
                raise
        if self._caller is not None:
            await self._caller.cross()
        if not answer.whole:
            raise httpx.RemoteProtocolError("peer closed connection without sending complete message body")
        return httpx.Response(answer.status, headers=answer.headers, content=bytes(answer.body))

    def _scope(self, request: httpx.Request) -> MutableMapping[str, Any]:
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": request.url.scheme,
            "path": request.url.path,
            "raw_path": request.url.raw_path.split(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "server": (request.url.host, request.url.port),
            "client": ("127.0.0.1", 1),
            "state": dict(self._state),
        }


class _Answer:
    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()
        self.whole = False

    async def take(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)


def _once(body: bytes) -> Callable[[], Any]:
    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
