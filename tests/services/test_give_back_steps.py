"""Each step of a giving back: reversal or return, when it looks, how often it tries, and when a person decides."""

import pytest

from proxy.domain.capture import GiveBack
from proxy.domain.give_back import GiveBackKind, GiveBackState
from proxy.domain.ids import OmneoRedemptionId
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import State
from proxy.domain.work import Again, Finished
from tests.services.alone import Alone
from tests.services.giving_back import given, part, returned, standing, under_way, whole
from tests.services.scripts import Answer, bought, redeemed
from tests.stores.ledger import PROFILE, aud

pytestmark = pytest.mark.anyio

LOST, BUSY, NO = Unknown("cut"), Refused("rate_limited", transient=True), Refused("not_allowed")
REVERSED = Answered(redeemed(2, 1000, "reversal"))


async def test_part_of_it_is_returned_under_its_rows_id_and_told(alone: Alone) -> None:
    row = await alone.captured(1000)
    capture = await alone.capture(row)
    assert await given(alone, row, part(row), Answered(returned())) == Finished()
    ((made,), (sent,)) = await alone.give_backs.of_capture(capture.id), alone.omneo.sent
    assert sent == GiveBack(OmneoRedemptionId(1), aud(500), capture.id, made.id)
    told = {"capture": capture.id, "order": "1", "kind": "return"}
    assert alone.told.lines == [
        ("redemption.returning", {**told, "row": made.id}),
        ("redemption.returned", {**told, "amount": "5.00 AUD", "omneo_redemption": 2}),
    ]
    assert await standing(alone, row) == (State.CAPTURED, None, 500)
    assert await given(alone, row, part(row)) == Finished()


async def test_an_order_that_owes_nothing_and_a_capture_that_is_not_done_begin_nothing(alone: Alone) -> None:
    row = await alone.captured(1000)
    assert await given(alone, row, bought("1", (2, 2, 1000), code=row.code)) == Finished()
    other = await alone.ledger.issued(500)
    await alone.ledger.capturing(other, "2")
    assert await given(alone, other, bought("2", (1, 0, 500), code=other.code)) == Finished()
    assert (alone.told.lines, alone.omneo.sent) == ([], [])


@pytest.mark.parametrize(("age_ms", "kind"), [(569_999, GiveBackKind.REVERSAL), (570_000, GiveBackKind.RETURN)])
async def test_the_whole_is_reversed_until_thirty_seconds_before_the_window_ends(
    alone: Alone, age_ms: int, kind: GiveBackKind
) -> None:
    row = await alone.captured(1000)
    alone.passes(milliseconds=age_ms)
    answer = REVERSED if kind is GiveBackKind.REVERSAL else Answered(returned(2, 1000))
    assert await given(alone, row, whole(row), answer) == Finished()
    (made,) = await alone.give_backs.of_capture((await alone.capture(row)).id)
    assert (made.kind, made.amount) == (kind, aud(1000))
    assert (alone.omneo.sent == [OmneoRedemptionId(1)]) is (kind is GiveBackKind.REVERSAL)
    assert await standing(alone, row) == (State.RETURNED, None, 1000)


async def test_what_is_left_after_a_return_is_returned_too_and_never_reversed(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, part(row), Answered(returned()))
    assert await given(alone, row, whole(row), Answered(returned(3))) == Finished()
    kinds = [each.kind for each in await alone.give_backs.of_capture((await alone.capture(row)).id)]
    assert kinds == [GiveBackKind.RETURN, GiveBackKind.RETURN]


async def test_value_that_came_back_is_read_anew(alone: Alone) -> None:
    row = await alone.captured(1000)
    await alone.readings.get(alone.shop, row.profile)
    alone.omneo.rewards_minor = 700
    await given(alone, row, part(row), Answered(returned()))
    assert (await alone.readings.get(alone.shop, row.profile)).value.balance.rewards == 7


