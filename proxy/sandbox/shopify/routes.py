"""The ASGI app: Admin API, token endpoint, storefront host and the sandbox's own routes."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from proxy.sandbox.control import Controls, control_routes
from proxy.sandbox.faults import FaultLayer
from proxy.sandbox.shopify.admin.endpoint import route_of
from proxy.sandbox.shopify.ajax_cart import ajax_routes
from proxy.sandbox.shopify.app_proxy import METHODS
from proxy.sandbox.shopify.operations import operation_routes

if TYPE_CHECKING:
    from proxy.sandbox.shopify.sandbox import ShopifySandbox

TOO_FAST = "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service."


def build_app(sandbox: "ShopifySandbox", pages: Sequence[BaseRoute] = ()) -> ASGIApp:
    """Wire the routes and put the fault layer around them."""
    controls = Controls(
        clock=sandbox.clock,
        faults=sandbox.faults,
        calls=sandbox.calls,
        deliveries=sandbox.deliveries,
        state=sandbox.readable,
        reset=sandbox.reset,
    )
    prefix = sandbox.config.app_proxy_prefix
    forward = sandbox.app_proxy.endpoint
    app = Starlette(
        routes=[
            Route("/admin/api/{version}/graphql.json", sandbox.admin.__call__, methods=["POST"]),
            Route("/admin/oauth/access_token", sandbox.grants.endpoint, methods=["POST"]),
            Route(prefix, forward, methods=METHODS),
            Route(prefix + "/{path:path}", forward, methods=METHODS),
            *ajax_routes(sandbox.state, sandbox.checkout),
            *control_routes(controls, operation_routes(sandbox)),
            *pages,
        ],
        lifespan=lambda _: _lifespan(sandbox),
    )
    app.router.redirect_slashes = False
    return FaultLayer(app, sandbox.faults, sandbox.calls, route_of, _refusal)


@asynccontextmanager
async def _lifespan(sandbox: "ShopifySandbox") -> AsyncIterator[None]:
    await sandbox.app_proxy.start()
    sending = asyncio.create_task(sandbox.deliveries.run())
    try:
        yield
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await sandbox.app_proxy.stop()


def _refusal(status: int) -> bytes:
    return json.dumps({"errors": TOO_FAST if status == 429 else "Internal Server Error"}).encode()
