"""Orders that need a second look: of another customer, cancelled, of a test, or not to be read."""

from dataclasses import replace
from typing import Any

import pytest

from proxy.domain.actor import operator_actor
from proxy.domain.ids import CustomerId, OrderId, ProfileId
from proxy.domain.outcome import Answered, Unknown
from proxy.domain.redemption import State
from proxy.domain.shop import TransactionMode
from proxy.domain.work import Again, Finished, Park
from proxy.stores.captures import Captures
from proxy.stores.redaction import Redaction
from proxy.stores.resolutions import Resolutions
from tests.services.alone import Alone
from tests.services.scripts import redeemed
from tests.services.settling import settled, using
from tests.stores.ledger import CUSTOMER, SHOP, aud

pytestmark = pytest.mark.anyio

LOST = Unknown("cut")
ONE, TWO = OrderId("1"), OrderId("2")


async def test_a_cancelled_order_begins_nothing_and_lets_go_of_what_was_set_aside(alone: Alone) -> None:
    row = await alone.captured(500)
    unused = await alone.ledger.issued(300)
    child = alone.ids.redemption()
    assert await alone.ledger.captures.extend(child, row, TWO, aud(500), "overuse")
    order = using("2", (row, 500), (unused, 300), cancelled=True)
    own = replace(alone.shop, transaction_mode=TransactionMode.OWN)
    assert await settled(alone, order, shop=own) == Finished()
    dropped = await alone.ledger.redemptions.get(child)
    assert dropped is not None
    assert (dropped.state, dropped.reason, dropped.held) == (State.RELEASED, "order_cancelled", aud(0))
    assert await alone.standing(unused) == (State.ISSUED, None, 300)
    assert alone.omneo.sent == []


async def test_an_order_that_comes_while_its_person_is_taken_out_spends_nothing_and_goes_before_a_person(
    alone: Alone,
) -> None:
    row = await alone.ledger.held(500)
    assert await alone.ledger.redemptions.drop(row.id, "discount_refused")
    alone.passes(hours=73)
    for task in await alone.ledger.tasks.lease("w", 60_000, 9):
        await alone.ledger.tasks.finish(task)

    class Meanwhile(Captures):
        async def extend(self, *given: Any) -> bool:
            cut = await Redaction(alone.ledger.database, lambda: "0" * 24).redact(SHOP, CUSTOMER, 9)
            assert cut.cut == 1
            return await super().extend(*given)

    alone.shopify.orders[ONE] = using("1", (row, 500))
    assert await alone.settle(Meanwhile(alone.ledger.database))(alone.shop, ONE) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "redacted", 0)
    assert await alone.ledger.captures.child_of(row.id, ONE) is None
    assert alone.omneo.sent == []


