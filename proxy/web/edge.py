"""The one middleware: request id, CORS on every answer, errors as problems, metrics, slow and failed lines."""

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from typing import Protocol

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.domain.errors import ArrivedTooSlowly, DeadlinePassed, ProxyError, RateLimited, Unauthenticated
from proxy.domain.happening import Happening
from proxy.web.bounds import Bounds
from proxy.web.deadline import Deadlines
from proxy.web.errors import for_omneos_clients, http_problem, problem

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_SLOW_S = 1.0
_OMNEOS = ("/id/", "/shopify/")  # the paths of Omneo's own APIs, which its clients ask
_GONE = 499  # nobody is there to read an answer; the number is what proxies use for it

# Extensions run in workers whose origin varies, so the origin is never echoed and never comes with credentials.
# Source: https://shopify.dev/docs/apps/build/checkout/capabilities
CORS = [
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Idempotency-Replayed, Retry-After, X-Request-Id, X-Omneo-Tenant, X-Omneo-Is-Anon",
    ),
]
_PREFLIGHT = [
    *CORS,
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"Authorization, Content-Type, Idempotency-Key, X-Request-Id"),
    (b"access-control-max-age", b"7200"),
    (b"vary", b"Access-Control-Request-Method, Access-Control-Request-Headers"),
]


class Observer(Protocol):
    """What the edge tells."""

    def tell(self, happening: Happening, **fields: object) -> None: ...
    def fault(self, happening: Happening, error: BaseException, **fields: object) -> None: ...
    def request(self, route: str, method: str, status: int, seconds: float) -> None: ...


class _Body:
    """Receives a body, and knows whether all of it is there."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.whole = False

    async def __call__(self) -> Message:
        message = await self._receive()
        self.whole = not message.get("more_body", False)
        return message


class Edge:
    """Wraps the application; nothing is outside of it, so that even a fault of ours carries CORS and an id."""

    def __init__(self, app: ASGIApp, observer: Observer, paths: Mapping[object, str], bounds: Bounds) -> None:
        self._app = app
        self._observer = observer
        self._paths = paths
        self._bounds = bounds
        self._deadlines = Deadlines(bounds.request_s)
        self._prefix = secrets.token_hex(6).encode()
        self._served = 0xFFF  # so that the shortest is as long as an id that we would accept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
            return
        await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = self._request_id(scope)
        began = time.perf_counter()
        status = 0

        async def decorated(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *CORS, (b"x-request-id", request_id)]
            await send(message)

        # Never unbound: the server gives every request a context of its own.
        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        try:
            self._bounds.check(scope)
            await self._in_time(scope, receive, decorated)
        except ClientDisconnect:
            status = status or _GONE
        except Exception as error:
            if status:
                raise
            await self._answer(error, scope, receive, decorated)
        seconds = time.perf_counter() - began
        route = self._route(scope)
        self._observer.request(route, scope["method"], status, seconds)
        if seconds > _SLOW_S:
            self._observer.tell(Happening.REQUEST_SLOW, route=route, status=status, seconds=round(seconds, 3))

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve it; what it has begun when its deadline passes is left as a crash would leave it."""
        body = _Body(receive) if scope["method"] == "POST" else None
        request = self._deadlines.begin()
        try:
            await self._app(scope, body or receive, send)
        except asyncio.CancelledError:
            if not self._deadlines.passed(request):
                raise
            raise ArrivedTooSlowly() if body and not body.whole else DeadlinePassed() from None
        finally:
            self._deadlines.end(request)

    async def _answer(self, error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._route(scope)
        match error:
            case Unauthenticated():
                self._observer.tell(Happening.CALLER_REFUSED, route=route, reason=error.reason)
                response = problem(error)
            case RateLimited():
                self._observer.tell(Happening.REQUEST_LIMITED, route=route, **error.details)
                response = problem(error)
            case ProxyError():
                self._observer.tell(
                    Happening.REQUEST_REFUSED, route=route, code=error.code, details=_printable(error.details)
                )
                response = problem(error)
            case HTTPException():
                response = http_problem(error)
            case _:
                self._observer.fault(Happening.REQUEST_FAILED, error, route=route)
                response = problem(ProxyError())
        if scope["path"].startswith(_OMNEOS):
            response = for_omneos_clients(response)
        await response(scope, receive, send)

    def _request_id(self, scope: Scope) -> bytes:
        """Take the caller's id if it is well-formed, else count on from a random start of this process."""
        given = _given_id(scope)
        if given is not None:
            return given
        self._served += 1
        return b"%s-%x" % (self._prefix, self._served)

    def _route(self, scope: Scope) -> str:
        """Name the route by its pattern: paths carry ids, and ids make a metric's label grow without end."""
        return self._paths.get(scope.get("endpoint"), "unmatched")


def _given_id(scope: Scope) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
            return bytes(value)
    return None


def _printable(details: dict[str, object]) -> dict[str, str]:
    return {name: str(value)[:200] for name, value in details.items()}
