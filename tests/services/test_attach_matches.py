"""Whose a sale is: the order's own is found in each form, a foreign one is never taken for it."""

from decimal import Decimal
from typing import Any

import pytest

from proxy.sandbox import seed
from tests.services.attaching import (
    BY_NUMBER,
    DAY_S,
    SLOW,
    assert_attached,
    in_time,
    looks_again,
    sales,
    sell,
    spent,
    tell,
    waits,
)
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("foreign", ["total", "profile", "time", "void"])
async def test_a_foreign_sale_with_the_orders_number_is_never_attached_to(attaching: World, foreign: str) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    like = {
        "receipt_ref": order.name,
        "order_number": str(order.number),
        "total": str(order.total),
        "profile_id": attaching.omneo_profile(),
    }
    differs: dict[str, Any] = {
        "total": {"total": "45.00"},
        "profile": {"profile_id": attaching.omneo_profile(BENEDIKT)},
        "time": {"transacted_at": "2026-01-01 10:00:00"},
        "void": {"is_void": True},
    }
    stranger = await sell(attaching, **like | differs[foreign])
    await looks_again(attaching, 20)
    tell(attaching, order, **BY_NUMBER)
    attaching.omneo.shopify_app.write()
    await in_time(attaching, redemption)
    assert attaching.omneo.state.transactions[stranger].redemption_id is None
    assert spent(attaching).transaction_id not in (None, stranger)
    assert len(sales(attaching)) == 2


async def test_of_two_sales_that_may_both_be_it_neither_is_attached_to(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    attaching.shopify.deliveries.hold = True
    order = attaching.buy(redemption["code"])
    like = {"receipt_ref": order.name, "total": str(order.total), "profile_id": attaching.omneo_profile()}
    for till in ("till-1", "till-2"):
        await sell(attaching, external_id=till, **like)
    attaching.shopify.deliveries.release()
    await waits(attaching, redemption)
    attaching.clock.advance(8 * DAY_S)
    assert (await in_time(attaching, redemption, "review"))["reason"] == "transaction_missing"
    assert [sale.redemption_id for sale in sales(attaching)] == [None, None]


async def test_two_orders_of_one_customer_with_like_receipts_get_each_its_own(attaching: World) -> None:
    pairs = []
    for number in range(2):
        redemption = await attaching.redeemed("7.35", cart=f"cart-{number}")
        pairs.append((redemption, attaching.buy(redemption["code"])))
        await waits(attaching, redemption)
    for _, order in reversed(pairs):
        tell(attaching, order, **BY_NUMBER)
    attaching.omneo.shopify_app.write()
    for redemption, order in pairs:
        await in_time(attaching, redemption)
        (sale,) = [t for t in sales(attaching) if t.fields["receipt_ref"] == order.name]
        label = attaching.omneo.state.redemptions[sale.redemption_id].transaction_receipt_ref
        assert label == order.name
    assert len(sales(attaching)) == 2


async def test_a_sale_is_attached_to_whatever_its_total_when_its_external_id_names_the_order(attaching: World) -> None:
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    sale = await sell(attaching, external_id=str(order.id), total="10.00", profile_id=attaching.omneo_profile(ADA))
    await in_time(attaching, redemption)
    assert spent(attaching).transaction_id == sale
    assert spent(attaching).total == Decimal("12.50")


async def test_a_form_of_the_retailers_own_is_found_and_one_that_is_not_named_is_not(database_url: str) -> None:
    own = "shopify:{shop}:{order_name}"
    async with open_world(database_url, **SLOW, attach_external_ids=(own,)) as world:
        redemption = await world.redeemed("12.50")
        order = world.buy(redemption["code"])
        await waits(world, redemption)
        nameless = {"order_number": "", "receipt_ref": ""}
        tell(world, order, external_id="another-{order_id}", **nameless)
        world.omneo.shopify_app.write()
        await looks_again(world, 20)
        (other,) = sales(world)
        assert other.redemption_id is None
        sale = await sell(world, external_id=f"shopify:{seed.SHOP_DOMAIN}:{order.name}", total="1.00")
        await in_time(world, redemption)
        assert spent(world).transaction_id == sale


@pytest.mark.parametrize(
    "form",
    [
        {"external_id": "{order_id}"},
        {"external_id": "{order_gid}"},
        {"external_id": "{order_name}", "order_number": "", "receipt_ref": ""},
        {"external_id": "{order_number}", "order_number": "", "receipt_ref": ""},
        {**BY_NUMBER, "receipt_ref": ""},
        {**BY_NUMBER, "order_number": ""},
        {**BY_NUMBER, "order_number": "", "receipt_ref": "{order_number}"},
        {"external_id": "", "order_number": "{order_name}", "receipt_ref": ""},
    ],
)
async def test_a_transaction_that_is_there_before_the_capture_is_found_in_each_form(
    databases: Databases, tmp_path: Any, form: dict[str, str]
) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), transaction_mode="attach") as world:
        redemption = await world.redeemed("12.50")
        world.shopify.deliveries.hold = True
        order = world.buy(redemption["code"])
        tell(world, order, **form)
        world.omneo.shopify_app.write()
        world.shopify.deliveries.release()
        await world.reaches(redemption["id"], "recorded")
        assert_attached(world)
