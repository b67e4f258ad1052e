"""Interleavings and lost answers around what is captured early, forced one by one."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.capture import Taken
from proxy.domain.drift import Drift
from proxy.domain.errors import DiscountRefused, InsufficientBalance, OutcomePending
from proxy.domain.ids import OmneoRedemptionId, RedemptionId
from proxy.domain.outcome import Answered, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.work import Finished
from proxy.sandbox.faults import Fault
from proxy.services.early import EarlyCapture
from tests.services.alone import Alone, open_alone
from tests.services.attaching import sell, working
from tests.services.scripts import redeemed
from tests.services.test_reconcile import drift
from tests.stores.ledger import aud, order_of
from tests.world.world import ADA, World, open_world

pytestmark = pytest.mark.anyio

REDEEM = "POST /api/v3/profiles/*/redeem"
LOOK = "GET /api/v3/*redemptions*"


@pytest.fixture
async def early(database_url: str) -> AsyncIterator[World]:
    async with open_world(database_url, capture_early="checkout") as opened:
        yield opened


@pytest.fixture
async def idle(database_url: str) -> AsyncIterator[World]:
    """The proxy only answers requests; durable work is done where the test says so."""
    async with open_world(database_url, worker_in_serve=False, worker_lease_s=300) as opened:
        yield opened


@pytest.fixture
async def alone(databases: Any, tmp_path: Any) -> AsyncIterator[Alone]:
    async with open_alone(databases.sqlite(tmp_path / "alone.db")) as opened:
        yield opened


def of_type(world: World, kind: str) -> list[Decimal]:
    return [r.total for r in world.omneo_redemptions() if r.type == kind]


def given_back(world: World) -> list[Decimal]:
    return of_type(world, "reversal") + of_type(world, "return")


async def held_id(world: World) -> str:
    """The redemption of an attempt that was answered without one."""
    return str(next(e for e in world.events() if e["event"] == "redemption.held")["redemption"])


async def told(world: World, event: str, times: int = 1) -> None:
    async def there() -> bool:
        return bool(sum(e["event"] == event for e in world.events()) >= times)

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def removed(world: World, redemption_id: str) -> None:
    answer = await world.http.delete(f"/v1/redemptions/{redemption_id}", headers=world.bearer())
    assert answer.status_code == 200, answer.text


async def in_time(world: World, step_s: float, holds: Callable[[], Awaitable[bool]]) -> None:
    """Let time pass, a little at once, until it holds."""

    async def there() -> bool:
        world.time_goes_on(step_s)
        return await holds()

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def test_an_early_redeem_that_was_given_up_is_undone_when_it_shows(early: World) -> None:
    """It committed unseen and three more sends were lost: in review, nobody looked for it any more."""
    early.omneo.faults.add(Fault(REDEEM, "drop_after"))
    early.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=3000))
    early.omneo.faults.add(Fault(REDEEM, "drop_before", times=None, skip=1))
    assert (await early.redeem("12.50")).json()["code"] == "outcome_pending"
    for sends in range(2, 5):
        early.clock.advance(121)
        await told(early, "capture.unknown", sends)
    early.clock.advance(121)
    redemption = await held_id(early)
    assert (await early.reaches(redemption, "review"))["reason"] == "redeem_unknown"
    early.omneo.faults.clear()
    early.clock.advance(3000)

    async def back() -> bool:
        return given_back(early) == [Decimal("12.50")]

    await in_time(early, 120, back)
    assert of_type(early, "redeem") == [Decimal("12.50")]
    await early.reaches(redemption, "returned")


async def test_a_second_redeem_that_shows_after_the_value_went_back_goes_back_too(early: World) -> None:
    """Sent twice, removed, undone within the five minutes in which a surplus is looked for."""
    early.omneo.faults.add(Fault(REDEEM, "drop_after"))
    early.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=330))
    assert (await early.redeem("12.50", key="k")).json()["code"] == "outcome_pending"

    async def sent_again() -> bool:
        return of_type(early, "redeem") == [Decimal("12.50")] * 2

    await in_time(early, 10, sent_again)
    redemption = (await early.redeem("12.50", key="k")).json()["id"]
    await removed(early, redemption)
    early.clock.advance(121)
    await early.reaches(redemption, "returned")
    assert given_back(early) == [Decimal("12.50")]

    async def both_back() -> bool:
        return given_back(early) == [Decimal("12.50")] * 2

    await in_time(early, 20, both_back)
    assert (await early.rewards())["balance"]["available"]["amount"] == "25.00"


async def test_a_refusal_after_a_lost_answer_is_not_called_void_before_five_minutes(early: World) -> None:
    """The first send took all there was, unseen, which is why the second one was refused."""
    early.omneo.faults.add(Fault(REDEEM, "drop_after"))
    early.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=290))
    assert (await early.redeem("25.00")).json()["code"] == "outcome_pending"
    redemption = await held_id(early)
    early.clock.advance(121)
    await told(early, "capture.refused")

    async def over() -> bool:
        return bool((await early.redemption(redemption))["state"] in ("released", "returned"))

    await in_time(early, 20, over)
    assert given_back(early) == [Decimal("25.00")]


async def test_a_look_that_fails_leaves_the_key_to_its_redemption(early: World) -> None:
    """The answer was lost, then Omneo could not be asked: the key was freed, and its next use met its own hold."""
    early.omneo.faults.add(Fault(REDEEM, "drop_after"))
    assert (await early.redeem("20.00", key="k")).json()["code"] == "outcome_pending"
    early.omneo.faults.add(Fault(LOOK, "server_error", times=None, status=500))
    assert (await early.redeem("20.00", key="k")).status_code == 503
    early.omneo.faults.clear()
    early.clock.advance(31)
    again = await early.redeem("20.00", key="k")
    assert (again.status_code, again.json().get("id")) == (201, await held_id(early)), again.text
    assert of_type(early, "redeem") == [Decimal("20.00")]


async def test_a_till_that_captures_early_does_not_spend_the_hold_of_an_order_in_the_making(database_url: str) -> None:
    """A hold passes over because only one of two codes is used; what is spent at once is gone for the other's order."""
    async with open_world(database_url, capture_early="pos") as world:
        online = await world.redeemed("20.00")
        cart = world.cart(online["code"])
        headers = {"Authorization": f"Bearer {world.shopify.id_token('pos')}", "Idempotency-Key": "till-1"}
        body = {"customer_id": str(ADA), "amount": {"amount": "20.00", "currencyCode": "AUD"}, "take_over": True}
        await world.http.post("/v1/pos/redemptions", headers=headers, json=body)
        world.shopify.place_order(cart, honour=True)

        async def settled() -> bool:
            return (await world.redemption(online["id"]))["state"] in ("recorded", "review")

        await world.eventually(settled, lambda: world.log.getvalue()[-3000:])
        done = await world.redemption(online["id"])
        assert (done["state"], done["captured"]["amount"]) == ("recorded", "20.00"), done


