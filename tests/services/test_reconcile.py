"""Drift of every kind, made by hand: it is found, and mended or put before a person; what moves is left alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from proxy.app import World as Surroundings
from proxy.app import comparing
from proxy.domain.drift import Cure, Drift
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import OrderId, ShopDomain
from proxy.identifiers import RandomIds
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.stores import schema as t
from proxy.stores.database import Unit, open_database
from proxy.stores.events import Events
from proxy.telemetry import LogAndMetrics
from tests.world.world import ADA, BENEDIKT, CHLOE, MovedClock, World, open_world

pytestmark = pytest.mark.anyio

QUIET_S = 301
STRANGE = "cap_" + "0" * 32
SHOP = ShopDomain(seed.SHOP_DOMAIN)


def surroundings(world: World) -> Surroundings:
    return Surroundings(MovedClock(world.clock), RandomIds(), lambda: int(world.clock.offset_s * 1000))


async def drift(world: World, *, fix: bool = False) -> list[tuple[Drift, Cure]]:
    """Compare, and mend if told to; gives what was found and what came of it."""
    async with comparing(world.settings, LogAndMetrics(stream=world.log), surroundings(world)) as (comparison,):
        report = await comparison.report(world.clock.now() - timedelta(days=7), lambda *_: None)
        return [(f.drift, await comparison.mend(f) if fix else Cure.REPORTED) for f in report.findings]


@asynccontextmanager
async def ledger(world: World) -> AsyncIterator[Any]:
    """Open the ledger beside the proxy, to break it by hand."""
    database = open_database(
        world.settings.database_url,
        lambda: int(world.clock.now().timestamp() * 1000),
        size=1,
        shift_ms=lambda: int(world.clock.offset_s * 1000),
    )
    try:
        yield database
    finally:
        database.close()


async def by_hand(world: World, work: Callable[[Unit], Any]) -> Any:
    async with ledger(world) as database:
        return await database.write(work)


async def calm(world: World) -> None:
    """Wait until every webhook has come and done its work."""
    await world.shopify.deliveries.idle(10)
    await world.eventually(lambda: no_order_work(world))


async def recorded(world: World, amount: str = "12.50") -> dict[str, Any]:
    """Bring a redemption to its end and let the quiet time pass."""
    redemption = await world.redeemed(amount)
    world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    await calm(world)
    world.clock.advance(QUIET_S)
    return redemption


async def capture_of(world: World, redemption: dict[str, Any]) -> str:
    c = t.capture_lines.c
    query = sa.select(c.capture_id).where(c.redemption_id == redemption["id"])
    return str(await by_hand(world, lambda unit: unit.conn.scalar(query)))


async def redeem_as_us(world: World, label: str, amount: float = 2.0) -> int:
    """A redemption under a label of ours that we did not make."""
    body = {
        "amount": amount,
        "strategies": ["rewards"],
        "transaction_external_id": label,
        "meta": {"capture_id": label},
    }
    answer = await world.omneo_api("POST", f"/profiles/{world.omneo_profile()}/redeem", body)
    assert answer.is_success, answer.text
    return int(answer.json()["data"]["id"])


async def armed(world: World) -> bool:
    """Tell whether the next sweep has its time: so a little after the start, and after one said that it was done."""
    c = t.tasks.c
    query = sa.select(c.id).where(c.kind == "sweep", c.lease.is_(None))
    return await by_hand(world, lambda unit: unit.conn.scalar(query)) is not None


async def no_order_work(world: World) -> bool:
    """Tell whether every order is settled."""
    async with ledger(world) as database:
        tasks = await database.read(lambda unit: unit.run(t.tasks.select().where(t.tasks.c.kind == "order")).all())
    return not tasks


async def test_a_healthy_world_has_no_drift(world: World) -> None:
    await recorded(world)
    assert await drift(world) == []
    assert await drift(world, fix=True) == []


async def test_work_in_flight_is_no_drift(world: World) -> None:
    await world.eventually(lambda: armed(world))
    world.clock.advance(86_401)
    await world.eventually(lambda: _told(world, "sweep.done"))
    await recorded(world)
    world.buy(customer=CHLOE)  # waits up to an hour for its customer to reach Omneo
    await world.shopify.deliveries.idle(10)
    world.clock.advance(QUIET_S)
    unknown = await world.redeemed("5.00", BENEDIKT, cart="b")
    world.omneo.faults.add(Fault("*", "server_error", times=None))
    world.buy(unknown["code"], customer=BENEDIKT)
    await world.reaches(unknown["id"], "capturing", BENEDIKT)
    world.omneo.faults.clear()
    assert await drift(world, fix=True) == []


async def test_an_order_that_was_just_placed_is_left_to_its_webhook(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.lose = True
    world.buy(redemption["code"])
    assert await drift(world) == []


async def test_an_order_that_used_our_code_without_capture_is_settled(world: World) -> None:
    redemption = await world.redeemed("12.50")
    world.shopify.deliveries.lose = True
    world.buy(redemption["code"])
    world.clock.advance(QUIET_S)
    assert await drift(world) == [(Drift.ORDER_NOT_CAPTURED, Cure.REPORTED)]
    assert await drift(world, fix=True) == [(Drift.ORDER_NOT_CAPTURED, Cure.WISHED)]
    await world.reaches(redemption["id"], "recorded")
    await world.eventually(lambda: no_order_work(world))
    world.clock.advance(QUIET_S)
    assert await drift(world) == []


async def test_a_paid_order_without_transaction_is_recorded(database_url: str) -> None:
    async with open_world(database_url) as world:
        await world.eventually(lambda: armed(world))
        world.clock.advance(86_401)
        await world.eventually(lambda: _told(world, "sweep.done"))
        world.shopify.deliveries.lose = True
        order = world.buy(customer=BENEDIKT)
        world.clock.advance(QUIET_S)
        assert await drift(world, fix=True) == [(Drift.ORDER_NOT_RECORDED, Cure.WISHED)]
        await world.eventually(lambda: _sold(world, order))


async def test_value_that_did_not_come_back_with_the_goods_is_given_back(world: World) -> None:
    redemption = await recorded(world)
    world.shopify.deliveries.lose = True
    world.shopify.refund(int((await world.redemption(redemption["id"]))["order_id"]))
    world.clock.advance(QUIET_S)
    assert await drift(world, fix=True) == [(Drift.VALUE_NOT_RETURNED, Cure.WISHED)]
    await world.reaches(redemption["id"], "returned")
    await world.eventually(lambda: no_order_work(world))
    world.clock.advance(QUIET_S)
    assert await drift(world) == []


async def test_value_that_omneo_never_gave_back_goes_before_a_person(world: World) -> None:
    redemption = await recorded(world)
    world.shopify.refund(int((await world.redemption(redemption["id"]))["order_id"]))
    await world.reaches(redemption["id"], "returned")
    await calm(world)
    world.clock.advance(QUIET_S)
    assert await drift(world) == []
    (undone,) = [r for r in world.omneo_redemptions() if r.type != "redeem"]
    del world.omneo.state.redemptions[undone.id]
    assert await drift(world, fix=True) == [(Drift.RETURN_MISSING, Cure.REVIEWED)]
    assert (await world.redemption(redemption["id"]))["reason"] == "return_missing"


async def test_a_capture_that_omneo_does_not_have_goes_before_a_person(database_url: str) -> None:
    async with open_world(database_url, transaction_mode="none") as world:
        redemption = await world.redeemed("12.50")
        world.buy(redemption["code"])
        await world.reaches(redemption["id"], "captured")
        await world.eventually(lambda: no_order_work(world))
        world.clock.advance(QUIET_S)
        world.omneo.state.redemptions.clear()
        assert await drift(world, fix=True) == [(Drift.CAPTURE_MISSING, Cure.REVIEWED)]
        assert (await world.redemption(redemption["id"]))["reason"] == "capture_missing"
        assert await drift(world) == []


async def test_a_redemption_under_our_label_that_we_do_not_know_is_said_and_left(world: World) -> None:
    await redeem_as_us(world, STRANGE)
    assert await drift(world) == []
    world.clock.advance(QUIET_S)
    assert await drift(world, fix=True) == [(Drift.CAPTURE_UNKNOWN, Cure.LEFT)]


async def test_a_redemption_of_another_system_is_none_of_ours(world: World) -> None:
    await redeem_as_us(world, "till-7-sale-4711")
    world.clock.advance(QUIET_S)
    assert await drift(world) == []


async def test_a_second_redemption_for_one_capture_goes_before_a_person(world: World) -> None:
    redemption = await recorded(world)
    await redeem_as_us(world, await capture_of(world, redemption))
    assert await drift(world, fix=True) == [(Drift.CAPTURE_SURPLUS, Cure.REVIEWED)]
    assert (await world.redemption(redemption["id"]))["reason"] == "capture_surplus"


async def test_a_second_redemption_that_was_reversed_is_no_drift(world: World) -> None:
    redemption = await recorded(world)
    surplus = await redeem_as_us(world, await capture_of(world, redemption))
    assert (await world.omneo_api("POST", f"/redemptions/{surplus}/reversal")).is_success
    assert await drift(world) == []


async def test_another_amount_in_omneo_goes_before_a_person(world: World) -> None:
    redemption = await recorded(world)
    world.omneo_redemptions()[0].total = Decimal("12.00")
    assert await drift(world, fix=True) == [(Drift.AMOUNT_DIFFERS, Cure.REVIEWED)]
    assert (await world.redemption(redemption["id"]))["captured"]["amount"] == "12.50"


async def test_a_transaction_that_lost_its_redemption_is_attached_again(world: World) -> None:
    await recorded(world)
    (spent,) = world.omneo_redemptions()
    (sale,) = [s for s in world.omneo.state.transactions.values() if s.redemption_id == spent.id]
    sale.redemption_id = spent.transaction_id = None
    assert await drift(world) == [(Drift.TRANSACTION_NOT_ATTACHED, Cure.REPORTED)]
    assert await drift(world, fix=True) == [(Drift.TRANSACTION_NOT_ATTACHED, Cure.ATTACHED)]
    assert sale.redemption_id == spent.id
    assert await drift(world) == []


async def test_a_transaction_that_carries_another_redemption_goes_before_a_person(world: World) -> None:
    redemption = await recorded(world)
    (spent,) = world.omneo_redemptions()
    (sale,) = [s for s in world.omneo.state.transactions.values() if s.redemption_id == spent.id]
    other = await redeem_as_us(world, "till-7-sale-4711")
    sale.redemption_id, spent.transaction_id = other, None
    assert await drift(world, fix=True) == [(Drift.TRANSACTION_NOT_ATTACHED, Cure.REVIEWED)]
    assert (sale.redemption_id, (await world.redemption(redemption["id"]))["state"]) == (other, "review")


async def test_a_hold_of_what_has_ended_goes_before_a_person(world: World) -> None:
    redemption = await recorded(world)

    def hold_again(unit: Unit) -> None:
        unit.run(t.redemptions.update().where(t.redemptions.c.id == redemption["id"]).values(held_minor=100))
        unit.run(t.allowances.update().values(held_minor=100))

    await by_hand(world, hold_again)
    assert await drift(world, fix=True) == [(Drift.HOLD_ENDED, Cure.REVIEWED)]


async def test_an_allowance_that_is_not_the_sum_of_its_holds_is_said_and_left(world: World) -> None:
    await recorded(world)
    await by_hand(world, lambda unit: unit.run(t.allowances.update().values(held_minor=100)))
    assert await drift(world, fix=True) == [(Drift.ALLOWANCE_DIFFERS, Cure.LEFT)]


async def test_parked_work_is_said_and_tried_again(world: World) -> None:
    async with ledger(world) as database:
        await Events(database).wish_order(SHOP, OrderId("4711"))
    await world.eventually(lambda: _told(world, "task.parked"))
    assert await drift(world, fix=True) == [(Drift.TASK_PARKED, Cure.WISHED)]


async def test_work_that_nobody_does_and_what_it_leaves_behind_is_said(database_url: str) -> None:
    async with open_world(database_url, worker_in_serve=False) as world:
        await world.redeemed("12.50")
        world.clock.advance(1800 + 120 + 2 * QUIET_S)
        found = await drift(world, fix=True)
        assert set(found) == {(Drift.TASK_LATE, Cure.WISHED), (Drift.REDEMPTION_STUCK, Cure.WISHED)}


async def test_what_a_worker_has_in_hand_is_left_alone(database_url: str) -> None:
    async with open_world(database_url, worker_in_serve=True) as world:
        redemption = await recorded(world)
        order = (await world.redemption(redemption["id"]))["order_id"]
        await redeem_as_us(world, await capture_of(world, redemption))

        def leased(unit: Unit) -> None:
            values = {"kind": "order", "shop": SHOP, "subject": order, "due_ms": unit.now_ms, "wishes": 1}
            lease = {"lease": "somebody", "lease_until_ms": unit.now_ms + 60_000, "attempts": 0, "parked": False}
            assert unit.insert_new(t.tasks, {**values, **lease})

        await by_hand(world, leased)
        assert await drift(world, fix=True) == [(Drift.CAPTURE_SURPLUS, Cure.LEFT)]
        assert (await world.redemption(redemption["id"]))["state"] == "recorded"


async def test_every_page_of_omneos_redemptions_is_read(world: World) -> None:
    redemption = await recorded(world)
    capture = await capture_of(world, redemption)
    await redeem_as_us(world, STRANGE, 0.01)
    for _ in range(110):
        await redeem_as_us(world, "till-7", 0.01)
    await redeem_as_us(world, capture, 0.01)
    world.clock.advance(QUIET_S)
    assert sorted(await drift(world)) == [
        (Drift.CAPTURE_SURPLUS, Cure.REPORTED),
        (Drift.CAPTURE_UNKNOWN, Cure.REPORTED),
    ]


async def test_a_tenant_without_the_list_is_asked_profile_by_profile(world: World) -> None:
    redemption = await recorded(world)
    await redeem_as_us(world, await capture_of(world, redemption))
    world.omneo.faults.add(Fault("GET /api/v3/redemptions", "server_error", times=None, status=403))
    assert await drift(world) == [(Drift.CAPTURE_SURPLUS, Cure.REPORTED)]


async def test_a_profile_that_was_merged_unheard_is_followed_and_ends_no_comparison(world: World) -> None:
    redemption = await recorded(world)
    gone, kept = (world.omneo_profile(who) for who in (ADA, BENEDIKT))
    body = {"source_profile_id": gone, "destination_profile_id": kept}
    assert (await world.omneo_api("POST", "/profiles/merge", body)).is_success
    world.omneo.faults.add(Fault("GET /api/v3/redemptions", "server_error", times=None, status=403))
    assert await drift(world, fix=True) == [(Drift.CAPTURE_MISSING, Cure.WISHED)]
    await world.noted(redemption["id"], "profile_merged")
    world.clock.advance(QUIET_S)
    assert await drift(world) == []


async def test_a_redemption_that_the_list_shows_late_is_asked_for_before_it_is_missed(world: World) -> None:
    await recorded(world)
    world.omneo.faults.add(Fault("GET /api/v3/redemptions", "delayed_visibility", visible_after_s=3600))
    assert await drift(world) == []


@pytest.mark.parametrize("side", ["omneo", "shopify"])
async def test_half_a_comparison_is_none(world: World, side: str) -> None:
    getattr(world, side).faults.add(Fault("*", "server_error", times=None))
    with pytest.raises(UpstreamUnavailable):
        await drift(world)


async def _told(world: World, event: str) -> bool:
    return any(e["event"] == event for e in world.events())


async def _sold(world: World, order: Any) -> bool:
    return any(s.external_id == str(order.id) for s in world.omneo.state.transactions.values())
