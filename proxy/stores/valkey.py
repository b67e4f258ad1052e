"""One Valkey or Redis that may be gone at any moment: who asks goes on without, and what was missed is made good."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import uuid4

from proxy.domain.happening import Happening
from proxy.ports import Telemetry

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

T = TypeVar("T")

_CONNECT_S = 2.0  # TLS and a login take several round trips
_MISSED = 3  # answers missed in a row; one alone may be a stall of our own loop
_QUIET_S = 1.0
_FIRST_WAIT_S, _MAX_WAIT_S = 0.25, 5.0
_STEADY_S = 30.0  # a connection that held for so long starts the back-off anew
_OWED = 10_000
_BATCH = 100


class Local(Protocol):
    """What a process keeps for itself."""

    def drop(self, key: Hashable) -> None: ...
    def drop_all(self) -> None: ...


class Valkey:
    """Answers that may be missing, and drops that reach every process of the same space."""

    def __init__(self, client: "Redis", space: str, deadline_s: float, telemetry: Telemetry) -> None:
        self._client = client
        self._space = space
        self._deadline_s = deadline_s
        self._telemetry = telemetry
        self._me = uuid4().hex
        self._locals: dict[str, Local] = {}
        self._turn = asyncio.Lock()  # one connection: it is never what a cold read waits for
        self._here = self._lost = False
        self._missed = 0
        self._owed: dict[tuple[str, Hashable], asyncio.Event] = {}
        self._wanted = asyncio.Event()

    def join(self, name: str, local: Local) -> None:
        """Drop in `local` what other processes drop under this name; keys are tuples of text and whole numbers."""
        self._locals[name] = local

    def key(self, kind: str, name: str, key: Hashable) -> str:
        """Name a key; nobody's id can be read from it."""
        return f"{self._space}:{kind}:{hashlib.sha256(json.dumps([name, key]).encode()).hexdigest()[:32]}"

    async def run(self, script: str, keys: tuple[str, ...], *arguments: str | bytes) -> Any:
        """Run a script at once and give its answer, never null; None where the server is away, slow or broken."""
        return await self._ask(lambda client: client.eval(script, len(keys), *keys, *arguments))

    def dropped(self, name: str, key: Hashable) -> None:
        """Tell the others soon, in the order of the drops; what cannot be told now is told on return."""
        self._owed.pop((name, key), None)
        self._owed[name, key] = asyncio.Event()
        if len(self._owed) > _OWED:
            # Told to nobody: the others show it until its time is over, as they would without a server.
            self._owed.pop(next(iter(self._owed)))
        self._wanted.set()

    async def told(self, name: str, key: Hashable) -> bool:
        """Wait until the last drop is told; false while what the server holds may be older than that."""
        event = self._owed.get((name, key))
        if event is not None and self._here:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(event.wait(), self._deadline_s)
        return self._here and (name, key) not in self._owed

    async def send(self) -> None:
        """Tell drops for ever."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.send_owed()

    async def send_owed(self) -> None:
        """Tell what is owed, as long as the server is there."""
        while self._owed and self._here:
            batch = list(self._owed.items())[:_BATCH]
            if not await self._tell([drop for drop, _ in batch]):
                await asyncio.sleep(self._deadline_s)
                continue
            for drop, event in batch:
                event.set()
                if self._owed.get(drop) is event:  # else it was dropped anew meanwhile
                    del self._owed[drop]

    async def _tell(self, drops: list[tuple[str, Hashable]]) -> bool:
        gone = [self.key(kind, name, key) for name, key in drops for kind in ("value", "lease")]
        word = json.dumps({"from": self._me, "drops": drops})

        async def tell(client: "Redis") -> bool:
            # Deleted first: who hears of it must not find it any more.
            async with client.pipeline(transaction=True) as unit:
                unit.delete(*gone)
                unit.publish(self._space, word)
                await unit.execute()
            return True

        return await self._ask(tell) is not None

    async def _ask(self, work: Callable[["Redis"], Awaitable[T]]) -> T | None:
        # The wait for the turn counts too: those before end before, for the turn is given in their order.
        loop = asyncio.get_running_loop()
        ends = loop.time() + self._deadline_s
        async with self._turn:
            return await self._asked(work, ends) if self._here and loop.time() < ends else None

    async def _asked(self, work: Callable[["Redis"], Awaitable[T]], ends: float) -> T | None:
        try:
            async with asyncio.timeout_at(ends):
                answer = await work(self._client)
        except Exception as error:  # whatever it is: nothing may depend on this server
            self._missed += 1
            if self._missed >= _MISSED:
                self._lose(error)
            return None
        self._missed = 0
        return answer

    async def listen(self) -> None:
        """Stay subscribed for ever."""
        wait_s, loop = _FIRST_WAIT_S, asyncio.get_running_loop()
        while True:
            began_s = loop.time()
            try:
                async with self._client.pubsub() as channel:
                    async with asyncio.timeout(_CONNECT_S):
                        await self._client.ping()
                        await channel.subscribe(self._space)
                        await channel.get_message(timeout=None)  # confirmed: from here on nothing is missed
                    self._arrive()
                    await self._hear(channel)
            except Exception as error:  # as above
                self._lose(error)
            steady = loop.time() - began_s > _STEADY_S
            wait_s = _FIRST_WAIT_S if steady else min(wait_s * 2, _MAX_WAIT_S)
            await asyncio.sleep(wait_s)

    async def _hear(self, channel: "PubSub") -> None:
        quiet = 0
        while self._here:
            message = await channel.get_message(timeout=_QUIET_S)
            quiet = quiet + 1 if message is None else 0
            if message is None:
                # A connection may die without a word, and drops would be missed for as long.
                if quiet > 1:
                    raise TimeoutError
                await channel.ping()
            elif message["type"] == "message":
                self._apply(message["data"])

    def _arrive(self) -> None:
        self._drop_all()  # what was told before this moment was not heard
        self._here, self._missed = True, 0
        if self._lost:
            self._lost = False
            self._telemetry.tell(Happening.CACHE_BACK)
        self._wanted.set()

    def _lose(self, error: Exception) -> None:
        self._here = False
        if not self._lost:
            self._lost = True
            self._telemetry.tell(Happening.CACHE_LOST, reason=type(error).__name__)

    def _apply(self, data: bytes) -> None:
        try:
            message = json.loads(data)
            drops = [] if message["from"] == self._me else [(name, tuple(key)) for name, key in message["drops"]]
        except (ValueError, TypeError, KeyError):
            self._drop_all()  # another release's: what it dropped cannot be known
            return
        for name, key in drops:
            if name in self._locals:
                self._locals[name].drop(key)

    def _drop_all(self) -> None:
        for local in self._locals.values():
            local.drop_all()


@asynccontextmanager
async def open_valkey(url: str, space: str, deadline_s: float, telemetry: Telemetry) -> AsyncIterator[Valkey]:
    """Open it without waiting for it; what is still owed in the end is told if it is there."""
    from redis.asyncio import Redis  # noqa: PLC0415  costs a process 30 ms that needs none
    from redis.asyncio.retry import Retry  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415

    # Its own retries and time-outs are longer than anybody here waits.
    client = Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_timeout=None, protocol=2)
    valkey = Valkey(client, space, deadline_s, telemetry)
    tasks = [asyncio.create_task(valkey.listen()), asyncio.create_task(valkey.send())]
    try:
        yield valkey
        await valkey.send_owed()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await client.aclose()
