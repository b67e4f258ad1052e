"""Two workers give the same value back."""

import pytest

from proxy.domain.capture import Taken
from proxy.domain.ids import OmneoRedemptionId, OrderId
from tests.stores.ledger import SHOP, Ledger, aud

pytestmark = pytest.mark.anyio


async def test_a_late_refusal_does_not_turn_anothers_reversal_into_a_return(ledger: Ledger) -> None:
    """A stalls; B notes A's answer as lost and reverses again; A's 4xx must not begin a return beside it."""
    from proxy.domain.give_back import GiveBackKind, GiveBackState
    from proxy.stores.give_backs import GiveBacks

    rows = GiveBacks(ledger.database)
    redemption = await ledger.issued(1000)
    await ledger.capturing(redemption)
    (capture,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert await ledger.captures.done(capture, OmneoRedemptionId(5), Taken(aud(1000)))
    (capture,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert await rows.begin("gbk_1", capture, GiveBackKind.REVERSAL, {redemption.id: aud(1000)})
    intended = await rows.under_way(capture.id)
    assert intended is not None
    assert await rows.sending(intended)
    of_a = await rows.under_way(capture.id)
    assert of_a is not None
    await rows.unknown(of_a)
    of_b = await rows.under_way(capture.id)
    assert of_b is not None
    assert await rows.sending(of_b)
    await rows.refused(of_a, GiveBackKind.RETURN, final=False)
    now = await rows.under_way(capture.id)
    assert now is not None
    assert (now.kind, now.state) == (GiveBackKind.REVERSAL, GiveBackState.SENT)
