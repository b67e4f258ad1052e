"""Several shops behind one service: what is one shop's is not there for another, and tenants share nothing at all."""

import asyncio
import hmac
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.app import World as Surroundings
from proxy.app import comparing
from proxy.domain.drift import Drift
from proxy.identifiers import RandomIds
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.sandbox.shopify import ShopifySandbox
from proxy.sandbox.shopify.app_proxy import signed_query
from proxy.sandbox.shopify.payload import order_payload
from proxy.telemetry import LogAndMetrics
from tests.world.shops import EASTERN_TENANT, SHOPS, Shops, open_shops
from tests.world.world import ADA, MovedClock, World

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shops(database_url: str) -> AsyncIterator[Shops]:
    async with open_shops(database_url) as opened:
        yield opened


async def available(world: World) -> str:
    return str((await world.rewards())["balance"]["available"]["amount"])


async def transient(world: World) -> dict[str, str]:
    """Get a token as the shop's theme does."""
    query = signed_query(world.shopify.state, "", ADA)
    answer = await world.http.get(f"/storefront?{query}")
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


async def test_each_token_speaks_for_the_shop_that_it_names_and_no_other(shops: Shops) -> None:
    for world in shops:
        assert (await world.rewards())["status"] == "active"
        for other in shops:
            if other is world:
                continue
            # Signed by one shop's app in another shop's name, as only a thief of the first one's secret could.
            forged = replace(SHOPS[world.shop_name], shop=other.shop.shop_domain)
            token = ShopifySandbox(world.clock, forged).id_token("checkout", customer_id=ADA)
            answer = await world.http.get("/v1/rewards", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_query_that_one_shop_signed_says_nothing_about_another(shops: Shops) -> None:
    for world in shops:
        for other in shops:
            if other is not world:
                forged = replace(SHOPS[world.shop_name], shop=other.shop.shop_domain)
                query = signed_query(ShopifySandbox(world.clock, forged).state, "", ADA)
                answer = await world.http.get(f"/storefront?{query}")
                assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_a_redemption_is_not_there_for_another_shop(shops: Shops) -> None:
    mine = await shops.north.redeemed("12.50")
    till = await shops.north.http.post(
        "/v1/pos/redemptions",
        headers=shops.north.bearer(None, "pos") | {"Idempotency-Key": uuid4().hex},
        json={"amount": {"amount": "5.00", "currencyCode": "AUD"}, "customer_id": "1002"},
    )
    assert till.status_code == 201, till.text
    for other in (shops.south, shops.east):
        for path, headers in (
            (f"/v1/redemptions/{mine['id']}", other.bearer()),
            (f"/v1/redemptions/{mine['id']}", await transient(other)),
            (f"/v1/pos/redemptions/{till.json()['id']}", other.bearer(None, "pos")),
        ):
            for method in ("GET", "DELETE"):
                answer = await other.http.request(method, path, headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await shops.north.redemption(mine["id"]))["state"] == "issued"


async def test_holds_of_one_tenant_count_together_and_the_other_shop_learns_no_more_than_that(shops: Shops) -> None:
    assert [await available(world) for world in shops] == ["25.00", "25.00", "25.00"]
    mine = await shops.north.redeemed("12.50")
    shops.north.clock.advance(11)  # what is shown may be as old as that
    assert [await available(world) for world in shops] == ["12.50", "12.50", "25.00"]
    told = await shops.south.rewards()
    assert told["redemption"] is None
    assert mine["id"] not in json.dumps(told)
    assert mine["code"] not in json.dumps(told)
    for take_over in (False, True):
        refused = await shops.south.redeem("5.00", take_over=take_over)
        assert (refused.status_code, refused.json()["code"]) == (409, "held_elsewhere")
        assert {"surface", "until"}.isdisjoint(refused.json())
    assert (await shops.north.redemption(mine["id"]))["state"] == "issued"
    assert (await shops.east.redeem("25.00")).status_code == 201


async def test_shops_of_one_tenant_never_grant_one_balance_twice(shops: Shops) -> None:
    wishes = [(shops.north, shops.south)[n % 2].redeem("25.00", cart=f"cart-{n}") for n in range(12)]
    answers = await asyncio.gather(*wishes)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 11


async def test_one_key_at_two_shops_is_two_wishes(shops: Shops) -> None:
    key = uuid4().hex
    here = await shops.north.redeemed("12.50", key=key)
    there = await shops.east.redeem("12.50", key=key)
    assert there.status_code == 201
    assert "Idempotency-Replayed" not in there.headers
    assert there.json()["id"] != here["id"]
    # In the same tenant the key is no replay of the other shop's answer either.
    south = await shops.south.redeem("12.50", key=key)
    assert (south.status_code, south.json()["code"]) == (409, "held_elsewhere")


async def test_what_is_remembered_of_one_tenant_is_not_shown_of_another(shops: Shops) -> None:
    redemption, before = await shops.north.redeemed("12.50"), await history(shops.east)
    assert await available(shops.east) == "25.00"
    shops.north.buy(redemption["code"])
    await shops.north.reaches(redemption["id"], "recorded")
    shops.north.clock.advance(11)  # what is shown may be as old as that
    assert await history(shops.east) == before
    assert await available(shops.north) == "12.50"
    assert await available(shops.east) == "25.00"
    assert len(shops.east.omneo_redemptions()) == 0
    assert len(await history(shops.north)) == len(before) + 1


async def history(world: World) -> list[dict[str, Any]]:
    answer = await world.http.get("/v1/history", headers=world.bearer())
    assert answer.status_code == 200, answer.text
    return [{"amount": sale["total"]} for sale in answer.json()["transactions"]]


async def test_a_code_means_nothing_in_another_shop(shops: Shops) -> None:
    redemption = await shops.north.redeemed("12.50")
    # Staff of the other shop make a discount whose code happens to be the same.
    shops.south.shopify.staff_create(
        {
            "title": "By staff",
            "code": redemption["code"],
            "startsAt": (shops.south.clock.now() - timedelta(hours=1)).isoformat(),
            "context": {"all": "ALL"},
            "customerGets": {
                "items": {"all": True},
                "value": {"discountAmount": {"amount": "12.50", "appliesOnEachItem": False}},
            },
        }
    )
    shops.south.buy(redemption["code"])
    await quiet(shops.south)
    assert (await shops.north.redemption(redemption["id"]))["state"] == "issued"
    assert shops.north.omneo_redemptions() == []


async def quiet(world: World) -> None:
    """Wait until the shop's newest order was settled."""

    async def settled() -> bool:
        return any(e["event"] == "order.settled" and e["shop"] == world.shop.shop_domain for e in world.events())

    await world.eventually(settled, lambda: world.log.getvalue()[-3000:])


async def deliver(world: World, body: bytes, topic: str, secret: str, domain: str) -> httpx.Response:
    return await world.http.post(
        f"/webhooks/shopify/{'orders' if topic.startswith('orders') else 'refunds'}",
        content=body,
        headers={
            "X-Shopify-Topic": topic,
            "X-Shopify-Shop-Domain": domain,
            "X-Shopify-Hmac-Sha256": b64encode(hmac.digest(secret.encode(), body, "sha256")).decode(),
            "X-Shopify-Webhook-Id": uuid4().hex,
        },
    )


async def test_an_event_of_one_shop_is_no_event_of_another(shops: Shops) -> None:
    redemption = await shops.north.redeemed("12.50")
    shops.north.shopify.deliveries.lose = True
    order = shops.north.buy(redemption["code"])
    body = json.dumps(order_payload(shops.north.shopify.state, order), default=str).encode()
    secret = SHOPS["north"].client_secret
    for other in (shops.south, shops.east):
        answer = await deliver(other, body, "orders/create", secret, other.shop.shop_domain)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert (await deliver(shops.north, body, "orders/create", secret, "sandbox-shop.myshopify.com")).status_code == 200
    await shops.north.reaches(redemption["id"], "recorded")


async def test_one_app_in_two_shops_does_not_let_an_order_cross(database_url: str) -> None:
    # Shops that one organisation installs one app on share its secret: only the order that is read again tells.
    shared = replace(SHOPS["south"], client_secret=SHOPS["north"].client_secret, client_id=SHOPS["north"].client_id)
    async with open_shops(database_url, configs=SHOPS | {"south": shared}) as shops:
        redemption = await shops.north.redeemed("12.50")
        shops.north.shopify.deliveries.lose = True
        order = shops.north.buy(redemption["code"])
        body = json.dumps(order_payload(shops.north.shopify.state, order), default=str).encode()
        south = shops.south.shop.shop_domain
        assert (await deliver(shops.south, body, "orders/create", shared.client_secret, south)).status_code == 200

        async def told() -> bool:
            return any(e["event"] == "order.unreadable" and e.get("shop") == south for e in shops.south.events())

        await shops.south.eventually(told, lambda: shops.south.log.getvalue()[-3000:])
        assert (await shops.north.redemption(redemption["id"]))["state"] == "issued"
        token = shops.north.token()
        answer = await shops.south.http.get("/v1/rewards", headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["redemption"]["id"] == redemption["id"]  # it is north's token wherever it is sent


async def test_a_tenants_webhook_is_proven_by_its_own_secret(shops: Shops) -> None:
    body = b'{"external_id":"1","profile_id":"x"}'
    secrets = {seed.OMNEO_TENANT: seed.OMNEO_WEBHOOK_SECRET, EASTERN_TENANT: "webhook-secret-of-the-east"}
    for tenant in secrets:
        for whose, secret in secrets.items():
            answer = await shops.north.http.post(
                f"/webhooks/omneo/{tenant}",
                content=body,
                headers={
                    "X-Omneo-Event": "transaction.created",
                    "X-Omneo-Hmac-SHA256": hmac.new(secret.encode(), body, sha256).hexdigest(),
                },
            )
            assert answer.status_code == (200 if whose == tenant else 401)
    heard = {e["shop"] for e in shops.north.events() if e["event"] == "event.received"}
    assert heard == {world.shop.shop_domain for world in shops}


async def test_each_shop_has_its_own_policy_and_identity_handle(database_url: str) -> None:
    own: dict[str, dict[str, Any]] = {
        "south": {"minimum_amount": "20.00"},
        "east": {"identity_handle": "shopify-of-the-east"},
    }
    async with open_shops(database_url, own) as shops:
        assert [(await w.rewards())["policy"]["minimum"]["amount"] for w in shops] == ["1.00", "20.00", "1.00"]
        assert (await shops.south.redeem("12.50")).json()["code"] == "below_minimum"
        assert (await shops.east.rewards())["status"] == "pending_profile"
        assert (await shops.north.redeem("12.50")).status_code == 201


async def test_a_shop_whose_other_sides_hang_holds_up_no_other(database_url: str) -> None:
    async with open_shops(database_url, upstream_total_s=20, worker_concurrency=2) as shops:
        stuck = [await shops.north.redeemed("5.00", customer) for customer in (ADA, 1002)]
        moving = await shops.east.redeemed("12.50")
        shops.north.shopify.faults.add(Fault("graphql *", "latency", latency_ms=15_000, times=None))
        for redemption in stuck:
            shops.north.buy(redemption["code"])
        shops.east.buy(moving["code"])
        await shops.east.reaches(moving["id"], "recorded")
        assert {(await shops.north.redemption(stuck[0]["id"]))["state"]} == {"issued"}


async def test_what_differs_is_found_in_the_shop_where_it_does(shops: Shops) -> None:
    for world in (shops.north, shops.east):
        settled = await world.redeemed("5.00")
        world.buy(settled["code"])
        await world.reaches(settled["id"], "recorded")
    redemption = await shops.south.redeemed("12.50")
    shops.south.shopify.deliveries.lose = True
    shops.south.buy(redemption["code"])
    shops.south.clock.advance(400)
    world = shops.north
    surroundings = Surroundings(MovedClock(world.clock), RandomIds(), lambda: int(world.clock.offset_s * 1000))
    async with comparing(world.settings, LogAndMetrics(stream=world.log), surroundings) as comparisons:
        since = world.clock.now() - timedelta(days=1)
        found = {c.shop.domain: (await c.report(since, lambda *_: None)).findings for c in comparisons}
    assert {domain: [f.drift for f in findings] for domain, findings in found.items()} == {
        "sandbox-shop.myshopify.com": [],
        "south.myshopify.com": [Drift.ORDER_NOT_CAPTURED],
        "east.myshopify.com": [],
    }
