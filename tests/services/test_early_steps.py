"""Captured before its order: handed out when it is spent, looked after while it waits, given back unused."""

from typing import Any

import pytest

from proxy.domain.actor import Actor
from proxy.domain.capture import CaptureState
from proxy.domain.errors import Busy, DiscountRefused, InsufficientBalance, OutcomePending
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.work import Again, Finished, Verdict
from proxy.services.display import View
from tests.services.alone import BEGAN, Alone
from tests.services.scripts import bought, redeemed
from tests.stores.ledger import CUSTOMER, aud

pytestmark = pytest.mark.anyio

ENDS_MS, REMOVAL_MS = 1_800_000, 120_000
BEGAN_MS = int(BEGAN.timestamp() * 1000)
LOST = Unknown("cut")
GONE: Outcome[None] = Answered(None)
UNUSED: Outcome[int] = Answered(0)
ADA = Actor("customer:1001")


async def stepped(alone: Alone, row: Redemption, *answers: Outcome[Any]) -> Verdict:
    alone.shopify.answers[:] = answers
    return await alone.release.step(alone.shop, row.id)


async def early(alone: Alone, *answers: Outcome[Any], minor: int = 500) -> Redemption:
    row = await alone.ledger.issued(minor, early=True)
    alone.omneo.answers[:] = answers
    return row


async def test_an_early_capture_hands_the_code_out_once_it_is_spent(alone: Alone) -> None:
    row = await early(alone, Answered(redeemed(1, 500)))
    spent = await alone.early(alone.shop, row)
    assert (spent.usable, spent.captured, spent.state) == (True, aud(500), State.ISSUED)
    assert await alone.early(alone.shop, row) == spent
    assert len(alone.omneo.sent) == 1


async def test_an_early_capture_whose_answer_is_lost_hands_nothing_out_until_it_is_found(alone: Alone) -> None:
    row = await early(alone, LOST)
    with pytest.raises(OutcomePending) as told:
        await alone.early(alone.shop, row)
    assert told.value.details == {"redemption": row.id, "reason": "early_capture"}
    alone.omneo.shown = [redeemed(1, 500)]
    assert (await alone.early(alone.shop, row)).usable


async def test_an_early_capture_that_is_refused_says_what_is_left(alone: Alone) -> None:
    row = await early(alone, Refused("balance_too_low"))
    await alone.readings.get(alone.shop, row.profile)
    alone.omneo.rewards_minor = 499
    with pytest.raises(InsufficientBalance) as told:
        await alone.early(alone.shop, row)
    assert told.value.facts() == {"available": aud(499).wire()}


async def test_points_are_left_only_where_the_policy_counts_them(alone: Alone) -> None:
    row = await early(alone, Refused("balance_too_low"))
    alone.omneo.rewards_minor, alone.omneo.points_minor = 300, 200
    with pytest.raises(InsufficientBalance) as told:
        await alone.early(alone.shop, row)
    assert told.value.facts() == {"available": aud(300).wire()}


async def test_an_early_capture_that_took_too_little_counts_it_to_what_is_left(alone: Alone) -> None:
    row = await early(alone, Answered(redeemed(1, 300)))
    alone.omneo.rewards_minor = 199
    with pytest.raises(InsufficientBalance) as told:
        await alone.early(alone.shop, row)
    assert told.value.facts() == {"available": aud(499).wire()}
    alone.omneo.rewards_minor = 200
    with pytest.raises(DiscountRefused) as refused:
        await alone.early(alone.shop, row)
    assert refused.value.details == {"reason": "redeem_refused", "taken": "3.00 AUD"}


async def test_an_early_capture_that_is_refused_although_the_balance_covers_it_says_so(alone: Alone) -> None:
    row = await early(alone, Refused("not_allowed"))
    alone.omneo.rewards_minor = 500
    with pytest.raises(DiscountRefused) as told:
        await alone.early(alone.shop, row)
    assert told.value.details == {"reason": "redeem_refused", "taken": "0.00 AUD"}


async def test_an_early_capture_of_what_is_being_released_is_busy(alone: Alone) -> None:
    row = await early(alone)
    assert await alone.ledger.redemptions.begin_release(row, "removed")
    with pytest.raises(Busy) as told:
        await alone.early(alone.shop, row)
    assert told.value.details == {"redemption": row.id}
    assert alone.omneo.sent == []


async def test_an_early_capture_that_an_order_has_taken_meanwhile_is_busy(alone: Alone) -> None:
    row = await early(alone)
    assert await alone.ledger.captures.begin_early(alone.ids.capture(), row)
    uses = [(row, aud(500))]
    assert await alone.ledger.captures.begin(alone.ids.capture(), bought("1"), row.profile, uses)
    alone.omneo.answers[:] = [Answered(redeemed(1, 500))]
    with pytest.raises(Busy) as told:
        await alone.early(alone.shop, row)
    assert told.value.details == {"redemption": row.id}


