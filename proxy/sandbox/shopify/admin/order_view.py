"""Orders as the Admin API shows them."""

from typing import Any

from proxy.sandbox.shopify.admin.line_view import allocation_views, application_view, line_view
from proxy.sandbox.shopify.admin.money_view import bag
from proxy.sandbox.shopify.admin.paging import listed
from proxy.sandbox.shopify.admin.people_view import customer_view, location_view, staff_view
from proxy.sandbox.shopify.admin.refund_view import refund_view, transaction_view
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.payload_refund import GATEWAY
from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store


def order_view(store: Store, order: Order) -> dict[str, Any]:
    """Write an order as it is now."""
    return {**_identity(order), **_state(order), **_money(order), **_people(store, order), **_parts(store, order)}


def _identity(order: Order) -> dict[str, Any]:
    web = order.source_name == "web"
    return {
        "__typename": "Order",
        "id": gid("Order", order.id),
        "legacyResourceId": order.id,
        "name": order.name,
        "number": order.number,
        "test": order.test,
        "createdAt": order.created_at,
        "processedAt": order.created_at,
        "updatedAt": order.updated_at,
        "sourceName": order.source_name,
        "sourceIdentifier": None if web else f"{order.location_id}-{order.device_id or 1}-{order.number}",
        "cartToken": order.cart_token,
        "checkoutToken": order.checkout_token,
        "confirmationNumber": f"SBX{order.number:06d}",
        "note": None,
        "tags": [],
        "customAttributes": [{"key": k, "value": v} for k, v in order.attributes.items()],
        "discountCode": order.codes[0] if order.codes else None,
        "discountCodes": order.codes,
    }


def _state(order: Order) -> dict[str, Any]:
    reason = order.cancel_reason
    return {
        "cancelledAt": order.cancelled_at,
        "cancelReason": reason.upper() if reason else None,
        "closed": False,
        "closedAt": None,
        "confirmed": True,
        "displayFinancialStatus": order.financial_status.upper(),
        "displayFulfillmentStatus": "UNFULFILLED",
        "edited": False,
        "fullyPaid": order.paid,
        "unpaid": not order.paid,
        "paymentGatewayNames": [GATEWAY],
        "subtotalLineItemsQuantity": sum(line.quantity for line in order.lines),
        "currentSubtotalLineItemsQuantity": sum(line.current_quantity for line in order.lines),
        "taxesIncluded": order.taxes_included,
        "currencyCode": order.currency,
        "presentmentCurrencyCode": order.presentment_currency,
    }


def _money(order: Order) -> dict[str, Any]:
    amounts = {
        "currentSubtotalPriceSet": order.current_subtotal,
        "currentTotalDiscountsSet": order.current_discounts,
        "currentTotalPriceSet": order.current_total,
        "currentTotalTaxSet": order.current_tax,
        "netPaymentSet": order.received - order.refunded,
        "originalTotalPriceSet": order.total,
        "subtotalPriceSet": order.subtotal,
        "totalDiscountsSet": order.discounts,
        "totalOutstandingSet": order.outstanding,
        "totalPriceSet": order.total,
        "totalReceivedSet": order.received,
        "totalRefundedSet": order.refunded,
        "totalShippingPriceSet": order.shipping_price,
        "totalTaxSet": order.tax,
    }
    return {name: bag(order, amount) for name, amount in amounts.items()}


def _people(store: Store, order: Order) -> dict[str, Any]:
    customer = order.customer
    location = store.locations.get(order.location_id or 0)
    return {
        "customer": customer_view(store, customer) if customer else None,
        "email": customer.email if customer else None,
        "phone": customer.phone if customer else None,
        "retailLocation": location_view(location) if location else None,
        "staffMember": staff_view(order.user_id) if order.user_id else None,
    }


def _parts(store: Store, order: Order) -> dict[str, Any]:
    shipping = [_shipping(order)] if order.source_name == "web" else []
    return {
        "discountApplications": listed([application_view(order, a) for a in order.applications]),
        "lineItems": listed([line_view(store, order, line) for line in order.lines]),
        "refunds": lambda _, first=None: [
            refund_view(store, order, r, lambda _: order_view(store, order)) for r in order.refunds[:first]
        ],
        "transactions": lambda _, first=None, **__: [
            transaction_view(store, order, t) for t in order.transactions[:first]
        ],
        "shippingLine": shipping[0] if shipping else None,
        "shippingLines": listed(shipping),
        "taxLines": _taxes(store, order),
    }


def _taxes(store: Store, order: Order) -> list[dict[str, Any]]:
    rate = float(store.config.tax_rate)
    line = {"title": "GST", "rate": rate, "ratePercentage": rate * 100, "channelLiable": None}
    return [{**line, "priceSet": bag(order, order.tax)}] if order.tax else []


def _shipping(order: Order) -> dict[str, Any]:
    price = bag(order, order.shipping_price)
    return {
        "id": gid("ShippingLine", order.shipping_line_id),
        "code": "Standard",
        "title": "Standard",
        "source": "shopify",
        "custom": False,
        "isRemoved": False,
        "originalPriceSet": price,
        "discountedPriceSet": bag(order, order.shipping_net),
        "discountAllocations": allocation_views(order, order.shipping_allocations),
        "taxLines": [],
    }
