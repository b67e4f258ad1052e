"""What a page or a test asks of the shop: its JSON read, and a refusal answered in words."""

import json
from collections.abc import Awaitable, Callable
from decimal import InvalidOperation
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from proxy.sandbox.shopify.checkout import Refused

Handler = Callable[[Request], Awaitable[JSONResponse]]
# Method, path below `/_sandbox`, handler.
Operation = tuple[str, str, Handler]


def plainly(handler: Handler) -> Handler:
    """Wrap a handler so that what the shop refuses, and what cannot be read, is answered as JSON."""

    async def handle(request: Request) -> JSONResponse:
        try:
            return await handler(request)
        except Refused as refused:
            return JSONResponse({"code": refused.code, "message": refused.message}, refused.status)
        except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
            return JSONResponse({"code": "invalid_request", "message": repr(error)}, 422)

    return handle


async def body(request: Request) -> dict[str, Any]:
    """Read the JSON object; no body is an empty one."""
    raw = await request.body()
    given = json.loads(raw) if raw else {}
    if not isinstance(given, dict):
        raise TypeError("send a JSON object")
    return given


def lines(given: list[dict[str, Any]], key: str = "variant_id") -> list[tuple[int, int]]:
    """Read lines as (id, quantity)."""
    return [(int(line[key]), int(line.get("quantity", 1))) for line in given]


def flag(given: dict[str, Any], name: str, default: bool = False) -> bool:
    return bool(given.get(name, default))
