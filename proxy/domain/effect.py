"""What a redemption does at Shopify: what its discount takes off which lines, and with what it combines."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from proxy.domain.money import Money


class EffectKind(StrEnum):
    """What happens at Shopify. Omneo computes no discounts, so each shop says what a benefit is there."""

    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    FREE_PRODUCT = "free_product"
    FREE_SHIPPING = "free_shipping"
    CODE = "code"  # one that the retailer has made, the same for everybody
    RECORD = "record"  # nothing: somebody hands something over


class DiscountClass(StrEnum):
    """Shopify's classes; whether two discounts combine is said by class.

    Source: https://shopify.dev/docs/api/admin-graphql/latest/enums/DiscountClass
    """

    ORDER = "ORDER"
    PRODUCT = "PRODUCT"
    SHIPPING = "SHIPPING"


ANY_CLASS: Final = frozenset(DiscountClass)


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect, in shop money; `percent` is above 0 and up to 100. No products and collections: the whole order.

    `amount` of a free product is the price of one unit. `shared_code` is the code of the kind `code`.
    """

    kind: EffectKind
    amount: Money | None = None
    percent: Decimal | None = None
    products: tuple[str, ...] = ()
    collections: tuple[str, ...] = ()
    minimum_spend: Money | None = None
    combines_with: frozenset[DiscountClass] = ANY_CLASS
    shared_code: str | None = None

    @property
    def makes_code(self) -> bool:
        """Tell whether a discount of our own is made for it."""
        return self.kind not in (EffectKind.CODE, EffectKind.RECORD)

    @property
    def discount_class(self) -> DiscountClass | None:
        """Give the class of its discount; none where no discount of our own is made."""
        if not self.makes_code:
            return None
        if self.kind is EffectKind.FREE_SHIPPING:
            return DiscountClass.SHIPPING
        return DiscountClass.PRODUCT if self.products or self.collections else DiscountClass.ORDER

    def combines(self, other: "Effect") -> bool:
        """Tell whether both may stand on one cart: each side must allow the other's class.

        Source: https://help.shopify.com/en/manual/discounts/discount-combinations
        """
        ours, theirs = self.discount_class, other.discount_class
        if ours is None or theirs is None:
            return True
        if ours is theirs is DiscountClass.SHIPPING:
            return False  # whatever either allows: a cart takes one code for shipping
        return theirs in self.combines_with and ours in other.combines_with
