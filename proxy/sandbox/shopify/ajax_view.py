"""A cart as the storefront's Ajax API writes it: whole hundredths, discounts on lines and on the cart apart.

Source: https://shopify.dev/docs/api/ajax/reference/cart
"""

from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.model import Application, Cart, CartLine
from proxy.sandbox.shopify.money import ZERO
from proxy.sandbox.shopify.pricing import Quote
from proxy.sandbox.shopify.store import Store


def ajax_cart(store: Store, cart: Cart, priced: Quote) -> dict[str, Any]:
    """Write the cart; what a shipping code gives is counted at the checkout, so here it only applies."""
    items = [
        ajax_line(store, line, priced, shares) for line, shares in zip(cart.lines, priced.allocations, strict=True)
    ]
    return {
        "token": f"{cart.token}?key={cart.checkout_token}",
        "note": cart.note,
        "attributes": cart.attributes,
        "original_total_price": hundredths(priced.subtotal),
        "total_price": hundredths(priced.subtotal - priced.discount),
        "total_discount": hundredths(priced.discount),
        "total_weight": 0,
        "item_count": sum(line.quantity for line in cart.lines),
        "items": items,
        "requires_shipping": any(not line.variant.gift_card for line in cart.lines),
        "currency": store.config.currency,
        "items_subtotal_price": sum(item["final_line_price"] for item in items),
        "cart_level_discount_applications": [
            _application(store, a) for a in priced.applications if _on_lines(a) and not a.entitled
        ],
        "discount_codes": [{"code": c.code, "applicable": c.applicable} for c in priced.codes],
    }


def ajax_line(store: Store, line: CartLine, priced: Quote, shares: dict[int, Decimal]) -> dict[str, Any]:
    variant, applications = line.variant, priced.applications
    own = {i: part for i, part in shares.items() if applications[i].entitled}
    off = sum(own.values(), ZERO)
    final, each = line.total - off, (line.total - off) / line.quantity
    return {
        "id": variant.id,
        "variant_id": variant.id,
        "product_id": variant.product_id,
        "key": line_key(line),
        "quantity": line.quantity,
        "properties": {},
        "title": variant.title,
        "product_title": variant.title,
        "variant_title": None,
        "sku": variant.sku,
        "vendor": store.config.shop.removesuffix(".myshopify.com"),
        "handle": variant.sku.lower(),
        "url": f"/products/{variant.sku.lower()}?variant={variant.id}",
        "image": None,
        "gift_card": variant.gift_card,
        "requires_shipping": not variant.gift_card,
        "taxable": not variant.gift_card,
        "grams": 0,
        "price": hundredths(variant.price),
        "original_price": hundredths(variant.price),
        "discounted_price": hundredths(each),
        "final_price": hundredths(each),
        "line_price": hundredths(final),
        "original_line_price": hundredths(line.total),
        "final_line_price": hundredths(final),
        "total_discount": hundredths(off),
        "discounts": [{"amount": hundredths(part), "title": applications[i].label} for i, part in sorted(own.items())],
        "line_level_discount_allocations": [
            {"amount": hundredths(part), "discount_application": _application(store, applications[i])}
            for i, part in sorted(own.items())
        ],
        "line_level_total_discount": hundredths(off),
    }


def line_key(line: CartLine) -> str:
    return f"{line.variant.id}:{line.id:x}"


def hundredths(amount: Decimal) -> int:
    """Write money as the Ajax API does, in hundredths whatever the currency's own minor unit."""
    return int((amount * 100).to_integral_value())


def _on_lines(application: Application) -> bool:
    return application.target == "line_item"


def _application(store: Store, application: Application) -> dict[str, Any]:
    return {
        "type": application.type,
        "key": str(application.index),
        "title": application.label,
        "description": None,
        "value": str(application.value),
        "created_at": store.now().isoformat(),
        "value_type": application.value_type,
        "allocation_method": "each" if application.each else "across",
        "target_selection": "entitled" if application.entitled else "all",
        "target_type": application.target,
        "total_allocated_amount": hundredths(application.amount),
    }
