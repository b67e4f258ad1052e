"""A redeem whose answer was lost: looked for, sent again after the settling time, and given up after four sends."""

from datetime import timedelta

import pytest

from proxy.domain.capture import CaptureState
from proxy.domain.outcome import Refused, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.shop import Timing
from proxy.domain.work import Again, Finished
from tests.services.alone import Alone, shop_of
from tests.services.scripts import Beforehand, redeemed
from tests.stores.ledger import PROFILE, aud

pytestmark = pytest.mark.anyio

LOST, NO = Unknown("cut"), Refused("balance_too_low")


async def begun(alone: Alone, minor: int = 500) -> Redemption:
    """An issued redemption that order 1 is about to spend."""
    row = await alone.ledger.issued(minor)
    await alone.ledger.capturing(row)
    return row


async def early(alone: Alone, minor: int = 500) -> Redemption:
    """An issued redemption that is captured before its order comes."""
    row = await alone.ledger.issued(minor, early=True)
    assert await alone.ledger.captures.begin_early(alone.ids.capture(), row)
    return row


async def test_of_two_workers_one_sends(alone: Alone) -> None:
    row = await begun(alone)
    stale = await alone.capture(row)
    await alone.spent(row, LOST)
    assert await alone.spend(alone.shop, stale) == Again(1)
    assert len(alone.omneo.sent) == 1


async def test_a_lost_answer_is_looked_for_and_told(alone: Alone) -> None:
    row = await begun(alone)
    capture = await alone.capture(row)
    assert await alone.spent(row, LOST) == Again(2.0, "cut")
    assert alone.told.lines == [("capture.unknown", {"capture": capture.id, "reason": "cut"})]
    alone.omneo.shown = [redeemed(9, 500)]
    assert await alone.spent(row) == Finished()
    assert alone.omneo.looked == [(PROFILE, capture.id)]
    assert (await alone.capture(row)).omneo_redemption == 9


@pytest.mark.parametrize(
    ("since_ms", "wait_s"),
    [
        (0, 2),
        (3_999, 2),
        (4_000, 5),
        (9_999, 5),
        (10_000, 15),
        (29_999, 15),
        (30_000, 30),
        (60_000, 30),
        (90_000, 30),
        (110_000, 10),
        (119_999, 0.001),
    ],
)
async def test_while_the_settling_time_runs_it_looks_with_back_off_and_sends_nothing(
    alone: Alone, since_ms: int, wait_s: float
) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.passes(milliseconds=since_ms)
    assert await alone.spent(row) == Again(wait_s, "looking")
    assert len(alone.omneo.sent) == 1


async def test_after_the_settling_time_it_is_sent_again_four_times_in_all_and_then_a_person_decides(
    alone: Alone,
) -> None:
    row = await begun(alone)
    for _ in range(4):
        assert await alone.spent(row, LOST) == Again(2.0, "cut")
        alone.passes(seconds=120)
    alone.told.lines.clear()
    assert await alone.spent(row) == Again(1800)
    assert len(alone.omneo.sent) == 4
    assert await alone.standing(row) == (State.REVIEW, "redeem_unknown", 500)
    assert alone.told.lines == [("redemption.review", {"redemption": row.id, "reason": "redeem_unknown"})]


async def test_what_nobody_knows_is_looked_for_for_a_day(alone: Alone) -> None:
    row = await begun(alone)
    for _ in range(4):
        await alone.spent(row, LOST)
        alone.passes(seconds=120)
    await alone.spent(row)
    alone.passes(hours=23, minutes=57, seconds=59, milliseconds=999)
    assert await alone.spent(row) == Again(1800)
    alone.passes(milliseconds=1)
    assert await alone.spent(row) == Finished()
    alone.omneo.gone = True
    assert await alone.spent(row) == Finished()
    alone.omneo.gone = False
    alone.omneo.shown = [redeemed(3, 500)]
    assert await alone.spent(row) == Finished()
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


async def test_a_profile_that_is_gone_when_it_looks_goes_before_a_person(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.omneo.gone = True
    assert await alone.spent(row) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "profile_gone", 500)
    alone.omneo.gone = False
    assert await alone.spent(row) == Again(1800)


async def test_a_refusal_after_a_lost_answer_decides_nothing(alone: Alone) -> None:
    """What the lost one did may be why this one is refused: it is looked for, for the settling time, and then asked."""
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.passes(seconds=120)
    assert await alone.spent(row, NO) == Again(5.0, "looking")
    assert (await alone.capture(row)).state is CaptureState.SENT
    alone.passes(seconds=119)
    assert await alone.spent(row) == Again(1, "looking")
    alone.passes(seconds=1)
    alone.omneo.rewards_minor = 500
    assert await alone.spent(row) == Again(5.0, "refused_before")
    capture = await alone.capture(row)
    assert (capture.state, capture.unknowns, len(alone.omneo.sent)) == (CaptureState.INTENDED, 0, 2)


