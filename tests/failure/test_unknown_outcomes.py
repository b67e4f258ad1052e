"""Answers that are lost, cut, late or refused, on both sides: nothing is spent twice and nothing vanishes."""

from decimal import Decimal
from typing import Any

import pytest

from proxy.sandbox.faults import Fault
from tests.world.world import BENEDIKT, World

pytestmark = pytest.mark.anyio

REDEEM = "POST /api/v3/profiles/*/redeem"
UPSERT = "POST /api/v3/transactions/update-create"


def spent(world: World) -> list[Decimal]:
    return [r.total for r in world.omneo_redemptions() if r.type == "redeem"]


def sales(world: World, order: Any) -> list[Any]:
    return [t for t in world.omneo.state.transactions.values() if t.external_id == str(order.id)]


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after", "drop_before", "server_error", "rate_limited"])
async def test_a_redeem_that_fails_in_any_way_ends_as_one_redemption(world: World, kind: str) -> None:
    world.omneo.faults.add(Fault(REDEEM, kind))
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    if kind in ("drop_before", "server_error"):
        # Nothing is there to be found, so the second redeem waits for the settling time.
        await _seen(world, "capture.unknown")
        world.clock.advance(121)
    await world.reaches(redemption["id"], "recorded")
    assert spent(world) == [Decimal("12.50")]
    (sale,) = sales(world, order)
    assert sale.redemption_id == world.omneo_redemptions()[0].id


async def test_a_redeem_that_becomes_visible_late_is_found_and_not_sent_again(world: World) -> None:
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault(REDEEM, "delayed_visibility", times=None, visible_after_s=30))
    redemption = await world.redeemed("12.50")
    world.buy(redemption["code"])
    await _seen(world, "capture.unknown")
    world.clock.advance(31)
    await world.reaches(redemption["id"], "recorded")
    assert spent(world) == [Decimal("12.50")]
    assert world.omneo.calls["POST /api/v3/profiles/{id}/redeem"] == 1


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after", "drop_before", "server_error"])
async def test_a_transaction_that_fails_in_any_way_is_written_once(world: World, kind: str) -> None:
    world.omneo.faults.add(Fault(UPSERT, kind))
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    await _seen(world, "task.retried")
    world.clock.advance(11)
    await world.reaches(redemption["id"], "recorded")
    assert len(sales(world, order)) == 1


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after", "drop_before", "server_error", "throttled"])
async def test_a_discount_whose_answer_is_lost_is_the_one_that_was_committed(world: World, kind: str) -> None:
    world.shopify.faults.add(Fault("graphql CodeCreate", kind))
    redemption = await world.redeemed("12.50")
    assert [d.code for d in world.shopify.state.discounts.values()] == [redemption["code"]]


async def test_a_balance_that_fell_under_the_hold_is_redeemed_as_far_as_it_goes(world: World) -> None:
    redemption = await world.redeemed("20.00")
    await _spend_elsewhere(world, "15.00")
    world.buy(redemption["code"])
    done = await world.reaches(redemption["id"], "review")
    assert done["captured"]["amount"] == "10.00"
    assert done["reason"] == "shortfall"
    assert sorted(spent(world)) == [Decimal("10.00"), Decimal("15.00")]


async def test_a_balance_that_is_gone_puts_the_whole_before_a_person(world: World) -> None:
    redemption = await world.redeemed("20.00")
    await _spend_elsewhere(world, "25.00")
    world.buy(redemption["code"])
    done = await world.reaches(redemption["id"], "review")
    assert done["captured"]["amount"] == "0.00"
    assert spent(world) == [Decimal("25.00")]
    # The sale itself still counts.
    await world.eventually(lambda: _recorded(world))


