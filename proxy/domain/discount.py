"""A Shopify discount: as committed before it is asked for, and as Shopify has it."""

from dataclasses import dataclass
from datetime import datetime

from proxy.domain.effect import Effect
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
    """A discount as Shopify has it; `used` lags behind the truth and may be too low, never too high."""

    id: DiscountId
    status: str
    amount: Money | None
    customers: tuple[CustomerId, ...]
    ends_at: datetime | None
    usage_limit: int | None
    used: int

    def is_ours(self, spec: DiscountSpec) -> bool:
        """Compare with what was committed: a code that answers TAKEN is ours only if all of this agrees."""
        return (
            self.amount == spec.effect.amount
            and self.customers == (spec.customer,)
            and self.usage_limit == 1
            and self.ends_at is not None
            and abs((self.ends_at - spec.ends_at).total_seconds()) <= 1  # Shopify keeps whole seconds
        )


@dataclass(frozen=True, slots=True)
class Access:
    """What our token may do, and what the shop says of itself."""

    scopes: frozenset[str]
    domain: str
    currency: str
    taxes_included: bool
