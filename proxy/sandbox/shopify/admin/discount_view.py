"""Discounts as the Admin API shows them."""

from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.admin.money_view import money
from proxy.sandbox.shopify.admin.paging import listed
from proxy.sandbox.shopify.admin.people_view import customer_view
from proxy.sandbox.shopify.admin.product_view import collection_view, product_view, variant_view
from proxy.sandbox.shopify.model import Discount
from proxy.sandbox.shopify.money import graphql_text
from proxy.sandbox.shopify.rest_shape import gid
from proxy.sandbox.shopify.store import Store


def discount_node(store: Store, discount: Discount | None) -> dict[str, Any] | None:
    """Write a discount as a node of either root field; None stays None."""
    if discount is None:
        return None
    own = _shipping(store, discount) if discount.free_shipping else _basic(store, discount)
    shown = _shared(store, discount) | own
    identity = gid("DiscountCodeNode", discount.id)
    return {"__typename": "DiscountCodeNode", "id": identity, "codeDiscount": shown, "discount": shown}


def _basic(store: Store, discount: Discount) -> dict[str, Any]:
    return {"__typename": "DiscountCodeBasic", "customerGets": _gets(store, discount)}


def _shipping(store: Store, discount: Discount) -> dict[str, Any]:
    most = discount.maximum_shipping_price
    return {
        "__typename": "DiscountCodeFreeShipping",
        "appliesOnOneTimePurchase": discount.on_one_time_purchase,
        "appliesOnSubscription": discount.on_subscription,
        "destinationSelection": {"__typename": "DiscountCountryAll", "allCountries": True},
        "maximumShippingPrice": money(most, store.config.currency) if most is not None else None,
    }


def _shared(store: Store, discount: Discount) -> dict[str, Any]:
    used = store.counted_uses(discount.id)
    code = {"id": gid("DiscountRedeemCode", discount.redeem_id), "code": discount.code, "asyncUsageCount": used}
    everyone = discount.customers is None
    customers = [customer_view(store, store.customers[i]) for i in sorted(discount.customers or ())]
    selected = {"__typename": "DiscountCustomers", "customers": customers}
    return {
        "title": discount.title,
        "status": discount.status(store.clock.now()),
        "startsAt": discount.starts_at,
        "endsAt": discount.ends_at,
        "createdAt": discount.created_at,
        "updatedAt": discount.updated_at,
        "usageLimit": discount.usage_limit,
        "asyncUsageCount": used,
        "appliesOncePerCustomer": discount.once_per_customer,
        "codes": listed([code]),
        "codesCount": {"count": 1, "precision": "EXACT"},
        "combinesWith": {
            "orderDiscounts": "ORDER" in discount.combines_with,
            "productDiscounts": "PRODUCT" in discount.combines_with,
            "shippingDiscounts": "SHIPPING" in discount.combines_with,
        },
        "context": {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"} if everyone else selected,
        "customerSelection": ({"__typename": "DiscountCustomerAll", "allCustomers": True} if everyone else selected),
        "discountClasses": [discount.klass],
        "minimumRequirement": _minimum(store, discount),
        "recurringCycleLimit": discount.recurring_cycle_limit,
        "tags": list(discount.tags),
        "totalSales": money(Decimal(0), store.config.currency),
        "summary": _summary(store, discount),
        "shortSummary": _summary(store, discount).partition(" • ")[0],
    }


def _gets(store: Store, discount: Discount) -> dict[str, Any]:
    if discount.amount is not None:
        amount = money(discount.amount, store.config.currency)
        each = discount.each_item
        value: dict[str, Any] = {"__typename": "DiscountAmount", "amount": amount, "appliesOnEachItem": each}
    else:
        value = {"__typename": "DiscountPercentage", "percentage": float(discount.percentage or 0)}
    return {
        "value": value,
        "items": _items(store, discount),
        "appliesOnOneTimePurchase": discount.on_one_time_purchase,
        "appliesOnSubscription": discount.on_subscription,
    }


def _items(store: Store, discount: Discount) -> dict[str, Any]:
    if discount.all_items:
        return {"__typename": "AllDiscountItems", "allItems": True}
    if discount.collections:
        views = [collection_view(store, i) for i in sorted(discount.collections)]
        return {"__typename": "DiscountCollections", "collections": listed(views)}
    variants = list(store.variants.values())
    return {
        "__typename": "DiscountProducts",
        "products": listed([product_view(store, v) for v in variants if v.product_id in discount.products]),
        "productVariants": listed([variant_view(store, v) for v in variants if v.id in discount.variants]),
    }


def _minimum(store: Store, discount: Discount) -> dict[str, Any] | None:
    if discount.minimum_subtotal is not None:
        amount = money(discount.minimum_subtotal, store.config.currency)
        return {"__typename": "DiscountMinimumSubtotal", "greaterThanOrEqualToSubtotal": amount}
    if discount.minimum_quantity is not None:
        return {
            "__typename": "DiscountMinimumQuantity",
            "greaterThanOrEqualToQuantity": discount.minimum_quantity,
        }
    return None


def _summary(store: Store, discount: Discount) -> str:
    if discount.free_shipping:
        return "Free shipping on one-time purchase products • For all countries"
    if discount.amount is not None:
        what = f"{store.config.currency} {graphql_text(discount.amount)} off"
    else:
        what = f"{(discount.percentage or Decimal(0)) * 100:.0f}% off"
    return f"{what} {'entire order' if discount.all_items else 'selected products'}"
