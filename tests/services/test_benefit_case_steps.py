"""Uses of benefits in rarer cases: a code that is everybody's, an answer that was lost, a use too many."""

from dataclasses import replace

import pytest

from proxy.domain.actor import SERVICE
from proxy.domain.benefit import uses
from proxy.domain.capture import UsedBenefit
from proxy.domain.ids import CustomerId
from proxy.domain.order import OrderSighting
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import State
from proxy.domain.work import Finished
from tests.services.alone import BEGAN, Alone
from tests.services.benefits import BIRTHDAY, COFFEE, SOCKS, SPRING, benefit, entitled, placed, sale, use_of
from tests.services.scripts import redeemed
from tests.services.settling import settled
from tests.services.test_benefit_steps import ONE, three

pytestmark = pytest.mark.anyio


async def test_an_order_uses_one_of_several_holds_that_a_retailers_code_stands_for(alone: Alone) -> None:
    """A wish was replaced by another on the same cart: the code is on the order once, and the newer one is used."""
    entitled(alone, benefit(SPRING, 3))
    first = await placed(alone, use_of(SPRING, key="a"))
    alone.passes(seconds=1)
    second = await placed(alone, use_of(SPRING, 2, key="b"))
    order = sale("1", {"SPRING": 500})
    assert await settled(alone, order, Answered(redeemed(8, 0))) == Finished()
    assert await settled(alone, order) == Finished()
    assert (await alone.standing(second))[::2] == (State.CAPTURED, 0)
    assert (await alone.standing(first))[::2] == (State.RELEASING, 0)
    alone.passes(minutes=31)
    alone.shopify.seen = [
        OrderSighting(ONE, order.codes, BEGAN, BEGAN, test=False, cancelled=False, financial_status="PAID")
    ]
    assert await alone.release.step(alone.shop, first.id) == Finished()
    assert (await alone.standing(first))[0] is State.RELEASED


async def test_an_order_of_before_takes_no_hold_that_a_retailers_code_stands_for_since(alone: Alone) -> None:
    """Whatever becomes of an order that carries the code: what was held for the next one is not spent by it."""
    entitled(alone, benefit(SPRING, 3))
    spent = await placed(alone, use_of(SPRING, key="a"))
    order = sale("1", {"SPRING": 500})
    await settled(alone, order, Answered(redeemed(8, 0)))
    early = sale("2", {"SPRING": 500})
    alone.passes(minutes=5)
    row = await placed(alone, use_of(SPRING, key="b"))
    for again in (order, early, replace(order, customer=CustomerId("1002"))):
        assert await settled(alone, again) == Finished()
    assert [(await alone.standing(each))[0] for each in (spent, row)] == [State.CAPTURED, State.ISSUED]


async def test_uses_that_are_gone_after_a_lost_answer_are_asked_for_as_uses_and_never_as_money(alone: Alone) -> None:
    """Nothing is found and nothing is left: somebody else was faster, which Omneo says by refusing."""
    entitled(alone, benefit(SOCKS))
    row = await placed(alone, use_of(SOCKS))
    alone.omneo.sent.clear()
    order = sale("1", {row.code: 1500})
    await settled(alone, order, Unknown("cut"))
    alone.omneo.entitled.clear()
    for _ in range(2):
        alone.passes(seconds=121)
        await settled(alone, order, Refused("validation"))
    assert [sent.benefits for sent in alone.omneo.sent] == [(UsedBenefit(SOCKS, "free-socks", 1),)] * 2
    assert await alone.standing(row) == (State.REVIEW, "shortfall", 1)


async def test_uses_that_were_taken_twice_come_back_as_uses_when_it_is_too_late_to_reverse_them(alone: Alone) -> None:
    birthday, socks, _ = await three(alone)
    order = sale("1", {birthday.code: 500}, {socks.code: 1500})
    await settled(alone, order, Unknown("cut"))
    alone.passes(seconds=121)
    both = {BIRTHDAY: 1, SOCKS: 1}
    await settled(alone, order, Answered(redeemed(8, 0, uses=both)))
    alone.omneo.shown[:] = [redeemed(7, 0, uses=both), redeemed(8, 0, uses=both)]
    alone.passes(seconds=61)
    alone.omneo.sent.clear()
    await settled(alone, order, Refused("too_late"))
    await settled(alone, order, Answered(redeemed(9, 0, "return", uses=both)))
    assert alone.omneo.sent[0] == 7
    wish = alone.omneo.sent[1]
    assert (wish.redemption, {(used.id, used.count) for used in wish.benefits}) == (7, {(BIRTHDAY, 1), (SOCKS, 1)})
    assert [(await alone.standing(row))[0] for row in (birthday, socks)] == [State.CAPTURED] * 2


@pytest.mark.parametrize("before", [True, False])
async def test_an_order_that_names_what_is_over_takes_a_use_of_its_own(alone: Alone, before: bool) -> None:
    """Whoever keeps the attribute on the cart gets the thing again: let go or captured, it is a use too many."""
    entitled(alone, benefit(COFFEE, 2))
    row = await placed(alone, use_of(COFFEE))
    named = {"attributes": (("_redemption_x", row.id),)}
    if before:
        await settled(alone, sale("1", {}, **named), Answered(redeemed(7, 0)))
    else:
        await alone.release(alone.shop, row, "removed", SERVICE)
        alone.passes(minutes=3)
        assert await alone.release.step(alone.shop, row.id) == Finished()
    stood = await alone.standing(row)
    stranger = sale("2", {}, customer=CustomerId("1002"), **named)
    assert await settled(alone, stranger) == Finished()
    again = sale("3", {}, **named)
    assert await settled(alone, again, Answered(redeemed(8, 0))) == Finished()
    assert await settled(alone, again) == Finished()
    assert await alone.standing(row) == stood
    child = await alone.ledger.captures.child_of(row.id, again.id)
    assert child is not None
    assert (child.state, child.captured) == (State.CAPTURED, uses(1))
    assert child.reason == ("overuse" if before else "late")


async def test_attributes_that_were_left_on_the_cart_take_no_second_use(alone: Alone) -> None:
    """A wish was replaced, and the client did not take the old one's attribute off: the thing is handed over once."""
    entitled(alone, benefit(COFFEE, 2))
    rows = [await placed(alone, use_of(COFFEE, key="a"))]
    alone.passes(seconds=1)
    rows.append(await placed(alone, use_of(COFFEE, key="b")))
    order = sale("1", {}, attributes=tuple((row.id[-8:], row.id) for row in rows))
    assert await settled(alone, order, Answered(redeemed(8, 0))) == Finished()
    assert await settled(alone, order) == Finished()
    assert [(await alone.standing(row))[0] for row in rows] == [State.RELEASING, State.CAPTURED]
