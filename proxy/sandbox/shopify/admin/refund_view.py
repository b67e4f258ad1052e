"""Refunds and payments as the Admin API shows them."""

from collections.abc import Callable
from typing import Any

from proxy.sandbox.shopify.admin.line_view import line_view
from proxy.sandbox.shopify.admin.money_view import bag
from proxy.sandbox.shopify.admin.paging import listed
from proxy.sandbox.shopify.admin.people_view import location_view, staff_view
from proxy.sandbox.shopify.model import Refund, RefundLine, Transaction
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.payload_refund import GATEWAY
from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store


def refund_view(store: Store, order: Order, refund: Refund, of_order: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": gid("Refund", refund.id),
        "legacyResourceId": refund.id,
        "createdAt": refund.created_at,
        "processedAt": refund.created_at,
        "updatedAt": refund.created_at,
        "note": refund.note,
        "order": of_order,
        "staffMember": staff_view(refund.user_id) if refund.user_id else None,
        "totalRefundedSet": bag(order, refund.paid_back),
        "refundLineItems": listed([_line(store, order, refund, line) for line in refund.lines]),
        "transactions": listed([transaction_view(store, order, t) for t in refund.transactions]),
    }


def transaction_view(store: Store, order: Order, transaction: Transaction) -> dict[str, Any]:
    parent = next((t for t in order.transactions if t.id == transaction.parent_id), None)
    location = store.locations.get(order.location_id or 0)
    return {
        "id": gid("OrderTransaction", transaction.id),
        "kind": transaction.kind.upper(),
        "status": transaction.status.upper(),
        "amountSet": bag(order, transaction.amount),
        "createdAt": transaction.created_at,
        "processedAt": transaction.created_at,
        "errorCode": None,
        "gateway": GATEWAY,
        "formattedGateway": GATEWAY.title(),
        "paymentId": f"{order.name}.{transaction.id % 100}",
        "parentTransaction": transaction_view(store, order, parent) if parent else None,
        "location": location_view(location) if location else None,
        "user": staff_view(transaction.user_id) if transaction.user_id else None,
        "order": None,
        "test": order.test,
    }


def _line(store: Store, order: Order, refund: Refund, line: RefundLine) -> dict[str, Any]:
    location = location_view(store.locations[refund.location_id or next(iter(store.locations))])
    return {
        "id": gid("RefundLineItem", line.id),
        "lineItem": line_view(store, order, line.line),
        "location": location,
        "priceSet": bag(order, line.line.variant.price),
        "quantity": line.quantity,
        "restockType": line.restock_type.upper(),
        "restocked": line.restock_type != "no_restock",
        "subtotalSet": bag(order, line.subtotal),
        "totalTaxSet": bag(order, line.tax),
    }
