"""A redeem that happened twice: looked for twice, undone once, and never mistaken for another giving back."""

import pytest

from proxy.domain.capture import CaptureState
from proxy.domain.ids import OmneoRedemptionId
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.work import Again, Finished, Verdict
from tests.services.alone import Alone
from tests.services.giving_back import given, standing, under_way, whole
from tests.services.scripts import redeemed
from tests.stores.ledger import PROFILE

pytestmark = pytest.mark.anyio

LOST, NO = Unknown("cut"), Refused("not_allowed")


async def spent_twice(alone: Alone) -> Redemption:
    """The first redeem (number 1) stays unseen, the second one (number 2) is answered."""
    row = await alone.ledger.issued(1000)
    await alone.ledger.capturing(row)
    await alone.spent(row, LOST)
    alone.passes(seconds=120)
    await alone.spent(row, Answered(redeemed(2, 1000)))
    assert (await alone.capture(row)).state is CaptureState.DONE
    alone.told.lines.clear()
    alone.omneo.sent.clear()
    return row


async def undone(alone: Alone, row: Redemption) -> Verdict:
    return await alone.undo_surplus(alone.shop, await alone.capture(row))


async def test_what_was_sent_once_or_is_not_done_is_never_looked_at(alone: Alone) -> None:
    row = await alone.captured(1000)
    assert await undone(alone, row) == Finished()
    other = await alone.ledger.issued(500)
    await alone.ledger.capturing(other, "2")
    for _ in range(2):
        await alone.spent(other, LOST)
        alone.passes(seconds=120)
    assert await undone(alone, other) == Finished()
    assert alone.omneo.looked == [(PROFILE, (await alone.capture(other)).id)]  # by the second send alone


@pytest.mark.parametrize(
    ("since_ms", "then"),
    [
        (0, Again(60)),
        (59_999, Again(0.001)),
        (60_000, Again(240)),
        (299_000, Again(1)),
        (300_000, Finished()),
        (400_000, Finished()),
    ],
)
async def test_after_a_second_send_it_looks_at_sixty_seconds_and_at_five_minutes(
    alone: Alone, since_ms: int, then: Verdict
) -> None:
    row = await spent_twice(alone)
    alone.omneo.shown = [redeemed(2, 1000), redeemed(3, 1000, "reversal"), redeemed(4, 0)]
    alone.passes(milliseconds=since_ms)
    verdict = await undone(alone, row)
    assert isinstance(verdict, Again) is isinstance(then, Again)
    assert verdict is not None
    if isinstance(verdict, Again) and isinstance(then, Again):
        assert verdict.after_s == pytest.approx(then.after_s)
    assert alone.told.lines == []


async def test_one_redemption_too_many_is_reversed_once(alone: Alone) -> None:
    row = await spent_twice(alone)
    capture = await alone.capture(row)
    alone.omneo.shown = [redeemed(2, 1000), redeemed(1, 999)]
    assert await undone(alone, row) == Again(2.0)
    told = {"shop": row.shop, "capture": capture.id, "omneo_redemption": 1, "amount": "9.99 AUD"}
    assert alone.told.lines == [("capture.surplus", told)]
    assert alone.omneo.looked[-1] == (PROFILE, capture.id)
    alone.passes(seconds=10)
    assert await undone(alone, row) == Again(50)  # begun already
    alone.omneo.answers[:] = [Answered(redeemed(3, 999, "reversal"))]
    assert await alone.give_back.under_way(alone.shop, capture) == Finished()
    assert alone.omneo.sent == [OmneoRedemptionId(1)]
    assert await standing(alone, row) == (State.CAPTURED, None, 0)


async def test_a_second_redemption_too_many_waits_for_the_first(alone: Alone) -> None:
    row = await spent_twice(alone)
    alone.omneo.shown = [redeemed(1, 1000), redeemed(5, 1), redeemed(2, 1000)]
    assert [await undone(alone, row), await undone(alone, row)] == [Again(2.0), Again(2.0)]
    assert [name for name, _ in alone.told.lines] == ["capture.surplus"]
    alone.omneo.answers[:] = [Answered(redeemed(3, 1000, "reversal"))]
    await alone.give_back.under_way(alone.shop, await alone.capture(row))
    assert await undone(alone, row) == Again(2.0)
    assert (await under_way(alone, row)).target == 5


