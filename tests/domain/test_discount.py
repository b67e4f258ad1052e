"""Whether a discount that exists already is the one that was committed, and what a task does next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.discount import Combination, Discount, DiscountSpec
from proxy.domain.effect import DiscountClass, Effect, EffectKind
from proxy.domain.ids import Code, CustomerId, DiscountId
from proxy.domain.money import Money
from proxy.domain.shop import Timing
from proxy.domain.work import Again, Finished, Park, first_due

ENDS = datetime(2026, 11, 21, tzinfo=UTC)
ME, OTHER = CustomerId("1001"), CustomerId("1002")
SPEC = DiscountSpec(
    code=Code("RWTEST"),
    title="Reward",
    effect=Effect(EffectKind.AMOUNT, Money(500, "AUD")),
    customer=ME,
    starts_at=ENDS - timedelta(hours=1),
    ends_at=ENDS,
)
FOUND = Discount(DiscountId("gid://discount/1"), "ACTIVE", Money(500, "AUD"), (ME,), ENDS, usage_limit=1, used=0)


@pytest.mark.parametrize("skew_s", [-1, 0, 1])
def test_a_discount_is_ours_if_all_of_it_agrees_to_the_second(skew_s: int) -> None:
    assert replace(FOUND, ends_at=ENDS + timedelta(seconds=skew_s)).is_ours(SPEC)


@pytest.mark.parametrize(
    "differs",
    [
        {"amount": Money(501, "AUD")},
        {"amount": Money(500, "NZD")},
        {"amount": None},
        {"percent": Decimal(5)},
        {"amount": None, "percent": Decimal(5)},
        {"discount_class": DiscountClass.PRODUCT},
        {"amount": None, "discount_class": DiscountClass.SHIPPING},
        {"discount_class": None},
        {"customers": ()},
        {"customers": (OTHER,)},
        {"customers": (ME, OTHER)},
        {"usage_limit": None},
        {"usage_limit": 2},
        {"ends_at": None},
        {"ends_at": ENDS + timedelta(seconds=2)},
        {"ends_at": ENDS - timedelta(seconds=1.5)},
    ],
)
def test_a_discount_that_differs_in_anything_is_somebody_elses(differs: dict[str, Any]) -> None:
    assert not replace(FOUND, **differs).is_ours(SPEC)


def test_what_is_due_first_happens_first_and_parking_comes_last() -> None:
    soon, late = Again(1, "looking"), Again(5)
    assert first_due(late, Finished(), soon) is soon
    assert first_due(Park("order_unreadable"), late) is late
    assert first_due(Finished(), Park("order_unreadable"), Park("other")) == Park("order_unreadable")
    assert first_due(Finished(), Finished()) == first_due() == Finished()


def test_a_hold_at_a_till_is_the_shorter_one() -> None:
    timing = Timing(hold_checkout=timedelta(minutes=30), hold_pos=timedelta(minutes=15))
    assert timing.hold(Surface.POS) == timedelta(minutes=15)
    for surface in (Surface.CHECKOUT, Surface.CUSTOMER_ACCOUNT, Surface.STOREFRONT):
        assert timing.hold(surface) == timedelta(minutes=30)


ORDER, PRODUCT, SHIPPING = DiscountClass.ORDER, DiscountClass.PRODUCT, DiscountClass.SHIPPING


@pytest.mark.parametrize(
    ("classes", "allows", "combines"),
    [
        ({ORDER}, {ORDER}, True),
        ({ORDER}, {PRODUCT, SHIPPING}, False),
        ({SHIPPING}, {ORDER}, False),
        ({ORDER, SHIPPING}, {ORDER}, False),
        (set(), {ORDER}, True),
    ],
)
def test_a_code_combines_with_ours_if_each_side_allows_the_other(
    classes: set[DiscountClass], allows: set[DiscountClass], combines: bool
) -> None:
    """Ours is of the class ORDER and stands beside ORDER and PRODUCT."""
    ours = Effect(EffectKind.AMOUNT, Money(500, "AUD"), combines_with=frozenset({ORDER, PRODUCT}))
    assert Combination(frozenset(classes), frozenset(allows)).allows(ours) is combines


def test_what_makes_no_discount_combines_with_every_code() -> None:
    assert Combination(frozenset({ORDER}), frozenset()).allows(Effect(EffectKind.RECORD))