async def test_a_lost_answer_after_a_refusal_is_sent_again_and_refusals_are_no_unknowns(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, NO)
    for _ in range(4):
        alone.passes(seconds=120)
        assert await alone.spent(row, LOST) == Again(2.0, "cut")
    alone.passes(seconds=120)
    assert await alone.spent(row) == Again(1800)
    assert len(alone.omneo.sent) == 5


async def test_what_another_worker_decides_first_is_not_decided_again(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.passes(seconds=120)
    await alone.spent(row, NO)
    alone.passes(seconds=120)
    capture = await alone.capture(row)

    async def other() -> None:
        assert await alone.ledger.captures.absent(capture)

    spend = alone.spending(Beforehand(alone.ledger.captures, "absent", other))
    assert await spend(alone.shop, capture) == Again(1)
    assert (await alone.capture(row)).state is CaptureState.INTENDED


async def test_a_look_takes_the_redeem_of_the_amount_and_no_other_kind(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.omneo.shown = [redeemed(1, 500, "reversal"), redeemed(2, 300), redeemed(3, 500), redeemed(4, 500)]
    assert await alone.spent(row) == Finished()
    assert (await alone.capture(row)).omneo_redemption == 3


async def test_a_look_that_finds_another_amount_only_takes_it_and_tells_what_is_short(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.omneo.shown = [redeemed(2, 1)]
    assert await alone.spent(row) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "shortfall", 0)
    assert (await alone.capture(row)).captured == aud(1)


async def test_a_look_that_finds_no_amount_goes_before_a_person(alone: Alone) -> None:
    row = await begun(alone)
    await alone.spent(row, LOST)
    alone.omneo.shown = [redeemed(2, 0)]
    assert await alone.spent(row) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "redeem_amount_unknown", 500)


async def test_an_early_capture_that_is_refused_takes_nothing_and_ends(alone: Alone) -> None:
    row = await early(alone)
    alone.omneo.rewards_minor = 300
    assert await alone.spent(row, NO) == Finished()
    assert ((await alone.capture(row)).state, len(alone.omneo.sent)) == (CaptureState.VOID, 1)
    assert (await alone.standing(row))[0] is State.ISSUED


async def test_an_early_capture_that_is_not_wanted_any_more_is_never_sent(alone: Alone) -> None:
    row = await early(alone)
    stale = await alone.capture(row)
    assert await alone.spent(row, wanted=False) == Finished()
    assert (await alone.capture(row)).state is CaptureState.VOID
    assert await alone.spend(alone.shop, stale, wanted=False) == Again(0)
    assert alone.omneo.sent == []


@pytest.mark.parametrize(("settling_s", "latest_s"), [(120, 300), (301, 301)])
async def test_an_unwanted_one_that_was_sent_is_looked_for_for_five_minutes_at_least(
    alone: Alone, settling_s: int, latest_s: int
) -> None:
    shop = shop_of(timing=Timing(settling=timedelta(seconds=settling_s)))
    row = await early(alone)
    await alone.spent(row, LOST)
    alone.passes(seconds=latest_s - 1)
    assert await alone.spent(row, shop=shop, wanted=False) == Again(1, "looking")
    alone.passes(seconds=1)
    assert await alone.spent(row, shop=shop, wanted=False) == Again(0)
    assert ((await alone.capture(row)).state, len(alone.omneo.sent)) == (CaptureState.INTENDED, 1)
    assert await alone.spent(row, shop=shop, wanted=False) == Finished()
    assert (await alone.capture(row)).state is CaptureState.VOID


async def test_an_unwanted_one_that_shows_is_done(alone: Alone) -> None:
    row = await early(alone)
    await alone.spent(row, LOST)
    alone.omneo.shown = [redeemed(3, 500)]
    assert await alone.spent(row, wanted=False) == Finished()
    assert (await alone.capture(row)).state is CaptureState.DONE


async def test_an_early_one_that_is_refused_after_a_lost_answer_is_looked_for_for_five_minutes(alone: Alone) -> None:
    """Void it is never looked at again, so the lost one has more than the settling time to show."""
    row = await early(alone)
    await alone.spent(row, LOST)
    alone.passes(seconds=120)
    assert await alone.spent(row, NO) == Again(5.0, "looking")
    alone.passes(seconds=299)
    assert await alone.spent(row) == Again(1, "looking")
    alone.passes(seconds=1)
    assert await alone.spent(row) == Finished()
    assert ((await alone.capture(row)).state, len(alone.omneo.sent)) == (CaptureState.VOID, 2)
