"""What the simulated shop keeps: variants, customers, discounts, carts, orders and refunds."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from proxy.sandbox.shopify.money import ZERO, share


@dataclass(frozen=True, slots=True)
class Variant:
    """The only variant of a product."""

    id: int
    product_id: int
    title: str
    sku: str
    price: Decimal
    gift_card: bool = False
    collections: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Customer:
    id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Location:
    id: int
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Discount:
    """A code discount; `amount`, `percentage` (0.1 is 10 %) or `free_shipping` is set, `customers` None is everyone."""

    id: int
    redeem_id: int
    code: str
    title: str
    starts_at: datetime
    created_at: datetime
    updated_at: datetime
    ends_at: datetime | None = None
    usage_limit: int | None = None
    once_per_customer: bool = False
    customers: frozenset[int] | None = None
    amount: Decimal | None = None
    percentage: Decimal | None = None
    each_item: bool = False
    free_shipping: bool = False
    maximum_shipping_price: Decimal | None = None
    products: frozenset[int] = frozenset()
    variants: frozenset[int] = frozenset()
    collections: frozenset[int] = frozenset()
    minimum_subtotal: Decimal | None = None
    minimum_quantity: int | None = None
    combines_with: frozenset[str] = frozenset()
    on_one_time_purchase: bool = True
    on_subscription: bool = False
    recurring_cycle_limit: int | None = None
    tags: tuple[str, ...] = ()

    @property
    def all_items(self) -> bool:
        return not (self.products or self.variants or self.collections)

    @property
    def klass(self) -> str:
        if self.free_shipping:
            return "SHIPPING"
        return "ORDER" if self.all_items else "PRODUCT"

    def status(self, now: datetime) -> str:
        if self.ends_at is not None and self.ends_at <= now:
            return "EXPIRED"
        return "SCHEDULED" if self.starts_at > now else "ACTIVE"

    def covers(self, variant: Variant) -> bool:
        """Tell whether the variant is eligible.

        Discounts on collections leave out gift cards, discounts on all items do not.
        Source: https://help.shopify.com/en/manual/discounts/discount-gift-card
        """
        if self.all_items or variant.id in self.variants or variant.product_id in self.products:
            return True
        return bool(self.collections & variant.collections) and not variant.gift_card


@dataclass(frozen=True, slots=True)
class Manual:
    """A custom discount that staff put on a POS cart."""

    title: str
    amount: Decimal | None = None
    percentage: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CartLine:
    id: int
    variant: Variant
    quantity: int

    @property
    def total(self) -> Decimal:
        return self.variant.price * self.quantity


@dataclass(frozen=True, slots=True)
class Register:
    """Where a POS cart is rung up, by which login and on which device."""

    location_id: int
    user_id: int | None = None
    device_id: int | None = None


@dataclass(slots=True)
class Cart:
    """A cart and the checkout that grows out of it; `applied` keeps each discount as it was last seen.

    One with a `register` is at a till; `parked` is put aside there for later.
    """

    token: str
    checkout_token: str
    lines: list[CartLine]
    customer_id: int | None = None
    codes: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    manual: Manual | None = None
    applied: dict[str, Discount] = field(default_factory=dict)
    order_id: int | None = None
    register: Register | None = None
    parked: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One discount as an order carries it; `amount` is what it took off in all."""

    index: int
    type: str
    label: str
    value_type: str
    value: Decimal
    amount: Decimal
    each: bool
    entitled: bool
    discount_id: int | None = None
    target: str = "line_item"


@dataclass(slots=True)
class OrderLine:
    """A sold line; `allocations` maps an application's index to its share of this line."""

    id: int
    variant: Variant
    quantity: int
    allocations: dict[int, Decimal]
    tax: Decimal
    returned: int = 0

    @property
    def total(self) -> Decimal:
        return self.variant.price * self.quantity

    @property
    def discount(self) -> Decimal:
        return sum(self.allocations.values(), ZERO)

    @property
    def net(self) -> Decimal:
        return self.total - self.discount

    @property
    def current_quantity(self) -> int:
        return self.quantity - self.returned

    @property
    def current_discount(self) -> Decimal:
        return self.discount - share(self.discount, self.returned, self.quantity)

    @property
    def current_net(self) -> Decimal:
        return self.variant.price * self.current_quantity - self.current_discount

    @property
    def current_tax(self) -> Decimal:
        return self.tax - share(self.tax, self.returned, self.quantity)


@dataclass(frozen=True, slots=True)
class Transaction:
    id: int
    kind: str
    status: str
    amount: Decimal
    created_at: datetime
    parent_id: int | None = None
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class RefundLine:
    id: int
    line: OrderLine
    quantity: int
    subtotal: Decimal
    tax: Decimal
    restock_type: str


@dataclass(frozen=True, slots=True)
class Refund:
    id: int
    created_at: datetime
    note: str | None
    user_id: int | None
    lines: tuple[RefundLine, ...]
    transactions: tuple[Transaction, ...]
    location_id: int | None = None

    @property
    def paid_back(self) -> Decimal:
        return sum((t.amount for t in self.transactions if t.kind == "refund"), ZERO)