async def test_an_early_one_without_a_capture_waits_for_its_end_like_any_other(alone: Alone) -> None:
    row = await early(alone)
    alone.passes(milliseconds=ENDS_MS - 60_000)
    assert await stepped(alone, row) == Again(60.0, until_ms=BEGAN_MS + ENDS_MS)


async def test_an_early_one_is_looked_after_until_its_answer_is_known(alone: Alone) -> None:
    row = await early(alone, LOST)
    with pytest.raises(OutcomePending):
        await alone.early(alone.shop, row)
    assert await stepped(alone, row) == Again(2.0, "looking")
    alone.omneo.shown = [redeemed(1, 500)]
    assert await stepped(alone, row) == Again(1800.0, until_ms=BEGAN_MS + ENDS_MS)
    assert (await alone.capture(row)).state is CaptureState.DONE


async def test_an_early_one_that_took_nothing_or_too_little_cannot_stay(alone: Alone) -> None:
    row = await early(alone, Answered(redeemed(1, 499)))
    with pytest.raises(DiscountRefused):
        await alone.early(alone.shop, row)
    assert await stepped(alone, row, UNUSED) == Again(120.0, until_ms=BEGAN_MS + REMOVAL_MS)
    assert await alone.standing(row) == (State.RELEASING, "redeem_refused", 0)


async def test_an_early_one_that_is_refused_while_it_waits_goes_at_once(alone: Alone) -> None:
    row = await early(alone, Refused("balance_too_low"))
    # Whoever asked for it went away before anything was sent; what was not spent must not stay.
    assert await alone.ledger.captures.begin_early(alone.ids.capture(), row)
    assert await stepped(alone, row, UNUSED) == Again(120.0, until_ms=BEGAN_MS + REMOVAL_MS)
    assert (await alone.capture(row)).state is CaptureState.VOID
    assert (await alone.standing(row))[0] is State.RELEASING


async def test_an_early_one_that_was_sent_twice_is_looked_at_while_it_waits(alone: Alone) -> None:
    row = await early(alone, LOST)
    with pytest.raises(OutcomePending):
        await alone.early(alone.shop, row)
    alone.passes(seconds=120)
    alone.omneo.answers[:] = [Answered(redeemed(2, 500))]
    await stepped(alone, row)
    alone.omneo.shown = [redeemed(1, 500), redeemed(2, 500)]
    alone.omneo.answers[:] = [Answered(redeemed(3, 500, "reversal"))]
    assert await stepped(alone, row) == Again(2.0)
    assert alone.omneo.sent[-1] == 1


async def released(alone: Alone, row: Redemption) -> Verdict:
    """Remove it and let the grace pass; the last step's verdict."""
    alone.shopify.answers[:] = [UNUSED]
    await alone.release(alone.shop, row, "removed", ADA)
    alone.passes(milliseconds=REMOVAL_MS)
    return await stepped(alone, row, GONE)


async def test_an_early_one_that_no_order_used_is_given_back_and_no_longer_shown_as_spent(alone: Alone) -> None:
    row = await early(alone, Answered(redeemed(1, 500)))
    await alone.early(alone.shop, row)
    await alone.shows(CUSTOMER, View.REWARDS)
    alone.omneo.answers[:] = [LOST]
    assert await released(alone, row) == Again(2.0, "cut")
    assert (await alone.standing(row))[0] is State.RETURNING
    assert await stepped(alone, row) == Again(15.0, "looking")
    await alone.shows(CUSTOMER, View.REWARDS)
    alone.omneo.shown = [redeemed(1, 500), redeemed(2, 500, "reversal")]
    assert await stepped(alone, row) == Finished()
    assert alone.still_shown(CUSTOMER) == []
    assert await alone.standing(row) == (State.RETURNED, "removed", 0)


async def test_an_early_one_whose_caller_went_away_before_it_was_spent_is_simply_released(alone: Alone) -> None:
    row = await early(alone)
    assert await released(alone, row) == Finished()
    assert await alone.standing(row) == (State.RELEASED, "removed", 0)
    assert await stepped(alone, row) == Finished()
    assert alone.omneo.sent == []


async def test_an_early_one_that_took_nothing_is_simply_released(alone: Alone) -> None:
    row = await early(alone, Refused("not_allowed"))
    with pytest.raises(DiscountRefused):
        await alone.early(alone.shop, row)
    assert await released(alone, row) == Finished()
    assert await alone.standing(row) == (State.RELEASED, "removed", 0)


async def test_an_early_one_whose_answer_is_lost_is_looked_for_before_it_is_let_go(alone: Alone) -> None:
    row = await early(alone, LOST)
    with pytest.raises(OutcomePending):
        await alone.early(alone.shop, row)
    assert await released(alone, row) == Again(30.0, "looking")
    alone.passes(seconds=180)
    assert await stepped(alone, row, GONE) == Again(0)  # nothing came of it
    assert await stepped(alone, row, GONE) == Again(0)  # so it is void
    assert await stepped(alone, row, GONE) == Finished()
    assert await alone.standing(row) == (State.RELEASED, "removed", 0)
    assert len(alone.omneo.sent) == 1


