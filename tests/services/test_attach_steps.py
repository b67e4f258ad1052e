"""A sale that somebody else writes: waited for, attached to once, and put before a person where that cannot be."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.capture import Capture
from proxy.domain.ids import CustomerId, OmneoRedemptionId, OrderId, ProfileId, TransactionId
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.shop import TransactionMode
from proxy.domain.work import Again, Finished, Verdict
from tests.services.alone import BEGAN, Alone, shop_of
from tests.services.recording import SALE, recorded, spent, told
from tests.services.scripts import bought, redeemed
from tests.stores.ledger import PROFILE, SHOP, order_of

pytestmark = pytest.mark.anyio

ATTACH = shop_of(transaction_mode=TransactionMode.ATTACH)
LOST, BUSY, NO = Unknown("cut"), Refused("rate_limited", transient=True), Refused("invalid")
ONE = OrderId("1")


async def capture_of(alone: Alone) -> tuple[Redemption, Capture]:
    row = await spent(alone)
    return row, await alone.capture(row)


async def test_a_sale_that_is_not_there_is_waited_for_as_long_as_was_waited_already(alone: Alone) -> None:
    row, capture = await capture_of(alone)
    waits = [(0, 5.0), (4, 5.0), (6, 10.0), (20, 30.0), (870, 900.0), (100, 900.0)]
    for passed_s, wait_s in waits:
        alone.passes(seconds=passed_s)
        assert await alone.attach(ATTACH, order_of("1"), capture) == Again(wait_s)
    waiting = {"shop": SHOP, "order": "1", "omneo_redemption": 1}
    assert alone.told.lines == [("record.waiting", waiting)]
    alone.passes(days=7, seconds=-1000 - 60)
    assert await alone.attach(ATTACH, order_of("1"), capture) == Again(60.0)
    alone.passes(seconds=59)
    assert await alone.attach(ATTACH, order_of("1"), capture) == Again(1.0)
    alone.passes(seconds=1)
    assert await alone.attach(ATTACH, order_of("1"), capture) == Finished()
    assert told(alone, "record.missing") == [waiting]
    assert told(alone, "redemption.review") == [{"redemption": row.id, "reason": "transaction_missing"}]
    assert await alone.standing(row) == (State.REVIEW, "transaction_missing", 0)
    facts = (await alone.ledger.redemptions.journal(row.id))[-1].facts
    assert (facts["order"], facts["waited_s"]) == ("1", 604_800)


async def test_a_sale_that_carries_the_redemption_already_is_done(alone: Alone) -> None:
    row, capture = await capture_of(alone)
    alone.omneo.sales = [replace(SALE, redemption=OmneoRedemptionId(1))]
    assert await alone.attach(ATTACH, order_of("1"), capture) == Finished()
    assert (alone.omneo.sent, (await alone.standing(row))[0]) == ([], State.RECORDED)


async def test_a_sale_that_carries_another_redemption_goes_before_a_person(alone: Alone) -> None:
    row, capture = await capture_of(alone)
    alone.omneo.sales = [replace(SALE, redemption=OmneoRedemptionId(9))]
    assert await alone.attach(ATTACH, order_of("1"), capture) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "transaction_taken", 0)
    facts = (await alone.ledger.redemptions.journal(row.id))[-1].facts
    assert (facts["transaction"], facts["carries"], facts["order"]) == (5, 9, "1")
    assert alone.omneo.sent == []


@pytest.mark.parametrize(
    ("answer", "then"),
    [
        (LOST, Again(10.0, "cut")),
        (BUSY, Again(10.0, "rate_limited")),
        (Answered(SALE), Again(5.0)),
        (Refused("not_found"), Again(5.0)),
        (Refused("not_found", transient=True), Again(5.0)),
    ],
)
async def test_an_attachment_that_did_not_happen_is_tried_again(alone: Alone, answer: Any, then: Verdict) -> None:
    row, capture = await capture_of(alone)
    alone.omneo.sales, alone.omneo.answers[:] = [SALE], [answer]
    assert await alone.attach(ATTACH, order_of("1"), capture) == then
    assert (await alone.standing(row))[0] is State.CAPTURED


async def test_an_attachment_that_is_refused_goes_before_a_person(alone: Alone) -> None:
    row, capture = await capture_of(alone)
    alone.omneo.sales, alone.omneo.answers[:] = [SALE], [NO]
    assert await alone.attach(ATTACH, order_of("1"), capture) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "transaction_refused", 0)
    facts = (await alone.ledger.redemptions.journal(row.id))[-1].facts
    assert (facts["transaction"], facts["refusal"], facts["order"]) == (5, "invalid", "1")


async def test_what_was_given_back_whole_has_nothing_to_attach_and_the_rest_has(alone: Alone) -> None:
    row = await spent(alone)
    part = bought("1", (2, 1, 500), code=row.code)
    alone.omneo.answers[:] = [Answered(redeemed(2, 250, "return"))]
    await alone.give_back(ATTACH, part, await alone.capture(row))
    assert await recorded(alone, order_of("1"), shop=ATTACH) == Again(5.0)
    whole = bought("1", (2, 0, 500), code=row.code)
    alone.omneo.answers[:] = [Answered(redeemed(3, 250, "return"))]
    await alone.give_back(ATTACH, whole, await alone.capture(row))
    assert await recorded(alone, order_of("1"), shop=ATTACH) == Finished()


async def test_an_order_without_spending_is_not_attached_to(alone: Alone) -> None:
    assert await recorded(alone, replace(order_of("1"), customer=CustomerId("9")), shop=ATTACH) == Finished()
    assert alone.omneo.looked == []


async def test_a_sale_without_an_external_id_is_known_by_its_order(alone: Alone) -> None:
    await spent(alone)
    alone.omneo.sales = [replace(SALE, external_id=None, order=(SHOP, ONE), redemption=OmneoRedemptionId(1))]
    assert await recorded(alone, order_of("1"), shop=ATTACH) == Finished()
    sale = await alone.ledger.records.find(SHOP, ONE)
    assert sale is not None
    assert (sale.external_id, sale.omneo_redemption) == ("", 1)


@pytest.mark.parametrize(
    ("changes", "then"),
    [
        ({}, Finished()),
        ({"redemption": OmneoRedemptionId(9)}, Again(5.0)),
        ({"profile": ProfileId("p-9")}, Again(5.0)),
    ],
)
async def test_a_sale_that_only_its_number_names_has_to_fit_the_spending(
    alone: Alone, changes: dict[str, Any], then: Verdict
) -> None:
    _, capture = await capture_of(alone)
    like = replace(
        SALE,
        external_id="till-7",
        order_number="1",
        profile=PROFILE,
        total=Decimal(100),
        transacted_at=BEGAN,
        redemption=OmneoRedemptionId(1),
    )
    alone.omneo.sales = [replace(like, **changes)]
    assert await alone.attach(ATTACH, order_of("1"), capture) == then


async def test_a_guests_sale_without_an_external_id_counts_as_recorded(alone: Alone) -> None:
    like = replace(SALE, external_id=None, order_number="1", total=Decimal(100), transacted_at=BEGAN)
    alone.omneo.sales = [like]
    assert await recorded(alone, replace(order_of("1"), customer=None)) == Finished()
    sale = await alone.ledger.records.find(SHOP, ONE)
    assert sale is not None
    assert (sale.external_id, sale.transaction) == ("", 5)


async def test_a_sale_under_an_id_of_an_older_form_gets_its_spending(alone: Alone) -> None:
    await alone.ledger.records.add(SHOP, ONE, "old-1", TransactionId(5), None)
    await spent(alone)
    alone.omneo.sales = [replace(SALE, external_id="old-1", redemption=OmneoRedemptionId(1))]
    assert await recorded(alone, order_of("1")) == Finished()
    sale = await alone.ledger.records.find(SHOP, ONE)
    assert sale is not None
    assert sale.omneo_redemption == 1