async def test_a_surplus_that_cannot_be_undone_goes_before_a_person_as_what_it_is(alone: Alone) -> None:
    row = await spent_twice(alone)
    alone.omneo.shown = [redeemed(1, 1000), redeemed(2, 1000)]
    await undone(alone, row)
    capture = await alone.capture(row)
    alone.omneo.answers[:] = [NO] * 5  # of one reversal and four returns
    alone.told.lines.clear()
    verdicts = [await alone.give_back.under_way(alone.shop, capture) for _ in range(5)]
    assert verdicts == [Again(0), *[Again(15.0, "not_allowed")] * 3, Finished()]
    assert [wish.redemption for wish in alone.omneo.sent[1:]] == [1, 1, 1, 1]
    assert await standing(alone, row) == (State.REVIEW, "spent_twice", 0)
    assert alone.told.lines == [("redemption.review", {"redemption": row.id, "reason": "spent_twice"})]


async def test_a_surplus_whose_reversal_nobody_knows_goes_before_a_person_too(alone: Alone) -> None:
    row = await spent_twice(alone)
    alone.omneo.shown = [redeemed(1, 1000), redeemed(2, 1000)]
    await undone(alone, row)
    capture = await alone.capture(row)
    alone.omneo.answers[:] = [LOST, NO]
    await alone.give_back.under_way(alone.shop, capture)
    alone.passes(seconds=120)
    alone.told.lines.clear()
    assert await alone.give_back.under_way(alone.shop, capture) == Finished()
    assert await standing(alone, row) == (State.REVIEW, "spent_twice", 0)
    assert alone.told.lines == [("redemption.review", {"redemption": row.id, "reason": "spent_twice"})]


@pytest.mark.parametrize(("lost", "gone"), [(4, False), (1, True)])
async def test_a_surplus_that_is_never_seen_to_be_undone_goes_before_a_person(
    alone: Alone, lost: int, gone: bool
) -> None:
    row = await spent_twice(alone)
    alone.omneo.shown = [redeemed(1, 1000), redeemed(2, 1000)]
    await undone(alone, row)
    capture = await alone.capture(row)
    for _ in range(lost):
        alone.omneo.answers[:] = [LOST]
        assert await alone.give_back.under_way(alone.shop, capture) == Again(2.0, "cut")
        alone.passes(seconds=120)
    alone.omneo.gone = gone
    alone.told.lines.clear()
    assert await alone.give_back.under_way(alone.shop, capture) == Finished()
    assert alone.told.lines == [("redemption.review", {"redemption": row.id, "reason": "spent_twice"})]


async def test_a_surplus_that_comes_back_as_another_amount_goes_before_a_person(alone: Alone) -> None:
    row = await spent_twice(alone)
    alone.omneo.shown = [redeemed(1, 1000), redeemed(2, 1000)]
    await undone(alone, row)
    alone.omneo.answers[:] = [NO, Answered(redeemed(3, 999, "return"))]
    capture = await alone.capture(row)
    alone.told.lines.clear()
    verdicts = [await alone.give_back.under_way(alone.shop, capture) for _ in range(2)]
    assert verdicts == [Again(0), Finished()]
    assert alone.told.lines == [("redemption.review", {"redemption": row.id, "reason": "spent_twice"})]


async def test_a_surplus_that_shows_after_everything_came_back_is_undone_too(alone: Alone) -> None:
    row = await spent_twice(alone)
    await given(alone, row, whole(row), Answered(redeemed(3, 1000, "reversal")))
    alone.omneo.shown = [redeemed(1, 1000), redeemed(2, 1000), redeemed(3, 1000, "reversal")]
    assert await undone(alone, row) == Again(2.0)
    alone.omneo.answers[:] = [Answered(redeemed(4, 1000, "reversal"))]
    assert await alone.give_back.undo(alone.shop, await alone.capture(row)) == Finished()
    assert alone.omneo.sent == [2, 1]


async def test_the_reversal_of_a_surplus_is_not_taken_for_that_of_the_capture(alone: Alone) -> None:
    row = await spent_twice(alone)
    alone.omneo.shown = [redeemed(1, 1000), redeemed(2, 1000)]
    await undone(alone, row)
    alone.omneo.answers[:] = [Answered(redeemed(3, 1000, "reversal"))]
    await alone.give_back.under_way(alone.shop, await alone.capture(row))
    alone.omneo.shown.append(redeemed(3, 1000, "reversal"))
    await given(alone, row, whole(row), LOST)
    assert await given(alone, row, whole(row)) == Again(15.0, "looking")
    alone.omneo.shown.append(redeemed(4, 1000, "reversal"))
    assert await given(alone, row, whole(row)) == Again(0)
    assert await standing(alone, row) == (State.RETURNED, None, 1000)


async def test_what_a_profile_had_that_is_gone_is_gone_with_it(alone: Alone) -> None:
    row = await spent_twice(alone)
    alone.omneo.gone = True
    assert await undone(alone, row) == Finished()
