"""The Omneo simulator as one object: an ASGI app over a state that can be reset."""

from asyncio import CancelledError, create_task
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.control import Controls, control_routes
from proxy.sandbox.delivery import Deliveries
from proxy.sandbox.faults import FaultLayer, Faults
from proxy.sandbox.omneo import catalogue, kinds
from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.endpoints import (
    benefits,
    claims,
    identities,
    profiles,
    redeem,
    redemptions,
    returns,
    rewards,
    tiers,
    tokens,
    transactions,
)
from proxy.sandbox.omneo.overview import overview
from proxy.sandbox.omneo.routing import Tenant, api_routes, id_routes
from proxy.sandbox.omneo.seeding import seeded
from proxy.sandbox.omneo.shopify_app import ShopifyApp


def endpoints(config: OmneoConfig) -> list[Endpoint]:
    """List every endpoint; among paths of one shape the fixed one stands before the one with an id."""
    listed = [
        *tokens.endpoints(),
        *redeem.endpoints(),
        *redemptions.endpoints(),
        *returns.endpoints(),
        *claims.endpoints(),
        *(e for kind in kinds.every() for e in catalogue.endpoints(kind)),
        *benefits.endpoints(),
        *rewards.endpoints(),
        *transactions.endpoints(),
        *tiers.endpoints(),
        *identities.endpoints(),
        *profiles.endpoints(),
    ]
    if config.guide_paths:
        listed = [
            *redeem.guide_endpoints(),
            *benefits.guide_endpoints(),
            *identities.guide_endpoints(),
            *listed,
        ]
    return listed


class OmneoSandbox:
    """One simulated tenant; `app` serves it, with webhooks leaving while its lifespan runs.

    `requests` are the last ones, with their paths and queries as they were sent.
    """

    def __init__(self, clock: SandboxClock | None = None, config: OmneoConfig | None = None) -> None:
        self.clock = clock or SandboxClock()
        self.config = config or OmneoConfig()
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.requests: deque[str] = deque(maxlen=10_000)
        self.deliveries = Deliveries(self.clock)
        self.state = seeded(self.config, self.clock.now())
        self.tenant = Tenant(lambda: self.state, self.config, self.clock, self.faults, self.deliveries)
        self.shopify_app = ShopifyApp(self.tenant, self.config.app)
        self.app: ASGIApp = FaultLayer(self._starlette(), self.faults, self.calls, requests=self.requests)

    def reset(self) -> None:
        """Return to the seed, without faults, counts or webhooks still to be sent; the clock goes on."""
        self.faults.clear()
        self.calls.clear()
        self.requests.clear()
        self.deliveries.reset()
        self.shopify_app.reset()
        self.state = seeded(self.config, self.clock.now())

    def _starlette(self) -> Starlette:
        listed = endpoints(self.config)
        controls = Controls(
            self.clock,
            self.faults,
            self.calls,
            self.deliveries,
            lambda: overview(self.state, self.config, self.clock.now()),
            self.reset,
        )
        routes: list[BaseRoute] = [
            Route("/api/health", _healthy),
            *control_routes(controls, self.shopify_app.routes()),
            *api_routes(self.tenant, listed),
            *id_routes(self.tenant, listed),
        ]
        app = Starlette(routes=routes, lifespan=self._delivering, exception_handlers={HTTPException: _unrouted})
        app.router.redirect_slashes = False
        return app

    @asynccontextmanager
    async def _delivering(self, _: Starlette) -> AsyncIterator[None]:
        tasks = [create_task(self.deliveries.run()), create_task(self.shopify_app.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(CancelledError):
                    await task


async def _healthy(_: Request) -> PlainTextResponse:
    return PlainTextResponse("OK")


async def _unrouted(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    path = request.url.path.lstrip("/")
    message = (
        f"The {request.method} method is not supported for route {path}."
        if error.status_code == 405
        else f"The route {path} could not be found."
    )
    return JSONResponse({"message": message}, error.status_code, headers=error.headers)
