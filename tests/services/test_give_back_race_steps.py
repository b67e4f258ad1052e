"""Of several who would give back the same value, one does."""

import pytest

from proxy.domain.ids import OmneoRedemptionId
from proxy.domain.outcome import Answered, Refused
from proxy.domain.redemption import State
from proxy.domain.work import Again, Finished
from tests.services.alone import Alone
from tests.services.giving_back import given, part, returned, standing, under_way
from tests.services.scripts import Answer, Beforehand

pytestmark = pytest.mark.anyio

BUSY = Refused("rate_limited", transient=True)


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
