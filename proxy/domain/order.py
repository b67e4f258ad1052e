"""A Shopify order as far as settling it needs: which code took how much off which line, in shop money."""

from dataclasses import dataclass
from datetime import datetime

from proxy.domain.ids import CustomerId, LocationId, OrderId, RedemptionId, fold, redemptions_in
from proxy.domain.money import Money

# Shopify's financial statuses from which on the money was there, whatever was refunded since.
_PAID = frozenset({"PAID", "PARTIALLY_REFUNDED", "REFUNDED"})


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one discount took off one line, or off shipping; `code` is None for discounts without a code."""

    code: str | None
    title: str | None
    amount: Money

    def is_of(self, code: str) -> bool:
        """Tell whether it is this code's, upper or lower case."""
        return self.code is not None and fold(self.code) == fold(code)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One line; `unit_price` before discounts, shop money."""

    id: str
    name: str
    sku: str | None
    variant: str | None
    quantity: int
    current_quantity: int
    unit_price: Money
    tax: Money
    allocations: tuple[Allocation, ...]

    @property
    def discount(self) -> Money:
        """All that was taken off this line."""
        return sum((a.amount for a in self.allocations), Money.zero(self.unit_price.currency))


@dataclass(frozen=True, slots=True)
class Order:
    """The order's present state, read by id; a webhook is only a hint that it is worth reading."""

    id: OrderId
    name: str
    test: bool
    created_at: datetime
    processed_at: datetime
    updated_at: datetime
    cancelled: bool
    source_name: str | None
    financial_status: str
    currency: str
    customer: CustomerId | None
    location: LocationId | None
    codes: tuple[str, ...]
    lines: tuple[OrderLine, ...]
    total: Money
    total_original: Money
    shipping_discounts: tuple[Allocation, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def paid(self) -> bool:
        """Tell whether the transaction threshold `paid` was reached."""
        return self.financial_status in _PAID

    @property
    def voided(self) -> bool:
        """Tell whether the payment was taken back before it was captured."""
        return self.financial_status == "VOIDED"

    @property
    def pos(self) -> bool:
        """Tell whether it was sold at a till."""
        return self.source_name == "pos"

    def discounted(self, code: str) -> Money:
        """Sum what this code really took off, over all lines; what shipping lost is not of value that was held."""
        taken = (a.amount for line in self.lines for a in line.allocations if a.is_of(code))
        return sum(taken, Money.zero(self.currency))

    def applied(self, code: str) -> bool:
        """Tell whether this code took anything off, lines or shipping; that it is on the order says less."""
        freed = (a.amount for a in self.shipping_discounts if a.is_of(code))
        return bool(sum(freed, self.discounted(code)))

    @property
    def named(self) -> frozenset[RedemptionId]:
        """Give the redemptions that attributes of the cart that became this order name."""
        return frozenset[RedemptionId]().union(*(redemptions_in(value) for _, value in self.attributes))


@dataclass(frozen=True, slots=True)
class OrderSighting:
    """One order of a sweep: enough to see whether it used a code, and whether it is paid."""

    id: OrderId
    codes: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    test: bool
    cancelled: bool
    financial_status: str

    @property
    def paid(self) -> bool:
        """Tell whether the transaction threshold `paid` was reached."""
        return self.financial_status in _PAID
