"""Spending: one order, one capture, and what ends it."""

import asyncio

import pytest

from proxy.domain.capture import Capture, CaptureState, Taken
from proxy.domain.ids import CaptureId, OmneoRedemptionId, OrderId, TransactionId
from proxy.domain.redemption import Redemption, State
from tests.stores.ledger import SHOP, Ledger, aud, order_of

pytestmark = pytest.mark.anyio


async def begun(ledger: Ledger, redemption: Redemption, order: str = "1", minor: int | None = None) -> Capture:
    await ledger.capturing(redemption, order, minor)
    return (await ledger.captures.of_order(SHOP, OrderId(order)))[-1]


async def test_of_many_orders_that_race_for_a_redemption_one_captures_it(ledger: Ledger) -> None:
    redemption = await ledger.issued(1000)
    begun = await asyncio.gather(
        *(
            ledger.captures.begin(
                CaptureId(f"cap_{n:032x}"), order_of(str(n + 1)), redemption.profile, [(redemption, aud(1000))]
            )
            for n in range(12)
        )
    )
    assert sum(begun) == 1
    assert (await ledger.now(redemption)).state is State.CAPTURING


async def test_of_many_workers_one_sends(ledger: Ledger) -> None:
    capture = await begun(ledger, await ledger.issued(1000))
    sent = await asyncio.gather(*(ledger.captures.sending(capture, aud(1000)) for _ in range(12)))
    assert sum(sent) == 1


async def test_of_many_answers_one_ends_the_capture(ledger: Ledger) -> None:
    capture = await begun(ledger, await ledger.issued(1000))
    done = await asyncio.gather(
        *(ledger.captures.done(capture, OmneoRedemptionId(5), Taken(aud(1000))) for _ in range(12))
    )
    assert sum(done) == 1
    assert await ledger.standing() == await ledger.sum_of_holds() == 0


async def test_an_order_wins_over_a_release_until_it_is_let_go(ledger: Ledger) -> None:
    redemption = await ledger.deactivated(await ledger.issued(1000))
    won, gone = await asyncio.gather(
        ledger.captures.begin(
            CaptureId("cap_" + "a" * 32), order_of("9"), redemption.profile, [(redemption, aud(1000))]
        ),
        ledger.redemptions.let_go(redemption),
    )
    assert won != gone
    assert await ledger.standing() == await ledger.sum_of_holds() == (1000 if won else 0)


async def test_less_used_than_held_captures_what_was_used_and_frees_the_rest(ledger: Ledger) -> None:
    redemption = await ledger.issued(1000)
    capture = await begun(ledger, redemption, minor=400)
    assert await ledger.captures.done(capture, OmneoRedemptionId(5), Taken(aud(400)))
    now = await ledger.now(redemption)
    assert (now.state, now.captured, now.shortfall, now.held) == (State.CAPTURED, aud(400), aud(0), aud(0))
    assert await ledger.standing() == 0


async def test_more_used_than_held_is_cut_to_what_was_held(ledger: Ledger) -> None:
    capture = await begun(ledger, await ledger.issued(1000), minor=1700)
    assert capture.asked == capture.wanted == aud(1000)


async def test_a_shortfall_stays_on_the_row_and_goes_to_review(ledger: Ledger) -> None:
    redemption = await ledger.issued(1000)
    capture = await begun(ledger, redemption)
    assert await ledger.captures.done(capture, OmneoRedemptionId(5), Taken(aud(700)))
    now = await ledger.now(redemption)
    assert (now.state, now.captured, now.shortfall) == (State.REVIEW, aud(700), aud(300))
    assert await ledger.standing() == await ledger.sum_of_holds() == 0


async def test_a_capture_given_up_keeps_its_hold_and_its_reason(ledger: Ledger) -> None:
    redemption = await ledger.issued(1000)
    capture = await begun(ledger, redemption)
    assert await ledger.captures.give_up(capture, "redeem_unknown")
    assert not await ledger.captures.give_up(capture, "redeem_unknown")
    now = await ledger.now(redemption)
    assert (now.state, now.reason, now.shortfall, now.held) == (State.REVIEW, "redeem_unknown", aud(1000), aud(1000))
    (ended,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert ended.state is CaptureState.REVIEW


async def test_a_refused_redeem_may_be_sent_again_and_is_counted(ledger: Ledger) -> None:
    capture = await begun(ledger, await ledger.issued(1000))
    assert await ledger.captures.sending(capture, aud(1000))
    assert await ledger.captures.refused(capture, final=True)
    (again,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert (again.state, again.sends, again.refusals) == (CaptureState.INTENDED, 1, 1)


async def test_recording_moves_only_what_the_transaction_carries(ledger: Ledger) -> None:
    redemption = await ledger.issued(1000)
    capture = await begun(ledger, redemption)
    await ledger.captures.done(capture, OmneoRedemptionId(5), Taken(aud(1000)))
    for _ in range(2):
        await ledger.records.add(SHOP, OrderId("1"), "1", TransactionId(70), OmneoRedemptionId(5))
    assert (await ledger.now(redemption)).state is State.RECORDED
    recorded = await ledger.records.find(SHOP, OrderId("1"))
    assert recorded is not None
    assert recorded.transaction == 70
    assert [e.state for e in await ledger.redemptions.journal(redemption.id)].count(State.RECORDED) == 1


async def test_a_record_without_redemption_leaves_captures_alone(ledger: Ledger) -> None:
    redemption = await ledger.issued(1000)
    await begun(ledger, redemption)
    await ledger.records.add(SHOP, OrderId("1"), "1", TransactionId(70), None)
    assert (await ledger.now(redemption)).state is State.CAPTURING
