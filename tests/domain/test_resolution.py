"""Where a person may move what is in review, and what they are told where they may not."""

from dataclasses import replace
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.capture import CaptureState
from proxy.domain.ids import Code, CustomerId, DiscountId, OrderId, ProfileId, RedemptionId, ShopDomain, TenantName
from proxy.domain.money import Money
from proxy.domain.redemption import Place, Redemption, State, iso
from proxy.domain.resolution import REASONS, TARGETS, Case, explain

NOTHING, SOME = Money(0, "AUD"), Money(500, "AUD")
ENDS_MS = 1_800_000
ROW = Redemption(
    id=RedemptionId("rdm_1"),
    shop=ShopDomain("one.myshopify.com"),
    tenant=TenantName("t"),
    profile=ProfileId("p"),
    customer=CustomerId("1001"),
    place=Place(Surface.CHECKOUT, "cart-1"),
    state=State.REVIEW,
    amount=SOME,
    held=SOME,
    captured=NOTHING,
    returned=NOTHING,
    shortfall=NOTHING,
    code=Code("RWTEST"),
    starts_ms=0,
    ends_ms=ENDS_MS,
    discount=DiscountId("gid://discount/1"),
    parent=None,
    order=OrderId("1"),
    reason="shortfall",
    deactivated_ms=None,
    use_seen=False,
    grace_until_ms=None,
    early=False,
    created_ms=0,
    updated_ms=0,
)
CAPTURED = {"captured": SOME}
UNUSED = {"order": None}


def refusal(
    to: State, *, capture: CaptureState | None = None, recorded: bool = False, now_ms: int = 0, **row: Any
) -> str:
    return Case(replace(ROW, **row), capture, recorded, now_ms).refusal(to) or ""


def test_only_what_is_in_review_and_no_longer_asked_about_is_decided() -> None:
    assert refusal(State.RELEASED, state=State.ISSUED) == "It is issued; only what is in review waits for a decision."
    for still in (CaptureState.INTENDED, CaptureState.SENT):
        assert refusal(State.CAPTURED, capture=still, **CAPTURED) == (
            "Omneo is still being asked about it; wait until that has ended."
        )
    for over in (CaptureState.REVIEW, CaptureState.DONE):
        assert refusal(State.CAPTURED, capture=over, **CAPTURED) == ""


def test_what_was_captured_is_never_released() -> None:
    assert refusal(State.RELEASED, **CAPTURED) == "5.00 AUD was captured for it: it is captured, recorded or returned."
    assert refusal(State.RELEASED) == ""


@pytest.mark.parametrize("to", [State.CAPTURED, State.RECORDED, State.RETURNED])
def test_what_was_not_captured_can_only_be_released(to: State) -> None:
    assert refusal(to) == refusal(to, recorded=True) == "Nothing was captured for it: only released is possible."


def test_captured_or_recorded_is_what_the_transaction_says() -> None:
    stands = "Its transaction stands in Omneo with it: resolve it as recorded."
    assert refusal(State.CAPTURED, recorded=True, **CAPTURED) == stands
    stands_not = "No transaction of its order carries it: resolve it as captured."
    assert refusal(State.RECORDED, recorded=False, **CAPTURED) == stands_not
    for to, recorded in [
        (State.CAPTURED, False),
        (State.RECORDED, True),
        (State.RETURNED, False),
        (State.RETURNED, True),
    ]:
        assert refusal(to, recorded=recorded, **CAPTURED) == ""


def test_a_code_that_can_still_be_used_is_not_released() -> None:
    usable = "Its code can still be used: end the discount in Shopify and wait for its time first."
    assert refusal(State.RELEASED, now_ms=ENDS_MS - 1, **UNUSED) == usable
    assert refusal(State.RELEASED, now_ms=ENDS_MS, **UNUSED) == ""
    for over in ({"order": OrderId("1")}, {**UNUSED, "discount": None}, {**UNUSED, "deactivated_ms": 5}):
        assert refusal(State.RELEASED, now_ms=0, **over) == ""


def test_a_decision_is_one_of_four() -> None:
    assert refusal(State.HELD, **CAPTURED) == "A decision is one of captured, recorded, released, returned."
    assert {State.CAPTURED, State.RECORDED, State.RELEASED, State.RETURNED} == set(TARGETS)


def test_every_reason_is_explained_and_an_unknown_one_is_a_contradiction() -> None:
    assert all(explain(reason) == text for reason, text in REASONS.items())
    assert explain("no_such") == explain(None) == "the facts contradict each other"


def test_the_same_cart_is_the_same_surface_and_a_cart_that_was_declared() -> None:
    here = Place(Surface.CHECKOUT, "cart-1")
    assert here.same_cart(Place(Surface.CHECKOUT, "cart-1"))
    assert not here.same_cart(Place(Surface.CHECKOUT, "cart-2"))
    assert not here.same_cart(Place(Surface.POS, "cart-1"))
    assert not Place(Surface.CHECKOUT).same_cart(Place(Surface.CHECKOUT))


def test_times_are_written_in_utc_to_the_second() -> None:
    """1 763 683 200 s is 2025-11-21, midnight in UTC; what is below a second is cut."""
    assert iso(1_763_683_200_999) == "2025-11-21T00:00:00Z"
