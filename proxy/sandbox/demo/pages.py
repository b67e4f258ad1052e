"""The pages' own server: shop and till, the addresses of the other three, the proxy's pid and starting over."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STATIC = Path(__file__).parent / "static"
# Built from the extensions' sources where there is a Node; see extensions/preview.
PREVIEW = Path(__file__).parents[3] / "extensions" / "preview" / "dist"
_PLACE = "/*config*/"


def page_app(
    config: dict[str, Any], status: Callable[[], dict[str, Any]], start_over: Callable[[], Awaitable[None]]
) -> Starlette:
    """Build the pages' server; `config` is given to the pages' scripts as JSON."""
    # "<" would let a value end the script element.
    text = json.dumps(config).replace("<", "\\u003c")

    def page(name: str) -> Response:
        return HTMLResponse((_STATIC / name).read_text(encoding="utf-8").replace(_PLACE, text))

    async def shop(_: Request) -> Response:
        return page("index.html")

    async def till(_: Request) -> Response:
        return page("till.html")

    async def read_status(_: Request) -> Response:
        return JSONResponse(status())

    async def reset(_: Request) -> Response:
        await start_over()
        return JSONResponse(status())

    async def read_config(_: Request) -> Response:
        return JSONResponse(config)

    # Checked now: a build that is made later needs a new start, as everything else here.
    preview = [Mount("/preview", StaticFiles(directory=PREVIEW, html=True))] if PREVIEW.is_dir() else []
    return Starlette(
        routes=[
            Route("/", shop),
            Route("/till", till),
            Route("/demo/status", read_status),
            Route("/demo/reset", reset, methods=["POST"]),
            Mount("/static", StaticFiles(directory=_STATIC)),
            Route("/preview/config.json", read_config),
            *preview,
        ],
        middleware=[Middleware(_Fresh)],
    )


class _Fresh:
    """Keep browsers from showing yesterday's page: ports are used again by the next version."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cache-control", b"no-store")]
            await send(message)

        await self._app(scope, receive, marked)
