"""What a till declared is compared with the order: a contradiction goes to a person, and the order is settled."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from proxy.sandbox import seed
from tests.services.test_orders import spent, until_recorded
from tests.world.databases import Databases
from tests.world.rows import LedgerRows
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

SHIRT = [(seed.LINEN_SHIRT.variant_id, 1)]
HERE = seed.LOCATION.id


async def redeemed(world: World, user: int = 42, **declared: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {world.shopify.id_token('pos', user_id=user)}", "Idempotency-Key": uuid4().hex}
    body = {"customer_id": str(ADA), "amount": {"amount": "12.50", "currencyCode": "AUD"}, **declared}
    answer = await world.http.post("/v1/pos/redemptions", headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def row(world: World, redemption: dict[str, Any]) -> Any:
    return LedgerRows(world.settings.database_url).redemptions[redemption["id"]]


async def settled(world: World, order: Any, redemption: dict[str, Any], state: str = "recorded") -> None:
    await until_recorded(world, order.id)

    async def there() -> bool:
        return bool(row(world, redemption).state == state)

    await world.eventually(there, lambda: f"{row(world, redemption)}\n{world.log.getvalue()[-3000:]}")
    assert spent(world) == [Decimal("12.50")]


def sold(world: World, code: str, **more: Any) -> Any:
    return world.shopify.pos_sale(SHIRT, customer_id=ADA, codes=[code], **{"location_id": HERE, **more})


Sell = Callable[[World, str], Any]


@pytest.mark.parametrize(
    ("declared", "sell", "reason"),
    [
        ({}, lambda world, code: world.buy(code), "not_a_pos_sale"),
        ({"location_id": "8999"}, sold, "location_mismatch"),
        ({"location_id": str(HERE)}, lambda world, code: sold(world, code, user_id=99), "staff_mismatch"),
    ],
)
async def test_a_contradiction_is_put_before_a_person_and_captured_all_the_same(
    world: World, declared: dict[str, Any], sell: Sell, reason: str
) -> None:
    redemption = await redeemed(world, **declared)
    order = sell(world, redemption["code"])
    await settled(world, order, redemption, "review")
    found = row(world, redemption)
    assert (found.reason, found.captured_minor) == (reason, 1250)
    told = [e for e in world.events() if e["event"] == "redemption.review"]
    assert [e["reason"] for e in told] == [reason]
    headers = {"Authorization": f"Bearer {world.shopify.id_token('pos')}"}
    shown = await world.http.get(f"/v1/pos/redemptions/{redemption['id']}", headers=headers)
    assert (shown.json()["state"], shown.json()["reason"], reason in shown.text) == ("review", None, False)


@pytest.mark.parametrize(
    "sale",
    [
        {},
        {"user_id": 42},
        {"user_id": 77},
        {"device_id": 5},
    ],
    ids=["nobody named", "the login", "the member of staff", "a device of another name"],
)
async def test_what_agrees_or_is_not_named_is_recorded(world: World, sale: dict[str, Any]) -> None:
    redemption = await redeemed(world, location_id=f"gid://shopify/Location/{HERE}", staff_id="77", device_id="till-1")
    await settled(world, sold(world, redemption["code"], **sale), redemption)


async def test_what_a_customer_redeemed_may_be_used_anywhere(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await settled(world, sold(world, redemption["code"], user_id=99), redemption)


async def test_an_order_that_nobody_told_of_contradicts_no_login(databases: Databases, tmp_path: Path) -> None:
    """Every webhook is lost and a sweep finds the order: who rang it up is not known."""
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), sweep_every_s=30) as world:
        redemption = await redeemed(world, location_id=str(HERE))
        world.shopify.deliveries.lose = True
        order = sold(world, redemption["code"], user_id=99)
        await world.passes(31)
        await settled(world, order, redemption)


async def test_the_comparison_can_be_switched_off(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), staff_cross_check=False) as world:
        redemption = await redeemed(world, location_id="8999")
        await settled(world, world.buy(redemption["code"]), redemption)


async def test_a_second_customer_on_the_same_declared_cart_does_not_inherit(world: World) -> None:
    """The cashier changes the customer: what the first one had set aside stays the first one's until it ends."""
    first = await redeemed(world, cart="till-1")
    headers = {"Authorization": f"Bearer {world.shopify.id_token('pos')}", "Idempotency-Key": uuid4().hex}
    body = {"customer_id": str(BENEDIKT), "amount": {"amount": "50.00", "currencyCode": "AUD"}, "cart": "till-1"}
    second = await world.http.post("/v1/pos/redemptions", headers=headers, json=body)
    assert second.status_code == 201, second.text
    assert (await world.rewards(BENEDIKT))["balance"]["held"]["amount"] == "50.00"
    assert ((await world.rewards(ADA))["balance"]["held"]["amount"], row(world, first).state) == ("12.50", "issued")


async def test_a_parked_or_abandoned_cart_lets_its_value_go_when_its_time_is_over(world: World) -> None:
    redemption = await redeemed(world, cart="till-1")
    await world.passes(901)

    async def released() -> bool:
        world.time_goes_on(300)
        return row(world, redemption).state == "released"

    await world.eventually(released, lambda: world.log.getvalue()[-3000:])
    assert world.shopify.state.discounts == {}
    assert (await world.rewards())["balance"]["available"]["amount"] == "25.00"
    assert spent(world) == []


async def test_a_parked_cart_that_is_rung_up_in_time_is_spent(world: World) -> None:
    redemption = await redeemed(world, cart="till-1", location_id=str(HERE))
    await world.passes(600)
    await settled(world, sold(world, redemption["code"]), redemption)