async def test_a_lost_answer_is_looked_for_until_the_settling_time_ends_and_then_sent_again(alone: Alone) -> None:
    row = await alone.captured(1000)
    assert await given(alone, row, part(row), LOST) == Again(2.0, "cut")
    assert (await under_way(alone, row)).unknowns == 1
    assert await given(alone, row, part(row)) == Again(15.0, "looking")
    alone.passes(seconds=110)
    assert await given(alone, row, part(row)) == Again(10, "looking")
    alone.passes(milliseconds=9_999)
    assert await given(alone, row, part(row)) == Again(0.001, "looking")
    alone.passes(milliseconds=1)
    assert await given(alone, row, part(row), Answered(returned())) == Again(0)
    assert len(alone.omneo.sent) == 2


async def test_a_return_is_sent_four_times_in_all_and_then_a_person_decides(alone: Alone) -> None:
    row = await alone.captured(1000)
    for _ in range(4):
        assert await given(alone, row, part(row), LOST) == Again(2.0, "cut")
        alone.passes(seconds=120)
    alone.told.lines.clear()
    assert await given(alone, row, part(row)) == Again(0)
    assert len(alone.omneo.sent) == 4
    assert await standing(alone, row) == (State.REVIEW, "give_back_unknown", 0)
    assert alone.told.lines == [("redemption.review", {"redemption": row.id, "reason": "give_back_unknown"})]


async def test_a_return_is_found_by_its_rows_id_and_by_nothing_else(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, part(row), LOST)
    made = await under_way(alone, row)
    alone.omneo.shown = [
        returned(3, 500, "gbk_other"),
        redeemed(4, 500, "reversal", capture=made.id),
        redeemed(5, 500, "redeem", capture=made.id),
    ]
    assert await given(alone, row, part(row)) == Again(15.0, "looking")
    alone.omneo.shown.append(returned(6, -500, made.id))
    assert await given(alone, row, part(row)) == Again(0)
    (done,) = await alone.give_backs.of_capture((await alone.capture(row)).id)
    assert (done.state, done.omneo_redemption) == (GiveBackState.DONE, 6)
    assert alone.omneo.looked[-1] == (PROFILE, done.capture)


async def test_a_return_of_another_amount_goes_before_a_person(alone: Alone) -> None:
    row = await alone.captured(1000)
    assert await given(alone, row, part(row), Answered(returned(2, 499))) == Finished()
    assert await standing(alone, row) == (State.REVIEW, "returned_another_amount", 0)


async def test_a_profile_that_is_gone_when_it_looks_goes_before_a_person(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, part(row), LOST)
    alone.omneo.gone = True
    assert await given(alone, row, part(row)) == Again(0)
    assert await standing(alone, row) == (State.REVIEW, "profile_gone", 0)


async def test_a_transient_refusal_is_tried_again_as_what_it_was(alone: Alone) -> None:
    row = await alone.captured(1000)
    assert await given(alone, row, whole(row), BUSY) == Again(15.0, "rate_limited")
    made = await under_way(alone, row)
    assert (made.state, made.kind, made.unknowns) == (GiveBackState.INTENDED, GiveBackKind.REVERSAL, 0)
    assert await given(alone, row, whole(row), REVERSED) == Again(0)


async def test_a_return_that_is_refused_four_times_goes_before_a_person(alone: Alone) -> None:
    row = await alone.captured(1000)
    for _ in range(3):
        assert await given(alone, row, part(row), NO) == Again(15.0, "not_allowed")
    assert (await under_way(alone, row)).kind is GiveBackKind.RETURN
    assert await given(alone, row, part(row), NO) == Again(0)
    assert await standing(alone, row) == (State.REVIEW, "return_refused", 0)


async def test_being_rate_limited_is_not_counted_among_the_refusals(alone: Alone) -> None:
    row = await alone.captured(1000)
    for _ in range(5):
        assert await given(alone, row, part(row), BUSY) == Again(15.0, "rate_limited")
    for _ in range(3):
        assert await given(alone, row, part(row), NO) == Again(15.0, "not_allowed")
    assert await given(alone, row, part(row), NO) == Again(0)
    assert await standing(alone, row) == (State.REVIEW, "return_refused", 0)


