"""Every route, method and kind of answer is readable from any origin, without credentials and with no origin echoed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.questions import (
    NOBODYS_APPROVAL,
    assert_open,
    fitting,
    proxied,
    routes,
    spoil,
    till_wish,
    token_of,
    wish,
)
from tests.world.databases import Databases
from tests.world.standstill import MARKED, Standstill
from tests.world.world import ADA, World, open_world

pytestmark = pytest.mark.anyio

ORIGIN = "https://extensions.shopifycdn.example"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
EXPOSED = {"idempotency-replayed", "retry-after", "x-request-id", "x-omneo-tenant", "x-omneo-is-anon"}
UNKNOWN = ("/", "/nope", "/v1/rewards/", "/v1/é", "/webhooks/shopify/nope")


@pytest.fixture
async def limited_world(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), limit_shop_per_min=1) as world:
        yield world


@pytest.fixture
async def small_world(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), body_limit_bytes=1024) as world:
        yield world


def address(path: str, redemption: str = "rdm_" + "0" * 32) -> str:
    theirs = {"/customers/": str(ADA), "/approvals/": NOBODYS_APPROVAL}
    found = next((value for part, value in theirs.items() if part in path), redemption)
    parts = {"{id}": found, "{group}": "orders", "{tenant}": "nobody"}
    for name, value in parts.items():
        path = path.replace(name, value)
    return path


def assert_readable(answer: httpx.Response, what: object) -> None:
    assert_open(answer)
    assert ORIGIN not in str(answer.headers), what
    exposed = {name.strip().lower() for name in answer.headers["access-control-expose-headers"].split(",")}
    assert exposed == EXPOSED, what
    if answer.status_code >= 400 and answer.request.method != "HEAD":
        assert answer.headers["content-type"] == "application/problem+json", what
        assert answer.json()["status"] == answer.status_code, what


async def ask(world: World, method: str, path: str, **more: Any) -> httpx.Response:
    headers = {"Origin": ORIGIN, **more.pop("headers", {})}
    return await world.http.request(method, path, headers=headers, **more)


async def test_every_method_on_every_path_with_and_without_an_origin(shared_world: World) -> None:
    """404s, 405s, 401s, 400s and what needs no proof."""
    statuses = set()
    for path in [*dict.fromkeys(path for _, path in routes(shared_world)), *UNKNOWN]:
        for method in METHODS:
            for headers in ({}, {"Origin": ORIGIN}, {"Origin": "null"}):
                answer = await shared_world.http.request(method, address(path), headers=headers)
                if method == "OPTIONS":
                    assert answer.status_code == 204
                    assert answer.headers["access-control-allow-origin"] == "*"
                    assert "access-control-allow-credentials" not in answer.headers
                    continue
                assert_readable(answer, (method, path))
                statuses.add(answer.status_code)
    assert {200, 401, 404, 405} <= statuses


@pytest.mark.parametrize("asks", [True, False], ids=["preflight", "plain"])
async def test_options_of_every_path_allows_what_clients_send(shared_world: World, asks: bool) -> None:
    for path in [*(path for _, path in routes(shared_world)), *UNKNOWN]:
        wanted = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "x-anything"}
        answer = await ask(shared_world, "OPTIONS", address(path), headers=wanted if asks else {})
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-methods"] == "GET, POST, PUT, PATCH, DELETE, OPTIONS"
        allowed = answer.headers["access-control-allow-headers"]
        assert allowed == "Authorization, Content-Type, Idempotency-Key, X-Request-Id"
        assert "access-control-allow-credentials" not in answer.headers
        assert ORIGIN not in str(answer.headers)


async def test_what_is_served_to_those_who_proved_themselves(sqlite_world: World) -> None:
    bearer = {kind: {"Authorization": f"Bearer {await token_of(sqlite_world, kind)}"} for kind in ("checkout", "pos")}
    till = (
        await sqlite_world.http.post(
            "/v1/pos/redemptions", headers=bearer["pos"] | {"Idempotency-Key": "k"}, json=till_wish()
        )
    ).json()
    own = (await sqlite_world.redeem("1.00", 1002)).json()
    bearer["checkout"] = sqlite_world.bearer(1002)
    for method, path in routes(sqlite_world):
        if not path.startswith(("/v1", "/storefront")):
            continue
        at_till = "/pos/" in path
        headers = bearer["pos" if at_till else "checkout"] | {"Idempotency-Key": f"{method}-{path}"}
        body = fitting(path, "5.00" if at_till else "1.00") if method == "POST" else None
        target = address(path, till["id"] if at_till else own["id"])
        if path.startswith("/storefront"):
            target = f"{target}?{proxied(sqlite_world)}"
        answer = await ask(sqlite_world, method, target, headers=headers, json=body)
        expected = (404,) if "/approvals/" in path else (200, 201)
        assert answer.status_code in expected, (method, path, answer.text)
        assert_readable(answer, (method, path))


async def test_what_is_too_large_on_every_route(small_world: World) -> None:
    for method, path in routes(small_world):
        target = address(path)
        for status, answer in (
            (431, await ask(small_world, method, target, headers={"X-Long": "x" * 40_000})),
            (414, await ask(small_world, method, f"{target}?{'x' * 9000}")),
            (413, await ask(small_world, method, target, content=b"x" * 1025)),
        ):
            assert answer.status_code == status, (method, path)
            assert_readable(answer, (method, path, status))


async def test_what_was_asked_too_often(limited_world: World) -> None:
    assert (await limited_world.http.get("/v1/rewards", headers=limited_world.bearer())).status_code == 200
    for method, path in routes(limited_world):
        if path.startswith("/v1"):
            token = await token_of(limited_world, "pos" if "/pos/" in path else "checkout")
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
            body = fitting(path) if method == "POST" else None
            answer = await ask(limited_world, method, address(path), headers=headers, json=body)
            assert answer.status_code == 429, (method, path, answer.text)
            assert int(answer.headers["retry-after"]) >= 1
            assert_readable(answer, (method, path))


async def test_faults_of_our_own(sqlite_world: World) -> None:
    redemption = (await sqlite_world.redeemed("5.00"))["id"]
    spoil(sqlite_world, "UPDATE redemptions SET state = 'no-such-state'")
    for method in ("GET", "DELETE"):
        headers = sqlite_world.bearer()
        answer = await ask(sqlite_world, method, f"/v1/redemptions/{redemption}", headers=headers)
        assert answer.status_code == 500
        assert_readable(answer, method)
    spoil(sqlite_world, "ALTER TABLE redemptions RENAME TO gone")
    answer = await ask(sqlite_world, "GET", f"/v1/redemptions/{redemption}", headers=sqlite_world.bearer())
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert_readable(answer, "database")


async def test_what_took_too_long(databases: Databases, tmp_path: Path) -> None:
    around = Standstill(1)
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url, around=around, request_deadline_s=0.3) as world:
        headers = world.bearer() | {"X-Request-Id": MARKED, "Idempotency-Key": "k"}
        async with asyncio.timeout(20):
            answer = await ask(world, "POST", "/v1/redemptions", headers=headers, json=wish())
        assert (answer.status_code, answer.json()["code"]) == (503, "deadline_passed")
        assert answer.headers["retry-after"] == "2"
        assert_readable(answer, "deadline")
        around.over.set()