async def test_a_release_whose_answers_are_lost_still_ends(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.faults.add(Fault("graphql CodeDeactivate", "drop_after"))
    answer = await world.http.delete(f"/v1/redemptions/{redemption['id']}", headers=world.bearer())
    assert answer.status_code in (200, 503)
    world.clock.advance(6)
    await world.noted(redemption["id"], "deactivated")
    world.shopify.faults.add(Fault("graphql CodeDelete", "drop_after"))
    world.clock.advance(121)
    await _seen(world, "task.retried")
    world.clock.advance(6)
    await world.reaches(redemption["id"], "released")
    assert world.shopify.state.discounts == {}
    assert (await world.rewards())["balance"]["available"]["amount"] == "25.00"


async def test_a_hold_whose_discount_never_came_is_let_go_by_itself(world: World) -> None:
    world.shopify.faults.add(Fault("graphql CodeCreate", "drop_before", times=None))
    answer = await world.redeem("12.50")
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome_pending")
    assert (await world.rewards())["balance"]["available"]["amount"] == "12.50"
    world.shopify.faults.clear()
    (pending,) = [e for e in world.events() if e["event"] == "redemption.held"]
    world.clock.advance(41)
    await world.reaches(pending["redemption"], "releasing")
    world.clock.advance(121)
    await world.reaches(pending["redemption"], "released")
    assert (await world.rewards())["balance"]["available"]["amount"] == "25.00"


async def test_a_discount_that_landed_after_all_is_found_and_taken_back(world: World) -> None:
    world.shopify.faults.add(Fault("graphql CodeCreate", "drop_after", times=1))
    world.shopify.faults.add(Fault("graphql CodeCreate", "drop_before", times=None, skip=1))
    world.shopify.faults.add(Fault("graphql CodeByCode", "drop_before", times=4))
    answer = await world.redeem("12.50")
    assert answer.json()["code"] == "outcome_pending"
    assert len(world.shopify.state.discounts) == 1
    world.shopify.faults.clear()
    (pending,) = [e for e in world.events() if e["event"] == "redemption.held"]
    world.clock.advance(41)
    await world.noted(pending["redemption"], "deactivated")
    world.clock.advance(121)
    await world.reaches(pending["redemption"], "released")
    assert world.shopify.state.discounts == {}


async def test_omneo_down_for_hours_delays_the_capture_and_loses_nothing(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.omneo.faults.add(Fault("*", "server_error", times=None))
    order = world.buy(redemption["code"])
    for _ in range(4):
        await _seen(world, "task.retried")
        world.clock.advance(3600)
    world.omneo.faults.clear()
    for _ in range(4):
        world.clock.advance(400)
    await world.eventually(lambda: _advanced(world, redemption["id"], "recorded"))
    assert spent(world) == [Decimal("12.50")]
    assert len(sales(world, order)) == 1


async def test_shopify_down_when_the_order_comes_delays_its_settlement_only(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.faults.add(Fault("graphql *", "server_error", times=None))
    world.buy(redemption["code"])
    await _seen(world, "task.retried")
    world.shopify.faults.clear()
    await world.eventually(lambda: _advanced(world, redemption["id"], "recorded"))
    assert spent(world) == [Decimal("12.50")]


async def test_numbers_as_text_and_missing_fields_change_nothing(world: World) -> None:
    world.omneo.faults.add(Fault("*", "stringly", times=None))
    world.omneo.faults.add(
        Fault("GET /api/v3/profiles/*/balances", "omit", times=None, fields=("credit_balance", "localised", "currency"))
    )
    redemption = await world.redeemed("12.50", BENEDIKT)
    world.buy(redemption["code"], customer=BENEDIKT)
    await world.reaches(redemption["id"], "recorded", BENEDIKT)
    assert [r.total for r in world.omneo_redemptions(BENEDIKT)] == [Decimal("12.50")]


async def _spend_elsewhere(world: World, amount: str) -> None:
    """Another till, which knows nothing of us, takes value from under the hold."""
    profile = world.omneo_profile()
    answer = await world.omneo_api(
        "POST", f"/profiles/{profile}/redeem", {"amount": float(amount), "strategies": ["rewards"]}
    )
    assert answer.is_success, answer.text


async def _seen(world: World, event: str) -> None:
    world.log.seek(0)
    world.log.truncate()

    async def there() -> bool:
        return any(e["event"] == event for e in world.events())

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def _recorded(world: World) -> bool:
    return any(t.external_id and t.external_id.isdigit() for t in world.omneo.state.transactions.values())


async def _advanced(world: World, redemption_id: str, state: str) -> bool:
    world.time_goes_on(30)
    return bool((await world.redemption(redemption_id))["state"] == state)
