"""The Starlette application: routes, the one middleware, and the lifespan's state."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from proxy.web import (
    approvals,
    benefits,
    gateway,
    health,
    lookups,
    openapi,
    pos,
    quotes,
    reads,
    redemptions,
    signed_customers,
    storefront,
)
from proxy.web.bounds import Bounds
from proxy.web.edge import Edge, Observer
from proxy.web.errors import http_problem
from proxy.web.omneo_webhooks import OmneoInbox
from proxy.web.state import Services, State
from proxy.web.webhooks import Inbox

App = Starlette
Open = Callable[[], AbstractAsyncContextManager[Services]]


def application(open_services: Open, observer: Observer, bounds: Bounds) -> App:
    """Build the ASGI app; `open_services` runs for the app's life."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[State]:
        async with open_services() as services:
            yield {"services": services}

    routes = _routes(
        Inbox(observer),
        OmneoInbox(observer),
        [Middleware(RequestBodyLimitMiddleware, max_body_size=bounds.body_bytes)],
    )
    # Reversed, so that of several paths with one endpoint the first names it.
    paths: dict[object, str] = {route.endpoint: route.path for route in reversed(routes)}
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        exception_handlers={HTTPException: _http_error},
        middleware=[
            Middleware(Edge, observer=observer, paths=paths, bounds=bounds),
        ],
    )
    # A redirect would answer with the whole signed query in Location, and for a webhook it is a failure.
    app.router.redirect_slashes = False
    return app


def _routes(inbox: Inbox, omneo: OmneoInbox, limited: list[Middleware]) -> list[Route]:
    # Only routes that read a body need it limited; the middleware costs a hot read more than its cache does.
    return [
        Route("/v1/rewards", reads.get_rewards),
        Route("/v1/benefits", benefits.get_benefits),
        Route("/v1/benefits/claims", benefits.post_claim, methods=["POST"], middleware=limited),
        Route("/v1/tier", reads.get_tier),
        Route("/v1/history", reads.get_history),
        Route("/v1/redemptions", redemptions.post_redemption, methods=["POST"], middleware=limited),
        Route("/v1/redemptions/quote", quotes.post_quote, methods=["POST"], middleware=limited),
        Route("/v1/redemptions/{id}", redemptions.get_redemption),
        Route("/v1/redemptions/{id}", redemptions.delete_redemption, methods=["DELETE"]),
        Route("/v1/pos/customers/{id}", pos.get_customer),
        Route("/v1/pos/customers/{id}/benefits", benefits.get_customer_benefits),
        Route(
            "/v1/pos/customers/{id}/benefits/claims",
            benefits.post_customer_claim,
            methods=["POST"],
            middleware=limited,
        ),
        Route("/v1/pos/customers/{id}/history", pos.get_customer_history),
        Route("/v1/pos/lookups", lookups.post_lookup, methods=["POST"], middleware=limited),
        Route("/v1/pos/redemptions", redemptions.post_pos_redemption, methods=["POST"], middleware=limited),
        Route("/v1/pos/redemptions/quote", quotes.post_pos_quote, methods=["POST"], middleware=limited),
        Route("/v1/pos/redemptions/{id}", redemptions.get_pos_redemption),
        Route("/v1/pos/redemptions/{id}", redemptions.delete_pos_redemption, methods=["DELETE"]),
        Route("/v1/pos/approvals/{id}", approvals.get_approval),
        Route("/v1/pos/approvals/{id}", approvals.post_approval, methods=["POST"], middleware=limited),
        Route("/storefront", storefront.get_token),
        Route("/storefront/", storefront.get_token),
        Route("/storefront/token", storefront.get_token),
        Route("/id/{path:path}", gateway.ask_gateway, methods=gateway.METHODS),
        Route(
            "/shopify/api/v1/auth/token", signed_customers.post_signed_customer, methods=["POST"], middleware=limited
        ),
        Route("/webhooks/shopify/{group}", inbox.receive, methods=["POST"], middleware=limited),
        Route("/webhooks/omneo/{tenant}", omneo.receive, methods=["POST"], middleware=limited),
        Route("/healthz", health.get_healthz),
        Route("/readyz", health.get_readyz),
        Route("/metrics", health.get_metrics),
        Route("/openapi.json", openapi.get_openapi),
    ]


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = http_problem(error)
    if error.status_code == 405:
        # The router names the methods of the first route only, and a path may have several.
        response.headers["Allow"] = ", ".join(sorted(_allowed(request)))
    return response


def _allowed(request: Request) -> set[str]:
    same = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    return {method for route in same for method in route.methods}