async def test_an_order_that_comes_to_light_after_all_is_not_spent_a_second_time(early: World) -> None:
    """Shopify counted the use while its search and its webhook lagged: what the code captured is this order's."""
    redemption = await early.redeemed("12.50")
    early.shopify.state.search_lag_s = 600
    early.shopify.deliveries.hold = True
    early.buy(redemption["code"])
    early.clock.advance(10)
    await removed(early, redemption["id"])
    early.clock.advance(121)
    assert (await early.reaches(redemption["id"], "review"))["reason"] == "used_by_unknown_order"
    early.shopify.deliveries.hold = False
    early.shopify.deliveries.release()
    await told(early, "order.settled")
    assert of_type(early, "redeem") == [Decimal("12.50")]


async def test_a_redeem_that_was_declared_absent_and_shows_is_taken_up_or_said(world: World) -> None:
    """It took the whole balance unseen, so the second send was refused; it shows when the order is in review."""
    redemption = await world.redeemed("25.00")
    world.omneo.faults.add(Fault(REDEEM, "drop_after"))
    world.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=900))
    world.buy(redemption["code"])

    async def in_review() -> bool:
        return bool((await world.redemption(redemption["id"]))["state"] == "review")

    await in_time(world, 10, in_review)
    world.clock.advance(1300)
    found = [what for what, _ in await drift(world)]
    now = await world.redemption(redemption["id"])
    assert now["captured"]["amount"] == "25.00" or Drift.CAPTURE_UNKNOWN in found, (now, found)


async def test_an_early_redeem_that_took_nothing_is_let_go(alone: Alone) -> None:
    """A tenant that ignores `strict` may answer a redeem of an empty balance with a total of 0."""
    row = await alone.ledger.issued(1000, early=True)
    alone.omneo.answers[:] = [Answered(redeemed(1, 0))]
    alone.omneo.rewards_minor = 0
    with pytest.raises(InsufficientBalance):
        await alone.early(alone.shop, row)
    await alone.ledger.deactivated(row)
    alone.passes(seconds=121)
    alone.shopify.answers[:] = [Answered(None)] * 5
    for _ in range(5):
        if isinstance(await alone.release.step(alone.shop, row.id), Finished):
            break
    assert (await alone.ledger.now(row)).state is State.RELEASED


