"""Shops differ in taxes, currencies, tests and minimums: a redemption is the same value in each of them."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from proxy.sandbox import seed
from tests.services.test_orders import sales, spent, until_recorded
from tests.world.databases import Databases
from tests.world.world import BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio


def shop_is(world: World, **ways: Any) -> None:
    world.shopify.state.config = replace(world.shopify.state.config, **ways)


async def available(world: World) -> str:
    return str((await world.rewards())["balance"]["available"]["amount"])


@pytest.mark.parametrize("taxes_included", [True, False])
async def test_what_is_captured_is_what_was_taken_off_before_taxes_are_looked_at(
    world: World, taxes_included: bool
) -> None:
    shop_is(world, taxes_included=taxes_included)
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    done = await world.reaches(redemption["id"], "recorded")
    assert order.tax > 0
    assert (done["captured"]["amount"], spent(world)) == ("12.50", [Decimal("12.50")])


async def test_a_buyer_who_pays_in_another_currency_spends_the_shops(world: World) -> None:
    shop_is(world, presentment_currency="EUR", presentment_rate=Decimal("0.61"))
    redemption = await world.redeemed("12.50")
    world.buy(redemption["code"])
    done = await world.reaches(redemption["id"], "recorded")
    assert done["captured"] == {"amount": "12.50", "currencyCode": "AUD"}
    assert (await available(world), spent(world)) == ("12.50", [Decimal("12.50")])


async def test_a_code_does_not_recur_with_a_subscription(world: World) -> None:
    await world.redeemed("12.50")
    (discount,) = world.shopify.state.discounts.values()
    assert discount.on_one_time_purchase
    assert not discount.on_subscription


async def test_a_test_order_spends_nothing_and_its_hold_ends(world: World) -> None:
    shop_is(world, test_orders=True)
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "released")
    assert any(e["event"] == "order.test_ignored" and e["order"] == str(order.id) for e in world.events())
    assert (spent(world), sales(world)) == ([], {})


async def test_a_test_order_of_a_test_shop_is_settled_like_any_other(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), test_shop=True) as world:
        shop_is(world, test_orders=True)
        redemption = await world.redeemed("12.50")
        world.buy(redemption["code"])
        await world.reaches(redemption["id"], "recorded")
        assert spent(world) == [Decimal("12.50")]


async def test_a_cart_that_falls_below_the_minimum_loses_its_code_and_keeps_its_value(
    databases: Databases, tmp_path: Path
) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), minimum_spend="40.00") as world:
        redemption = await world.redeemed("12.50")
        cart = world.cart(redemption["code"])
        world.shopify.checkout.set_lines(cart, [(seed.WOOL_SOCKS.variant_id, 1)])
        order = world.shopify.place_order(cart, drop_invalid=True)
        assert order.codes == []
        await until_recorded(world, order.id)
        await world.expires(redemption["id"])
        await world.reaches(redemption["id"], "released")
        assert (await available(world), spent(world)) == ("25.00", [])


async def test_another_login_cannot_use_the_code_and_its_value_comes_back(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.shopify.place_order(world.cart(redemption["code"], customer=BENEDIKT), drop_invalid=True)
    assert order.codes == []
    await until_recorded(world, order.id)
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "released")
    assert (await available(world), spent(world), spent(world, BENEDIKT)) == ("25.00", [], [])


async def test_two_checkouts_completed_at_once_never_spend_more_than_there_is(world: World) -> None:
    redemption = await world.redeemed("25.00")
    carts = world.cart(redemption["code"]), world.cart(redemption["code"])
    orders = [world.shopify.place_order(cart, honour=True) for cart in carts]
    for order in orders:
        await until_recorded(world, order.id)
    await world.shopify.deliveries.idle(10)
    assert spent(world) == [Decimal("25.00")]
    assert (await world.rewards())["balance"]["total"]["amount"] == "0.00"
    assert any(e["event"] == "redemption.overuse" for e in world.events())
    short = [e for e in world.events() if e["event"] == "redemption.review"]
    assert short != [], "the second order is nobody's business"
