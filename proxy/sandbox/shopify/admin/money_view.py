"""Money as GraphQL objects."""

from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.money import cents
from proxy.sandbox.shopify.order import Order


def money(amount: Decimal, currency: str) -> dict[str, Any]:
    return {"__typename": "MoneyV2", "amount": amount, "currencyCode": currency}


def bag(order: Order, amount: Decimal) -> dict[str, Any]:
    """Write an amount in the shop's currency and in the buyer's."""
    presentment = cents(amount * order.presentment_rate)
    return {
        "shopMoney": money(amount, order.currency),
        "presentmentMoney": money(presentment, order.presentment_currency),
    }
