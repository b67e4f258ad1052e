"""Each step of a capture: what is sent, when it looks again, how often it tries, and when a person decides."""

from dataclasses import replace
from decimal import Decimal

import pytest

from proxy.domain.capture import CaptureState, Redeem, Taken
from proxy.domain.ids import CaptureId, LocationId
from proxy.domain.outcome import Answered, Refused
from proxy.domain.redemption import Redemption, State
from proxy.domain.shop import Policy, Spendable
from proxy.domain.work import Again, Finished
from tests.services.alone import Alone, shop_of
from tests.services.scripts import Answer, redeemed
from tests.stores.ledger import PROFILE, aud, order_of

pytestmark = pytest.mark.anyio

BUSY, NO = Refused("rate_limited", transient=True), Refused("balance_too_low")


async def begun(alone: Alone, minor: int = 500) -> Redemption:
    """An issued redemption that order 1 is about to spend."""
    row = await alone.ledger.issued(minor)
    await alone.ledger.capturing(row)
    return row


async def test_what_is_asked_is_what_the_order_took_under_the_captures_own_label(alone: Alone) -> None:
    row = await begun(alone)
    capture = await alone.capture(row)
    both = shop_of(policy=Policy(aud(0), spendable=Spendable.REWARDS_AND_POINTS))
    assert await alone.spent(row, Answered(redeemed(7, 500)), shop=both) == Finished()
    assert alone.omneo.sent == [
        Redeem(PROFILE, aud(500), ("rewards", "points"), capture.id, "#1", capture.id, location=None, strict=True)
    ]
    assert alone.told.lines == [
        (
            "redemption.captured",
            {
                "capture": capture.id,
                "order": "1",
                "omneo_redemption": 7,
                "amount": "5.00 AUD",
                "redemptions": [row.id],
            },
        )
    ]
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


async def test_a_sale_at_a_till_is_spent_where_it_was(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    order = replace(order_of("1"), location=LocationId("8801"))
    assert await alone.ledger.captures.begin(alone.ids.capture(), order, PROFILE, [(row, aud(500))])
    await alone.spent(row, Answered(redeemed(7, 500)))
    assert alone.omneo.sent[0].location == "8801"


async def test_the_bound_is_in_the_decimals_of_the_shops_currency(alone: Alone) -> None:
    row = await begun(alone)
    yen = shop_of(currency="JPY")
    await alone.spent(row, Answered(redeemed(7, 500, balance_after=Decimal("1234.5"))), shop=yen)
    assert (await alone.ledger.holds.standing(row.tenant, row.profile)).ceiling_minor == 1234


async def test_an_answer_that_tells_the_balance_bounds_readings_for_the_shops_time(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, Answered(redeemed(7, 500, balance_after=aud(1234).decimal)))
    alone.passes(milliseconds=29_999)
    assert (await alone.ledger.holds.standing(row.tenant, row.profile)).ceiling_minor == 1234
    alone.passes(milliseconds=1)
    assert (await alone.ledger.holds.standing(row.tenant, row.profile)).ceiling_minor is None


async def test_an_answer_without_a_balance_bounds_nothing(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, Answered(redeemed(7, 500)))
    assert (await alone.ledger.holds.standing(row.tenant, row.profile)).ceiling_minor is None


async def test_what_was_spent_is_read_anew(alone: Alone) -> None:
    row = await begun(alone)
    before = (await alone.readings.get(alone.shop, row.profile)).value
    alone.omneo.rewards_minor = 700
    assert (await alone.readings.get(alone.shop, row.profile)).value is before
    await alone.spent(row, Answered(redeemed(7, 500)))
    assert (await alone.readings.get(alone.shop, row.profile)).value.balance.rewards == 7


async def test_a_capture_that_is_done_is_not_sent_again(alone: Alone) -> None:
    row = await alone.captured(500)
    assert await alone.spent(row) == Finished()
    assert alone.omneo.sent == []


async def test_a_review_that_leaves_nothing_open_is_not_looked_at(alone: Alone) -> None:
    row = await begun(alone)
    alone.omneo.rewards_minor = 0
    await alone.spent(row, NO)
    assert await alone.standing(row) == (State.REVIEW, "shortfall", 500)
    alone.omneo.shown = [redeemed(3, 500)]
    assert await alone.spent(row) == Finished()
    assert alone.omneo.looked == []


async def test_a_transient_refusal_is_tried_again_for_ever_and_costs_no_attempt(alone: Alone) -> None:
    row = await begun(alone)
    for _ in range(8):
        assert await alone.spent(row, BUSY) == Again(5.0, "rate_limited")
    capture = await alone.capture(row)
    assert (capture.state, capture.unknowns, capture.final_refusals) == (CaptureState.INTENDED, 0, 0)
    assert alone.told.lines[0] == ("capture.refused", {"capture": capture.id, "reason": "rate_limited"})


async def test_a_refusal_although_the_balance_covers_it_is_tried_five_times(alone: Alone) -> None:
    row = await begun(alone)
    alone.omneo.rewards_minor = 500
    waits = [await alone.spent(row, NO) for _ in range(5)]
    reason = "balance_too_low"
    assert waits == [Again(5.0, reason), Again(15.0, reason), Again(30.0, reason), Again(30.0, reason), Finished()]
    assert await alone.standing(row) == (State.REVIEW, "redeem_refused", 500)
    capture = (await alone.capture(row)).id
    assert alone.told.lines[-2:] == [
        ("capture.shortfall", {"capture": capture, "short": "5.00 AUD", "reason": reason}),
        ("redemption.review", {"redemption": row.id, "reason": "redeem_refused"}),
    ]


async def test_a_refusal_is_judged_by_a_fresh_reading_of_what_the_policy_lets_spend(alone: Alone) -> None:
    """The cached reading says 1000.00; 3.00 are left: 3.00 are asked for, and 2.00 are short."""
    row = await begun(alone)
    await alone.readings.get(alone.shop, row.profile)
    alone.omneo.rewards_minor = 300
    assert await alone.spent(row, NO, Answered(redeemed(7, 300))) == Finished()
    assert [wish.amount for wish in alone.omneo.sent] == [aud(500), aud(300)]
    assert await alone.standing(row) == (State.REVIEW, "shortfall", 0)
    capture = (await alone.capture(row)).id
    assert alone.told.lines[-1] == ("capture.shortfall", {"capture": capture, "short": "2.00 AUD"})


@pytest.mark.parametrize(
    ("policy", "asked"), [(Spendable.REWARDS, [500, 300]), (Spendable.REWARDS_AND_POINTS, [500, 450])]
)
async def test_points_are_there_only_where_the_policy_counts_them(
    alone: Alone, policy: Spendable, asked: list[int]
) -> None:
    row = await begun(alone)
    alone.omneo.rewards_minor, alone.omneo.points_minor = 300, 150
    shop = shop_of(policy=Policy(aud(0), spendable=policy))
    await alone.spent(row, NO, Answered(redeemed(7, asked[-1])), shop=shop)
    assert [wish.amount.minor for wish in alone.omneo.sent] == asked


async def test_a_refusal_with_nothing_left_goes_before_a_person_at_once(alone: Alone) -> None:
    row = await begun(alone)
    alone.omneo.rewards_minor = 0
    assert await alone.spent(row, NO) == Finished()
    assert len(alone.omneo.sent) == 1
    assert await alone.standing(row) == (State.REVIEW, "shortfall", 500)


async def test_a_refusal_of_a_profile_that_is_gone_goes_before_a_person(alone: Alone) -> None:
    row = await begun(alone)
    alone.omneo.gone = True
    assert await alone.spent(row, NO) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "profile_gone", 500)


