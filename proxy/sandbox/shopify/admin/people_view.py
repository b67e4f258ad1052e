"""Customers, staff and locations as the Admin API shows them."""

from typing import Any

from proxy.sandbox.shopify.model import Customer, Location
from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store


def customer_view(store: Store, customer: Customer) -> dict[str, Any]:
    orders = sum(1 for o in store.orders.values() if o.customer and o.customer.id == customer.id)
    return {
        "__typename": "Customer",
        "id": gid("Customer", customer.id),
        "legacyResourceId": customer.id,
        "firstName": customer.first_name,
        "lastName": customer.last_name,
        "displayName": f"{customer.first_name} {customer.last_name}",
        "email": customer.email,
        "phone": customer.phone,
        "defaultEmailAddress": {"emailAddress": customer.email},
        "defaultPhoneNumber": {"phoneNumber": customer.phone},
        "locale": "en-AU",
        "note": None,
        "numberOfOrders": orders,
        "state": "ENABLED",
        "tags": [],
        "taxExempt": False,
        "verifiedEmail": True,
        "createdAt": customer.created_at,
        "updatedAt": customer.created_at,
    }


def location_view(location: Location) -> dict[str, Any]:
    return {
        "__typename": "Location",
        "id": gid("Location", location.id),
        "legacyResourceId": location.id,
        "name": location.name,
        "isActive": True,
        "fulfillsOnlineOrders": True,
        "shipsInventory": True,
        "createdAt": location.created_at,
        "updatedAt": location.created_at,
    }


def staff_view(user_id: int) -> dict[str, Any]:
    return {
        "__typename": "StaffMember",
        "id": gid("StaffMember", user_id),
        "active": True,
        "email": f"staff-{user_id}@example.com",
        "exists": True,
        "firstName": "Staff",
        "lastName": str(user_id),
        "isShopOwner": False,
        "locale": "en",
        "name": f"Staff {user_id}",
    }
