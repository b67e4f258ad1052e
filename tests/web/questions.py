"""Questions to the proxy, every kind of caller, and what every refusal has in common."""

import sqlite3
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import jwt
from starlette.routing import Route

from proxy.app import web_app
from proxy.sandbox import seed
from proxy.sandbox.shopify.app_proxy import signed_query
from proxy.telemetry import LogAndMetrics
from tests.world.world import ADA, World

NOBODYS = "rdm_" + "0" * 32
# A POST that changes nothing needs no key and makes nothing.
ASKING = frozenset({"/v1/pos/lookups", "/v1/redemptions/quote", "/v1/pos/redemptions/quote"})
NOBODYS_APPROVAL = "apr_" + "0" * 32
CART = "cart-1"


def aud(amount: object) -> dict[str, Any]:
    return {"amount": amount, "currencyCode": "AUD"}


def wish(amount: object = "5.00", **body: Any) -> dict[str, Any]:
    return {"amount": aud(amount), "cart": CART, **body}


def till_wish(amount: object = "5.00", customer: int = ADA, **body: Any) -> dict[str, Any]:
    return {**wish(amount), "customer_id": str(customer), "device_id": "till-1", **body}


def fitting(path: str, amount: object = "5.00") -> dict[str, Any]:
    """A body that the route takes."""
    if path == "/v1/pos/lookups":
        return {"code": seed.ADA.member_code}
    if path.endswith("/claims"):
        return {"definition": "welcome-tote"}
    if path.endswith("/quote"):
        cart = {"token": CART, "lines": [{"quantity": 1, "price": aud("50.00")}]}
        return {"cart": cart} | ({"customer_id": str(ADA), "device_id": "till-1"} if "/pos/" in path else {})
    return till_wish(amount) if "/pos/" in path else wish(amount)


async def till(world: World, amount: str = "5.00", *, key: str | None = None, user: int = 42, **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {world.shopify.id_token('pos', user_id=user)}"}
    headers["Idempotency-Key"] = key or uuid4().hex
    return await world.http.post("/v1/pos/redemptions", headers=headers, json=till_wish(amount, **body))


def at(world: World, customer: int | None = ADA, surface: str = "checkout") -> dict[str, str]:
    """A token that is good by the moved clock."""
    token = world.shopify.id_token(surface, customer_id=customer, offset_s=world.clock.offset_s)
    return {"Authorization": f"Bearer {token}"}


def proxied(world: World, customer: int | None = ADA, query: str = "", at_s: int | None = None) -> str:
    return signed_query(world.shopify.state, query, customer, at_s)


async def transient(world: World, customer: int | None = ADA) -> str:
    answer = await world.http.get(f"/storefront?{proxied(world, customer)}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def forged(world: World, surface: str, secret: str = seed.CLIENT_SECRET, **claims: Any) -> str:
    genuine = jwt.decode(
        world.shopify.id_token(surface, customer_id=ADA), options={"verify_signature": False, "verify_aud": False}
    )
    return jwt.encode({**genuine, **claims}, secret, algorithm="HS256")


async def token_of(world: World, kind: str) -> str | None:
    """A token of each kind that knocks at the door; "none" has none."""
    if kind in ("transient", "anonymous"):
        return await transient(world, ADA if kind == "transient" else None)
    other = "other-shop.myshopify.com"
    makers: dict[str, Callable[[], str | None]] = {
        "checkout": lambda: world.token(ADA),
        "customer_account": lambda: world.token(ADA, "customer_account"),
        "pos": lambda: world.token(None, "pos"),
        "guest": lambda: world.token(None),
        "expired checkout": lambda: world.shopify.id_token("checkout", customer_id=ADA, offset_s=-400),
        "expired pos": lambda: world.shopify.id_token("pos", offset_s=-400),
        "foreign audience": lambda: forged(world, "checkout", aud="another-app"),
        "foreign shop": lambda: forged(world, "checkout", dest=other, iss=f"https://{other}"),
        "foreign pos": lambda: forged(world, "pos", dest=f"https://{other}", iss=f"https://{other}"),
        "foreign secret": lambda: forged(world, "checkout", secret="somebody-elses-secret-of-32-chars"),
        "foreign transient": lambda: jwt.encode(
            {"sub": "1001"}, "another-transient-key-of-32-chars", headers={"kid": "0"}
        ),
        "garbage": lambda: "bm90.YQ.dG9rZW4",
        "none": lambda: None,
    }
    return makers[kind]()


def routes(world: World) -> list[tuple[str, str]]:
    """Every route of the app, as (method, path)."""
    app = web_app(world.settings, LogAndMetrics())
    found = [(method, r.path) for r in app.routes if isinstance(r, Route) for method in r.methods or ()]
    return sorted((method, path) for method, path in found if method != "HEAD")


async def ask(world: World, method: str, path: str, token: str | None) -> httpx.Response:
    """Ask a route in a form that is right in all but, perhaps, the caller."""
    theirs = {"/customers/": str(ADA), "/approvals/": NOBODYS_APPROVAL}
    found = next((value for part, value in theirs.items() if part in path), NOBODYS)
    address = path.replace("{id}", found).replace("{group}", "orders")
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    if method != "POST":
        return await world.http.request(method, address, headers=headers)
    headers["Idempotency-Key"] = uuid4().hex
    return await world.http.post(address, headers=headers, json=fitting(path))


def assert_problem(answer: httpx.Response, status: int, code: str, *, retryable: bool = False) -> dict[str, Any]:
    """Every refusal is a problem that says whether to try again, readable from any origin, with a request id."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = dict(answer.json())
    assert (body["status"], body["code"], body["retryable"]) == (status, code, retryable)
    assert body["title"]
    assert body["type"]
    assert ("retry-after" in answer.headers) is retryable
    assert_open(answer)
    return body


def assert_open(answer: httpx.Response) -> None:
    """Readable from any origin, never with credentials, with a request id."""
    assert answer.headers.get_list("access-control-allow-origin") == ["*"]
    assert "access-control-allow-credentials" not in answer.headers
    assert len(answer.headers.get_list("x-request-id")) == 1


def said(world: World, answer: httpx.Response, event: str) -> dict[str, Any]:
    """The one log line of this name for this request."""
    (line,) = [
        e for e in world.events() if e["event"] == event and e.get("request_id") == answer.headers["x-request-id"]
    ]
    return line


def spoil(world: World, statement: str) -> None:
    """Do to the database file what no code of ours would."""
    with sqlite3.connect(world.settings.database_url.removeprefix("sqlite:///")) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute(statement)
    connection.close()
