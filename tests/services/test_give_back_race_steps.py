"""Of several who would give back the same value, one does."""

from typing import Any

import pytest

from proxy.domain.give_back import GiveBackRow
from proxy.domain.ids import OmneoRedemptionId
from proxy.domain.order import Order
from proxy.domain.outcome import Answered, Refused
from proxy.domain.redemption import Redemption, State
from proxy.domain.work import Again, Finished, Verdict
from tests.services.alone import Alone
from tests.services.scripts import Answer, Beforehand, Meanwhile, bought, redeemed

pytestmark = pytest.mark.anyio

BUSY = Refused("rate_limited", transient=True)


def part(row: Redemption) -> Order:
    """One of two units is back: half of 10.00."""
    return bought("1", (2, 1, 1000), code=row.code)


def whole(row: Redemption) -> Order:
    return bought("1", (2, 0, 1000), code=row.code)


def returned(omneo: int = 2, minor: int = 500, row: str | None = None) -> Any:
    return redeemed(omneo, minor, "return", capture=row)


async def given(alone: Alone, row: Redemption, order: Order, *answers: Answer | Meanwhile) -> Verdict:
    alone.omneo.answers[:] = answers
    return await alone.give_back(alone.shop, order, await alone.capture(row))


async def under_way(alone: Alone, row: Redemption) -> GiveBackRow:
    found = await alone.give_backs.under_way((await alone.capture(row)).id)
    assert found is not None
    return found


async def standing(alone: Alone, row: Redemption) -> tuple[State, str | None, int]:
    now = await alone.ledger.now(row)
    return now.state, now.reason, now.returned.minor


async def test_of_two_workers_one_sends(alone: Alone) -> None:
    row = await alone.captured(1000)
    stale = await alone.capture(row)

    async def other() -> Answer:
        # Its row is under way and sent: whoever comes second looks.
        assert await alone.give_back(alone.shop, part(row), stale) == Again(15.0, "looking")
        return Answered(returned())

    assert await given(alone, row, part(row), other) == Finished()
    assert len(alone.omneo.sent) == 1


async def test_what_somebody_else_ends_while_it_is_about_to_be_sent_is_not_sent(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, part(row), BUSY)
    capture = await alone.capture(row)

    async def nobody() -> None:
        pass

    async def other() -> None:
        assert await alone.give_backs.done(await under_way(alone, row), OmneoRedemptionId(5))

    late = alone.giving(Beforehand(alone.give_backs, "under_way", nobody, other))
    assert await late.under_way(alone.shop, capture) == Again(1)
    assert len(alone.omneo.sent) == 1


async def test_of_two_that_are_about_to_send_one_does(alone: Alone) -> None:
    row = await alone.captured(1000)
    await given(alone, row, part(row), BUSY)

    async def other() -> None:
        assert await alone.give_backs.sending(await under_way(alone, row))

    second = alone.giving(Beforehand(alone.give_backs, "sending", other))
    assert await second.under_way(alone.shop, await alone.capture(row)) == Again(1)
    assert len(alone.omneo.sent) == 1


async def test_an_answer_that_somebody_else_committed_first_is_left_alone(alone: Alone) -> None:
    row = await alone.captured(1000)

    async def other() -> Answer:
        assert await alone.give_backs.done(await under_way(alone, row), OmneoRedemptionId(5))
        return Answered(returned())

    assert await given(alone, row, part(row), other) == Again(0)
    assert await standing(alone, row) == (State.CAPTURED, None, 500)
    assert [name for name, _ in alone.told.lines] == ["redemption.returning"]
