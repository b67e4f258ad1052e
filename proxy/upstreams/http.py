"""HTTP as the clients use it: deadlines, limits, and every send ends as Answered, Refused or Unknown."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx
import stamina

from proxy.domain.happening import Happening
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.upstreams.breaker import Admission, Breaker

Observe = Callable[[str, str, str, float], None]
Tell = Callable[..., None]

BUSY, BREAKER_OPEN = "busy", "breaker_open"
HELD_BACK = frozenset({BUSY, BREAKER_OPEN})  # refused here: to ask again at once is what it is to be spared

# Nothing of the request has left when one of these is raised.
_NOT_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_UNSENDABLE = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, between two reads, for one send in all, and to wait for a free slot."""

    connect_s: float = 2.0
    read_s: float = 8.0
    total_s: float = 10.0
    wait_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much at once, how many may wait for a slot, and how large an answer may be once decompressed."""

    in_flight: int = 16
    waiting: int = 64
    keepalive_s: float = 30.0
    body_bytes: int = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `operation` is its fixed name in metrics, never a path with ids."""

    operation: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that arrived whole, whatever its status; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Tell whether it is any 2xx."""
        return 200 <= self.status < 300

    @property
    def retry_after_s(self) -> float | None:
        """Give Retry-After in seconds; the date form is not used by either platform."""
        try:
            return max(0.0, float(self.headers["retry-after"]))
        except (KeyError, ValueError):
            return None


def upstream_client(
    base_url: str, timeouts: Timeouts, limits: Limits, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Build the client that serves one upstream for the life of the process; the caller closes it.

    The environment's proxies and .netrc are not consulted, redirects are not followed.
    """
    # It logs each request with its URL, and URLs carry ids; retries are counted by their sends.
    stamina.instrumentation.set_on_retry_hooks([])
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.AsyncClient(
        base_url=base_url,
        transport=transport,
        timeout=httpx.Timeout(timeouts.read_s, connect=timeouts.connect_s, pool=timeouts.wait_s),
        limits=httpx.Limits(
            max_connections=limits.in_flight,
            max_keepalive_connections=limits.in_flight,
            keepalive_expiry=limits.keepalive_s,
        ),
        follow_redirects=False,
        trust_env=False,
    )


def unobserved(_upstream: str, _operation: str, _outcome: str, _seconds: float) -> None:
    """Record nothing."""


def untold(_happening: Happening, **_fields: object) -> None:
    """Tell nobody."""


class Upstream:
    """One upstream behind its slots, deadlines and breaker; `observe` hears of every send."""

    def __init__(
        self,
        name: str,
        client: httpx.AsyncClient,
        *,
        timeouts: Timeouts,
        limits: Limits,
        breaker: Breaker,
        observe: Observe = unobserved,
        tell: Tell = untold,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.tell = tell
        self._client = client
        self._timeouts = timeouts
        self._limits = limits
        self._breaker = breaker
        self._observe = observe
        self._monotonic = monotonic
        self._slots = asyncio.Semaphore(limits.in_flight)
        self._waiting = 0

    async def send(self, call: Call, within_s: float | None = None) -> Outcome[Reply]:
        """Send once, never twice. Any status is Answered; Unknown means that it may have been executed."""
        started = self._monotonic()
        word = "cancelled"
        try:
            outcome = await self._admitted(call, within_s)
            word = _word(outcome)
            return outcome
        finally:
            self._observe(self.name, call.operation, word, self._monotonic() - started)

    async def _admitted(self, call: Call, within_s: float | None) -> Outcome[Reply]:
        total_s = self._timeouts.total_s if within_s is None else min(within_s, self._timeouts.total_s)
        began = self._monotonic()
        if self._breaker.refuses:
            return Refused(BREAKER_OPEN, transient=True)  # not even a place in the queue
        if not await self._slot(min(self._timeouts.wait_s, total_s)):
            return Refused(BUSY, transient=True)
        try:
            left_s = total_s - (self._monotonic() - began)
            if left_s <= 0:
                return Refused("deadline", transient=True)
            admission = self._breaker.admit()
            if admission is None:
                return Refused(BREAKER_OPEN, transient=True)
            return await self._reported(admission, self._exchange(call, left_s))
        finally:
            self._slots.release()

    async def _slot(self, within_s: float) -> bool:
        # A queue without end is a time-out that nobody has set: one more than it holds is told at once.
        if self._slots.locked() and self._waiting >= self._limits.waiting:
            return False
        self._waiting += 1
        try:
            async with asyncio.timeout(within_s):
                return await self._slots.acquire()
        except TimeoutError:
            return False
        finally:
            self._waiting -= 1

    async def _reported(self, admission: Admission, exchange: Awaitable[Outcome[Reply]]) -> Outcome[Reply]:
        report = admission.forgotten
        try:
            outcome = await exchange
            if isinstance(outcome, Answered) and outcome.value.status < 500:
                report = admission.succeeded
            elif isinstance(outcome, Answered | Unknown) or outcome.transient:
                report = admission.failed
            return outcome
        finally:
            report()

    async def _exchange(self, call: Call, total_s: float) -> Outcome[Reply]:
        connecting = False

        async def trace(event: str, _info: object) -> None:
            nonlocal connecting
            connecting = event.startswith("connection.")

        try:
            async with (
                asyncio.timeout(total_s),
                self._client.stream(
                    call.method,
                    call.path,
                    params=call.query or None,
                    headers=call.headers,
                    content=call.body,
                    extensions={"trace": trace},
                ) as response,
            ):
                return await self._whole(response)
        except TimeoutError:
            return Refused("deadline", transient=True) if connecting else Unknown("deadline")
        except _NOT_CONNECTED:
            return Refused("not_connected", transient=True)
        except _UNSENDABLE:
            return Refused("unsendable")
        except httpx.TimeoutException:
            return Unknown("timeout")
        except (httpx.HTTPError, httpx.StreamError):
            return Unknown("cut")

    async def _whole(self, response: httpx.Response) -> Outcome[Reply]:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._limits.body_bytes:
                return Unknown("answer_too_large")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answered(Reply(response.status_code, headers, bytes(body)))


def _word(outcome: Outcome[Reply]) -> str:
    match outcome:
        case Answered(reply):
            return "429" if reply.status == 429 else f"{reply.status // 100}xx"
        case Refused(reason):
            return reason
        case Unknown(reason):
            return f"unknown_{reason}"
