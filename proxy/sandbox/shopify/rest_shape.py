"""The small pieces that every REST payload is made of: times, ids and money in two currencies."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.money import cents, rest_text
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.store import Store


def time_text(store: Store, at: datetime | None) -> str | None:
    """Write a time in the shop's own zone, to the second."""
    if at is None:
        return None
    zone = timezone(timedelta(minutes=store.config.utc_offset_minutes))
    return at.astimezone(zone).replace(microsecond=0).isoformat()


def gid(kind: str, number: int) -> str:
    return f"gid://shopify/{kind}/{number}"


def money_set(order: Order, amount: Decimal) -> dict[str, Any]:
    presentment = cents(amount * order.presentment_rate)
    return {
        "shop_money": {"amount": rest_text(amount), "currency_code": order.currency},
        "presentment_money": {"amount": rest_text(presentment), "currency_code": order.presentment_currency},
    }
