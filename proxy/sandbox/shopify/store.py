"""The simulated shop's data, its ids and its lookups; a reset brings the seed back."""

import secrets
from datetime import datetime, timedelta
from itertools import count

from proxy.sandbox import seed
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.shopify.config import ShopifyConfig
from proxy.sandbox.shopify.model import Cart, Customer, Discount, Location, Variant
from proxy.sandbox.shopify.order import Order

FIRST_DISCOUNT_ID = 1_638_844_039_474
FIRST_OTHER_ID = 13_215_774_000_001
FIRST_ORDER_NUMBER = 1001
READABLE_DAYS = 60


class Store:
    """Everything the shop knows. Changes are plain assignments: one event loop owns the object."""

    def __init__(self, clock: SandboxClock, config: ShopifyConfig) -> None:
        self.clock = clock
        self.config = config
        # Ids go on over a reset: an app that was not reset with the shop must not meet an old id again.
        self._order_ids = count(config.first_order_id)
        self._order_numbers = count(FIRST_ORDER_NUMBER)
        self._discount_ids = count(FIRST_DISCOUNT_ID, 32768)
        self._other_ids = count(FIRST_OTHER_ID)
        self.reset()

    def reset(self) -> None:
        """Forget everything and take the seed."""
        since = self.clock.now() - timedelta(days=400)
        self.variants = {
            v.variant_id: Variant(
                v.variant_id, v.product_id, v.title, v.sku, v.price, v.gift_card, _collections_of(v.product_id)
            )
            for v in seed.VARIANTS
        }
        self.customers = {
            c.id: Customer(c.id, c.first_name, c.last_name, c.email, c.phone, since) for c in seed.CUSTOMERS
        }
        self.collections = {c.id: c.title for c in seed.COLLECTIONS}
        self.locations = {place.id: Location(place.id, place.name, since) for place in seed.LOCATIONS}
        self.discounts: dict[int, Discount] = {}
        self.carts: dict[str, Cart] = {}
        self.till_carts: dict[str, Cart] = {}
        self.orders: dict[int, Order] = {}
        self.search_lag_s = self.config.search_lag_s
        self.usage_count_lag_s = self.config.usage_count_lag_s
        self.installed = True

    def now(self) -> datetime:
        """Return the time to the second, as Shopify stores it."""
        return self.clock.now().replace(microsecond=0)

    def next_id(self) -> int:
        return next(self._other_ids)

    def next_discount_id(self) -> int:
        return next(self._discount_ids)

    def next_order(self) -> tuple[int, int]:
        """Return the next order's id and number."""
        return next(self._order_ids), next(self._order_numbers)

    @property
    def product_ids(self) -> set[int]:
        return {variant.product_id for variant in self.variants.values()}

    def token(self) -> str:
        return secrets.token_hex(16)

    def discount_by_code(self, code: str) -> Discount | None:
        """Find a code whatever its case; expired ones count."""
        wanted = code.strip().casefold()
        return next((d for d in self.discounts.values() if d.code.casefold() == wanted), None)

    def uses(self, discount_id: int, customer_id: int | None = None, before: datetime | None = None) -> int:
        """Count the orders that carry the discount; a cancelled order still counts."""
        return sum(
            1
            for order in self.orders.values()
            if any(a.discount_id == discount_id for a in order.applications)
            and (customer_id is None or (order.customer is not None and order.customer.id == customer_id))
            and (before is None or order.created_at <= before)
        )

    def counted_uses(self, discount_id: int) -> int:
        """Return the count that `asyncUsageCount` shows, which lags behind."""
        return self.uses(discount_id, before=self.clock.now() - timedelta(seconds=self.usage_count_lag_s))

    def readable(self, order: Order, scopes: frozenset[str]) -> bool:
        """Tell whether a token may see an order of this age.

        Source: https://shopify.dev/docs/api/usage/access-scopes#orders-permissions
        """
        oldest = self.clock.now() - timedelta(days=READABLE_DAYS)
        return "read_all_orders" in scopes or order.created_at >= oldest


def _collections_of(product_id: int) -> frozenset[int]:
    return frozenset(c.id for c in seed.COLLECTIONS if product_id in c.product_ids)
