"""A discount is made once, and what an attempt came to is known, or is said not to be."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from proxy.domain.discount import Discount
from proxy.domain.effect import DiscountClass
from proxy.domain.errors import Busy, DiscountRefused, OutcomePending, UpstreamUnavailable
from proxy.domain.ids import DiscountId
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.domain.redemption import Redemption, State
from tests.services.alone import BEGAN, Alone
from tests.stores.ledger import CUSTOMER, SHOP, aud

pytestmark = pytest.mark.anyio

ENDS_MS = 1_800_000
LOST, NO = Unknown("cut"), Refused("throttled", transient=True)


def spec_of(row: Redemption, **changes: Any) -> Discount:
    discount = Discount(
        DiscountId("gid://mine"), "ACTIVE", row.amount, (row.customer,), BEGAN + timedelta(milliseconds=ENDS_MS), 1, 0
    )
    return replace(discount, **changes)


async def issued(alone: Alone, row: Redemption, *answers: Outcome[Any], resumed: bool = False) -> Redemption:
    alone.shopify.answers[:] = answers
    return await alone.issue(alone.shop, row, resumed=resumed)


async def test_a_discount_is_asked_for_as_it_was_committed_to_the_second(alone: Alone) -> None:
    alone.passes(milliseconds=999)
    row = await alone.ledger.held(500)
    policy = replace(
        alone.shop.policy,
        minimum_spend=aud(2000),
        eligible_collection="gid://collection/1",
        combines_with_order=False,
        combines_with_shipping=False,
    )
    alone.shopify.answers[:] = [Answered(DiscountId("gid://mine"))]
    made = await alone.issue(replace(alone.shop, policy=policy), row)
    assert (made.state, made.discount) == (State.ISSUED, "gid://mine")
    ((_, spec),) = alone.shopify.sent
    assert (spec.code, spec.title, spec.effect.amount, spec.customer) == (
        row.code,
        f"Reward {row.id[-8:]}",
        aud(500),
        CUSTOMER,
    )
    assert (spec.starts_at, spec.ends_at) == (BEGAN - timedelta(minutes=1), BEGAN + timedelta(minutes=30))
    assert (spec.effect.minimum_spend, spec.effect.collections) == (aud(2000), ("gid://collection/1",))
    assert spec.effect.combines_with == {DiscountClass.PRODUCT}
    assert alone.told.lines == [("redemption.issued", {"redemption": row.id, "shop": SHOP})]


async def test_a_discount_that_is_refused_ends_the_hold(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    alone.shopify.answers[:] = [Refused("invalid")]
    with pytest.raises(DiscountRefused) as told:
        await alone.issue(alone.shop, row)
    assert told.value.details == {"reason": "invalid"}
    assert alone.told.lines == [("redemption.refused", {"redemption": row.id, "reason": "invalid"})]
    assert await alone.standing(row) == (State.RELEASED, "discount_refused", 0)


async def test_a_transient_refusal_ends_the_hold_and_may_be_asked_again(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    with pytest.raises(UpstreamUnavailable) as told:
        await issued(alone, row, NO)
    assert told.value.details == {"upstream": "shopify", "reason": "throttled"}
    assert await alone.standing(row) == (State.RELEASED, "discount_refused", 0)


async def test_a_refusal_of_a_resumed_attempt_leaves_the_hold_to_the_release(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    with pytest.raises(DiscountRefused):
        await issued(alone, row, Refused("invalid"), resumed=True)
    assert await alone.standing(row) == (State.RELEASING, "discount_refused", 500)


async def test_a_refusal_after_another_attempt_was_luckier_is_none(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    assert await alone.ledger.redemptions.issued(row, DiscountId("gid://other"))
    for resumed in (False, True):
        assert (await issued(alone, row, Refused("invalid"), resumed=resumed)).discount == "gid://other"
    assert alone.told.lines == []


@pytest.mark.parametrize("resumed", [False, True])
async def test_a_refusal_for_what_was_released_meanwhile_is_one(alone: Alone, resumed: bool) -> None:
    row = await alone.ledger.held(500)
    assert await alone.ledger.redemptions.begin_release(row, "removed")
    with pytest.raises(DiscountRefused):
        await issued(alone, row, Refused("invalid"), resumed=resumed)
    assert await alone.standing(row) == (State.RELEASING, "removed", 500)


async def test_a_lost_answer_is_asked_for_again_and_read_back(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    alone.shopify.found = spec_of(row)
    made = await issued(alone, row, LOST, Refused("TAKEN"))
    assert made.discount == "gid://mine"
    assert [sent[0] for sent in alone.shopify.sent] == ["create", "create", "read"]
    assert alone.shopify.sent[0] == alone.shopify.sent[1]


async def test_a_lost_answer_whose_second_attempt_is_made_is_issued(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    assert (await issued(alone, row, LOST, Answered(DiscountId("gid://mine")))).discount == "gid://mine"


async def test_a_code_that_is_taken_at_once_is_read_back_and_not_asked_for_again(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    alone.shopify.found = spec_of(row)
    assert (await issued(alone, row, Refused("TAKEN"))).discount == "gid://mine"
    assert [sent[0] for sent in alone.shopify.sent] == ["create", "read"]
    assert alone.shopify.sent[-1] == ("read", row.code)


async def test_a_code_that_is_somebody_elses_ends_the_hold(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    alone.shopify.found = spec_of(row, amount=aud(501))
    with pytest.raises(DiscountRefused) as told:
        await issued(alone, row, Refused("TAKEN"))
    assert told.value.details == {"reason": "taken_by_another"}


@pytest.mark.parametrize(
    ("answers", "down", "why"),
    [
        ([LOST, LOST], False, "cut"),
        ([LOST, Refused("invalid")], False, "invalid"),
        ([LOST, NO], False, "throttled"),
        ([Refused("TAKEN")], False, "taken_but_unreadable"),
        ([Refused("TAKEN")], True, "read_back"),
    ],
)
async def test_what_is_not_known_keeps_the_hold_and_says_so(
    alone: Alone, answers: list[Any], down: bool, why: str
) -> None:
    row = await alone.ledger.held(500)
    alone.shopify.down = down
    with pytest.raises(OutcomePending) as told:
        await issued(alone, row, *answers)
    assert told.value.details == {"redemption": row.id}
    assert alone.told.lines == [("issue.unknown", {"redemption": row.id, "reason": why})]
    assert await alone.standing(row) == (State.HELD, None, 500)


async def test_a_discount_for_what_was_released_meanwhile_is_not_handed_out(alone: Alone) -> None:
    row = await alone.ledger.held(500)
    assert await alone.ledger.redemptions.begin_release(row, "removed")
    with pytest.raises(Busy) as told:
        await issued(alone, row, Answered(DiscountId("gid://mine")))
    assert told.value.details == {"redemption": row.id}
    assert alone.told.lines == []