async def test_a_surplus_of_an_early_one_goes_back_before_it_is_let_go(alone: Alone) -> None:
    row = await early(alone, LOST)
    with pytest.raises(OutcomePending):
        await alone.early(alone.shop, row)
    alone.passes(seconds=120)
    alone.omneo.answers[:] = [Answered(redeemed(2, 500))]
    await stepped(alone, row)
    alone.omneo.shown = [redeemed(1, 500), redeemed(2, 500)]
    alone.omneo.answers[:] = [Answered(redeemed(3, 500, "reversal")), Answered(redeemed(4, 500, "reversal"))]
    assert await released(alone, row) == Again(2.0)
    assert await stepped(alone, row, GONE) == Again(180.0)
    assert alone.omneo.sent[-2:] == [1, 2]


async def given_up(alone: Alone) -> Redemption:
    """Sent four times without an answer."""
    row = await early(alone, LOST)
    for _ in range(4):
        with pytest.raises(OutcomePending):
            await alone.early(alone.shop, row)
        alone.omneo.answers[:] = [LOST]
        alone.passes(seconds=120)
    with pytest.raises(OutcomePending) as told:
        await alone.early(alone.shop, row)
    assert told.value.details == {"redemption": row.id, "reason": "early_capture"}
    assert await alone.standing(row) == (State.REVIEW, "redeem_unknown", 500)
    return row


async def test_an_early_one_that_was_given_up_is_looked_for_and_taken_up(alone: Alone) -> None:
    row = await given_up(alone)
    assert await stepped(alone, row) == Again(1800.0)
    alone.omneo.shown = [redeemed(1, 500)]
    assert await stepped(alone, row) == Finished()
    assert await alone.standing(row) == (State.RELEASING, None, 0)
    assert len(alone.omneo.sent) == 4


async def test_an_early_one_that_waits_for_a_person_is_looked_for_and_not_sent_again(alone: Alone) -> None:
    row = await early(alone, LOST)
    with pytest.raises(OutcomePending):
        await alone.early(alone.shop, row)
    assert await alone.ledger.redemptions.review(row.id, "amount_differs")
    alone.passes(seconds=120)
    assert await stepped(alone, row) == Again(30.0, "looking")
    assert len(alone.omneo.sent) == 1


async def test_an_early_one_of_which_nothing_was_taken_is_let_go(alone: Alone) -> None:
    row = await early(alone, Answered(redeemed(1, 0)))
    with pytest.raises(DiscountRefused):
        await alone.early(alone.shop, row)
    assert await released(alone, row) == Finished()
    assert await alone.standing(row) == (State.RELEASED, "removed", 0)
    assert await stepped(alone, row) == Finished()
    assert len(alone.omneo.sent) == 1


async def test_a_surplus_of_an_early_one_that_took_nothing_goes_back_first_and_is_looked_for_afterwards(
    alone: Alone,
) -> None:
    row = await early(alone, LOST)
    with pytest.raises(OutcomePending):
        await alone.early(alone.shop, row)
    alone.passes(seconds=120)
    alone.omneo.answers[:] = [Answered(redeemed(2, 0))]
    await alone.spend(alone.shop, await alone.capture(row))
    alone.omneo.shown = [redeemed(1, 500), redeemed(2, 0)]
    alone.omneo.answers[:] = [Answered(redeemed(3, 500, "reversal"))]
    assert await released(alone, row) == Again(2.0)
    assert (await alone.standing(row))[0] is State.RELEASING
    assert alone.omneo.sent[-1] == 1
    alone.passes(seconds=180)
    assert await stepped(alone, row, GONE) == Finished()
    assert await alone.standing(row) == (State.RELEASED, "removed", 0)
    alone.omneo.shown.append(redeemed(4, 100))
    alone.omneo.answers[:] = [Answered(redeemed(5, 100, "reversal"))]
    assert await stepped(alone, row) == Again(2.0)
    assert alone.omneo.sent[-1] == 4


async def test_what_an_order_has_of_an_early_one_is_the_orders_affair(alone: Alone) -> None:
    row = await early(alone, Answered(redeemed(1, 500)))
    await alone.early(alone.shop, row)
    assert await alone.ledger.captures.begin(alone.ids.capture(), bought("1"), row.profile, [(row, aud(300))])
    alone.omneo.answers[:] = [LOST]
    order = bought("1", (1, 1, 300), code=row.code)
    assert await alone.give_back(alone.shop, order, await alone.capture(row)) == Again(2.0, "cut")
    assert (await alone.standing(row))[0] is State.RETURNING
    alone.omneo.looked.clear()
    assert await stepped(alone, row) == Finished()
    assert alone.omneo.looked == []
