"""How often callers may ask: what is refused, to whom, when to come back, and who is never refused."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.sandbox import seed
from tests.web.questions import NOBODYS, ask, assert_problem, at, aud, proxied, routes, said, spoil, till, token_of
from tests.world.databases import Databases
from tests.world.valkey import ValkeyServer
from tests.world.world import ADA, BENEDIKT, CHLOE, DEV, World, open_world, second_door

pytestmark = pytest.mark.anyio

Open = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def limited(databases: Databases, tmp_path: Path) -> Open:
    """Opens a world with limits of a test's own; what is not told stays generous."""

    @asynccontextmanager
    async def opened(**limits: Any) -> AsyncIterator[World]:
        async with open_world(databases.sqlite(tmp_path / "proxy.db"), **limits) as world:
            yield world

    return opened


def assert_limited(world: World, answer: httpx.Response, bound: str, most_s: int) -> None:
    assert_problem(answer, 429, "rate_limited", retryable=True)
    assert 1 <= int(answer.headers["retry-after"]) <= most_s
    assert said(world, answer, "request.limited")["limit"] == bound


async def redeemed(world: World, key: str, customer: int = ADA, amount: str = "1.00") -> httpx.Response:
    return await world.redeem(amount, customer, key=key)


async def test_a_caller_who_asks_too_often_waits_and_nobody_else_does(limited: Open) -> None:
    async with limited(limit_caller_per_min=3) as world:
        answers = [await world.http.get("/v1/rewards", headers=at(world)) for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert_limited(world, answers[3], "caller", 20)
        assert (await world.http.get("/v1/rewards", headers=at(world, BENEDIKT))).status_code == 200
        # Another surface is another caller: its bucket has not been touched.
        assert (await world.http.get(f"/storefront?{proxied(world)}")).status_code == 200
        world.clock.advance(20)
        assert (await world.http.get("/v1/rewards", headers=at(world))).status_code == 200


async def test_every_route_that_asks_for_proof_is_counted(limited: Open) -> None:
    async with limited(limit_shop_per_min=1) as world:
        assert (await world.http.get(f"/storefront?{proxied(world, None)}")).status_code == 200
        asked = [(m, p) for m, p in routes(world) if p.startswith(("/v1/", "/storefront"))]
        assert len(asked) == 23
        for method, path in asked:
            if path.startswith("/storefront"):
                answer = await world.http.get(f"{path}?{proxied(world)}")
            else:
                answer = await ask(world, method, path, await token_of(world, "pos" if "/pos/" in path else "checkout"))
            assert_limited(world, answer, "shop", 60)


@pytest.mark.parametrize("dear", [{"codes": ["ONE", "TWO"]}, {"benefits": [{"id": 7}]}])
async def test_quotes_that_have_something_looked_up_count_as_redemptions_and_others_do_not(
    limited: Open, dear: dict[str, Any]
) -> None:
    async with limited(limit_customer_writes_per_min=2) as world:
        cart: dict[str, Any] = {"lines": [{"quantity": 1, "price": aud("50.00")}]}
        body: dict[str, Any] = {"cart": cart}
        for _ in range(5):
            assert (await world.http.post("/v1/redemptions/quote", headers=at(world), json=body)).status_code == 200
        (body if "benefits" in dear else cart).update(dear)
        for _ in range(2):
            assert (await world.http.post("/v1/redemptions/quote", headers=at(world), json=body)).status_code == 200
        answer = await world.http.post("/v1/redemptions/quote", headers=at(world), json=body)
        assert_limited(world, answer, "customer", 30)


async def test_webhooks_and_health_are_never_limited(limited: Open) -> None:
    """Shopify takes a subscription away whose webhooks are refused."""
    least = dict.fromkeys(("limit_caller_per_min", "limit_shop_per_min", "limit_shop_writes_per_min"), 1)
    async with limited(**least, limit_caller_writes_per_min=1, limit_customer_writes_per_min=1) as world:
        first = await world.redeemed("5.00")
        assert (await world.redeem("5.00", BENEDIKT)).status_code == 429
        for _ in range(3):
            world.buy(first["code"])

        async def all_in() -> bool:
            deliveries = world.shopify.deliveries
            return deliveries.pending == 0 and len(deliveries.log) >= 6

        await world.eventually(all_in)
        assert {attempt.status for attempt in world.shopify.deliveries.log} == {200}
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
            assert [(await world.http.get(path)).status_code for _ in range(3)] == [200] * 3


async def test_redemptions_for_one_customer_are_counted_together_with_the_tills(limited: Open) -> None:
    async with limited(limit_customer_writes_per_min=2) as world:
        assert (await redeemed(world, "key-1")).status_code == 201
        at_till = await till(world, "1.00", take_over=True)
        assert at_till.status_code == 201, at_till.text
        assert_limited(world, await redeemed(world, "key-2"), "customer", 30)
        assert_limited(world, await till(world, "1.00", user=43), "customer", 30)
        path = f"/v1/pos/redemptions/{at_till.json()['id']}"
        assert_limited(world, await world.http.delete(path, headers=at(world, None, "pos")), "customer", 30)
        assert (await redeemed(world, "key-1", BENEDIKT)).status_code == 201
        assert (await world.http.get("/v1/rewards", headers=at(world))).status_code == 200


async def test_a_tills_login_serves_many_customers_up_to_its_own_limit(limited: Open) -> None:
    async with limited(limit_caller_writes_per_min=2) as world:
        for customer in (ADA, BENEDIKT):
            assert (await till(world, "1.00", customer=customer)).status_code == 201
        assert_limited(world, await till(world, "1.00", customer=seed.CUSTOMERS[2].id), "caller", 30)
        assert (await till(world, "1.00", customer=ADA, user=43)).status_code == 201


async def test_a_shop_has_a_limit_too(limited: Open) -> None:
    async with limited(limit_shop_writes_per_min=1) as world:
        assert (await redeemed(world, "key-1")).status_code == 201
        assert_limited(world, await redeemed(world, "key-1", BENEDIKT), "shop", 60)
        assert_limited(world, await till(world, "1.00"), "shop", 60)


async def test_after_a_429_the_same_key_redeems_once(limited: Open) -> None:
    async with limited(limit_customer_writes_per_min=2) as world:
        answers = await asyncio.gather(*(redeemed(world, "key-1") for _ in range(6)))
        passed = [a for a in answers if a.status_code != 429]
        assert len(passed) == 2
        world.clock.advance(60)
        again = await redeemed(world, "key-1")
        assert again.status_code == 201, again.text
        assert [d.code for d in world.shopify.state.discounts.values()] == [again.json()["code"]]
        # The other way round: a key that met a 429 first is as new.
        world.clock.advance(60)
        await asyncio.gather(*(redeemed(world, f"spent-{n}", BENEDIKT) for n in range(2)))
        assert (await redeemed(world, "key-2", BENEDIKT)).status_code == 429
        world.clock.advance(60)
        fresh = await redeemed(world, "key-2", BENEDIKT)
        assert fresh.status_code == 201, fresh.text
        assert "idempotency-replayed" not in fresh.headers


async def test_a_refused_proof_touches_neither_the_database_nor_an_upstream(limited: Open) -> None:
    async with limited() as world:
        await world.http.get("/readyz")
        calls = world.omneo.calls.total() + world.shopify.calls.total()
        for table in ("redemptions", "claims", "allowances", "tasks"):
            spoil(world, f"ALTER TABLE {table} RENAME TO {table}_gone")
        for kind in ("expired checkout", "expired pos", "foreign shop", "foreign secret", "garbage", "none"):
            token = await token_of(world, kind)
            for method, path in routes(world):
                if path.startswith("/v1/"):
                    assert_problem(await ask(world, method, path, token), 401, "unauthenticated")
        assert_problem(await world.http.get(f"/storefront?{proxied(world)}x"), 401, "unauthenticated")
        assert world.omneo.calls.total() + world.shopify.calls.total() == calls
        # A proven one would have met the spoiled database.
        assert (await world.http.get(f"/v1/redemptions/{NOBODYS}", headers=at(world))).status_code == 503


async def test_a_refused_proof_takes_nobodys_token(limited: Open) -> None:
    async with limited(limit_caller_per_min=1, limit_shop_per_min=2) as world:
        for _ in range(5):
            for kind in ("foreign secret", "expired checkout", "garbage"):
                assert (await ask(world, "GET", "/v1/rewards", await token_of(world, kind))).status_code == 401
        assert (await world.http.get("/v1/rewards", headers=at(world))).status_code == 200


async def test_a_429_is_counted_without_anybodys_id(limited: Open) -> None:
    async with limited(limit_caller_per_min=1) as world:
        for _ in range(3):
            await world.http.get("/v1/rewards", headers=at(world))
        metrics = (await world.http.get("/metrics")).text
        assert 'proxy_happenings_total{happening="request.limited"} 2.0' in metrics
        labels = re.findall(r'="([^"]*)"', metrics)
        assert not [label for label in labels if str(ADA) in label]


async def test_processes_with_one_cache_share_the_limits_of_writes(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with ValkeyServer.started(tmp_path) as server:
        options = {"cache_url": server.url, "cache_deadline_s": 5, "limit_customer_writes_per_min": 3}
        async with open_world(url, **options) as world, second_door(world) as other:
            for customer, door in ((DEV, world), (CHLOE, other)):
                await world.eventually(partial(_counts_in, server, door, customer))
            answers = await asyncio.gather(
                *(redeemed(w, f"key-{n}") for n in range(5) for w in (world, other)),
            )
            assert [a.status_code for a in answers].count(429) == 7


async def _counts_in(server: ValkeyServer, world: World, customer: int) -> bool:
    """Tell whether this door has found its server: a removal is counted there."""
    before = await server.command("DBSIZE")
    await world.http.delete(f"/v1/redemptions/{NOBODYS}", headers=at(world, customer))
    return await server.command("DBSIZE") != before


async def test_without_the_cache_each_process_limits_for_itself(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with ValkeyServer.started(tmp_path) as server:
        options = {"cache_url": server.url, "limit_customer_writes_per_min": 3}
        async with open_world(url, **options) as world:
            server.hang()
            try:
                answers = await asyncio.gather(*(redeemed(world, f"key-{n}") for n in range(9)))
                assert [a.status_code for a in answers].count(429) == 6
                assert not [a for a in answers if a.status_code >= 500], [a.text for a in answers]
            finally:
                server.go_on()
