"""The storefront's cart page, on the shop's own origin: the theme's blocks as they were rendered for the preview."""

from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from proxy.sandbox import seed
from proxy.sandbox.demo.pages import PREVIEW
from proxy.sandbox.shopify.app_proxy import CUSTOMER_COOKIE

_LANGUAGES = frozenset({"en", "fr", "de", "es", "ja"})


def storefront_pages(config: dict[str, Any]) -> list[BaseRoute]:
    """Return the cart page and what it loads; nothing where the preview is not built."""
    if not PREVIEW.is_dir():
        return []

    async def cart(request: Request) -> Response:
        language = request.cookies.get("locale", "en")
        who = "customer" if request.cookies.get(CUSTOMER_COOKIE) else "guest"
        name = f"{language if language in _LANGUAGES else 'en'}.{who}.html"
        return FileResponse(PREVIEW / "storefront" / name, headers={"Cache-Control": "no-store"})

    async def read_config(_: Request) -> Response:
        return JSONResponse(config)

    return [
        Route("/cart", cart),
        Route("/account/login", _sign_in),
        Route("/preview/config.json", read_config),
        Mount("/preview", StaticFiles(directory=PREVIEW)),
    ]


async def _sign_in(_: Request) -> Response:
    """Sign the seeded customer in, as Shopify's own page would after its questions."""
    response = Response(status_code=303, headers={"Location": "/cart"})
    response.set_cookie(CUSTOMER_COOKIE, str(seed.ADA.id), samesite="lax")
    return response
