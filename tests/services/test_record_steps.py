"""A sale stands in Omneo once: written when it is ours, attached to when somebody else's, waited for while neither."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.ids import LocationId, OmneoRedemptionId, OrderId, ProfileId, ShopDomain, TransactionId
from proxy.domain.loyalty import Profile
from proxy.domain.order import Allocation, OrderLine
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import State
from proxy.domain.shop import TransactionMode
from proxy.domain.transaction import TransactionLine, TransactionWrite
from proxy.domain.work import Again, Finished, Park, Verdict
from tests.services.alone import BEGAN, Alone, shop_of
from tests.services.recording import OWN, SALE, recorded, spent
from tests.services.scripts import redeemed
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP, aud, order_of

pytestmark = pytest.mark.anyio

LOST, BUSY, NO = Unknown("cut"), Refused("rate_limited", transient=True), Refused("invalid")
ONE, WRITTEN = OrderId("1"), TransactionId(77)
ADA = Profile(PROFILE, "Ada", "Hopper", "active", None, None)


async def test_a_paid_sale_is_written_once_with_what_was_spent_on_it(alone: Alone) -> None:
    row = await spent(alone)
    assert await recorded(alone, order_of("1"), Answered(WRITTEN)) == Finished()
    assert alone.omneo.sent == [
        TransactionWrite(
            external_id="1",
            receipt_ref="#1",
            profile=PROFILE,
            profile_handle=None,
            omneo_redemption=OmneoRedemptionId(1),
            total=aud(10_000),
            total_original=aud(10_000),
            transacted_at=BEGAN,
            location=None,
            systems=("web",),
            items=(),
            meta={"shopify_shop": SHOP, "shopify_order": "1", "omneo_redemptions": "1"},
        )
    ]
    fields = {"shop": SHOP, "order": "1", "redemptions": [row.id], "transaction": 77, "omneo_redemption": 1}
    assert alone.told.lines == [("redemption.recorded", fields)]
    assert (await alone.standing(row))[0] is State.RECORDED
    assert await recorded(alone, order_of("1")) == Finished()
    assert len(alone.omneo.sent) == 1


@pytest.mark.parametrize(
    ("mode", "status"),
    [(TransactionMode.NONE, "PAID"), (TransactionMode.OWN, "PENDING"), (TransactionMode.OWN, "AUTHORIZED")],
)
async def test_what_is_not_ours_or_not_paid_is_not_written(alone: Alone, mode: TransactionMode, status: str) -> None:
    order = replace(order_of("1"), financial_status=status)
    assert await recorded(alone, order, shop=shop_of(transaction_mode=mode)) == Finished()
    assert (alone.omneo.sent, alone.omneo.looked) == ([], [])


async def test_while_the_spending_is_not_decided_the_sale_waits(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    await alone.ledger.capturing(row)
    assert await recorded(alone, order_of("1")) == Again(10.0)
    await alone.spent(row, LOST)
    assert await recorded(alone, order_of("1")) == Again(10.0)
    assert len(alone.omneo.sent) == 1


async def test_a_sale_without_spending_is_its_customers(alone: Alone) -> None:
    alone.omneo.profiles = {CUSTOMER: ADA}
    assert await recorded(alone, order_of("1"), Answered(WRITTEN)) == Finished()
    assert (alone.omneo.sent[0].profile, alone.omneo.sent[0].omneo_redemption) == (PROFILE, None)
    assert alone.omneo.sent[0].meta == {"shopify_shop": SHOP, "shopify_order": "1"}
    assert alone.omneo.looked[0] == ("shopify", CUSTOMER)
    fields = {"shop": SHOP, "order": "1", "redemptions": [], "transaction": 77, "omneo_redemption": None}
    assert alone.told.lines == [("order.recorded", fields)]


async def test_a_guests_sale_is_nobodys(alone: Alone) -> None:
    assert await recorded(alone, replace(order_of("1"), customer=None), Answered(WRITTEN)) == Finished()
    assert alone.omneo.sent[0].profile is None
    assert ("shopify", CUSTOMER) not in alone.omneo.looked


async def test_a_customer_who_is_on_the_way_to_omneo_is_waited_for_for_an_hour(alone: Alone) -> None:
    alone.passes(minutes=59, seconds=59)
    assert await recorded(alone, order_of("1")) == Again(60.0)
    alone.passes(seconds=1)
    assert await recorded(alone, order_of("1"), Answered(WRITTEN)) == Finished()
    assert alone.omneo.sent[0].profile is None


@pytest.mark.parametrize(
    ("answer", "then"),
    [(LOST, Again(10.0, "cut")), (BUSY, Again(10.0, "rate_limited")), (NO, Park("transaction_refused: invalid"))],
)
async def test_a_write_that_fails_is_repeated_unless_it_was_refused(alone: Alone, answer: Any, then: Verdict) -> None:
    row = await spent(alone)
    assert await recorded(alone, order_of("1"), answer) == then
    assert (alone.told.lines, (await alone.standing(row))[0]) == ([], State.CAPTURED)


async def test_the_sale_carries_the_greatest_capture_and_names_all(alone: Alone) -> None:
    small = await spent(alone, 200)
    row = await alone.ledger.issued(500, profile=ProfileId("p-2"))
    await alone.ledger.capturing(row)
    await alone.spent(row, Answered(redeemed(2, 500)))
    alone.omneo.sent.clear()
    assert await recorded(alone, order_of("1"), Answered(WRITTEN)) == Finished()
    (sale,) = alone.omneo.sent
    assert (sale.profile, sale.omneo_redemption) == ("p-2", 2)
    assert sorted(sale.meta["omneo_redemptions"].split(",")) == ["1", "2"]
    assert small.captured < aud(500)


async def test_lines_say_what_a_unit_cost_and_what_was_taken_off(alone: Alone) -> None:
    """Three of 10.00 less 5.00 are 8.33 each, rounded down; what took nothing off is no discount."""
    off = (
        Allocation("RW", "Reward", aud(300)),
        Allocation(None, "Staff", aud(150)),
        Allocation(None, None, aud(50)),
        Allocation("NONE", None, aud(0)),
    )
    line = OrderLine("11", "Socks", "SKU", "variant-1", 3, 3, aud(1000), aud(70), off)
    gift = replace(line, id="12", quantity=0, unit_price=aud(0), allocations=())
    at = BEGAN + timedelta(minutes=2)
    order = replace(
        order_of("1"),
        customer=None,
        lines=(line, gift),
        source_name="pos",
        location=LocationId("8801"),
        processed_at=at,
        total=aud(2500),
        total_original=aud(3000),
    )
    await recorded(alone, order, Answered(WRITTEN))
    (sale,) = alone.omneo.sent
    discounts = ((aud(300), "RW"), (aud(150), "Staff"), (aud(50), "discount"))
    socks = TransactionLine("Socks", "SKU", "variant-1", "11", 3, aud(1000), aud(1000), aud(833), aud(70), discounts)
    assert sale.items[0] == socks
    assert (sale.items[1].price_sell, sale.items[1].discounts) == (aud(0), ())
    assert (sale.systems, sale.location, sale.transacted_at) == (("pos",), "8801", at)
    assert (sale.total, sale.total_original) == (aud(2500), aud(3000))


@pytest.mark.parametrize(("off", "left"), [(1000, 0), (300, 700)])
async def test_a_single_unit_costs_what_its_discount_leaves(alone: Alone, off: int, left: int) -> None:
    line = OrderLine("11", "Socks", None, None, 1, 1, aud(1000), aud(0), (Allocation("RW", None, aud(off)),))
    await recorded(alone, replace(order_of("1"), customer=None, lines=(line,)), Answered(WRITTEN))
    assert alone.omneo.sent[0].items[0].price_sell == aud(left)


async def test_a_sale_that_somebody_else_wrote_is_attached_to_instead(alone: Alone) -> None:
    row = await spent(alone)
    alone.omneo.sales = [SALE]
    after = Answered(replace(SALE, redemption=OmneoRedemptionId(1)))
    assert await recorded(alone, order_of("1"), after) == Finished()
    assert alone.omneo.sent == [(5, 1)]
    found = {"shop": SHOP, "order": "1", "transaction": 5}
    done = {"shop": SHOP, "order": "1", "redemptions": [row.id], "transaction": 5, "omneo_redemption": 1}
    assert alone.told.lines == [("record.found", found), ("redemption.recorded", {**done, "attached": True})]
    assert (await alone.standing(row))[0] is State.RECORDED


@pytest.mark.parametrize(
    ("changes", "attached"),
    [
        ({}, True),
        ({"redemption": None}, True),
        ({"redemption": OmneoRedemptionId(9)}, False),
        ({"profile": ProfileId("p-9")}, False),
    ],
)
async def test_a_sale_that_only_its_number_names_has_to_fit_the_spending(
    alone: Alone, changes: dict[str, Any], attached: bool
) -> None:
    await spent(alone)
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
    answer = Answered(replace(like, redemption=OmneoRedemptionId(1))) if attached else Answered(WRITTEN)
    assert await recorded(alone, order_of("1"), answer) == Finished()
    sale = await alone.ledger.records.find(SHOP, ONE)
    assert sale is not None
    assert sale.external_id == ("till-7" if attached else "1")


async def test_a_sale_is_written_under_the_shops_own_form_of_id(alone: Alone) -> None:
    shop = replace(OWN, external_id_template="{shop}/{order_name}")
    await recorded(alone, replace(order_of("1"), customer=None), Answered(WRITTEN), shop=shop)
    assert alone.omneo.sent[0].external_id == f"{SHOP}/#1"


async def test_somebody_elses_sale_without_spending_of_ours_counts_as_recorded(alone: Alone) -> None:
    alone.omneo.sales = [SALE]
    order = replace(order_of("1"), customer=None)
    assert await recorded(alone, order) == Finished()
    sale = await alone.ledger.records.find(SHOP, ONE)
    assert sale is not None
    assert (sale.transaction, sale.external_id, sale.omneo_redemption) == (5, "1", None)
    assert alone.omneo.sent == []


async def test_a_sale_of_our_own_is_written_again_where_its_record_was_lost(alone: Alone) -> None:
    alone.omneo.sales = [replace(SALE, order=(SHOP, ONE))]
    order = replace(order_of("1"), customer=None)
    assert await recorded(alone, order, Answered(WRITTEN)) == Finished()
    assert len(alone.omneo.sent) == 1


async def test_where_nobody_else_writes_nothing_is_looked_for(alone: Alone) -> None:
    alone.omneo.sales = [SALE]
    order = replace(order_of("1"), customer=None)
    shop = replace(OWN, attach_before_own=False)
    assert await recorded(alone, order, Answered(WRITTEN), shop=shop) == Finished()
    assert (len(alone.omneo.sent), alone.omneo.looked) == (1, [])


async def test_a_sale_that_was_written_before_the_spending_was_known_gets_it_later(alone: Alone) -> None:
    order = replace(order_of("1"), customer=None)
    assert await recorded(alone, order, Answered(WRITTEN)) == Finished()
    assert await recorded(alone, order) == Finished()
    row = await spent(alone)
    assert await recorded(alone, order) == Again(5.0)
    alone.omneo.sales = [SALE]
    after = Answered(replace(SALE, redemption=OmneoRedemptionId(1)))
    assert await recorded(alone, order, after) == Finished()
    assert (await alone.standing(row))[0] is State.RECORDED
    assert "record.found" not in [name for name, _ in alone.told.lines]


async def test_a_sale_that_stood_without_an_external_id_is_found_again_for_its_spending(alone: Alone) -> None:
    alone.omneo.sales = [replace(SALE, external_id=None, order=(ShopDomain("other"), ONE))]
    await alone.ledger.records.add(SHOP, ONE, "", TransactionId(5), None)
    row = await spent(alone)
    assert await recorded(alone, order_of("1")) == Again(5.0)
    alone.omneo.sales = [SALE]
    after = Answered(replace(SALE, redemption=OmneoRedemptionId(1)))
    assert await recorded(alone, order_of("1"), after) == Finished()
    assert ("sale_at", "") not in alone.omneo.looked
    assert (await alone.standing(row))[0] is State.RECORDED


@pytest.mark.parametrize("spends", [False, True])
async def test_an_external_id_is_kept_as_far_as_the_ledger_has_room(alone: Alone, spends: bool) -> None:
    if spends:
        await spent(alone)
    shop = replace(OWN, external_id_template="x" * 150 + "{order_id}")
    alone.omneo.sales = [
        replace(SALE, external_id="x" * 150 + "1", redemption=OmneoRedemptionId(1) if spends else None)
    ]
    assert await recorded(alone, replace(order_of("1"), customer=None), shop=shop) == Finished()
    sale = await alone.ledger.records.find(SHOP, ONE)
    assert sale is not None
    assert sale.external_id == "x" * 128


async def test_an_external_id_of_our_own_is_kept_as_far_as_the_ledger_has_room(alone: Alone) -> None:
    await spent(alone)
    shop = replace(OWN, external_id_template="x" * 150 + "{order_id}")
    assert await recorded(alone, order_of("1"), Answered(TransactionId(5)), shop=shop) == Finished()
    sale = await alone.ledger.records.find(SHOP, ONE)
    assert sale is not None
    assert sale.external_id == "x" * 128
