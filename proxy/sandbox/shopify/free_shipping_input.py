"""What Shopify accepts as a free shipping code: the rules of a basic code that fit, and those of shipping."""

from dataclasses import replace
from typing import Any

from proxy.sandbox.shopify.discount_input import UserError, build, shared_refusals
from proxy.sandbox.shopify.model import Discount
from proxy.sandbox.shopify.store import Store

ROOT = "freeShippingCodeDiscount"


def free_shipping_refusals(store: Store, given: dict[str, Any]) -> list[UserError]:
    """Check an input. Source: recorded behaviour (airhorns/shopify-draft-proxy captures)."""
    errors = [replace(error, field=(ROOT, *error.field[1:])) for error in shared_refusals(store, given, None)]
    if (given.get("combinesWith") or {}).get("shippingDiscounts"):
        message = "The combinesWith settings are not valid for the discount class."
        errors.append(UserError((ROOT, "combinesWith"), message, "INVALID_COMBINES_WITH_FOR_DISCOUNT_CLASS"))
    destination = given.get("destination") or {}
    if not destination.get("all"):
        # assumption: undocumented; the simulator ships within one country, and knows no others.
        errors.append(UserError((ROOT, "destination"), "Destination can't be blank", "BLANK"))
    return errors


def build_free_shipping(store: Store, given: dict[str, Any]) -> Discount:
    """Make the discount that an accepted input describes."""
    flags = {
        field: given[name]
        for name, field in (
            ("appliesOnOneTimePurchase", "on_one_time_purchase"),
            ("appliesOnSubscription", "on_subscription"),
            ("maximumShippingPrice", "maximum_shipping_price"),
        )
        if given.get(name) is not None
    }
    return replace(build(store, given, None), free_shipping=True, **flags)
