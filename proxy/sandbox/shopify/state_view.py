"""The shop's state as JSON for people: carts with prices, codes with their use, orders with discounts."""

from decimal import Decimal
from typing import Any

from proxy.sandbox.delivery import Deliveries
from proxy.sandbox.shopify.checkout import Checkout
from proxy.sandbox.shopify.model import Application, Cart, CartLine, Discount
from proxy.sandbox.shopify.money import ZERO, rest_text
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.pricing import Quote
from proxy.sandbox.shopify.store import Store

SHOWN_ATTEMPTS = 50


def state_view(store: Store, checkout: Checkout, deliveries: Deliveries) -> dict[str, Any]:
    return {
        "now": store.clock.now().isoformat(),
        "shop": store.config.shop,
        "currency": store.config.currency,
        "installed": store.installed,
        "codes": [code_view(store, d) for d in store.discounts.values()],
        "carts": [
            cart_view(store, checkout, cart, checkout.peek(cart))
            for cart in store.carts.values()
            if cart.order_id is None
        ],
        "till_carts": [till_cart_view(store, checkout, c) for c in store.till_carts.values() if c.order_id is None],
        "orders": [order_summary(order) for order in store.orders.values()],
        "deliveries": [attempt.as_json() for attempt in list(deliveries.log)[-SHOWN_ATTEMPTS:]],
    }


def code_view(store: Store, discount: Discount) -> dict[str, Any]:
    amount, percentage = discount.amount, discount.percentage
    return {
        "id": f"gid://shopify/DiscountCodeNode/{discount.id}",
        "code": discount.code,
        "title": discount.title,
        "status": discount.status(store.clock.now()),
        "amount": rest_text(amount) if amount is not None else None,
        "percentage": str(percentage) if percentage is not None else None,
        "free_shipping": discount.free_shipping,
        "starts_at": discount.starts_at.isoformat(),
        "ends_at": discount.ends_at.isoformat() if discount.ends_at else None,
        "usage_limit": discount.usage_limit,
        "used": store.uses(discount.id),
        "async_usage_count": store.counted_uses(discount.id),
        "customers": sorted(discount.customers) if discount.customers is not None else None,
        "combines_with": sorted(discount.combines_with),
    }


def cart_view(store: Store, checkout: Checkout, cart: Cart, priced: Quote | None = None) -> dict[str, Any]:
    """Write a cart with its price as it is now, or as it was just priced."""
    priced = priced or checkout.price(cart)
    tax = sum((checkout.tax(li, s) for li, s in zip(cart.lines, priced.allocations, strict=True)), ZERO)
    shipping, freed = checkout.shipping(cart) or ZERO, sum(priced.shipping_allocations.values(), ZERO)
    total = priced.subtotal - priced.discount + shipping - freed
    return {
        "token": cart.token,
        "checkout_token": cart.checkout_token,
        "customer_id": cart.customer_id,
        "attributes": cart.attributes,
        "order_id": cart.order_id,
        "codes": [
            {"code": c.code, "applicable": c.applicable, "reason": c.reason, "amount": rest_text(c.amount)}
            for c in priced.codes
        ],
        "lines": [_line(line, priced, shares) for line, shares in zip(cart.lines, priced.allocations, strict=True)],
        "currency": store.config.currency,
        "subtotal": rest_text(priced.subtotal),
        "discount": rest_text(priced.discount),
        "shipping": rest_text(shipping),
        "shipping_discount": rest_text(freed),
        "tax": rest_text(tax),
        "total": rest_text(total if store.config.taxes_included else total + tax),
    }


def till_cart_view(store: Store, checkout: Checkout, cart: Cart) -> dict[str, Any]:
    """Write a till's cart: as others, with its register and with every discount on it."""
    priced = checkout.peek(cart)
    register = cart.register
    assert register is not None
    return {
        **cart_view(store, checkout, cart, priced),
        "location_id": register.location_id,
        "user_id": register.user_id,
        "device_id": register.device_id,
        "parked": cart.parked,
        "discounts": [application_view(a) for a in priced.applications],
    }


def application_view(application: Application) -> dict[str, Any]:
    return {"type": application.type, "label": application.label, "amount": rest_text(application.amount)}


def _line(line: CartLine, priced: Quote, shares: dict[int, Decimal]) -> dict[str, Any]:
    taken = sum(shares.values(), ZERO)
    return {
        "id": line.id,
        "variant_id": line.variant.id,
        "title": line.variant.title,
        "quantity": line.quantity,
        "price": rest_text(line.variant.price),
        "total": rest_text(line.total),
        "discount": rest_text(taken),
        "discounted_total": rest_text(line.total - taken),
        "allocations": [
            {"label": priced.applications[i].label, "amount": rest_text(part)} for i, part in sorted(shares.items())
        ],
    }


def order_summary(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        "name": order.name,
        "source": order.source_name,
        "customer_id": order.customer.id if order.customer else None,
        "created_at": order.created_at.isoformat(),
        "updated_at": order.updated_at.isoformat(),
        "financial_status": order.financial_status,
        "cancelled_at": order.cancelled_at.isoformat() if order.cancelled_at else None,
        "location_id": order.location_id,
        "user_id": order.user_id,
        "subtotal": rest_text(order.subtotal),
        "total": rest_text(order.total),
        "current_total": rest_text(order.current_total),
        "refunded": rest_text(order.refunded),
        "discounts": [application_view(a) for a in order.applications],
        "lines": [
            {
                "id": line.id,
                "title": line.variant.title,
                "quantity": line.quantity,
                "current_quantity": line.current_quantity,
                "discount": rest_text(line.discount),
            }
            for line in order.lines
        ],
    }
