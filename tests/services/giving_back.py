"""Orders whose goods come back, and what giving their value back came to."""

from typing import Any

from proxy.domain.give_back import GiveBackRow
from proxy.domain.order import Order
from proxy.domain.redemption import Redemption, State
from proxy.domain.work import Verdict
from tests.services.alone import Alone
from tests.services.scripts import Answer, Meanwhile, bought, redeemed


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
