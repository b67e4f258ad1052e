"""Captured when the code is made: spent once, joined to its order, and given back where no order uses it."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio

REDEEM = "POST /api/v3/profiles/*/redeem"
HEAVY_COAT = 50103


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, capture_early="checkout") as opened:
        yield opened


def of_type(world: World, kind: str) -> list[Decimal]:
    return [r.total for r in world.omneo_redemptions() if r.type == kind]


async def available(world: World) -> str:
    return str((await world.rewards())["balance"]["available"]["amount"])


async def removed(world: World, redemption: dict[str, Any]) -> None:
    answer = await world.http.delete(f"/v1/redemptions/{redemption['id']}", headers=world.bearer())
    assert answer.status_code == 200, answer.text


async def test_the_value_is_spent_before_the_code_is_handed_out(world: World) -> None:
    redemption = await world.redeemed("12.50")
    assert (redemption["state"], redemption["captured"]["amount"]) == ("issued", "12.50")
    assert redemption["code"] in [d.code for d in world.shopify.state.discounts.values()]
    assert of_type(world, "redeem") == [Decimal("12.50")]
    assert await available(world) == "12.50"


async def test_the_order_that_uses_it_spends_nothing_more(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    done = await world.reaches(redemption["id"], "recorded")
    assert done["order_id"] == str(order.id)
    assert of_type(world, "redeem") == [Decimal("12.50")]
    (sale,) = [t for t in world.omneo.state.transactions.values() if t.external_id == str(order.id)]
    assert sale.redemption_id == world.omneo_redemptions()[0].id


@pytest.mark.parametrize("policy", ["pro_rata", "full_only", "none"])
async def test_what_the_order_did_not_use_is_given_back(database_url: str, policy: str) -> None:
    async with open_world(database_url, capture_early="checkout", give_back=policy) as world:
        redemption = await world.redeemed("20.00")
        cart = world.shopify.open_cart([(seed.WOOL_SOCKS.variant_id, 1)], 1001)
        world.shopify.checkout.set_codes(cart, [redemption["code"]])
        world.shopify.place_order(cart)
        await world.noted(redemption["id"], "given_back")
        price = seed.WOOL_SOCKS.price
        assert price < Decimal("20.00")
        assert of_type(world, "return") == [Decimal("20.00") - price]
        assert await available(world) == str(Decimal("25.00") - price)


async def test_removed_it_is_reversed_after_the_grace(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await removed(world, redemption)
    assert of_type(world, "reversal") == []
    world.clock.advance(121)
    await world.reaches(redemption["id"], "returned")
    assert of_type(world, "reversal") == [Decimal("12.50")]
    assert await available(world) == "25.00"
    assert world.shopify.state.discounts == {}


async def test_expired_it_is_returned(world: World) -> None:
    redemption = await world.redeemed("12.50")
    await world.expires(redemption["id"])
    await world.reaches(redemption["id"], "returned")
    assert of_type(world, "return") == [Decimal("12.50")]
    assert await available(world) == "25.00"


async def test_an_order_in_the_grace_wins_over_the_removal(world: World) -> None:
    redemption = await world.redeemed("12.50")
    cart = world.cart(redemption["code"])
    await removed(world, redemption)
    world.shopify.place_order(cart, honour=True)
    await world.reaches(redemption["id"], "recorded")
    world.clock.advance(121)
    assert of_type(world, "reversal") == []
    assert of_type(world, "redeem") == [Decimal("12.50")]


async def test_an_order_after_the_value_went_back_spends_it_again(world: World) -> None:
    redemption = await world.redeemed("12.50")
    cart = world.cart(redemption["code"])
    await removed(world, redemption)
    world.clock.advance(121)
    await world.reaches(redemption["id"], "returned")
    world.shopify.place_order(cart, honour=True)

    async def spent_again() -> bool:
        return of_type(world, "redeem") == [Decimal("12.50")] * 2

    await world.eventually(spent_again, lambda: world.log.getvalue()[-3000:])
    assert of_type(world, "reversal") == [Decimal("12.50")]


async def test_a_till_that_was_faster_refuses_it_and_nothing_stays(world: World) -> None:
    await world.rewards()
    profile = world.omneo_profile()
    world.omneo.faults.add(Fault("GET /api/v3/profiles/*/balances", "latency", latency_ms=1))
    await world.omneo_api("POST", f"/profiles/{profile}/redeem", {"amount": 20.0, "strategies": ["rewards"]})
    answer = await world.redeem("12.50", key="k")
    assert (answer.status_code, answer.json()["code"]) == (409, "insufficient_balance")
    assert answer.json()["available"]["amount"] == "5.00"
    again = await world.redeem("12.50", key="k")
    assert again.json()["code"] == "insufficient_balance"
    assert of_type(world, "redeem") == [Decimal("20.00")]
    (held,) = [e for e in world.events() if e["event"] == "redemption.held"]
    world.clock.advance(121)
    await world.reaches(held["redemption"], "released")
    assert world.shopify.state.discounts == {}
    assert await available(world) == "5.00"


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_a_lost_answer_is_resumed_with_the_same_key_and_spent_once(world: World, kind: str) -> None:
    world.omneo.faults.add(Fault(REDEEM, kind))
    first = await world.redeem("12.50", key="k")
    assert (first.status_code, first.json()["code"]) == (503, "outcome_pending")
    again = await world.redeem("12.50", key="k")
    assert again.status_code == 201, again.text
    assert again.json()["code"]
    assert of_type(world, "redeem") == [Decimal("12.50")]


async def test_a_lost_answer_that_nobody_asks_for_again_goes_back_when_its_time_is_over(world: World) -> None:
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    await world.redeem("12.50")
    (held,) = [e for e in world.events() if e["event"] == "redemption.held"]
    shown = await world.redemption(held["redemption"])
    assert shown["code"] is None, "a code whose value is not known to be spent is not handed out"
    world.clock.advance(6)
    await world.noted(held["redemption"], "capture")
    await world.expires(held["redemption"])
    await world.reaches(held["redemption"], "returned")
    assert of_type(world, "redeem") == of_type(world, "return") == [Decimal("12.50")]


async def test_a_send_that_never_arrived_is_void_and_lets_go_after_five_minutes(world: World) -> None:
    world.omneo.faults.add(Fault(REDEEM, "drop_before", times=None))
    await world.redeem("12.50")
    (held,) = [e for e in world.events() if e["event"] == "redemption.held"]
    answer = await world.http.delete(f"/v1/redemptions/{held['redemption']}", headers=world.bearer())
    assert answer.status_code == 200
    for _ in range(8):
        world.clock.advance(60)
        await world.rewards()
    await world.reaches(held["redemption"], "released")
    assert world.omneo_redemptions() == []
    assert await available(world) == "25.00"


async def test_what_is_refused_after_its_caller_went_away_is_let_go_before_its_time(world: World) -> None:
    await world.rewards()
    world.omneo.faults.add(Fault(REDEEM, "rate_limited", times=None))
    first = await world.redeem("12.50")
    assert first.json()["code"] == "outcome_pending"
    world.omneo.faults.clear()
    await world.omneo_api("POST", f"/profiles/{world.omneo_profile()}/redeem", {"amount": 20.0})
    (held,) = [e for e in world.events() if e["event"] == "redemption.held"]
    world.clock.advance(6)
    await world.noted(held["redemption"], "deactivated")
    world.clock.advance(121)
    await world.reaches(held["redemption"], "released")
    assert await available(world) == "5.00"


async def test_a_larger_amount_waits_until_the_first_is_back(world: World) -> None:
    """What was spent is not passed on: nothing is taken twice, and the old code stays usable."""
    redemption = await world.redeemed("20.00")
    larger = await world.redeem("25.00")
    assert (larger.status_code, larger.json()["code"]) == (409, "insufficient_balance")
    assert (await world.redemption(redemption["id"]))["state"] == "issued"
    smaller = await world.redeemed("5.00")
    assert (await world.redemption(redemption["id"]))["state"] == "releasing"
    world.clock.advance(121)
    await world.reaches(redemption["id"], "returned")
    assert await available(world) == "20.00"
    world.buy(smaller["code"])
    await world.reaches(smaller["id"], "recorded")


async def test_a_cancelled_order_gives_it_back_whole(world: World) -> None:
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    world.shopify.cancel(order.id)
    await world.reaches(redemption["id"], "returned")
    assert of_type(world, "reversal") == [Decimal("12.50")]
