"""A person's decision moves a redemption out of review, with its hold, its allowance and its reason."""

from typing import Any

import pytest
import sqlalchemy as sa

from proxy.app import deciding
from proxy.domain.actor import operator_actor
from proxy.domain.ids import RedemptionId
from proxy.domain.redemption import State
from proxy.stores import schema as t
from tests.services.test_reconcile import by_hand, surroundings
from tests.world.world import BENEDIKT, World

pytestmark = pytest.mark.anyio


async def resolve(world: World, redemption: dict[str, Any], to: State, why: str = "looked at it") -> str | None:
    async with deciding(world.settings, surroundings(world)) as ledger:
        return await ledger.resolve(RedemptionId(redemption["id"]), to, why, operator_actor("ada"))


async def spent_elsewhere(world: World, amount: float) -> None:
    body = {"amount": amount, "strategies": ["rewards"]}
    assert (await world.omneo_api("POST", f"/profiles/{world.omneo_profile()}/redeem", body)).is_success


async def gone_short(world: World, amount: str, elsewhere: float, *, paid: bool = True) -> dict[str, Any]:
    """Have another till spend from under the hold, so that the order's capture falls short."""
    redemption = await world.redeemed(amount)
    await spent_elsewhere(world, elsewhere)
    world.buy(redemption["code"], paid=paid)
    await world.reaches(redemption["id"], "review")
    return redemption


async def held_minor(world: World) -> int:
    c = t.allowances.c
    query = sa.select(c.held_minor).where(c.profile_id == world.omneo_profile())
    return int(await by_hand(world, lambda unit: unit.conn.scalar(query)))


async def test_released_frees_the_hold_of_what_was_never_spent(world: World) -> None:
    redemption = await gone_short(world, "20.00", 25.0)
    assert await held_minor(world) == 2000
    assert await resolve(world, redemption, State.RELEASED, "the shop bears it") is None
    done = await world.redemption(redemption["id"])
    assert done["state"] == "released"
    assert await held_minor(world) == 0
    c = t.journal.c
    facts = await by_hand(
        world, lambda unit: unit.conn.scalar(sa.select(c.facts).where(c.note == "decided: shortfall"))
    )
    assert "the shop bears it" in facts


async def test_captured_keeps_what_was_captured_and_its_sale_is_recorded_when_it_is_paid(world: World) -> None:
    redemption = await gone_short(world, "20.00", 15.0, paid=False)
    assert await resolve(world, redemption, State.CAPTURED) is None
    done = await world.redemption(redemption["id"])
    assert (done["state"], done["captured"]["amount"]) == ("captured", "10.00")
    assert await held_minor(world) == 0
    world.shopify.mark_paid(int(done["order_id"]))
    await world.reaches(redemption["id"], "recorded")


async def test_recorded_is_what_it_is_when_its_transaction_carries_it(world: World) -> None:
    redemption = await gone_short(world, "20.00", 15.0)
    await world.eventually(lambda: _recorded(world))
    assert "resolve it as recorded" in str(await resolve(world, redemption, State.CAPTURED))
    assert await resolve(world, redemption, State.RECORDED) is None
    assert (await world.redemption(redemption["id"]))["state"] == "recorded"


async def test_recorded_is_refused_without_a_transaction(world: World) -> None:
    redemption = await gone_short(world, "20.00", 15.0, paid=False)
    assert "resolve it as captured" in str(await resolve(world, redemption, State.RECORDED))


async def test_returned_counts_all_as_given_back_and_starts_a_new_epoch(world: World) -> None:
    redemption = await gone_short(world, "20.00", 15.0, paid=False)
    a, c = t.allowances.c, t.captures.c
    epoch = sa.select(a.epoch).where(a.profile_id == world.omneo_profile())
    before = await by_hand(world, lambda unit: unit.conn.scalar(epoch))
    assert await resolve(world, redemption, State.RETURNED) is None
    assert (await world.redemption(redemption["id"]))["state"] == "returned"
    assert await by_hand(world, lambda unit: unit.conn.scalar(epoch)) == before + 1
    assert await by_hand(world, lambda unit: unit.conn.scalar(sa.select(c.returned_minor))) == 1000


@pytest.mark.parametrize("to", [State.CAPTURED, State.RECORDED, State.RETURNED])
async def test_what_was_never_captured_can_only_be_released(world: World, to: State) -> None:
    redemption = await gone_short(world, "20.00", 25.0)
    assert "only released" in str(await resolve(world, redemption, to))
    assert (await world.redemption(redemption["id"]))["state"] == "review"


async def test_what_was_captured_cannot_be_released(world: World) -> None:
    redemption = await gone_short(world, "20.00", 15.0)
    assert "was captured" in str(await resolve(world, redemption, State.RELEASED))


@pytest.mark.parametrize("to", [State.HELD, State.ISSUED, State.CAPTURING, State.REVIEW])
async def test_no_decision_leads_back_to_work(world: World, to: State) -> None:
    redemption = await gone_short(world, "20.00", 15.0)
    assert "is one of" in str(await resolve(world, redemption, to))


async def test_only_what_is_in_review_waits_for_a_decision(world: World) -> None:
    redemption = await world.redeemed("12.50")
    assert "in review" in str(await resolve(world, redemption, State.RELEASED))
    assert (await world.redemption(redemption["id"]))["state"] == "issued"


async def test_what_a_person_has_decided_is_not_asked_again(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.hold = True
    order = world.buy(redemption["code"])
    world.shopify.attach_customer(order.id, BENEDIKT)
    world.shopify.deliveries.release()
    world.shopify.deliveries.hold = False
    await world.reaches(redemption["id"], "review")
    await world.eventually(lambda: _recorded(world))
    assert await resolve(world, redemption, State.RECORDED, "they are married") is None
    settled = _count(world, "order.settled")
    world.shopify.webhooks.order(order, "orders/updated")
    await world.eventually(lambda: _more(world, settled))
    assert (await world.redemption(redemption["id"]))["state"] == "recorded"


async def _recorded(world: World) -> bool:
    found = await by_hand(world, lambda unit: unit.conn.scalar(sa.select(sa.func.count()).select_from(t.records)))
    return bool(found)


def _count(world: World, event: str) -> int:
    return sum(e["event"] == event for e in world.events())


async def _more(world: World, before: int) -> bool:
    return _count(world, "order.settled") > before
