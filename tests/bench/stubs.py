"""Two apps to measure against: bare Starlette, and upstreams that answer anything after 100 ms."""

import asyncio
import itertools
import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

LATENCY_S = 0.1
BODY = {"status": "active", "balance": {"available": {"amount": "25.00", "currencyCode": "AUD"}}, "rewards": []}
_numbers = itertools.count(1)


async def _json(_request: Request) -> Response:
    return JSONResponse(BODY)


bare = Starlette(routes=[Route("/v1/rewards", _json)])


async def _omneo(request: Request) -> Response:
    await asyncio.sleep(LATENCY_S)
    path = request.url.path
    if path.endswith("/search-id"):
        asked = await request.json()
        return JSONResponse({"data": {"id": f"profile-{asked['id']}", "first_name": "A", "profile_type": "active"}})
    if path.endswith("/balances"):
        balance = {"reward_balance": 25, "point_balance": 0, "point_balance_dollars": 0, "combined_balance_dollars": 25}
        return JSONResponse({"data": balance})
    return JSONResponse({"data": [], "meta": {"current_page": 1, "last_page": 1, "total": 0}})


async def _shopify(request: Request) -> Response:
    if request.url.path.endswith("/access_token"):
        return JSONResponse({"access_token": "t", "scope": "", "expires_in": 86399})
    await asyncio.sleep(LATENCY_S)
    node: dict[str, Any] = {"id": f"gid://shopify/DiscountCodeNode/{next(_numbers)}", "codeDiscount": {}}
    body = {"data": {"discountCodeBasicCreate": {"codeDiscountNode": node, "userErrors": []}}}
    return Response(json.dumps(body), media_type="application/json")


upstreams = Starlette(
    routes=[
        Route("/api/v3/{rest:path}", _omneo, methods=["GET", "POST"]),
        Route("/admin/{rest:path}", _shopify, methods=["POST"]),
    ]
)
