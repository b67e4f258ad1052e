"""Orders that come as expected, late, twice, for somebody else, cancelled or not at all."""

from decimal import Decimal
from pathlib import Path

import pytest

from proxy.domain.ids import OrderId
from proxy.domain.redemption import State
from proxy.sandbox import seed
from tests.stores.ledger import open_ledger
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, CHLOE, World, open_world

pytestmark = pytest.mark.anyio


def spent(world: World, customer: int = ADA) -> list[Decimal]:
    return [r.total for r in world.omneo_redemptions(customer) if r.type == "redeem"]


def sales(world: World) -> dict[str, object]:
    return {t.external_id: t for t in world.omneo.state.transactions.values() if str(t.external_id).isdigit()}


async def until_recorded(world: World, order_id: int) -> None:
    async def there() -> bool:
        return str(order_id) in sales(world)

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def test_a_code_that_nobody_used_expires_and_its_value_is_free_again(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.clock.advance(1801)
    await world.noted(redemption["id"], "deactivated")
    assert (await world.rewards())["balance"]["held"]["amount"] == "12.50"
    world.clock.advance(1801)
    done = await world.reaches(redemption["id"], "released")
    assert done["reason"] == "expired"
    assert world.shopify.state.discounts == {}
    assert (await world.rewards())["balance"]["available"]["amount"] == "25.00"
    assert spent(world) == []


async def test_a_removed_redemption_is_free_after_its_grace(world: World) -> None:
    redemption = await world.redeemed("12.50")
    removed = await world.http.delete(f"/v1/redemptions/{redemption['id']}", headers=world.bearer())
    assert (removed.status_code, removed.json()["state"], removed.json()["code"]) == (200, "releasing", None)
    world.clock.advance(121)
    await world.reaches(redemption["id"], "released")
    assert (await world.rewards())["balance"]["available"]["amount"] == "25.00"


async def test_an_order_wins_over_a_release_that_has_begun(world: World) -> None:
    redemption = await world.redeemed("12.50")
    cart = world.cart(redemption["code"])
    await world.http.delete(f"/v1/redemptions/{redemption['id']}", headers=world.bearer())
    world.shopify.place_order(cart, honour=True)
    await world.reaches(redemption["id"], "recorded")
    assert spent(world) == [Decimal("12.50")]


async def test_an_order_whose_webhooks_are_lost_is_found_by_the_release(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.lose = True
    world.buy(redemption["code"])
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "recorded")
    assert spent(world) == [Decimal("12.50")]


async def test_an_order_after_the_release_is_captured_from_a_fresh_hold(world: World) -> None:
    redemption = await world.redeemed("12.50")
    cart = world.cart(redemption["code"])
    await world.http.delete(f"/v1/redemptions/{redemption['id']}", headers=world.bearer())
    world.clock.advance(121)
    await world.reaches(redemption["id"], "released")
    order = world.shopify.place_order(cart, honour=True)
    await until_recorded(world, order.id)
    assert spent(world) == [Decimal("12.50")]
    assert (await world.rewards())["balance"]["available"]["amount"] == "12.50"
    assert any(e["event"] == "redemption.late" for e in world.events())


async def test_a_second_order_with_the_code_is_captured_too_while_the_balance_lasts(world: World) -> None:
    redemption = await world.redeemed("12.50")
    carts = world.cart(redemption["code"]), world.cart(redemption["code"])
    first = world.shopify.place_order(carts[0])
    await world.reaches(redemption["id"], "recorded")
    second = world.shopify.place_order(carts[1], honour=True)
    await until_recorded(world, second.id)
    assert spent(world) == [Decimal("12.50"), Decimal("12.50")]
    assert {sales(world)[str(o.id)].redemption_id for o in (first, second)} == {  # type: ignore[attr-defined]
        r.id for r in world.omneo_redemptions()
    }
    assert (await world.rewards())["balance"]["total"]["amount"] == "0.00"


async def test_a_code_used_by_another_customer_is_spent_against_its_holder_and_reviewed(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.hold = True
    order = world.buy(redemption["code"])
    world.shopify.attach_customer(order.id, BENEDIKT)
    world.shopify.deliveries.release()
    done = await world.reaches(redemption["id"], "review")
    assert done["reason"] == "other_customer"
    assert (spent(world), spent(world, BENEDIKT)) == ([Decimal("12.50")], [])


async def test_another_customers_second_use_is_reviewed_and_the_holders_own_sale_is_left_alone(world: World) -> None:
    redemption = await world.redeemed("12.50")
    carts = world.cart(redemption["code"]), world.cart(redemption["code"])
    world.shopify.place_order(carts[0])
    await world.reaches(redemption["id"], "recorded")
    world.shopify.deliveries.hold = True
    second = world.shopify.place_order(carts[1], honour=True)
    world.shopify.attach_customer(second.id, BENEDIKT)
    world.shopify.deliveries.release()
    async with open_ledger(world.settings.database_url) as ledger:

        async def reviewed() -> bool:
            child = await ledger.captures.child_of(redemption["id"], OrderId(str(second.id)))
            return child is not None and child.state is State.REVIEW and child.reason == "other_customer"

        await world.eventually(reviewed, lambda: world.log.getvalue()[-3000:])
    await until_recorded(world, second.id)
    assert (await world.redemption(redemption["id"]))["state"] == "recorded"
    assert spent(world) == [Decimal("12.50"), Decimal("12.50")]


async def test_repeated_and_reordered_webhooks_change_nothing(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.duplicate = True
    world.shopify.deliveries.hold = True
    order = world.buy(redemption["code"])
    world.shopify.deliveries.release(reverse=True)
    world.shopify.deliveries.hold = False
    await world.reaches(redemption["id"], "recorded")
    for topic in ("orders/create", "orders/updated", "orders/paid"):
        world.shopify.webhooks.order(order, topic)
    await world.shopify.deliveries.idle(10)
    await until_recorded(world, order.id)
    assert spent(world) == [Decimal("12.50")]
    assert len(sales(world)) == 1


async def test_a_discount_that_takes_less_off_captures_less_and_frees_the_rest(world: World) -> None:
    redemption = await world.redeemed("20.00")
    cart = world.shopify.open_cart([(seed.WOOL_SOCKS.variant_id, 1)], ADA)
    world.shopify.checkout.set_codes(cart, [redemption["code"]])
    world.shopify.place_order(cart)
    done = await world.reaches(redemption["id"], "recorded")
    assert done["captured"]["amount"] == "12.50"
    assert spent(world) == [Decimal("12.50")]
    assert (await world.rewards())["balance"]["available"]["amount"] == "12.50"


async def test_a_pending_order_captures_at_once_and_records_when_paid(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"], paid=False)
    await world.reaches(redemption["id"], "captured")
    assert sales(world) == {}
    world.shopify.mark_paid(order.id)
    await world.reaches(redemption["id"], "recorded")
    assert len(sales(world)) == 1


async def test_an_order_cancelled_before_anyone_knew_of_it_spends_nothing(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.lose = True
    order = world.buy(redemption["code"], paid=False)
    world.shopify.deliveries.lose = False
    world.shopify.cancel(order.id)
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "released")
    assert spent(world) == []


async def test_a_paid_order_without_redemption_is_a_transaction_of_its_customer(world: World) -> None:
    order = world.buy(customer=BENEDIKT)
    await until_recorded(world, order.id)
    (sale,) = sales(world).values()
    assert sale.profile_id == world.omneo_profile(BENEDIKT)  # type: ignore[attr-defined]
    assert sale.redemption_id is None  # type: ignore[attr-defined]


async def test_a_guests_order_is_a_transaction_of_nobody(world: World) -> None:
    order = world.buy(customer=None)
    await until_recorded(world, order.id)
    (sale,) = sales(world).values()
    assert sale.profile_id is None  # type: ignore[attr-defined]


async def test_a_sale_waits_for_a_customer_who_is_on_the_way_to_omneo(world: World) -> None:
    order = world.buy(customer=CHLOE)
    body = {"first_name": "Chloe", "last_name": "Daly", "email": "chloe@example.com"}
    await world.shopify.deliveries.idle(10)
    assert sales(world) == {}
    made = (await world.omneo_api("POST", "/profiles", body)).json()["data"]
    identity = {"handle": "shopify", "identifier": str(CHLOE)}
    assert (await world.omneo_api("POST", f"/profiles/{made['id']}/identities", identity)).is_success

    async def there() -> bool:
        world.time_goes_on(20)
        return str(order.id) in sales(world)

    await world.eventually(there)
    assert sales(world)[str(order.id)].profile_id == made["id"]  # type: ignore[attr-defined]


async def test_a_replaced_redemption_leaves_one_working_code_and_one_capture(world: World) -> None:
    first = await world.redeemed("20.00")
    second = await world.redeemed("7.35")
    assert (await world.rewards())["balance"]["held"]["amount"] == "20.00"
    world.buy(second["code"])
    await world.reaches(second["id"], "recorded")
    world.clock.advance(121)
    await world.reaches(first["id"], "released")
    assert spent(world) == [Decimal("7.35")]
    assert (await world.rewards())["balance"]["available"]["amount"] == "17.65"


async def test_removing_and_applying_again_in_the_same_cart_works_at_once(world: World) -> None:
    first = await world.redeemed("25.00")
    await world.http.delete(f"/v1/redemptions/{first['id']}", headers=world.bearer())
    second = await world.redeemed("25.00")
    assert second["id"] != first["id"]
    world.buy(second["code"])
    await world.reaches(second["id"], "recorded")
    assert spent(world) == [Decimal("25.00")]


async def test_a_used_code_passes_nothing_on_even_when_its_order_is_not_known_yet(world: World) -> None:
    """Buy with the first code, hide the webhook, ask again in the same cart: Shopify's count gives it away."""
    first = await world.redeemed("25.00")
    world.shopify.deliveries.lose = True
    world.buy(first["code"])
    world.clock.advance(6)
    again = await world.redeem("25.00")
    assert (again.status_code, again.json()["code"]) == (409, "insufficient_balance")


async def test_a_pos_sale_is_captured_with_its_location(world: World) -> None:
    headers = {"Authorization": f"Bearer {world.shopify.id_token('pos')}", "Idempotency-Key": "till-1-a"}
    body = {
        "customer_id": str(ADA),
        "amount": {"amount": "7.35", "currencyCode": "AUD"},
        "cart": "till-1",
        "location_id": "8801",
        "staff_id": "77",
        "device_id": "ipad-1",
    }
    answer = await world.http.post("/v1/pos/redemptions", headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    lines = [(seed.LINEN_SHIRT.variant_id, 1)]
    order = world.shopify.pos_sale(lines, location_id=8801, user_id=42, customer_id=ADA, codes=[answer.json()["code"]])
    await until_recorded(world, order.id)
    (redeemed,) = world.omneo_redemptions()
    (sale,) = sales(world).values()
    assert redeemed.total == Decimal("7.35")
    assert sale.redemption_id == redeemed.id  # type: ignore[attr-defined]
    assert sale.location_id == redeemed.location_id is not None  # type: ignore[attr-defined]
    read = (await world.omneo_api("GET", f"/transactions/external/{order.id}")).json()["data"]
    assert read["systems"] == ["pos"]


async def test_where_transactions_are_not_ours_captured_is_the_end(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "none.db"), transaction_mode="none") as world:
        redemption = await world.redeemed("12.50")
        world.buy(redemption["code"])
        await world.reaches(redemption["id"], "captured")
        await world.shopify.deliveries.idle(10)
        assert sales(world) == {}


async def test_the_transaction_carries_lines_discounts_and_the_time_of_the_sale(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    answer = await world.omneo_api("GET", f"/transactions/external/{order.id}")
    sale = answer.json()["data"]
    assert sale["receipt_ref"] == order.name
    assert sale["systems"] == ["web"]
    assert Decimal(str(sale["total"])) == Decimal("104.00") - Decimal("12.50")
    assert [item["name"] for item in sale["items"]] == ["Linen shirt", "Wool socks"]
    assert [item["quantity"] for item in sale["items"]] == [1, 2]
    taken = sum(Decimal(str(d["amount"])) for item in sale["items"] for d in item["discounts"])
    assert taken == Decimal("12.50")
    assert sale["meta"]["shopify_order"] == str(order.id)
