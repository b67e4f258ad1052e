"""A Shopify discount: as committed before it is asked for, and as Shopify has it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from proxy.domain.effect import DiscountClass, Effect
from proxy.domain.ids import Code, CustomerId, DiscountId
from proxy.domain.money import Money


@dataclass(frozen=True, slots=True)
class DiscountSpec:
    """A discount as committed before Shopify is asked for it; `customer` is the only one who may use it."""

    code: Code
    title: str
    effect: Effect
    customer: CustomerId
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Discount:
    """A discount as Shopify has it; `used` lags behind the truth and may be too low, never too high.

    Neither an amount nor a percentage: free shipping, or, with no class, a kind that we never ask for.
    """

    id: DiscountId
    status: str
    amount: Money | None
    customers: tuple[CustomerId, ...]
    ends_at: datetime | None
    usage_limit: int | None
    used: int
    percent: Decimal | None = None
    discount_class: DiscountClass | None = DiscountClass.ORDER

    def is_ours(self, spec: DiscountSpec) -> bool:
        """Compare with what was committed: a code that answers TAKEN is ours only if all of this agrees.

        Of the items the class alone: to read which ones takes a scope that not every retailer grants.
        """
        effect = spec.effect
        return (
            (self.amount, self.percent, self.discount_class) == (effect.amount, effect.percent, effect.discount_class)
            and self.customers == (spec.customer,)
            and self.usage_limit == 1
            and self.ends_at is not None
            and abs((self.ends_at - spec.ends_at).total_seconds()) <= 1  # Shopify keeps whole seconds
        )


@dataclass(frozen=True, slots=True)
class Combination:
    """What decides whether a code may stand beside others: its classes, and those that it allows."""

    classes: frozenset[DiscountClass]
    combines_with: frozenset[DiscountClass]

    def allows(self, ours: Effect) -> bool:
        """Tell whether ours may stand beside it: each side must allow the other's class.

        Source: https://help.shopify.com/en/manual/discounts/discount-combinations
        """
        of = ours.discount_class
        return of is None or (of in self.combines_with and self.classes <= ours.combines_with)


@dataclass(frozen=True, slots=True)
class Access:
    """What our token may do, and what the shop says of itself."""

    scopes: frozenset[str]
    domain: str
    currency: str
    taxes_included: bool

    @property
    def granted(self) -> frozenset[str]:
        """Give all that we may do: a write grant answers reads as well."""
        return self.scopes | {scope.replace("write_", "read_") for scope in self.scopes}
