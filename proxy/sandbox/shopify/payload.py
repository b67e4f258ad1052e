"""The REST shape of an order as webhooks carry it.

Source: the order sample of Shopify's own library,
https://github.com/Shopify/shopify-app-js/blob/main/packages/apps/shopify-api/rest/admin/__tests__/2026-07/order.test.ts
"""

from typing import Any

from proxy.sandbox.shopify.model import Application
from proxy.sandbox.shopify.money import ZERO, rest_text
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.payload_customer import address, customer_payload
from proxy.sandbox.shopify.payload_line import allocation_payloads, application_payload, line_payload, tax_line
from proxy.sandbox.shopify.payload_refund import GATEWAY, refund_payload
from proxy.sandbox.shopify.rest_shape import gid, money_set, time_text
from proxy.sandbox.shopify.store import Store


def order_payload(store: Store, order: Order) -> dict[str, Any]:
    """Write the order as it is now."""
    return {
        **_identity(store, order),
        **_sums(order),
        **_origin(store, order),
        "customer": customer_payload(store, order.customer) if order.customer else None,
        "discount_applications": [application_payload(a) for a in order.applications],
        "discount_codes": [
            {"code": a.label, "amount": rest_text(a.amount), "type": _kind(a)}
            for a in order.applications
            if a.type == "discount_code"
        ],
        "fulfillments": [],
        "line_items": [line_payload(store, order, line) for line in order.lines],
        "payment_terms": None,
        "refunds": [refund_payload(store, order, r) for r in order.refunds],
        "shipping_lines": [_shipping_line(order)] if order.source_name == "web" else [],
    }


def _kind(application: Application) -> str:
    return "shipping" if application.target == "shipping_line" else application.value_type


def _identity(store: Store, order: Order) -> dict[str, Any]:
    created, customer = time_text(store, order.created_at), order.customer
    return {
        "id": order.id,
        "admin_graphql_api_id": gid("Order", order.id),
        "app_id": 580111 if order.source_name == "web" else 129785,
        "cancel_reason": order.cancel_reason,
        "cancelled_at": time_text(store, order.cancelled_at),
        "cart_token": order.cart_token,
        "checkout_id": order.checkout_id,
        "checkout_token": order.checkout_token,
        "closed_at": None,
        "confirmation_number": f"SBX{order.number:06d}",
        "confirmed": True,
        "contact_email": customer.email if customer else None,
        "created_at": created,
        "email": customer.email if customer else "",
        "financial_status": order.financial_status,
        "fulfillment_status": None,
        "name": order.name,
        "note": None,
        "note_attributes": [{"name": k, "value": v} for k, v in order.attributes.items()],
        "number": order.number - 1000,
        "order_number": order.number,
        "phone": customer.phone if customer else None,
        "po_number": None,
        "processed_at": created,
        "tags": "",
        "test": order.test,
        "token": order.checkout_token[::-1],
        "updated_at": time_text(store, order.updated_at),
    }


def _sums(order: Order) -> dict[str, Any]:
    pairs = {
        "current_subtotal_price": order.current_subtotal,
        "current_total_discounts": order.current_discounts,
        "current_total_price": order.current_total,
        "current_total_tax": order.current_tax,
        "subtotal_price": order.subtotal,
        "total_discounts": order.discounts,
        "total_line_items_price": order.line_items_total,
        "total_price": order.total,
        "total_tax": order.tax,
    }
    written: dict[str, Any] = {name: rest_text(amount) for name, amount in pairs.items()}
    written |= {f"{name}_set": money_set(order, amount) for name, amount in pairs.items()}
    empty = ("current_total_additional_fees", "current_total_duties")
    written |= {f"{name}_set": None for name in empty}
    written |= {f"original_total_{name}_set": None for name in ("additional_fees", "duties")}
    return written | {
        "currency": order.currency,
        "presentment_currency": order.presentment_currency,
        "total_outstanding": rest_text(order.outstanding),
        "total_shipping_price_set": money_set(order, order.shipping_price),
        "total_cash_rounding_payment_adjustment_set": money_set(order, ZERO),
        "total_cash_rounding_refund_adjustment_set": money_set(order, ZERO),
        "total_tip_received": rest_text(ZERO),
        "total_weight": 0,
        "taxes_included": order.taxes_included,
        "duties_included": False,
        "estimated_taxes": False,
        "tax_exempt": False,
    }


def _origin(store: Store, order: Order) -> dict[str, Any]:
    web = order.source_name == "web"
    browser = dict.fromkeys(("accept_language", "browser_height", "browser_ip", "browser_width"))
    identifier = f"{order.location_id}-{order.device_id or 1}-{order.number}"
    shipped = address(order.customer) if web and order.customer else None
    return {
        "browser_ip": "127.0.0.1" if web else None,
        "buyer_accepts_marketing": False,
        "client_details": {**browser, "session_hash": None, "user_agent": None},
        "customer_locale": "en-AU" if web else None,
        "device_id": order.device_id,
        "landing_site": "/" if web else None,
        "landing_site_ref": None,
        "location_id": order.location_id,
        "merchant_business_entity_id": "MTg4MDA0Mg",
        "merchant_of_record_app_id": None,
        "order_status_url": f"https://{store.config.shop}/{store.config.shop_id}/orders/{order.checkout_token}/authenticate",
        "payment_gateway_names": [GATEWAY],
        "reference": None,
        "referring_site": "" if web else None,
        "source_identifier": None if web else identifier,
        "source_name": order.source_name,
        "source_url": None,
        "tax_lines": [tax_line(store, order, order.tax)] if order.tax else [],
        "user_id": order.user_id,
        "billing_address": shipped,
        "shipping_address": shipped,
    }


def _shipping_line(order: Order) -> dict[str, Any]:
    price = order.shipping_price
    return {
        "id": order.shipping_line_id,
        "carrier_identifier": None,
        "code": "Standard",
        "discounted_price": rest_text(order.shipping_net),
        "discounted_price_set": money_set(order, order.shipping_net),
        "is_removed": False,
        "phone": None,
        "price": rest_text(price),
        "price_set": money_set(order, price),
        "requested_fulfillment_service_id": None,
        "source": "shopify",
        "title": "Standard",
        "tax_lines": [],
        "discount_allocations": allocation_payloads(order, order.shipping_allocations),
    }