async def last_says(alone: Alone, row: Redemption) -> tuple[int, int, int, int]:
    """The amounts of a redemption's newest journal entry."""
    entry = await alone.ledger.last_entry(row.id)
    return entry.held_minor, entry.captured_minor, entry.returned_minor, entry.shortfall_minor


async def stands(alone: Alone, row: Redemption) -> tuple[int, int, int, int]:
    """The same as the row has them."""
    now = await alone.ledger.now(row)
    return now.held.minor, now.captured.minor, now.returned.minor, now.shortfall.minor


async def test_what_ends_in_review_for_another_reason_is_written_down(alone: Alone) -> None:
    """Another customer's order: it is in review before the look finds what its redeem did."""
    row = await alone.ledger.issued(1000)
    await alone.ledger.capturing(row)
    await alone.spent(row, Unknown("cut"))
    assert await alone.ledger.redemptions.review(row.id, "other_customer", order="1")
    alone.omneo.shown[:] = [redeemed(1, 1000)]
    await alone.spent(row)
    assert await stands(alone, row) == (0, 1000, 0, 0)
    assert await last_says(alone, row) == await stands(alone, row)


async def test_what_goes_back_in_review_is_written_down(alone: Alone) -> None:
    """Another customer's order is cancelled before a person has decided."""
    row = await alone.captured(1000)
    assert await alone.ledger.redemptions.review(row.id, "other_customer", order="1")
    alone.omneo.answers[:] = [Answered(redeemed(2, 1000, "reversal"))]
    order = replace(order_of("1"), cancelled=True)
    await alone.give_back(alone.shop, order, await alone.capture(row))
    assert await stands(alone, row) == (0, 1000, 1000, 0)
    assert await last_says(alone, row) == await stands(alone, row)


class AnsweredMeanwhile:
    """Reads of redemptions after which, once, somebody else's look ends the capture."""

    def __init__(self, alone: Alone) -> None:
        self._alone, self._ended = alone, False

    async def get(self, redemption: RedemptionId) -> Redemption | None:
        found = await self._alone.ledger.redemptions.get(redemption)
        if not self._ended:
            self._ended = True
            capture = await self._alone.ledger.captures.of_redemption(redemption)
            assert capture is not None
            assert await self._alone.ledger.captures.done(capture, OmneoRedemptionId(1), Taken(aud(1000)))
        return found


async def test_a_capture_that_ends_while_it_is_asked_for_is_not_refused(alone: Alone) -> None:
    """Two attempts with one key: the other's answer came between the two reads, and this one took the code back."""
    row = await alone.ledger.issued(1000, early=True)
    alone.omneo.answers[:] = [Unknown("cut")]
    racing: Any = AnsweredMeanwhile(alone)
    attempt = EarlyCapture(
        captures=alone.ledger.captures,
        redemptions=racing,
        spend=alone.spend,
        undo_surplus=alone.undo_surplus,
        give_back=alone.give_back,
        readings=alone.readings,
        ids=alone.ids,
    )
    try:
        with contextlib.suppress(OutcomePending):
            await attempt(alone.shop, row)
    except (InsufficientBalance, DiscountRefused) as refused:
        pytest.fail(f"refused although all of it is captured: {refused!r}")
    assert (await alone.ledger.now(row)).usable


async def test_a_redeem_that_shows_late_is_attached_to_a_sale_without_external_id(idle: World) -> None:
    """The sale was found by its number and noted without a redemption; what is spent on it shows an hour later."""
    idle.omneo.faults.add(Fault(REDEEM, "drop_after"))
    idle.omneo.faults.add(Fault(REDEEM, "delayed_visibility", visible_after_s=3000))
    idle.omneo.faults.add(Fault(REDEEM, "drop_before", times=None, skip=1))
    async with working(idle, "own"):
        redemption = await idle.redeemed("5.00")
        order = idle.buy(redemption["code"], paid=False)
        for sends in range(1, 5):
            await told(idle, "capture.unknown", sends)
            idle.clock.advance(121)
        await idle.reaches(redemption["id"], "review")
        sale = await sell(idle, receipt_ref=order.name, profile_id=idle.omneo_profile(), total=str(order.total))
        idle.shopify.mark_paid(order.id)
        await told(idle, "record.found")
        idle.omneo.faults.clear()
        idle.clock.advance(3000)

        async def taken_up() -> bool:
            return bool((await idle.redemption(redemption["id"]))["state"] != "review")

        await in_time(idle, 120, taken_up)
        await idle.reaches(redemption["id"], "recorded")
    assert idle.omneo.state.transactions[sale].redemption_id == idle.omneo_redemptions()[0].id