async def test_what_a_person_decided_of_one_who_was_taken_out_says_nothing_about_what_comes_back_later(
    alone: Alone,
) -> None:
    row = await alone.captured(500)
    alone.passes(hours=73)
    for task in await alone.ledger.tasks.lease("w", 60_000, 9):
        await alone.ledger.tasks.finish(task)
    assert (await Redaction(alone.ledger.database, lambda: "0" * 24).redact(SHOP, CUSTOMER, 9)).cut == 1
    own = replace(alone.shop, transaction_mode=TransactionMode.OWN)

    async def decide() -> None:
        decided = Resolutions(alone.ledger.database).resolve(row.id, State.CAPTURED, "by hand", operator_actor("ada"))
        assert await decided is None

    await settled(alone, using("1", (row, 500)), shop=own)
    assert await alone.standing(row) == (State.REVIEW, "redacted", 0)
    await decide()
    for left in (300, 0):  # the order is refunded in two parts
        order = using("1", (row, 500))
        line = replace(order.lines[0], quantity=5, current_quantity=left // 100)
        await settled(alone, replace(order, lines=(line,)), shop=own)
        assert await alone.standing(row) == (State.REVIEW, "redacted", 0)
        await decide()
        await settled(alone, replace(order, lines=(line,)), shop=own)
        assert (await alone.standing(row))[0] is State.CAPTURED
    assert alone.omneo.sent == []


async def test_what_a_cancelled_order_had_begun_is_finished_and_given_back(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    assert await settled(alone, using("1", (row, 500)), LOST) == Again(2.0, "cut")
    alone.omneo.shown = [redeemed(7, 500)]
    back = Answered(redeemed(8, 500, "reversal"))
    assert await settled(alone, using("1", (row, 500), cancelled=True), back) == Finished()
    assert await alone.standing(row) == (State.RETURNED, None, 0)


async def test_another_customers_order_is_spent_against_the_holder_and_goes_before_a_person(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    order = using("1", (row, 500), customer=CustomerId("9"))
    assert await settled(alone, order, Answered(redeemed(7, 500))) == Finished()
    assert await alone.standing(row) == (State.REVIEW, "other_customer", 0)
    assert ("redemption.review", {"redemption": row.id, "reason": "other_customer"}) in alone.told.lines
    assert (await alone.ledger.redemptions.journal(row.id))[-1].facts["order"] == "1"


@pytest.mark.parametrize("customer", [None, CUSTOMER])
async def test_the_holders_own_order_and_a_guests_are_no_case_for_a_person(alone: Alone, customer: Any) -> None:
    row = await alone.ledger.issued(500)
    await settled(alone, using("1", (row, 500), customer=customer), Answered(redeemed(7, 500)))
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


async def test_a_code_of_the_customers_own_hides_none_of_somebody_elses(alone: Alone) -> None:
    """Two codes on one order: the first one's holder placed it, the second one's did not."""
    mine = await alone.ledger.issued(500)
    other = await alone.ledger.issued(200, profile=ProfileId("p-2"), customer=CustomerId("9"))
    order = using("1", (other, 200), (mine, 500), customer=CUSTOMER)
    answers = [Answered(redeemed(7, 500)), Answered(redeemed(8, 200))]
    ours = await alone.ledger.redemptions.by_codes(SHOP, order.codes)
    if ours[0].id == other.id:
        answers.reverse()
    await settled(alone, order, *answers)
    assert (await alone.ledger.now(other)).reason == "other_customer"
    assert (await alone.ledger.now(mine)).reason is None


async def test_a_code_that_another_customers_order_merely_carries_is_left_alone(alone: Alone) -> None:
    row = await alone.captured(500)
    carried = await alone.ledger.issued(300)
    order = using("2", (row, 0), (carried, 0), customer=CustomerId("9"))
    assert await settled(alone, order) == Finished()
    assert await alone.standing(row) == (State.CAPTURED, None, 0)
    assert await alone.standing(carried) == (State.ISSUED, None, 300)


async def test_another_customers_second_use_is_the_childs_case(alone: Alone) -> None:
    row = await alone.captured(500)
    order = using("2", (row, 500), customer=CustomerId("9"))
    await settled(alone, order, Answered(redeemed(9, 500)))
    child = await alone.ledger.captures.child_of(row.id, TWO)
    assert child is not None
    assert (child.state, child.reason) == (State.REVIEW, "other_customer")
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


@pytest.mark.parametrize(("test_shop", "spent"), [(False, False), (True, True)])
async def test_a_test_order_is_spent_in_a_test_shop_only(alone: Alone, test_shop: bool, spent: bool) -> None:
    row = await alone.ledger.issued(500)
    shop = replace(alone.shop, test_shop=test_shop)
    assert await settled(alone, using("1", (row, 500), test=True), Answered(redeemed(7, 500)), shop=shop) == Finished()
    assert bool(alone.omneo.sent) is spent
    if not spent:
        assert alone.told.lines == [("order.test_ignored", {"shop": SHOP, "order": "1"})]


async def test_an_order_that_cannot_be_read_is_parked_and_nothing_is_decided(alone: Alone) -> None:
    row = await alone.captured(500)
    alone.shopify.orders[ONE] = None
    assert await alone.settle()(alone.shop, ONE) == Park("order_unreadable")
    assert alone.told.lines == [("order.unreadable", {"shop": SHOP, "order": "1"})]
    assert await alone.standing(row) == (State.CAPTURED, None, 0)


async def test_a_refund_of_an_order_that_cannot_be_read_goes_before_a_person_once(alone: Alone) -> None:
    row = await alone.captured(500)
    alone.shopify.orders[ONE] = None
    assert await alone.ledger.events.receive(SHOP, "refunds/create", "w-1", ONE)
    for _ in range(2):
        assert await alone.settle()(alone.shop, ONE) == Park("order_unreadable")
    assert await alone.standing(row) == (State.REVIEW, "order_unreadable", 0)
    why = {"redemption": row.id, "reason": "order_unreadable"}
    assert [told for told in alone.told.lines if told[0] == "redemption.review"] == [("redemption.review", why)]
    assert (await alone.ledger.redemptions.journal(row.id))[-1].facts["order"] == "1"


async def test_an_order_takes_what_was_in_review_for_want_of_it(alone: Alone) -> None:
    row = await alone.ledger.issued(500)
    assert await alone.ledger.redemptions.review(row.id, "used_by_unknown_order")
    assert await settled(alone, using("1", (row, 500)), Answered(redeemed(7, 500))) == Finished()
    assert (await alone.standing(row))[0] is State.CAPTURED
    assert await alone.ledger.captures.child_of(row.id, ONE) is None
