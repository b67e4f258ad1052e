"""Which transaction carries what: attached, or by its name beside what is attached; and what then may be decided."""

import pytest

from proxy.domain.actor import operator_actor
from proxy.domain.benefit import uses
from proxy.domain.capture import Taken
from proxy.domain.give_back import GiveBackKind
from proxy.domain.hold import Held
from proxy.domain.ids import OmneoRedemptionId, TransactionId
from proxy.domain.redemption import Redemption, State
from proxy.stores.give_backs import GiveBacks
from proxy.stores.resolutions import Resolutions
from tests.stores.ledger import SHOP, Ledger, order_of

pytestmark = pytest.mark.anyio

MONEY, USES = OmneoRedemptionId(900), OmneoRedemptionId(901)


async def spent(ledger: Ledger, redemption: Redemption, as_: OmneoRedemptionId) -> Redemption:
    await ledger.capturing(redemption)
    capture = await ledger.captures.of_redemption(redemption.id)
    assert capture is not None
    await ledger.captures.done(capture, as_, Taken(redemption.amount))
    return await ledger.now(redemption)


async def both(ledger: Ledger) -> tuple[Redemption, Redemption]:
    """An amount and two uses of a benefit, which one order has spent."""
    held = await ledger.use(41, 2, 2)
    assert isinstance(held, Held)
    return await spent(ledger, await ledger.issued(500), MONEY), await spent(ledger, held.redemption, USES)


async def recorded(ledger: Ledger, *named: OmneoRedemptionId) -> None:
    """Note the sale with the money attached, and with what it names."""
    await ledger.records.add(SHOP, order_of("1").id, "1", TransactionId(77), MONEY, named)


async def decide(ledger: Ledger, redemption: Redemption, to: State) -> str | None:
    return await Resolutions(ledger.database).resolve(redemption.id, to, "looked", operator_actor("ada"))


async def given_back(ledger: Ledger, redemption: Redemption, *, named: bool) -> State:
    """Give one use of two back, while the sale is noted; gives where it ended."""
    backs = GiveBacks(ledger.database)
    capture = await ledger.captures.of_redemption(redemption.id)
    assert capture is not None
    assert await backs.begin("gbk_1", capture, GiveBackKind.RETURN, {redemption.id: uses(1)})
    await recorded(ledger, *([MONEY, USES] if named else []))
    assert (await ledger.now(redemption)).state is State.RETURNING
    row = await backs.under_way(capture.id)
    assert row is not None
    assert await backs.done(row, OmneoRedemptionId(902))
    return (await ledger.now(redemption)).state


@pytest.mark.parametrize("first", ["the sale", "the review"])
async def test_uses_that_a_sale_names_beside_money_can_be_decided_as_recorded(ledger: Ledger, first: str) -> None:
    money, of_uses = await both(ledger)
    if first == "the sale":
        await recorded(ledger, MONEY, USES)
    assert await ledger.redemptions.review(of_uses.id, "return_refused")
    if first == "the review":
        await recorded(ledger, MONEY, USES)
        await recorded(ledger, MONEY, USES)
    assert (await ledger.now(money)).state is State.RECORDED
    assert "resolve it as recorded" in str(await decide(ledger, of_uses, State.CAPTURED))
    assert await decide(ledger, of_uses, State.RECORDED) is None
    assert (await ledger.now(of_uses)).state is State.RECORDED
    noted = [entry for entry in await ledger.redemptions.journal(of_uses.id) if entry.note == "record"]
    assert [entry.facts for entry in noted] == [{"transaction": 77, "omneo_redemption": USES}]


async def test_uses_that_a_sale_has_no_room_for_can_be_decided_as_captured_alone(ledger: Ledger) -> None:
    _, of_uses = await both(ledger)
    await recorded(ledger)
    assert await ledger.redemptions.review(of_uses.id, "return_refused")
    assert "resolve it as captured" in str(await decide(ledger, of_uses, State.RECORDED))
    assert await decide(ledger, of_uses, State.CAPTURED) is None


@pytest.mark.parametrize(("named", "ends"), [(True, State.RECORDED), (False, State.CAPTURED)])
async def test_uses_that_come_back_in_part_end_as_what_the_sale_says_of_them(
    ledger: Ledger, named: bool, ends: State
) -> None:
    _, of_uses = await both(ledger)
    assert await given_back(ledger, of_uses, named=named) is ends
