"""The REST shape of a refund and of its payments."""

from typing import Any

from proxy.sandbox.shopify.model import Refund, Transaction
from proxy.sandbox.shopify.money import ZERO, rest_text
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.payload_line import line_payload
from proxy.sandbox.shopify.rest_shape import gid, money_set, time_text
from proxy.sandbox.shopify.store import Store

GATEWAY = "bogus"


def refund_payload(store: Store, order: Order, refund: Refund) -> dict[str, Any]:
    """Write a refund; its lines' `subtotal` and `total_tax` are JSON numbers, unlike all other money."""
    at = time_text(store, refund.created_at)
    return {
        "id": refund.id,
        "admin_graphql_api_id": gid("Refund", refund.id),
        "created_at": at,
        "note": refund.note,
        "order_id": order.id,
        "processed_at": at,
        "restock": any(line.restock_type != "no_restock" for line in refund.lines),
        "total_additional_fees_set": money_set(order, ZERO),
        "total_duties_set": money_set(order, ZERO),
        "user_id": refund.user_id,
        "order_adjustments": [],
        "transactions": [_transaction(store, order, t) for t in refund.transactions],
        "refund_line_items": [
            {
                "id": line.id,
                "line_item_id": line.line.id,
                "location_id": refund.location_id or next(iter(store.locations)),
                "quantity": line.quantity,
                "restock_type": line.restock_type,
                "subtotal": float(line.subtotal),
                "subtotal_set": money_set(order, line.subtotal),
                "total_tax": float(line.tax),
                "total_tax_set": money_set(order, line.tax),
                "line_item": line_payload(store, order, line.line),
            }
            for line in refund.lines
        ],
        "duties": [],
        "additional_fees": [],
    }


def _transaction(store: Store, order: Order, transaction: Transaction) -> dict[str, Any]:
    at = time_text(store, transaction.created_at)
    return {
        "id": transaction.id,
        "admin_graphql_api_id": gid("OrderTransaction", transaction.id),
        "amount": rest_text(transaction.amount),
        "authorization": None,
        "created_at": at,
        "currency": order.currency,
        "device_id": order.device_id,
        "error_code": None,
        "gateway": GATEWAY,
        "kind": transaction.kind,
        "location_id": order.location_id,
        "message": None,
        "order_id": order.id,
        "parent_id": transaction.parent_id,
        "payment_id": f"{order.name}.{transaction.id % 100}",
        "processed_at": at,
        "receipt": {},
        "source_name": order.source_name,
        "status": transaction.status,
        "test": order.test,
        "user_id": transaction.user_id,
    }
