"""The REST shape of a customer, as webhooks and orders carry it."""

from datetime import timedelta, timezone
from typing import Any

from proxy.sandbox.shopify.model import Customer
from proxy.sandbox.shopify.store import Store

COUNTRY = {"country": "Australia", "country_code": "AU", "province": "Victoria", "province_code": "VIC"}
STREET = {"address1": "1 Collins St", "address2": "", "city": "Melbourne", "zip": "3000", "company": None}


def customer_payload(store: Store, customer: Customer) -> dict[str, Any]:
    zone = timezone(timedelta(minutes=store.config.utc_offset_minutes))
    created = customer.created_at.astimezone(zone).replace(microsecond=0).isoformat()
    consent = {"state": "not_subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": None}
    return {
        "id": customer.id,
        "email": customer.email,
        "created_at": created,
        "updated_at": created,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "state": "enabled",
        "note": None,
        "verified_email": True,
        "multipass_identifier": None,
        "tax_exempt": False,
        "phone": customer.phone,
        "email_marketing_consent": consent,
        "sms_marketing_consent": {**consent, "consent_collected_from": "OTHER"},
        "tags": "",
        "currency": store.config.currency,
        "tax_exemptions": [],
        "admin_graphql_api_id": f"gid://shopify/Customer/{customer.id}",
        "default_address": {
            "id": customer.id,
            "customer_id": customer.id,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            **STREET,
            **COUNTRY,
            "phone": customer.phone,
            "name": f"{customer.first_name} {customer.last_name}",
            "country_name": "Australia",
            "default": True,
        },
    }


def address(customer: Customer) -> dict[str, Any]:
    """Return the address that an order copies."""
    return {
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "name": f"{customer.first_name} {customer.last_name}",
        "phone": customer.phone,
        **STREET,
        **COUNTRY,
        "latitude": -37.8136,
        "longitude": 144.9631,
    }
