"""The REST shape of an order's lines and of the discounts on them."""

from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.model import Application, OrderLine
from proxy.sandbox.shopify.money import ZERO, rest_text
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.rest_shape import gid, money_set
from proxy.sandbox.shopify.store import Store


def application_payload(application: Application) -> dict[str, Any]:
    label = "code" if application.type == "discount_code" else "title"
    written: dict[str, Any] = {
        "target_type": application.target,
        "type": application.type,
        "value": f"{application.value.normalize():f}" if application.value % 1 else f"{application.value:.1f}",
        "value_type": application.value_type,
        "allocation_method": "each" if application.each else "across",
        "target_selection": "entitled" if application.entitled else "all",
        label: application.label,
    }
    if application.type == "manual":
        written["description"] = application.label
    return written


def line_payload(store: Store, order: Order, line: OrderLine) -> dict[str, Any]:
    """Write a line; `total_discount` leaves out what codes took, that is in the allocations."""
    variant = line.variant
    return {
        "id": line.id,
        "admin_graphql_api_id": gid("LineItem", line.id),
        "attributed_staffs": [],
        "current_quantity": line.current_quantity,
        "fulfillable_quantity": line.current_quantity,
        "fulfillment_service": "manual",
        "fulfillment_status": None,
        "gift_card": variant.gift_card,
        "grams": 0,
        "name": variant.title,
        "price": rest_text(variant.price),
        "price_set": money_set(order, variant.price),
        "product_exists": True,
        "product_id": variant.product_id,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": not variant.gift_card,
        "sku": variant.sku,
        "taxable": not variant.gift_card,
        "title": variant.title,
        "total_discount": rest_text(ZERO),
        "total_discount_set": money_set(order, ZERO),
        "variant_id": variant.id,
        "variant_inventory_management": "shopify",
        "variant_title": None,
        "vendor": store.config.shop.removesuffix(".myshopify.com"),
        "tax_lines": [tax_line(store, order, line.tax)] if line.tax else [],
        "duties": [],
        "discount_allocations": allocation_payloads(order, line.allocations),
    }


def allocation_payloads(order: Order, allocations: dict[int, Decimal]) -> list[dict[str, Any]]:
    return [
        {"amount": rest_text(part), "amount_set": money_set(order, part), "discount_application_index": i}
        for i, part in sorted(allocations.items())
    ]


def tax_line(store: Store, order: Order, tax: Decimal) -> dict[str, Any]:
    return {
        "channel_liable": None,
        "price": rest_text(tax),
        "price_set": money_set(order, tax),
        "rate": float(store.config.tax_rate),
        "title": "GST",
    }
