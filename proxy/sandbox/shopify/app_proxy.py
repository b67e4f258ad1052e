"""The storefront host: what Shopify forwards to an app proxy, signed, and what it strips on the way back.

Source: https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies
"""

import hashlib
import hmac
import time
from urllib.parse import parse_qsl, quote, urlencode

import httpx
from starlette.requests import Request
from starlette.responses import Response

from proxy.sandbox.shopify.store import Store

RESERVED = frozenset({"shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature"})
NOT_FORWARDED = frozenset(
    [
        "cookie",
        "host",
        "connection",
        "keep-alive",
        "transfer-encoding",
        "upgrade",
        "te",
        "trailer",
        "proxy-authorization",
        "content-length",
        "accept-encoding",
        "x-sandbox-customer",
        "x-forwarded-for",
        "x-forwarded-host",
    ]
)
NOT_RETURNED = frozenset(
    [
        "accept-patch",
        "accept-ranges",
        "connection",
        "cookie",
        "date",
        "delta-base",
        "im",
        "p3p",
        "pragma",
        "preference-applied",
        "proxy-authenticate",
        "public-key-pins",
        "server",
        "service-worker-allowed",
        "set-cookie",
        "trailer",
        "tk",
        "warning",
        "x-powered-by",
        "transfer-encoding",
        "content-encoding",
        "content-length",
        "keep-alive",
        "upgrade",
    ]
)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CUSTOMER_COOKIE = "sandbox_customer"
CUSTOMER_HEADER = "X-Sandbox-Customer"


def signature(secret: str, parameters: list[tuple[str, str]]) -> str:
    """Sign decoded parameters: repeated names joined by commas, the joined strings sorted, no separator."""
    by_name: dict[str, list[str]] = {}
    for name, value in parameters:
        by_name.setdefault(name, []).append(value)
    joined = sorted(f"{name}={','.join(values)}".encode() for name, values in by_name.items())
    return hmac.digest(secret.encode(), b"".join(joined), hashlib.sha256).hex()


def signed_query(store: Store, query: str, customer_id: int | None, at: int | None = None) -> str:
    """Add what Shopify adds; reserved names of the visitor's own are dropped (assumption: undocumented)."""
    config = store.config
    own = [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k not in RESERVED]
    added = [
        ("shop", config.shop),
        ("logged_in_customer_id", "" if customer_id is None else str(customer_id)),
        ("path_prefix", config.app_proxy_prefix),
        ("timestamp", str(int(time.time()) if at is None else at)),
    ]
    everything = [*own, *added]
    return urlencode([*everything, ("signature", signature(config.client_secret, everything))], quote_via=quote)


def visitor(store: Store, request: Request) -> int | None:
    """Tell which customer is signed in to the storefront: by header for tests, by cookie for pages."""
    said = request.headers.get(CUSTOMER_HEADER) or request.cookies.get(CUSTOMER_COOKIE)
    return int(said) if said and said.isdecimal() and int(said) in store.customers else None


class AppProxy:
    """Forward storefront requests to the app; `start` and `stop` own the connection pool."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._client: httpx.AsyncClient | None = None
        self.proxy_url: str | None = store.config.proxy_url

    async def start(self) -> None:
        self._client = httpx.AsyncClient(timeout=10, follow_redirects=True)

    async def stop(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def endpoint(self, request: Request) -> Response:
        if self.proxy_url is None or self._client is None or not self._store.installed:
            return Response("Not Found", 404)
        query = signed_query(self._store, request.url.query, visitor(self._store, request))
        path = quote(request.path_params.get("path", ""), safe="/:@!$&'()*+,;=-._~")
        url = f"{self.proxy_url.rstrip('/')}/storefront{'/' + path if path else ''}?{query}"
        headers = {k: v for k, v in request.headers.items() if k not in NOT_FORWARDED}
        headers["X-Forwarded-Host"] = self._store.config.shop
        headers["X-Forwarded-For"] = request.client.host if request.client else "127.0.0.1"
        try:
            answer = await self._client.request(request.method, url, content=await request.body(), headers=headers)
        except httpx.HTTPError:
            return Response("There was an error in the third-party application.", 502)
        kept = {k: v for k, v in answer.headers.items() if k not in NOT_RETURNED}
        return Response(answer.content, answer.status_code, headers=kept)
