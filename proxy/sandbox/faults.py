"""What goes wrong on purpose: a list of faults, and the ASGI layer that makes the connection's own ones happen."""

import asyncio
import json
import re
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase

from starlette.types import ASGIApp, Message, Receive, Scope, Send

TRANSPORT_KINDS = frozenset(
    {"latency", "drop_before", "drop_after", "rate_limited", "server_error", "server_error_after"}
)
SIMULATOR_KINDS = frozenset({"throttled", "stringly", "omit", "delayed_visibility"})

_ID = re.compile(r"\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|gid:.*", re.IGNORECASE)
_NAMES_A_FREE_ID = frozenset({"external", "handle", "search-profile"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong on the calls whose name matches `route` (an fnmatch pattern)."""

    route: str
    kind: str
    times: int | None = 1
    skip: int = 0
    latency_ms: int = 0
    status: int = 503
    retry_after_s: float | None = None
    fields: tuple[str, ...] = ()
    visible_after_s: float = 0

    def __post_init__(self) -> None:
        if self.kind not in TRANSPORT_KINDS | SIMULATOR_KINDS:
            raise ValueError(f"unknown kind of fault: {self.kind}")


@dataclass(slots=True)
class _Armed:
    fault: Fault
    skip: int
    left: int | None


class Faults:
    """Keep the faults that are switched on, and count how often each may still strike."""

    def __init__(self) -> None:
        self._armed: list[_Armed] = []

    def add(self, fault: Fault) -> None:
        self._armed.append(_Armed(fault, fault.skip, fault.times))

    def clear(self) -> None:
        self._armed.clear()

    def active(self) -> list[Fault]:
        """List the faults that can still strike."""
        return [a.fault for a in self._armed]

    def take(self, *routes: str, kinds: Collection[str] = SIMULATOR_KINDS) -> list[Fault]:
        """Use up one strike of every fault of `kinds` that matches one of the call's names.

        The default kinds are those that a simulator acts on itself; the layer takes the others.
        """
        struck = []
        for armed in self._armed:
            if armed.fault.kind not in kinds:
                continue
            if not any(fnmatchcase(name, armed.fault.route) for name in routes):
                continue
            if armed.skip > 0:
                armed.skip -= 1
                continue
            if armed.left is not None:
                armed.left -= 1
            struck.append(armed.fault)
        self._armed = [a for a in self._armed if a.left is None or a.left > 0]
        return struck


def normalised(method: str, path: str) -> str:
    """Name a call without its ids: `POST /api/v3/profiles/{id}/redeem`."""
    parts = path.rstrip("/").split("/")
    named = [
        "{id}" if _ID.fullmatch(part) or (i and parts[i - 1] in _NAMES_A_FREE_ID) else part
        for i, part in enumerate(parts)
    ]
    return f"{method} {'/'.join(named) or '/'}"


def plain_refusal(status: int) -> bytes:
    """Return the JSON body of an answer that a fault gives instead of the simulator."""
    message = "Too Many Attempts." if status == 429 else "Server Error"
    return json.dumps({"message": message}).encode()


class FaultLayer:
    """Count every call, and make the connection's own faults happen around `app`.

    `route_of(scope, body)` may give a call another name ("graphql CodeCreate"); then a fault may name
    it by that or by its path. Calls under `/_sandbox` are neither counted nor harmed.
    """

    def __init__(
        self,
        app: ASGIApp,
        faults: Faults,
        calls: Counter[str],
        route_of: Callable[[Scope, bytes], str | None] | None = None,
        refusal: Callable[[int], bytes] = plain_refusal,
        requests: deque[str] | None = None,
    ) -> None:
        self.app = app
        self.faults = faults
        self.calls = calls
        self.requests = requests
        self.route_of = route_of
        self.refusal = refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_sandbox"):
            await self.app(scope, receive, send)
            return
        concrete, name = f"{scope['method']} {scope['path']}", None
        # The body is read before any delay: a caller that gives up meanwhile is served all the same,
        # as by a slow real server.
        body = await _read(receive)
        if self.route_of is not None:
            name = self.route_of(scope, body)
        if self.requests is not None:
            self.requests.append(_as_sent(scope))
        self.calls[name or normalised(scope["method"], scope["path"])] += 1
        names = (concrete, name) if name else (concrete,)
        faults = self.faults.take(*names, kinds=TRANSPORT_KINDS)
        await self._strike(faults, scope, _replay(body, receive), send)

    async def _strike(self, faults: list[Fault], scope: Scope, receive: Receive, send: Send) -> None:
        latency_ms = sum(f.latency_ms for f in faults)
        if latency_ms:
            await asyncio.sleep(latency_ms / 1000)
        decisive = next((f for f in faults if f.kind != "latency"), None)
        if decisive is None:
            await self.app(scope, receive, send)
            return
        if decisive.kind in ("drop_after", "server_error_after"):
            await self.app(scope, receive, _swallow)
        if decisive.kind in ("drop_before", "drop_after"):
            await _cut(send)
            return
        await self._refuse(decisive, send)

    async def _refuse(self, fault: Fault, send: Send) -> None:
        status = 429 if fault.kind == "rate_limited" else fault.status
        body = self.refusal(status)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if fault.retry_after_s is not None:
            headers.append((b"retry-after", f"{fault.retry_after_s:g}".encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _as_sent(scope: Scope) -> str:
    query = scope["query_string"]
    return f"{scope['method']} {(scope['raw_path'] + (b'?' + query if query else b'')).decode('latin-1')}"


async def _cut(send: Send) -> None:
    # A promised body that never comes makes the server close the connection; answering nothing
    # at all would make uvicorn send a tidy 500 instead.
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


async def _swallow(message: Message) -> None:
    pass


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(chunks)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
