"""What discounts combine, by what each side allows."""

from dataclasses import replace

import pytest

from proxy.domain.effect import ANY_CLASS, DiscountClass, Effect, EffectKind
from proxy.domain.money import Money

FIVE = Effect(EffectKind.AMOUNT, Money(500, "AUD"))
ON_SOCKS = replace(FIVE, products=("gid://shopify/Product/1",))
SHIPPING = Effect(EffectKind.FREE_SHIPPING)


@pytest.mark.parametrize(
    ("effect", "of"),
    [
        (FIVE, DiscountClass.ORDER),
        (ON_SOCKS, DiscountClass.PRODUCT),
        (replace(FIVE, collections=("gid://shopify/Collection/1",)), DiscountClass.PRODUCT),
        (SHIPPING, DiscountClass.SHIPPING),
        (Effect(EffectKind.RECORD), None),
        (Effect(EffectKind.CODE, shared_code="SPRING"), None),
    ],
)
def test_the_class_follows_from_what_is_discounted(effect: Effect, of: DiscountClass | None) -> None:
    assert effect.discount_class == of


@pytest.mark.parametrize("other", [FIVE, ON_SOCKS, SHIPPING])
def test_two_combine_only_if_each_side_allows_the_others_class(other: Effect) -> None:
    of = other.discount_class
    assert of is not None
    assert FIVE.combines(other)
    refusing = replace(FIVE, combines_with=ANY_CLASS - {of})
    assert not refusing.combines(other)
    assert not other.combines(refusing)


def test_two_free_shippings_never_combine() -> None:
    assert not SHIPPING.combines(SHIPPING)


def test_what_makes_no_discount_combines_with_everything() -> None:
    refusing = replace(FIVE, combines_with=frozenset())
    assert refusing.combines(Effect(EffectKind.RECORD))
    assert Effect(EffectKind.CODE, shared_code="SPRING").combines(refusing)
