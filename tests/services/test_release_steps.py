"""Each step of a release: deactivate, wait, make sure, delete, let go; and the same for what was captured early."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from proxy.domain.actor import SERVICE, Actor
from proxy.domain.discount import Discount
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import DiscountId, OrderId
from proxy.domain.order import OrderSighting
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.work import Again, Finished, Verdict
from proxy.services.display import View
from proxy.stores import schema as t
from tests.services.alone import BEGAN, Alone
from tests.services.scripts import Beforehand, bought
from tests.stores.ledger import CUSTOMER, SHOP, aud

pytestmark = pytest.mark.anyio

ENDS_MS, GRACE_MS, REMOVAL_MS = 1_800_000, 1_800_000, 120_000
BEGAN_MS = int(BEGAN.timestamp() * 1000)
LOST, NO = Unknown("cut"), Refused("throttled", transient=True)
GONE: Outcome[None] = Answered(None)
UNUSED: Outcome[int] = Answered(0)
ADA = Actor("customer:1001")


async def stepped(alone: Alone, row: Redemption, *answers: Outcome[Any]) -> Verdict:
    alone.shopify.answers[:] = answers
    return await alone.release.step(alone.shop, row.id)


async def expired(alone: Alone, *, used: int = 0, minor: int = 500) -> Redemption:
    """An issued redemption that nobody used, after its time and its grace."""
    row = await alone.ledger.issued(minor)
    alone.passes(milliseconds=ENDS_MS)
    await stepped(alone, row, Answered(used))
    alone.passes(milliseconds=GRACE_MS)
    alone.shopify.sent.clear()
    alone.told.lines.clear()
    return row


def sighted(number: str, *codes: str) -> OrderSighting:
    return OrderSighting(OrderId(number), codes, BEGAN, BEGAN, test=False, cancelled=False, financial_status="PAID")


async def wished(alone: Alone) -> list[str]:
    c = t.tasks.c
    query = sa.select(c.subject).where(c.shop == SHOP, c.kind == "order")
    return list(await alone.ledger.database.read(lambda unit: unit.conn.scalars(query).all()))


async def test_while_it_can_be_used_it_waits_for_its_end(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.passes(milliseconds=ENDS_MS - 1)
    assert await stepped(alone, row) == Again(0.001, until_ms=BEGAN_MS + ENDS_MS)
    assert (alone.shopify.sent, alone.told.lines) == ([], [])


async def test_at_its_end_it_is_deactivated_and_then_waits_for_the_grace(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.passes(milliseconds=ENDS_MS)
    until_ms = BEGAN_MS + ENDS_MS + GRACE_MS
    assert await stepped(alone, row, UNUSED) == Again(1800.0, until_ms=until_ms)
    assert alone.shopify.sent == [("deactivate", row.discount)]
    assert alone.told.lines == [("redemption.releasing", {"redemption": row.id, "reason": "expired"})]
    alone.passes(milliseconds=GRACE_MS - 1)
    assert await stepped(alone, row) == Again(0.001, until_ms=until_ms)
    assert await alone.standing(row) == (State.RELEASING, "expired", 500)


async def test_what_an_order_takes_at_its_very_end_is_looked_at_again(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.passes(milliseconds=ENDS_MS)

    async def other() -> None:
        await alone.ledger.capturing(row)

    release = alone.releasing(Beforehand(alone.ledger.redemptions, "begin_release", other))
    assert await release.step(alone.shop, row.id) == Again(0)
    assert await release.step(alone.shop, row.id) == Finished()
    assert (alone.told.lines, (await alone.standing(row))[0]) == ([], State.CAPTURING)


async def test_after_the_grace_it_is_searched_for_deleted_and_let_go(alone: Alone) -> None:
    row = await expired(alone)
    await alone.shows(CUSTOMER, *View)
    assert await stepped(alone, row, GONE) == Finished()
    since = BEGAN - timedelta(minutes=5)
    assert alone.shopify.sent == [("sightings", since, CUSTOMER), ("delete", row.discount)]
    assert await alone.standing(row) == (State.RELEASED, "expired", 0)
    assert alone.told.lines == [("redemption.released", {"redemption": row.id, "reason": "expired"})]
    assert alone.still_shown(CUSTOMER) == [View.BENEFITS, View.HISTORY, View.TIER]
    assert await stepped(alone, row) == Finished()


async def test_a_hold_that_was_never_issued_is_given_up_after_the_settling_time(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    alone.passes(seconds=30)
    settled_ms = BEGAN_MS + 120_000
    assert await stepped(alone, row) == Again(90.0, until_ms=settled_ms)
    assert alone.shopify.sent == [("read", row.code)]
    assert await alone.standing(row) == (State.RELEASING, "abandoned", 500)
    alone.passes(milliseconds=89_999)
    assert await stepped(alone, row) == Again(0.001, until_ms=settled_ms)
    alone.passes(milliseconds=1)
    assert await stepped(alone, row) == Finished()
    assert await alone.standing(row) == (State.RELEASED, "abandoned", 0)


async def test_a_hold_whose_discount_was_made_after_all_is_deactivated_and_deleted(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    alone.shopify.found = Discount(DiscountId("gid://late"), "ACTIVE", aud(500), (), None, 1, 0)
    assert await stepped(alone, row, UNUSED) == Again(120.0, until_ms=BEGAN_MS + REMOVAL_MS)
    alone.passes(milliseconds=REMOVAL_MS)
    assert await stepped(alone, row, GONE) == Finished()
    assert [sent for sent in alone.shopify.sent if sent[0] != "sightings"] == [
        ("read", row.code),
        ("deactivate", "gid://late"),
        ("read", row.code),
        ("delete", "gid://late"),
    ]


@pytest.mark.parametrize("refused", [LOST, NO])
async def test_a_deactivation_that_fails_is_tried_again_soon(alone: Alone, refused: Any) -> None:
    row = await alone.ledger.issued(500)
    alone.passes(milliseconds=ENDS_MS)
    assert await stepped(alone, row, refused) == Again(5.0, refused.reason)
    assert (await alone.ledger.now(row)).deactivated_ms is None
    assert await stepped(alone, row, UNUSED) == Again(1800.0, until_ms=BEGAN_MS + ENDS_MS + GRACE_MS)


@pytest.mark.parametrize(("refused", "why"), [(LOST, "delete_unknown"), (NO, "throttled")])
async def test_a_deletion_that_fails_keeps_the_hold(alone: Alone, refused: Any, why: str) -> None:
    row = await expired(alone)
    assert await stepped(alone, row, refused) == Again(5.0, why)
    assert await alone.standing(row) == (State.RELEASING, "expired", 500)


async def test_an_order_with_the_code_wins_and_is_wished_for(alone: Alone) -> None:
    row = await expired(alone)
    alone.shopify.seen = [sighted("8", "SUMMER"), sighted("9", f" {row.code.lower()}")]
    alone.shopify.orders = {"9": bought("9", (1, 1, 500), code=row.code)}
    assert await stepped(alone, row) == Again(30.0)
    assert await wished(alone) == ["9"]
    assert await alone.standing(row) == (State.RELEASING, "expired", 500)


@pytest.mark.parametrize(
    ("changes", "uses"),
    [({}, True), ({"cancelled": True}, False), ({"test": True}, False), ({"lines": ()}, False), (None, True)],
)
async def test_only_an_order_that_spends_the_code_or_cannot_be_read_keeps_the_hold(
    alone: Alone, changes: dict[str, Any] | None, uses: bool
) -> None:
    row = await expired(alone)
    alone.shopify.seen = [sighted("9", row.code)]
    order = bought("9", (1, 1, 500), code=row.code)
    alone.shopify.orders = {"9": None if changes is None else replace(order, **changes)}
    assert await stepped(alone, row, GONE) == (Again(30.0) if uses else Finished())
    assert (await alone.standing(row))[0] is (State.RELEASING if uses else State.RELEASED)


async def test_a_test_order_counts_in_a_test_shop(alone: Alone) -> None:
    row = await expired(alone)
    alone.shopify.seen = [sighted("9", row.code)]
    alone.shopify.orders = {"9": bought("9", (1, 1, 500), code=row.code, test=True)}
    assert await alone.release.step(replace(alone.shop, test_shop=True), row.id) == Again(30.0)


async def test_a_use_that_no_order_of_the_holder_shows_goes_before_a_person(alone: Alone) -> None:
    row = await expired(alone, used=1)
    assert await stepped(alone, row) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "used_by_unknown_order", 500)
    why = {"redemption": row.id, "reason": "used_by_unknown_order"}
    assert alone.told.lines == [("redemption.review", why)]


async def test_a_use_by_an_order_that_was_cancelled_is_no_riddle(alone: Alone) -> None:
    row = await expired(alone, used=1)
    alone.shopify.seen = [sighted("9", row.code)]
    alone.shopify.orders = {"9": bought("9", (1, 1, 500), code=row.code, cancelled=True)}
    assert await stepped(alone, row, GONE) == Finished()
    assert await alone.standing(row) == (State.RELEASED, "expired", 0)


async def test_a_child_row_and_what_an_order_has_are_left_to_the_orders_settlement(alone: Alone) -> None:
    row = await alone.captured(500)
    child = alone.ids.redemption()
    assert await alone.ledger.captures.extend(child, row, OrderId("2"), aud(500), "overuse")
    alone.passes(days=1)
    assert await alone.release.step(alone.shop, child) == await stepped(alone, row) == Finished()
    assert (alone.shopify.sent, alone.told.lines) == ([], [])


async def test_who_asks_has_the_code_deactivated_at_once(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await alone.shows(CUSTOMER, View.REWARDS)
    alone.shopify.answers[:] = [UNUSED]
    released = await alone.release(alone.shop, row, "removed", ADA)
    assert (released.state, released.grace_until_ms) == (State.RELEASING, BEGAN_MS + REMOVAL_MS)
    assert alone.told.lines == [("redemption.releasing", {"redemption": row.id, "reason": "removed"})]
    assert alone.still_shown(CUSTOMER) == []
    entry = next(e for e in await alone.ledger.redemptions.journal(row.id) if e.note == "removed")
    assert entry.actor == ADA
    assert await alone.release(alone.shop, released, "removed", ADA) == released
    assert len(alone.shopify.sent) == 1


async def test_who_asks_while_shopify_fails_is_told_and_the_release_goes_on(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await alone.shows(CUSTOMER, View.OVERVIEW)
    alone.shopify.answers[:] = [LOST]
    with pytest.raises(UpstreamUnavailable) as told:
        await alone.release(alone.shop, row, "removed", SERVICE)
    assert told.value.details == {"upstream": "shopify", "reason": "cut"}
    assert await alone.standing(row) == (State.RELEASING, "removed", 500)
    assert alone.still_shown(CUSTOMER) == []


async def test_who_asks_for_a_hold_that_may_still_be_issued_is_told_to_wait(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    with pytest.raises(UpstreamUnavailable) as told:
        await alone.release(alone.shop, row, "removed", SERVICE)
    assert told.value.details == {"upstream": "shopify", "reason": "deactivate"}


async def test_a_hold_that_was_issued_since_it_was_read_is_released_from_there(alone: Alone) -> None:
    held = await alone.ledger.held(500)
    assert await alone.ledger.redemptions.issued(held, DiscountId("gid://discount/1"))
    alone.shopify.answers[:] = [UNUSED]
    released = await alone.release(alone.shop, held, "replaced", SERVICE)
    assert (released.state, released.reason, released.discount) == (State.RELEASING, "replaced", "gid://discount/1")
    assert len(alone.told.lines) == 1


async def test_what_an_order_has_is_not_released(alone: Alone) -> None:
    row = await alone.captured(500)
    assert (await alone.release(alone.shop, row, "removed", SERVICE)).state is State.CAPTURED
    assert alone.shopify.sent == []