async def test_a_reversal_that_is_refused_outright_becomes_a_return_at_once(alone: Alone) -> None:
    row = await alone.captured(1000)
    assert await given(alone, row, whole(row), NO) == Again(0)
    assert (await under_way(alone, row)).kind is GiveBackKind.RETURN
    assert await given(alone, row, whole(row), Answered(returned(2, 1000))) == Again(0)
    assert await standing(alone, row) == (State.RETURNED, None, 1000)


async def test_a_reversal_that_is_refused_after_a_lost_one_is_never_returned_on_top(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, whole(row), LOST)
    alone.passes(seconds=120)
    assert await given(alone, row, whole(row), NO) == Again(0)
    assert await standing(alone, row) == (State.REVIEW, "reversal_undecided", 0)


async def test_a_reversal_whose_process_died_counts_as_lost(alone: Alone) -> None:
    """It was sent and nothing was noted: a refusal of the next attempt must not lead to a return."""
    row = await alone.captured(1000)
    await given(alone, row, whole(row), BUSY)
    assert await alone.give_backs.sending(await under_way(alone, row))
    alone.passes(seconds=120)
    assert await given(alone, row, whole(row), NO) == Again(0)
    assert await standing(alone, row) == (State.REVIEW, "reversal_undecided", 0)


async def test_a_lost_reversal_that_shows_after_the_refusal_is_the_one(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, whole(row), LOST)
    alone.passes(seconds=120)

    async def late() -> Answer:
        alone.omneo.shown = [redeemed(8, 1000, "return"), redeemed(9, 1000, "reversal")]
        return NO

    assert await given(alone, row, whole(row), late) == Again(0)
    (made,) = await alone.give_backs.of_capture((await alone.capture(row)).id)
    assert (made.state, made.omneo_redemption) == (GiveBackState.DONE, 9)


async def test_an_early_capture_that_no_order_used_is_undone_whole(alone: Alone) -> None:
    row = await alone.ledger.issued(1000, early=True)
    assert await alone.ledger.captures.begin_early(alone.ids.capture(), row)
    await alone.spent(row, Answered(redeemed(1, 1000)))
    assert await alone.ledger.redemptions.begin_release(await alone.ledger.now(row), "expired")
    alone.omneo.answers[:] = [REVERSED]
    alone.told.lines.clear()
    assert await alone.give_back.undo(alone.shop, await alone.capture(row)) == Finished()
    assert (await alone.capture(row)).returned == aud(1000)
    assert alone.told.lines[0][1]["order"] is None
    assert alone.told.lines[0][1]["kind"] is GiveBackKind.REVERSAL
    assert await standing(alone, row) == (State.RETURNED, "expired", 1000)
    assert await alone.give_back.undo(alone.shop, await alone.capture(row)) == Finished()


async def test_what_was_begun_is_brought_to_its_end_whatever_the_order_says_by_then(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, part(row), BUSY)
    unreturned = bought("1", (2, 2, 1000), code=row.code)
    assert await given(alone, row, unreturned, Answered(returned())) == Again(0)
    assert await standing(alone, row) == (State.CAPTURED, None, 500)


async def test_undoing_gives_what_is_left(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, part(row), Answered(returned(2, 500)))
    alone.omneo.answers[:] = [Answered(returned(3, 500))]
    assert await alone.give_back.undo(alone.shop, await alone.capture(row)) == Finished()
    assert await standing(alone, row) == (State.RETURNED, None, 1000)


async def test_what_was_begun_is_gone_on_with_and_nothing_new_begins(alone: Alone) -> None:
    row = await alone.captured(1000)
    capture = await alone.capture(row)
    assert await alone.give_back.under_way(alone.shop, capture) == Finished()
    await given(alone, row, part(row), LOST)
    assert await alone.give_back.under_way(alone.shop, capture) == Again(15.0, "looking")
    assert await alone.give_back.undo(alone.shop, capture) == Again(15.0, "looking")
