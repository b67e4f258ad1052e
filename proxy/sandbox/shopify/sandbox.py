"""The Shopify sandbox: one simulated shop as an object for tests and as an ASGI app."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphql.utilities import coerce_input_value
from starlette.routing import BaseRoute

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.delivery import Deliveries
from proxy.sandbox.faults import Faults
from proxy.sandbox.shopify import returns
from proxy.sandbox.shopify.admin.cost import Bucket
from proxy.sandbox.shopify.admin.endpoint import AdminEndpoint
from proxy.sandbox.shopify.admin.roots import Roots
from proxy.sandbox.shopify.admin.schema import load_schema
from proxy.sandbox.shopify.app_proxy import AppProxy
from proxy.sandbox.shopify.checkout import Checkout, Refused
from proxy.sandbox.shopify.config import ShopifyConfig
from proxy.sandbox.shopify.discount_input import build, refusals
from proxy.sandbox.shopify.grants import Grants
from proxy.sandbox.shopify.identity import id_token
from proxy.sandbox.shopify.model import Cart, Discount, Manual, Refund, Register
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.routes import build_app
from proxy.sandbox.shopify.state_view import state_view
from proxy.sandbox.shopify.store import Store
from proxy.sandbox.shopify.till import Till
from proxy.sandbox.shopify.webhooks import COMPLIANCE, Webhooks

Lines = Sequence[tuple[int, int]]


class ShopifySandbox:
    """A shop with one app installed: Admin API, tokens, storefront, checkout, POS and webhooks.

    `app` is the ASGI app (its lifespan runs the deliveries); the methods do what buyers and staff do.
    `pages` are served on the storefront's own origin, where the app proxy is, as a theme's pages are.
    """

    def __init__(
        self,
        clock: SandboxClock | None = None,
        config: ShopifyConfig | None = None,
        pages: Sequence[BaseRoute] = (),
    ) -> None:
        self.clock = clock or SandboxClock()
        self.config = config or ShopifyConfig()
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.deliveries = Deliveries(self.clock)
        self.state = Store(self.clock, self.config)
        self.checkout = Checkout(self.state)
        self.till = Till(self.state, self.checkout)
        self.grants = Grants(self.state)
        self.webhooks = Webhooks(self.state, self.deliveries, self.faults, self.config.proxy_url)
        self.app_proxy = AppProxy(self.state)
        self.bucket = Bucket(self.clock, self.config.bucket_size, self.config.restore_rate)
        self.schema = load_schema()
        roots = Roots(self.state, self._cancel)
        self.admin = AdminEndpoint(self.state, self.grants, roots, self.schema, self.faults, self.bucket)
        self.app = build_app(self, pages)

    def set_proxy_url(self, url: str | None) -> None:
        """Say where the app is: app-proxy calls and webhooks go there from now on."""
        self.webhooks.proxy_url = url
        self.app_proxy.proxy_url = url

    def reset(self) -> None:
        """Bring the seed back; the clock, which others share, stays."""
        self.state.reset()
        self.grants.reset()
        self.bucket.fill()
        self.faults.clear()
        self.calls.clear()
        self.deliveries.reset()

    def readable(self) -> dict[str, Any]:
        """Return the whole state as JSON for people."""
        return state_view(self.state, self.checkout, self.deliveries)

    def open_cart(self, lines: Lines, customer_id: int | None = None, attributes: dict[str, str] | None = None) -> Cart:
        cart = self.checkout.open(lines, customer_id)
        cart.attributes = dict(attributes or {})
        return cart

    def place_order(self, cart: Cart, *, paid: bool = True, honour: bool = False, drop_invalid: bool = False) -> Order:
        """Complete a web checkout; see `Checkout.place` for `honour` and `drop_invalid`."""
        order = self.checkout.place(cart, paid=paid, honour=honour, drop_invalid=drop_invalid)
        self.webhooks.order(order, "orders/create", *(["orders/paid"] if paid else []), "orders/updated")
        return order

    def pos_sale(
        self,
        lines: Lines,
        *,
        location_id: int,
        user_id: int | None = None,
        device_id: int | None = None,
        customer_id: int | None = None,
        codes: Sequence[str] = (),
        manual: Manual | None = None,
        attributes: dict[str, str] | None = None,
    ) -> Order:
        """Sell at a till in one go: a cart with codes or a custom discount, paid at once."""
        cart = self.till.open(Register(location_id, user_id, device_id), lines, customer_id)
        cart.attributes, cart.manual = dict(attributes or {}), manual
        self.checkout.set_codes(cart, codes)
        return self.ring_up(cart)

    def ring_up(self, cart: Cart) -> Order:
        """Sell what is on a till's cart; it is paid at once."""
        order = self.till.sell(cart)
        self.webhooks.order(order, "orders/create", "orders/paid", "orders/updated")
        return order

    def order(self, order_id: int) -> Order:
        order = self.state.orders.get(order_id)
        if order is None:
            raise Refused("order_not_found", f"there is no order {order_id}", 404)
        return order

    def mark_paid(self, order_id: int) -> Order:
        order = self.order(order_id)
        self.checkout.pay(order)
        self.webhooks.order(order, "orders/paid", "orders/updated")
        return order

    def cancel(self, order_id: int, reason: str = "customer", *, pay_back: bool = True) -> Order:
        return self._cancel(self.order(order_id), reason, pay_back)

    def attach_customer(self, order_id: int, customer_id: int) -> Order:
        """Give an order that came without a customer one, as happens after the fact."""
        order = self.order(order_id)
        if customer_id not in self.state.customers:
            raise Refused("customer_not_found", f"there is no customer {customer_id}")
        order.customer = self.state.customers[customer_id]
        order.updates.append(self.state.now())
        self.webhooks.order(order, "orders/updated")
        return order

    def refund(
        self,
        order_id: int,
        lines: Lines | None = None,
        *,
        note: str | None = None,
        user_id: int | None = None,
        location_id: int | None = None,
    ) -> Refund:
        """Refund lines, each (line id, quantity), at a location; None refunds what is left."""
        order = self.order(order_id)
        given_back = returns.refund(self.state, order, lines, note, user_id, location_id)
        self.webhooks.refund(order, given_back)
        self.webhooks.order(order, "orders/updated")
        return given_back

    def staff_create(self, given: dict[str, Any]) -> Discount:
        """Create a discount as staff would in the admin; `given` is a DiscountCodeBasicInput as JSON."""
        return self._staff_keep(given, None)

    def staff_edit(self, code: str, given: dict[str, Any]) -> Discount:
        """Change a discount as staff would in the admin."""
        return self._staff_keep(given, self._discount(code))

    def staff_delete(self, code: str) -> None:
        discount = self._discount(code)
        del self.state.discounts[discount.id]
        self.webhooks.send("discounts/delete", self._notice(discount))

    def id_token(self, surface: str, **wanted: Any) -> str:
        """Mint an ID token; see `identity.id_token`."""
        return id_token(self.state, surface, **wanted)

    def merge_customers(self, kept_id: int, gone_id: int) -> None:
        """Merge one customer into another: the orders move, the old id disappears."""
        people = self.state.customers
        if kept_id not in people or gone_id not in people or kept_id == gone_id:
            raise Refused("customer_not_found", "merging takes two customers")
        for order in self.state.orders.values():
            if order.customer and order.customer.id == gone_id:
                order.customer = people[kept_id]
        del people[gone_id]
        for discount in list(self.state.discounts.values()):
            if discount.customers and gone_id in discount.customers:
                moved = discount.customers - {gone_id} | {kept_id}
                self.state.discounts[discount.id] = dataclasses.replace(discount, customers=moved)
        payload: dict[str, Any] = {
            "admin_graphql_api_customer_kept_id": f"gid://shopify/Customer/{kept_id}",
            "admin_graphql_api_customer_deleted_id": f"gid://shopify/Customer/{gone_id}",
            "admin_graphql_api_job_id": None,
            "status": "completed",
            "errors": [],
        }
        self.webhooks.send("customers/merge", payload)

    def uninstall(self) -> None:
        """Uninstall the app: every token dies, codes stay, other webhooks stop."""
        self.state.installed = False
        self.grants.revoke_all()
        self.webhooks.send("app/uninstalled", {"id": self.config.shop_id, "domain": self.config.shop})

    def install(self) -> None:
        self.state.installed = True
        self.grants.reset()

    def grant_scopes(self, scopes: Sequence[str]) -> None:
        """Let the merchant grant other scopes than before."""
        previous, self.grants.scopes = self.grants.scopes, tuple(scopes)
        changed = {"previous": list(previous), "current": list(scopes), "updated_at": self.clock.now().isoformat()}
        self.webhooks.send("app/scopes_update", {"id": self.config.shop_id, **changed})

    def compliance(self, topic: str, customer_id: int | None = None) -> None:
        """Send one of the three compliance topics."""
        if topic not in COMPLIANCE:
            raise Refused("unknown_topic", f"a topic is one of {', '.join(COMPLIANCE)}")
        payload: dict[str, Any] = {"shop_id": self.config.shop_id, "shop_domain": self.config.shop}
        customer = self.state.customers.get(customer_id or 0)
        if customer is not None:
            payload["customer"] = {"id": customer.id, "email": customer.email, "phone": customer.phone}
            own = [o.id for o in self.state.orders.values() if o.customer and o.customer.id == customer.id]
            payload["orders_requested" if topic.endswith("request") else "orders_to_redact"] = own
        self.webhooks.send(topic, payload)

    def _cancel(self, order: Order, reason: str, pay_back: bool) -> Order:
        given_back = returns.cancel(self.state, order, reason, pay_back=pay_back)
        self.webhooks.order(order, "orders/cancelled", "orders/updated")
        if given_back is not None:
            self.webhooks.refund(order, given_back)
        return order

    def _discount(self, code: str) -> Discount:
        discount = self.state.discount_by_code(code)
        if discount is None:
            raise Refused("discount_not_found", f"there is no code {code}", 404)
        return discount

    def _staff_keep(self, given: dict[str, Any], existing: Discount | None) -> Discount:
        kind: Any = self.schema.type_map["DiscountCodeBasicInput"]
        problems: list[str] = []
        read = coerce_input_value(given, kind, lambda path, _, e: problems.append(f"{path}: {e.message}"))
        problems = problems or [error.message for error in refusals(self.state, read, existing)]
        if problems:
            raise Refused("invalid_discount", "; ".join(problems))
        discount = build(self.state, read, existing)
        self.state.discounts[discount.id] = discount
        self.webhooks.send(f"discounts/{'update' if existing else 'create'}", self._notice(discount))
        return discount

    def _notice(self, discount: Discount) -> dict[str, Any]:
        return {
            "admin_graphql_api_id": f"gid://shopify/DiscountCodeNode/{discount.id}",
            "title": discount.title,
            "status": discount.status(self.clock.now()),
        }
