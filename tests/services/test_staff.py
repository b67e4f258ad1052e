"""Staff change a code, an order or a cart by hand: what Shopify really took off is what is spent, never more."""

from decimal import Decimal
from typing import Any

import pytest

from proxy.sandbox import seed
from proxy.sandbox.shopify.model import Manual
from tests.services.test_orders import sales, spent, until_recorded
from tests.world.world import ADA, World

pytestmark = pytest.mark.anyio

TILL = [(seed.LINEN_SHIRT.variant_id, 1)]


async def at_till(world: World, amount: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {world.shopify.id_token('pos')}", "Idempotency-Key": "till-1-a"}
    body = {"customer_id": str(ADA), "amount": {"amount": amount, "currencyCode": "AUD"}, "cart": "till-1"}
    answer = await world.http.post("/v1/pos/redemptions", headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def till_reaches(world: World, redemption: dict[str, Any], state: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    async def there() -> bool:
        headers = {"Authorization": f"Bearer {world.shopify.id_token('pos', offset_s=world.clock.offset_s)}"}
        found.update((await world.http.get(f"/v1/pos/redemptions/{redemption['id']}", headers=headers)).json())
        return bool(found["state"] == state)

    await world.eventually(there, lambda: f"{found}\n{world.log.getvalue()[-3000:]}")
    return found


def edited(world: World, order: Any) -> None:
    order.updates.append(world.clock.now())
    world.shopify.webhooks.order(order, "orders/updated")


async def available(world: World) -> str:
    return str((await world.rewards())["balance"]["available"]["amount"])


async def test_a_code_that_staff_deleted_is_released_when_its_time_is_over(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.staff_delete(redemption["code"])
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "released")
    assert (await available(world), spent(world)) == ("25.00", [])


async def test_a_code_that_staff_deleted_can_be_replaced_at_once(world: World) -> None:
    redemption = await world.redeemed("25.00")
    world.shopify.staff_delete(redemption["code"])
    again = await world.redeemed("25.00")
    assert again["code"] not in (None, redemption["code"])
    world.buy(again["code"])
    await world.reaches(again["id"], "recorded")
    assert spent(world) == [Decimal("25.00")]


async def test_a_code_that_staff_deleted_after_the_order_is_captured_all_the_same(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.hold = True
    world.buy(redemption["code"])
    world.shopify.staff_delete(redemption["code"])
    world.shopify.deliveries.release()
    world.shopify.deliveries.hold = False
    await world.reaches(redemption["id"], "recorded")
    assert (await available(world), spent(world)) == ("12.50", [Decimal("12.50")])


async def test_a_code_that_staff_made_smaller_captures_what_it_took_off(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.staff_edit(redemption["code"], {"customerGets": {"value": {"discountAmount": {"amount": "5.00"}}}})
    world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    assert (await available(world), spent(world)) == ("20.00", [Decimal("5.00")])


async def test_a_code_that_staff_prolonged_ends_with_its_hold(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.staff_edit(redemption["code"], {"endsAt": "2099-01-01T00:00:00Z"})
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "released")
    assert world.shopify.state.discounts == {}
    assert await available(world) == "25.00"


async def test_an_order_edited_to_less_gives_the_share_back(world: World) -> None:
    redemption = await world.redeemed("20.80")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    order.lines[1].returned = 2
    edited(world, order)
    await world.noted(redemption["id"], "given_back")
    assert [(r.type, r.total) for r in world.omneo_redemptions()] == [
        ("redeem", Decimal("20.80")),
        ("return", Decimal("5.00")),
    ]


async def test_an_order_edited_to_more_spends_nothing_more(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    order.lines[0].allocations = {0: Decimal("30.00")}
    before = len([e for e in world.events() if e["event"] == "order.settled"])
    edited(world, order)

    async def settled_again() -> bool:
        return len([e for e in world.events() if e["event"] == "order.settled"]) > before

    await world.eventually(settled_again, lambda: world.log.getvalue()[-3000:])
    assert (await world.redemption(redemption["id"]))["state"] == "recorded"
    assert (await available(world), spent(world)) == ("12.50", [Decimal("12.50")])


async def test_a_custom_discount_in_place_of_the_code_spends_nothing(world: World) -> None:
    redemption = await at_till(world, "12.50")
    manual = Manual(f"Reward {redemption['id'][-8:]}", amount=Decimal("12.50"))
    order = world.shopify.pos_sale(TILL, location_id=8801, customer_id=ADA, manual=manual)
    await until_recorded(world, order.id)
    assert sales(world)[str(order.id)].redemption_id is None  # type: ignore[attr-defined]
    world.clock.advance(901)

    async def ended() -> bool:
        world.time_goes_on(300)
        return await available(world) == "25.00"

    await world.eventually(ended, lambda: world.log.getvalue()[-3000:])
    await till_reaches(world, redemption, "released")
    assert spent(world) == []


async def test_a_custom_discount_beside_the_code_leaves_the_codes_own_part(world: World) -> None:
    redemption = await at_till(world, "12.50")
    manual = Manual("Mark on the sleeve", amount=Decimal("70.00"))
    order = world.shopify.pos_sale(TILL, location_id=8801, customer_id=ADA, codes=[redemption["code"]], manual=manual)
    took = sum(
        (
            line.allocations[a.index]
            for line in order.lines
            for a in order.applications
            if a.label == redemption["code"]
        ),
        Decimal(0),
    )
    assert Decimal(0) < took
    done = await till_reaches(world, redemption, "recorded")
    assert (Decimal(done["captured"]["amount"]), spent(world)) == (took, [took])
    assert Decimal(await available(world)) == Decimal("25.00") - took