async def test_a_refusal_that_comes_after_somebody_elses_send_says_nothing(alone: Alone) -> None:
    row = await begun(alone)

    async def other() -> Answer:
        alone.passes(seconds=120)
        assert await alone.ledger.captures.sending(await alone.capture(row), aud(500))
        return NO

    assert await alone.spent(row, other) == Again(1)
    assert (await alone.capture(row)).refusals == 0


async def test_a_refusal_whose_redemption_another_worker_sends_meanwhile_waits_for_that(alone: Alone) -> None:
    row = await begun(alone)

    async def other() -> None:
        assert await alone.ledger.captures.sending(await alone.capture(row), aud(500))

    alone.omneo.before_balance = other
    assert await alone.spent(row, NO) == Again(1)
    assert (await alone.standing(row))[0] is State.CAPTURING


async def test_an_answer_that_somebody_else_committed_first_is_left_alone(alone: Alone) -> None:
    row = await begun(alone)

    async def other() -> Answer:
        assert await alone.ledger.captures.done(await alone.capture(row), redeemed(5, 500).id, Taken(aud(500)))
        return Answered(redeemed(7, 500))

    assert await alone.spent(row, other) == Again(0)
    assert (alone.told.lines, (await alone.capture(row)).omneo_redemption) == ([], 5)


async def test_more_than_was_asked_is_captured_as_asked_and_every_redemption_goes_before_a_person(alone: Alone) -> None:
    """Two redemptions of 5.00 and 3.00 on one order; Omneo takes 9.00."""
    rows = [await alone.ledger.issued(500)]
    assert await alone.ledger.redemptions.begin_release(rows[0], "removed")
    rows.append(await alone.ledger.issued(300))
    uses = [(row, row.amount) for row in rows]
    assert await alone.ledger.captures.begin(CaptureId("cap_" + "0" * 32), order_of("1"), PROFILE, uses)
    assert await alone.spent(rows[0], Answered(redeemed(7, 900))) == Finished()
    assert (await alone.capture(rows[0])).captured == aud(800)
    for row in rows:
        assert await alone.standing(row) == (State.REVIEW, "redeemed_too_much", 0)
        entry = (await alone.ledger.redemptions.journal(row.id))[-1]
        assert (entry.note, entry.facts["total"]) == ("redeemed_too_much", "9.00")
    assert [told for told in alone.told.lines if told[0] == "redemption.review"] == [
        ("redemption.review", {"redemption": row.id, "reason": "redeemed_too_much"}) for row in rows
    ]
