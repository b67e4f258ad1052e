"""Order lines and the discounts on them as the Admin API shows them."""

from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.admin.money_view import bag, money
from proxy.sandbox.shopify.admin.product_view import product_view, variant_view
from proxy.sandbox.shopify.model import Application, OrderLine
from proxy.sandbox.shopify.money import ZERO, cents
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store


def application_view(order: Order, application: Application) -> dict[str, Any]:
    code = application.type == "discount_code"
    if application.value_type == "fixed_amount":
        value = money(application.value, order.currency)
    else:
        value = {"__typename": "PricingPercentageValue", "percentage": float(application.value)}
    return {
        "__typename": "DiscountCodeApplication" if code else "ManualDiscountApplication",
        "index": application.index,
        "allocationMethod": "EACH" if application.each else "ACROSS",
        "targetSelection": "ENTITLED" if application.entitled else "ALL",
        "targetType": application.target.upper(),
        "value": value,
        "code": application.label,
        "title": application.label,
        "description": application.label,
    }


def line_view(store: Store, order: Order, line: OrderLine) -> dict[str, Any]:
    """Write a line; the discounted totals leave order-level codes out, as Shopify's do."""
    variant = line.variant
    entitled = sum((part for i, part in line.allocations.items() if order.applications[i].entitled), ZERO)
    return {
        "id": gid("LineItem", line.id),
        "name": variant.title,
        "title": variant.title,
        "quantity": line.quantity,
        "currentQuantity": line.current_quantity,
        "refundableQuantity": line.current_quantity,
        "unfulfilledQuantity": line.current_quantity,
        "isGiftCard": variant.gift_card,
        "requiresShipping": not variant.gift_card,
        "taxable": not variant.gift_card,
        "sku": variant.sku,
        "variantTitle": None,
        "vendor": store.config.shop.removesuffix(".myshopify.com"),
        "customAttributes": [],
        "product": product_view(store, variant),
        "variant": variant_view(store, variant),
        "originalUnitPriceSet": bag(order, variant.price),
        "originalTotalSet": bag(order, line.total),
        "discountedTotalSet": bag(order, line.total - entitled),
        "discountedUnitPriceSet": bag(order, _each(line.total - entitled, line)),
        "discountedUnitPriceAfterAllDiscountsSet": bag(order, _each(line.net, line)),
        "totalDiscountSet": bag(order, entitled),
        "taxLines": lambda _, first=None: _taxes(store, order, line)[:first],
        "discountAllocations": allocation_views(order, line.allocations),
    }


def allocation_views(order: Order, allocations: dict[int, Decimal]) -> list[dict[str, Any]]:
    return [
        {"allocatedAmountSet": bag(order, part), "discountApplication": application_view(order, order.applications[i])}
        for i, part in sorted(allocations.items())
    ]


def _each(total: Decimal, line: OrderLine) -> Decimal:
    return cents(total / line.quantity)


def _taxes(store: Store, order: Order, line: OrderLine) -> list[dict[str, Any]]:
    if not line.tax:
        return []
    rate = float(store.config.tax_rate)
    tax = {"title": "GST", "rate": rate, "ratePercentage": rate * 100, "channelLiable": None}
    return [{**tax, "priceSet": bag(order, line.tax)}]
