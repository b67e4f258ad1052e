"""Uses of benefits go through the same ledger as money: held, captured once, given back whole."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from proxy.domain.benefit import uses
from proxy.domain.capture import Redeem, UsedBenefit
from proxy.domain.effect import DiscountClass, Effect
from proxy.domain.errors import CurrencyMismatch, HeldElsewhere
from proxy.domain.ids import CustomerId, OrderId, TransactionId
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.redemption import Place, Redemption, State
from proxy.domain.refusals import BenefitExpired, BenefitNotApplicable, BenefitUnavailable, BenefitUsedUp, NotCombinable
from proxy.domain.shop import TransactionMode
from proxy.domain.work import Again, Finished
from tests.services.alone import BEGAN, Alone
from tests.services.benefits import (
    BIRTHDAY,
    COFFEE,
    EFFECTS,
    SOCKS,
    SPRING,
    benefit,
    entitled,
    placed,
    sale,
    use_of,
)
from tests.services.redeeming import HERE, wish
from tests.services.scripts import redeemed
from tests.services.settling import settled
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP, TENANT, aud

pytestmark = pytest.mark.anyio

ONE = OrderId("1")


async def settle_with_uses(alone: Alone, order: Order, *answers: Any) -> object:
    """Settle where money and uses are two captures, whichever of them comes first."""
    money = [answer for answer in answers if not _of_uses(answer)]
    of_uses = [answer for answer in answers if _of_uses(answer)]
    alone.shopify.orders[order.id] = order
    alone.omneo.answers[:] = [_by_kind(alone, money, of_uses) for _ in answers]
    return await alone.settle()(alone.shop, order.id)


def _of_uses(answer: Any) -> bool:
    return isinstance(answer, tuple)


def _by_kind(alone: Alone, money: list[Any], of_uses: list[Any]) -> Any:
    async def answer() -> Any:
        asked = alone.omneo.sent[-1]
        return of_uses.pop(0)[0] if asked.benefits else money.pop(0)

    return answer


async def held_uses(alone: Alone) -> dict[int, int]:
    return await alone.ledger.holds.uses_held(TENANT, PROFILE)


async def test_a_use_is_held_and_issued_as_what_the_shop_maps_it_to(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY, 2))
    row = await placed(alone, use_of(BIRTHDAY))
    assert (row.state, row.amount, row.held) == (State.ISSUED, uses(1), uses(1))
    assert row.benefit is not None
    assert (row.benefit.id, row.benefit.handle, row.benefit.effect) == (BIRTHDAY, "birthday-10", EFFECTS["birthday-10"])
    ((_, spec),) = [sent for sent in alone.shopify.sent if sent[0] == "create"]
    assert (spec.effect, spec.code, spec.title) == (EFFECTS["birthday-10"], row.code, f"Benefit {row.id[-8:]}")
    assert await held_uses(alone) == {BIRTHDAY: 1}
    assert (await alone.ledger.holds.standing(TENANT, PROFILE)).held_minor == 0


async def test_the_effect_stays_what_it_was_when_the_mapping_changes(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY))
    row = await placed(alone, use_of(BIRTHDAY))
    alone.effects["birthday-10"] = "unmapped"
    assert (await alone.ledger.now(row)).benefit == row.benefit


@pytest.mark.parametrize(
    ("there", "asked", "error", "facts"),
    [
        ([], use_of(BIRTHDAY), BenefitUnavailable, {}),
        ([benefit(SOCKS)], use_of(BIRTHDAY), BenefitUnavailable, {}),
        ([benefit(BIRTHDAY, 1)], use_of(BIRTHDAY, 2), BenefitUsedUp, {"left": 1}),
        ([benefit(BIRTHDAY, 0)], use_of(BIRTHDAY), BenefitUsedUp, {"left": 0}),
        ([benefit(BIRTHDAY, handle="new")], use_of(BIRTHDAY), BenefitNotApplicable, {"reason": "unmapped"}),
    ],
)
async def test_what_cannot_be_used_is_refused_with_the_reason(
    alone: Alone, there: list[Any], asked: Any, error: type[Exception], facts: dict[str, object]
) -> None:
    entitled(alone, *there)
    with pytest.raises(error) as refused:
        await placed(alone, asked)
    assert refused.value.facts() == facts  # type: ignore[attr-defined]
    assert (await held_uses(alone), alone.shopify.sent) == ({}, [])


async def test_what_ends_before_its_order_could_be_captured_is_refused(alone: Alone) -> None:
    """The hold lives for 30 min, and 5 min are left for the capture."""
    ends = BEGAN + timedelta(minutes=35)
    entitled(alone, benefit(BIRTHDAY, expires_at=ends))
    with pytest.raises(BenefitExpired) as refused:
        await placed(alone, use_of(BIRTHDAY, key="a"))
    assert refused.value.facts() == {"expires_at": ends.isoformat()}
    entitled(alone, benefit(BIRTHDAY, expires_at=ends + timedelta(milliseconds=1)))
    assert (await placed(alone, use_of(BIRTHDAY, key="b"))).state is State.ISSUED


async def test_without_a_limit_a_benefit_may_be_used_again_and_again(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY, None))
    assert (await placed(alone, use_of(BIRTHDAY, 100))).held == uses(100)


async def test_benefits_and_an_amount_are_open_beside_each_other_and_each_only_once(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY, 5), benefit(SOCKS, 5))
    rows = [await placed(alone, asked) for asked in (use_of(BIRTHDAY), use_of(SOCKS), wish(735))]
    assert [row.state for row in rows] == [State.ISSUED] * 3
    assert {row.id for row in await alone.ledger.redemptions.open_of(SHOP, CUSTOMER)} == {row.id for row in rows}
    elsewhere = replace(HERE, cart="cart-2")
    with pytest.raises(HeldElsewhere):
        await placed(alone, use_of(BIRTHDAY, key="b", place=elsewhere))


async def test_the_same_benefit_on_the_same_cart_replaces_itself_and_is_held_once(alone: Alone) -> None:
    entitled(alone, benefit(SOCKS, 3))
    first = await placed(alone, use_of(SOCKS, key="a"))
    alone.shopify.answers[:] = [Answered(0), Answered("gid://discount/2")]
    second = (await alone.redeem()(alone.shop, use_of(SOCKS, 3, key="b"))).redemption
    assert (second.state, second.held) == (State.ISSUED, uses(3))
    assert (await alone.standing(first))[::2] == (State.RELEASING, 0)
    assert await held_uses(alone) == {SOCKS: 3}


async def test_what_shopify_would_not_combine_is_refused_before_the_customer_is_told_yes(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY), benefit(SOCKS))
    effect = EFFECTS["birthday-10"]
    assert isinstance(effect, Effect)
    alone.effects["birthday-10"] = replace(effect, combines_with=frozenset({DiscountClass.PRODUCT}))
    birthday = await placed(alone, use_of(BIRTHDAY))
    assert (await placed(alone, use_of(SOCKS))).state is State.ISSUED
    with pytest.raises(NotCombinable) as refused:
        await placed(alone, wish(735))
    assert refused.value.facts() == {"redemption": birthday.id}
    elsewhere = replace(HERE, cart="cart-2")
    assert (await placed(alone, wish(735, key="elsewhere", place=elsewhere))).state is State.ISSUED


async def test_uses_that_are_being_captured_count_until_they_are(alone: Alone) -> None:
    entitled(alone, benefit(SOCKS, 2))
    first = await placed(alone, use_of(SOCKS, key="a"))
    assert await settled(alone, sale("1", {first.code: 1500}), Unknown("cut")) == Again(2.0, "cut")
    second = await placed(alone, use_of(SOCKS, key="b"))
    with pytest.raises(HeldElsewhere):
        await placed(alone, use_of(SOCKS, key="c", place=replace(HERE, cart="cart-2")))
    assert await settled(alone, sale("2", {second.code: 1500}), Unknown("cut")) == Again(2.0, "cut")
    with pytest.raises(BenefitUsedUp) as refused:
        await placed(alone, use_of(SOCKS, key="d"))
    assert refused.value.facts() == {"left": 0}


async def three(alone: Alone) -> tuple[Redemption, Redemption, Redemption]:
    entitled(alone, benefit(BIRTHDAY), benefit(SOCKS))
    rows = [await placed(alone, asked) for asked in (use_of(BIRTHDAY), use_of(SOCKS), wish(735))]
    alone.omneo.sent.clear()
    return rows[0], rows[1], rows[2]


def five_lines(birthday: Redemption, socks: Redemption, money: Redemption, **changes: Any) -> Order:
    """10 % of four lines of 50.00 and socks of 15.00 that are free, and 7.35 spread over the four."""
    four = [{birthday.code: 500, money.code: off} for off in (184, 184, 184, 183)]
    return sale("1", *four, {socks.code: 1500}, **changes)


async def test_a_sale_is_one_redemption_of_money_and_one_of_uses(alone: Alone) -> None:
    rows = await three(alone)
    order = five_lines(*rows)
    taken = redeemed(8, 0, uses={BIRTHDAY: 1, SOCKS: 1})
    assert await settle_with_uses(alone, order, Answered(redeemed(7, 735)), (Answered(taken),)) == Finished()
    asked: dict[bool, Redeem] = {bool(sent.benefits): sent for sent in alone.omneo.sent}
    assert (asked[False].amount, asked[False].strategies) == (aud(735), ("rewards",))
    assert asked[True].strategies == ("benefits",)
    assert {(used.id, used.handle, used.count) for used in asked[True].benefits} == {
        (BIRTHDAY, "birthday-10", 1),
        (SOCKS, "free-socks", 1),
    }
    assert asked[True].label != asked[False].label
    assert [(await alone.standing(row))[::2] for row in rows] == [(State.CAPTURED, 0)] * 3
    assert await held_uses(alone) == {}


async def test_a_sale_that_names_both_records_both(alone: Alone) -> None:
    rows = await three(alone)
    own = replace(alone.shop, transaction_mode=TransactionMode.OWN, attach_before_own=False)
    order = five_lines(*rows)
    alone.shopify.orders[ONE] = order
    taken = redeemed(8, 0, uses={BIRTHDAY: 1, SOCKS: 1})

    async def by_kind() -> Answered[Any]:
        return Answered(taken if alone.omneo.sent[-1].benefits else redeemed(7, 735))

    alone.omneo.answers[:] = [by_kind, by_kind, Answered(TransactionId(900))]
    assert await alone.settle()(own, ONE) == Finished()
    sale_ = alone.omneo.sent[-1]
    assert (sale_.omneo_redemption, sorted(sale_.meta["omneo_redemptions"].split(","))) == (7, ["7", "8"])
    assert [(await alone.standing(row))[0] for row in rows] == [State.RECORDED] * 3


async def test_an_answer_that_does_not_tell_the_uses_took_what_it_was_asked_for(alone: Alone) -> None:
    entitled(alone, benefit(SOCKS, 3))
    row = await placed(alone, use_of(SOCKS, 2))
    await settled(alone, sale("1", {row.code: 3000}), Answered(redeemed(8, 0)))
    assert (await alone.ledger.now(row)).captured == uses(2)


async def test_a_use_that_is_gone_by_then_is_short_and_the_other_one_is_taken(alone: Alone) -> None:
    birthday, socks, _ = await three(alone)
    alone.omneo.entitled[:] = [benefit(SOCKS)]
    order = sale("1", {birthday.code: 500}, {socks.code: 1500})
    taken = Answered(redeemed(8, 0, uses={SOCKS: 1}))
    assert await settled(alone, order, Refused("validation"), taken) == Again(60.0)  # sent twice: looked at again
    assert [sent.benefits for sent in alone.omneo.sent][1:] == [(UsedBenefit(SOCKS, "free-socks", 1),)]
    assert await alone.standing(birthday) == (State.REVIEW, "shortfall", 0)
    assert await alone.standing(socks) == (State.CAPTURED, None, 0)


async def test_uses_whose_answer_was_lost_are_found_by_their_label_and_not_taken_again(alone: Alone) -> None:
    birthday, socks, _ = await three(alone)
    order = sale("1", {birthday.code: 500}, {socks.code: 1500})
    assert await settled(alone, order, Unknown("cut")) == Again(2.0, "cut")
    alone.omneo.shown[:] = [redeemed(8, 0, uses={BIRTHDAY: 1, SOCKS: 1})]
    alone.passes(seconds=3)
    assert await settled(alone, order) == Finished()
    assert len(alone.omneo.sent) == 1
    assert [(await alone.standing(row))[0] for row in (birthday, socks)] == [State.CAPTURED] * 2


async def test_a_smaller_send_whose_list_tells_no_uses_took_no_more_than_it_asked_for(alone: Alone) -> None:
    birthday, socks, _ = await three(alone)
    order = sale("1", {birthday.code: 500}, {socks.code: 1500})
    await settled(alone, order, Unknown("cut"))
    alone.omneo.entitled[:] = [benefit(SOCKS)]
    alone.passes(seconds=121)
    await settled(alone, order, Unknown("cut"))
    assert [sent.amount for sent in alone.omneo.sent] == [uses(2), uses(1)]
    alone.omneo.shown[:] = [redeemed(8, 0)]
    await settled(alone, order)
    rows = [await alone.ledger.now(row) for row in (birthday, socks)]
    assert sum(row.captured.minor for row in rows) == 1
    assert sorted(row.state for row in rows) == [State.CAPTURED, State.REVIEW]


async def test_a_code_that_took_nothing_off_uses_nothing(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY))
    row = await placed(alone, use_of(BIRTHDAY))
    assert await settled(alone, sale("1", {row.code: 0})) == Finished()
    assert (await alone.standing(row))[::2] == (State.ISSUED, 1)


async def test_free_shipping_is_used_by_the_order_whose_shipping_it_took(alone: Alone) -> None:
    entitled(alone, benefit(BIRTHDAY))
    row = await placed(alone, use_of(BIRTHDAY))
    shipping = sale("9", {row.code: 995}).lines[0].allocations
    order = sale("1", {}, codes=(row.code,), shipping_discounts=shipping)
    assert await settled(alone, order, Answered(redeemed(8, 0))) == Finished()
    assert (await alone.standing(row))[0] is State.CAPTURED


async def test_what_has_no_discount_is_used_by_the_holders_order_that_names_it(alone: Alone) -> None:
    entitled(alone, benefit(COFFEE))
    row = await placed(alone, use_of(COFFEE))
    assert (row.state, row.discount, row.cart_code, alone.shopify.sent) == (State.ISSUED, None, None, [])
    attributes = (("_redemption_x", f"rdm_other {row.id}"),)
    assert await settled(alone, sale("1", {})) == Finished()
    stranger = sale("2", {}, attributes=attributes, customer=CustomerId("1002"))
    assert await settled(alone, stranger) == Finished()
    assert (await alone.standing(row))[0] is State.ISSUED
    assert await settled(alone, sale("3", {}, attributes=attributes), Answered(redeemed(8, 0))) == Finished()
    assert (await alone.standing(row))[::2] == (State.CAPTURED, 0)


async def test_a_code_of_the_retailers_is_used_by_the_holders_order_and_by_no_other(alone: Alone) -> None:
    entitled(alone, benefit(SPRING))
    row = await placed(alone, use_of(SPRING))
    assert (row.cart_code, alone.shopify.sent) == ("SPRING", [])
    assert await settled(alone, sale("1", {"spring": 500}, customer=CustomerId("1002"))) == Finished()
    assert await settled(alone, sale("2", {"spring": 500}, customer=None)) == Finished()
    assert (await alone.standing(row))[0] is State.ISSUED
    assert await settled(alone, sale("3", {"spring": 500}), Answered(redeemed(8, 0))) == Finished()
    assert (await alone.standing(row))[0] is State.CAPTURED


async def test_what_has_no_discount_is_let_go_without_asking_for_one(alone: Alone) -> None:
    entitled(alone, benefit(COFFEE))
    row = await placed(alone, use_of(COFFEE))
    alone.passes(minutes=31)
    assert isinstance(await alone.release.step(alone.shop, row.id), Again)
    alone.passes(minutes=31)
    assert await alone.release.step(alone.shop, row.id) == Finished()
    assert [sent[0] for sent in alone.shopify.sent] == ["sightings"]
    assert (await alone.standing(row))[::2] == (State.RELEASED, 0)
    assert await held_uses(alone) == {}


async def test_uses_come_back_whole_when_nothing_of_what_they_took_off_is_left(alone: Alone) -> None:
    """Two of the lines are returned: the socks, all of what their use took off, and one of the four with 10 %.

    The socks' use comes back. The birthday's stands on three lines more, so it stays. Of the money 1.84 of 7.35 stood
    on the returned line: 735 - ceil(735 * 551 / 735) = 184 cents come back.
    """
    rows = await three(alone)
    birthday, socks, money = rows
    order = five_lines(*rows)
    taken = redeemed(8, 0, uses={BIRTHDAY: 1, SOCKS: 1})
    await settle_with_uses(alone, order, Answered(redeemed(7, 735)), (Answered(taken),))
    alone.omneo.sent.clear()
    alone.passes(minutes=20)
    returned = replace(
        order,
        lines=tuple(replace(each, current_quantity=0 if n in (0, 4) else 1) for n, each in enumerate(order.lines)),
    )
    back = Answered(redeemed(10, 0, "return", uses={SOCKS: 1}))
    await settle_with_uses(alone, returned, Answered(redeemed(9, 184, "return")), (back,))
    given = {bool(sent.benefits): sent for sent in alone.omneo.sent}
    assert (given[False].amount, given[True].benefits) == (aud(184), (UsedBenefit(SOCKS, "free-socks", 1),))
    assert [(await alone.standing(row))[0] for row in (birthday, socks, money)] == [
        State.CAPTURED,
        State.RETURNED,
        State.CAPTURED,
    ]
    now = await alone.ledger.now(money)
    assert (now.captured, now.returned) == (aud(735), aud(184))


async def test_a_cancelled_order_gives_all_uses_back_by_one_reversal(alone: Alone) -> None:
    birthday, socks, _ = await three(alone)
    order = sale("1", {birthday.code: 500}, {socks.code: 1500})
    await settled(alone, order, Answered(redeemed(8, 0, uses={BIRTHDAY: 1, SOCKS: 1})))
    alone.omneo.sent.clear()
    await settled(alone, replace(order, cancelled=True), Answered(redeemed(9, 0, "reversal")))
    assert alone.omneo.sent == [8]
    assert [(await alone.standing(row))[0] for row in (birthday, socks)] == [State.RETURNED] * 2


async def test_a_return_that_gave_other_uses_back_goes_before_a_person(alone: Alone) -> None:
    entitled(alone, benefit(SOCKS, 2))
    row = await placed(alone, use_of(SOCKS, 2))
    order = sale("1", {row.code: 3000})
    await settled(alone, order, Answered(redeemed(8, 0, uses={SOCKS: 2})))
    alone.passes(minutes=20)
    await settled(alone, replace(order, cancelled=True), Answered(redeemed(9, 0, "return", uses={SOCKS: 1})))
    assert (await alone.standing(row))[:2] == (State.REVIEW, "returned_another_amount")


async def test_uses_are_not_money(alone: Alone) -> None:
    """A use stands in the books in a unit of its own, so no sum mixes it with dollars."""
    entitled(alone, benefit(SOCKS))
    row = await placed(alone, use_of(SOCKS))
    with pytest.raises(CurrencyMismatch):
        _ = row.amount + Money(1, "AUD")


async def test_one_may_be_used_at_another_surface_only_if_it_is_taken_over(alone: Alone) -> None:
    entitled(alone, benefit(SOCKS))
    first = await placed(alone, use_of(SOCKS, key="a"))
    till = Place(first.place.surface, "cart-2")
    alone.shopify.answers[:] = [Answered(0), Answered("gid://discount/2")]
    second = (await alone.redeem()(alone.shop, use_of(SOCKS, key="b", place=till, take_over=True))).redemption
    assert (second.state, (await alone.standing(first))[0]) == (State.ISSUED, State.RELEASING)
    assert await held_uses(alone) == {SOCKS: 1}
