"""A shop in the same event loop, its API as a client, and an app that keeps what it is sent."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifyConfig, ShopifySandbox

TOKEN = "sandbox-admin-token"


@dataclass
class Shop:
    """A running sandbox with a client on its base URL."""

    sandbox: ShopifySandbox
    http: httpx.AsyncClient

    async def graphql(
        self, query: str, variables: dict[str, Any] | None = None, token: str = TOKEN, version: str = "2026-10"
    ) -> httpx.Response:
        return await self.http.post(
            f"/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables or {}},
            headers={"X-Shopify-Access-Token": token},
        )

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        body = (await self.graphql(query, variables)).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = await self.http.post(f"/_sandbox{path}", json=body or {})
        assert answer.is_success, answer.text
        return answer.json()


@dataclass
class App:
    """The app on the other side: every request it got, and the answers it gives."""

    url: str = ""
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    async def handle(self, request: Request) -> Response:
        body = await request.body()
        target = request.url.path + ("?" + request.url.query if request.url.query else "")
        self.requests.append((request.method, target, dict(request.headers), body))
        status = self.statuses.pop(0) if self.statuses else 200
        headers = {"Set-Cookie": "a=b", "X-Powered-By": "x", "X-Kept": "yes"}
        return JSONResponse({"seen": target}, status, headers=headers)


Opened = Callable[..., Awaitable[Shop]]


@pytest.fixture
async def app(anyio_backend: str) -> AsyncIterator[App]:
    app = App()
    routes = [Route("/{path:path}", app.handle, methods=["GET", "POST", "PUT", "DELETE"])]
    async with serving(Router(routes)) as app.url:
        yield app


@pytest.fixture
async def open_shop(anyio_backend: str) -> AsyncIterator[Opened]:
    """Open shops; only a served one sends webhooks and forwards the storefront's calls."""
    async with AsyncExitStack() as stack:

        async def opened(*, served: bool = False, **config: Any) -> Shop:
            sandbox = ShopifySandbox(SandboxClock(), ShopifyConfig(**config))
            transport = None if served else httpx.ASGITransport(sandbox.app)
            url = await stack.enter_async_context(serving(sandbox.app)) if served else "http://shop"
            client = httpx.AsyncClient(base_url=url, transport=transport)
            return Shop(sandbox, await stack.enter_async_context(client))

        yield opened


@pytest.fixture
async def shop(open_shop: Opened) -> Shop:
    return await open_shop()
