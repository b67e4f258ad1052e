"""What is captured on its way can be sent again: it moves nothing that it did not move the first time."""

import json
from uuid import uuid4

import pytest

from proxy.sandbox import seed
from tests.hostile.truth import truth
from tests.web.questions import assert_problem, proxied, wish
from tests.web.test_webhooks import send, signature
from tests.world.rows import LedgerRows
from tests.world.world import ADA, BENEDIKT, World

pytestmark = pytest.mark.anyio


async def test_a_captured_storefront_address_moves_nothing_however_often_it_is_sent(world: World) -> None:
    captured = proxied(world)
    assert (await world.http.get(f"/storefront?{captured}")).status_code == 200
    before = truth(world)
    for _ in range(20):
        assert (await world.http.get(f"/storefront?{captured}")).status_code == 200
        headers = {"Idempotency-Key": uuid4().hex}
        for path in ("/v1/redemptions", "/v1/pos/redemptions"):
            answer = await world.http.post(f"{path}?{captured}", headers=headers, json=wish())
            assert_problem(answer, 401, "unauthenticated")
    assert truth(world) == before


async def test_a_captured_storefront_address_ends_after_ninety_seconds(world: World) -> None:
    captured = proxied(world)
    world.clock.advance(91)
    assert_problem(await world.http.get(f"/storefront?{captured}"), 401, "unauthenticated")


async def test_what_a_thief_could_hold_with_it_only_the_customer_can_spend(world: World) -> None:
    """Within its window a captured address gives a token; a code of it works for nobody but its customer."""
    token = (await world.http.get(f"/storefront?{proxied(world, ADA)}")).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
    code = (await world.http.post("/v1/redemptions", headers=headers, json=wish())).json()["code"]
    for thief in (BENEDIKT, None):
        (shown,) = world.shopify.checkout.price(world.cart(code, customer=thief)).codes
        assert not shown.applicable
    (shown,) = world.shopify.checkout.price(world.cart(code, customer=ADA)).codes
    assert shown.applicable


async def test_a_genuine_order_sent_again_under_new_ids_is_captured_once(world: World) -> None:
    redemption = await world.redeemed("5.00")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    body = json.dumps({"id": order.id, "admin_graphql_api_id": f"gid://shopify/Order/{order.id}"}).encode()
    for topic in ("orders/create", "orders/paid", "orders/updated", "orders/cancelled") * 3:
        answer = await send(world, "orders", topic, body, X_Shopify_Hmac_Sha256=signature(body))
        assert answer.status_code == 200

    async def worked_off() -> bool:
        return not any(task.subject == str(order.id) for task in LedgerRows(world.settings.database_url).tasks)

    await world.eventually(worked_off, lambda: world.log.getvalue()[-2000:])
    assert (await world.redemption(redemption["id"]))["state"] == "recorded"
    (redeemed,) = world.omneo_redemptions()
    assert redeemed.profile_id == next(c for c in seed.CUSTOMERS if c.id == ADA).profile_id


async def test_a_captured_wish_sent_again_is_the_same_redemption(world: World) -> None:
    key = uuid4().hex
    first = await world.redeem("5.00", key=key)
    before = truth(world)
    for _ in range(10):
        again = await world.redeem("5.00", key=key)
        assert again.json()["id"] == first.json()["id"]
        assert again.headers["idempotency-replayed"] == "true"
    assert truth(world) == before
