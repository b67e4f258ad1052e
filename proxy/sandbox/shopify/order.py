"""An order and the sums that both of its shapes, GraphQL and webhook, are written from."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from proxy.sandbox.shopify.model import Application, Customer, OrderLine, Refund, Transaction
from proxy.sandbox.shopify.money import ZERO


@dataclass(slots=True)
class Order:
    """An order as it is now; `updates` are the times at which it changed, the first is its creation."""

    id: int
    number: int
    created_at: datetime
    customer: Customer | None
    lines: list[OrderLine]
    applications: list[Application]
    source_name: str
    checkout_token: str
    checkout_id: int
    cart_token: str | None
    taxes_included: bool
    shipping_price: Decimal
    shipping_line_id: int
    currency: str
    presentment_currency: str
    presentment_rate: Decimal
    test: bool
    attributes: dict[str, str] = field(default_factory=dict)
    shipping_allocations: dict[int, Decimal] = field(default_factory=dict)
    location_id: int | None = None
    user_id: int | None = None
    device_id: int | None = None
    transactions: list[Transaction] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None
    updates: list[datetime] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def updated_at(self) -> datetime:
        return self.updates[-1]

    @property
    def codes(self) -> list[str]:
        return [a.label for a in self.applications if a.type == "discount_code"]

    @property
    def line_items_total(self) -> Decimal:
        return sum((line.total for line in self.lines), ZERO)

    @property
    def shipping_discount(self) -> Decimal:
        return sum(self.shipping_allocations.values(), ZERO)

    @property
    def shipping_net(self) -> Decimal:
        return self.shipping_price - self.shipping_discount

    @property
    def discounts(self) -> Decimal:
        """Sum what lines and shipping lost; that shipping counts here is an assumption, undocumented."""
        return sum((line.discount for line in self.lines), ZERO) + self.shipping_discount

    @property
    def subtotal(self) -> Decimal:
        return sum((line.net for line in self.lines), ZERO)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.shipping_net + (ZERO if self.taxes_included else self.tax)

    @property
    def current_discounts(self) -> Decimal:
        shipping = ZERO if self.cancelled_at else self.shipping_discount
        return sum((line.current_discount for line in self.lines), ZERO) + shipping

    @property
    def current_subtotal(self) -> Decimal:
        return sum((line.current_net for line in self.lines), ZERO)

    @property
    def current_tax(self) -> Decimal:
        return sum((line.current_tax for line in self.lines), ZERO)

    @property
    def current_total(self) -> Decimal:
        shipping = ZERO if self.cancelled_at else self.shipping_net
        return self.current_subtotal + shipping + (ZERO if self.taxes_included else self.current_tax)

    @property
    def received(self) -> Decimal:
        return sum((t.amount for t in self.transactions if t.kind == "sale" and t.status == "success"), ZERO)

    @property
    def refunded(self) -> Decimal:
        return sum((refund.paid_back for refund in self.refunds), ZERO)

    @property
    def paid(self) -> bool:
        return any(t.kind == "sale" and t.status == "success" for t in self.transactions)

    @property
    def outstanding(self) -> Decimal:
        return ZERO if self.paid or self.cancelled_at else self.current_total

    @property
    def financial_status(self) -> str:
        if not self.paid:
            return "voided" if self.cancelled_at else "pending"
        if self.refunds and self.refunded >= self.received:
            return "refunded" if self.received else "paid"
        return "partially_refunded" if self.refunded else "paid"
