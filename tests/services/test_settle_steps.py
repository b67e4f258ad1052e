"""What settling an order begins, finishes, leaves alone and puts before a person."""

from dataclasses import replace
from typing import Any

import pytest

from proxy.domain.capture import CaptureState, Taken
from proxy.domain.ids import OrderId, ProfileId, TransactionId
from proxy.domain.outcome import Answered, Unknown
from proxy.domain.redemption import State
from proxy.domain.shop import TransactionMode
from proxy.domain.work import Again, Finished
from proxy.services.display import View
from tests.services.alone import Alone
from tests.services.scripts import Beforehand, bought, redeemed
from tests.services.settling import settled, using
from tests.stores.ledger import CUSTOMER, SHOP, aud

pytestmark = pytest.mark.anyio

LOST = Unknown("cut")
ONE, TWO = OrderId("1"), OrderId("2")


def names(alone: Alone) -> list[str]:
    return [name for name, _ in alone.told.lines]


async def test_an_order_spends_what_its_discount_took_and_says_so(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await alone.shows(CUSTOMER, View.REWARDS)
    assert await settled(alone, using("1", (row, 400)), Answered(redeemed(7, 400))) == Finished()
    assert alone.told.lines[0] == ("redemption.capturing", {"shop": SHOP, "order": "1", "redemptions": [row.id]})
    assert alone.told.lines[2] == ("order.settled", {"shop": SHOP, "order": "1", "redemptions": 1})
    assert names(alone) == ["redemption.capturing", "redemption.captured", "order.settled"]
    assert [wish.amount for wish in alone.omneo.sent] == [aud(400)]
    assert alone.still_shown(CUSTOMER) == []
    assert await settled(alone, using("1", (row, 400))) == Finished()
    assert len(alone.omneo.sent) == 1


async def test_an_order_without_codes_of_ours_begins_nothing(alone: Alone) -> None:
    assert await settled(alone, replace(bought("1"), codes=("SUMMER",))) == Finished()
    assert await settled(alone, replace(bought("2"), codes=())) == Finished()
    assert [told for told in alone.told.lines if told[0] == "order.settled"] == [
        ("order.settled", {"shop": SHOP, "order": "1", "redemptions": 0}),
        ("order.settled", {"shop": SHOP, "order": "2", "redemptions": 0}),
    ]


async def test_a_code_that_took_nothing_off_spends_nothing(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    assert await settled(alone, using("1", (row, 0))) == Finished()
    assert await alone.standing(row) == (State.ISSUED, None, 500)


async def test_several_codes_of_one_profile_are_one_capture_and_of_two_are_two(alone: Alone) -> None:
    first = await alone.ledger.issued(500)
    assert await alone.ledger.redemptions.begin_release(first, "replaced")
    second = await alone.ledger.issued(300)
    other = await alone.ledger.issued(200, profile=ProfileId("p-2"))
    order = using("1", (first, 500), (second, 300), (other, 200))
    answers = [Answered(redeemed(7, 800)), Answered(redeemed(8, 200))]
    if (await alone.ledger.redemptions.by_codes(SHOP, order.codes))[0].id == other.id:
        answers.reverse()
    assert await settled(alone, order, *answers) == Finished()
    captures = await alone.ledger.captures.of_order(SHOP, ONE)
    assert sorted(capture.captured.minor for capture in captures) == [200, 800]
    assert {capture.profile for capture in captures} == {"p-1", "p-2"}


async def test_an_order_that_takes_more_than_was_held_says_so_and_takes_what_was_held(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await settled(alone, using("1", (row, 501)), Answered(redeemed(7, 500)))
    over = {"redemption": row.id, "order": "1", "discounted": "5.01 AUD", "amount": "5.00 AUD"}
    assert alone.told.lines[0] == ("capture.over", over)
    assert [wish.amount for wish in alone.omneo.sent] == [aud(500)]


async def test_an_order_that_takes_exactly_what_was_held_says_nothing_of_it(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await settled(alone, using("1", (row, 500)), Answered(redeemed(7, 500)))
    assert "capture.over" not in names(alone)


async def test_a_second_order_spends_from_a_child_row_once(alone: Alone) -> None:
    row = await alone.captured(500)
    assert await settled(alone, using("2", (row, 600)), LOST) == Again(2.0, "cut")
    child = await alone.ledger.captures.child_of(row.id, TWO)
    assert child is not None
    assert (child.amount, child.reason, child.state) == (aud(500), "overuse", State.CAPTURING)
    told = {"redemption": row.id, "order": "2", "amount": "6.00 AUD"}
    assert [line for line in alone.told.lines if line[0] == "redemption.overuse"] == [("redemption.overuse", told)]
    assert "order.settled" not in names(alone)
    alone.omneo.shown = [redeemed(9, 500)]
    assert await settled(alone, using("2", (row, 600))) == Finished()
    assert names(alone).count("redemption.overuse") == 1
    assert [wish.amount for wish in alone.omneo.sent] == [aud(500)]
    (own,) = await alone.ledger.captures.of_order(SHOP, ONE)
    assert own.captured == aud(500)


async def test_a_small_second_use_is_not_made_bigger(alone: Alone) -> None:
    row = await alone.captured(500)
    await settled(alone, using("2", (row, 100)), Answered(redeemed(9, 100)))
    child = await alone.ledger.captures.child_of(row.id, TWO)
    assert child is not None
    assert child.captured == aud(100)


async def test_an_order_after_the_release_is_late(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    assert await alone.ledger.redemptions.drop(row.id, "discount_refused")
    await settled(alone, using("1", (row, 500)), Answered(redeemed(9, 500)))
    child = await alone.ledger.captures.child_of(row.id, ONE)
    assert child is not None
    assert (child.captured, child.state) == (aud(500), State.CAPTURED)
    late = {"redemption": row.id, "order": "1", "amount": "5.00 AUD"}
    assert alone.told.lines[0] == ("redemption.late", late)
    assert (await alone.ledger.redemptions.journal(child.id))[0].note == "late"


async def test_an_order_whose_redemption_is_taken_meanwhile_is_read_again(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    alone.shopify.orders[ONE] = using("1", (row, 500))

    async def other() -> None:
        await alone.ledger.capturing(row, "2")

    settle = alone.settle(Beforehand(alone.ledger.captures, "begin", other))
    assert await settle(alone.shop, ONE) == Again(0)
    assert (alone.told.lines, alone.omneo.sent) == ([], [])


async def test_what_is_due_first_of_several_captures_decides(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    other = await alone.ledger.issued(200, profile=ProfileId("p-2"))
    order = using("1", (row, 500), (other, 200))
    assert await settled(alone, order, LOST, LOST) == Again(2.0, "cut")
    alone.passes(seconds=5)
    assert await settled(alone, order) == Again(5.0, "looking")
    assert len(alone.omneo.sent) == 2


async def test_what_somebody_else_committed_meanwhile_is_looked_at_again(alone: Alone) -> None:
    row = await alone.ledger.issued(500)

    async def other() -> Any:
        assert await alone.ledger.captures.done(await alone.capture(row), redeemed(7, 500).id, Taken(aud(500)))
        return Answered(redeemed(7, 500))

    assert await settled(alone, using("1", (row, 500)), other) == Again(0)
    assert await settled(alone, using("1", (row, 500))) == Finished()


async def test_while_omneo_is_down_the_order_waits_with_the_reason(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await settled(alone, using("1", (row, 500)), LOST)
    alone.omneo.down = True
    assert await settled(alone, using("1", (row, 500))) == Again(5, "down")
    alone.omneo.why_down = {}
    assert await settled(alone, using("1", (row, 500))) == Again(5, "upstream_unavailable")


async def test_what_was_spent_is_recorded_with_the_order(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    own = replace(alone.shop, transaction_mode=TransactionMode.OWN)
    order = using("1", (row, 500))
    assert await settled(alone, order, Answered(redeemed(7, 500)), LOST, shop=own) == Again(10.0, "cut")
    assert "order.settled" not in names(alone)
    assert await settled(alone, order, Answered(TransactionId(77)), shop=own) == Finished()
    assert await alone.standing(row) == (State.RECORDED, None, 0)


async def test_one_redemption_too_many_is_undone_with_the_order(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    order = using("1", (row, 500))
    await settled(alone, order, LOST)
    alone.passes(seconds=120)
    assert await settled(alone, order, Answered(redeemed(2, 500))) == Again(60.0)
    alone.omneo.shown = [redeemed(1, 500), redeemed(2, 500)]
    assert await settled(alone, order, Answered(redeemed(3, 500, "reversal"))) == Again(0)
    assert alone.omneo.sent[-1] == 1


async def test_an_early_capture_joins_its_order_and_the_rest_comes_back(alone: Alone) -> None:
    row = await alone.ledger.issued(500, early=True)
    alone.omneo.answers[:] = [Answered(redeemed(1, 500))]
    await alone.early(alone.shop, row)
    order = using("1", (row, 300))
    assert await settled(alone, order, Answered(redeemed(2, 200, "return"))) == Finished()
    capture = await alone.capture(row)
    assert (capture.order, capture.state, capture.returned) == ("1", CaptureState.DONE, aud(200))
