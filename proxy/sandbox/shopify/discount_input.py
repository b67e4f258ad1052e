"""What Shopify accepts as a basic code discount: the runtime rules behind an input that is all nullable."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.model import Discount
from proxy.sandbox.shopify.store import Store

ROOT = "basicCodeDiscount"
MAX_TEXT = 255
MAX_INT = 2_147_483_647
CLASSES = {"orderDiscounts": "ORDER", "productDiscounts": "PRODUCT", "shippingDiscounts": "SHIPPING"}


@dataclass(frozen=True, slots=True)
class UserError:
    field: tuple[str, ...]
    message: str
    code: str


def numeric_id(gid: str) -> int:
    """Return the number at the end of a gid, -1 when there is none."""
    found = re.fullmatch(r"(?:gid://shopify/[A-Za-z]+/)?(\d+)(?:\?.*)?", gid)
    return int(found[1]) if found else -1


def refusals(store: Store, given: dict[str, Any], existing: Discount | None) -> list[UserError]:
    """Check an input. Source: recorded behaviour (airhorns/shopify-draft-proxy captures)."""
    gets = given.get("customerGets") or {}
    errors = _value_errors(gets, required=existing is None) + _item_errors(store, gets.get("items") or {})
    return errors + shared_refusals(store, given, existing)


def shared_refusals(store: Store, given: dict[str, Any], existing: Discount | None) -> list[UserError]:
    """Check what every kind of code discount has: buyers, code, title, dates, limit and minimum."""
    errors = _context_errors(store, given)
    errors += _code_errors(store, given, existing) + _title_errors(given, existing)
    errors += _date_errors(given, existing)
    limit = given.get("usageLimit")
    if limit is not None and limit <= 0:
        errors.append(_error("Usage limit must be greater than 0", "GREATER_THAN", "usageLimit"))
    if limit is not None and limit > MAX_INT:
        message = f"Usage limit must be less than or equal to {MAX_INT}"
        errors.append(_error(message, "LESS_THAN_OR_EQUAL_TO", "usageLimit"))
    minimum = given.get("minimumRequirement") or {}
    if minimum.get("subtotal") and minimum.get("quantity"):
        message = "Minimum subtotal and quantity cannot both be present."
        code = "MINIMUM_SUBTOTAL_AND_QUANTITY_RANGE_BOTH_PRESENT"
        errors.append(_error(message, code, "minimumRequirement"))
    return errors


def build(store: Store, given: dict[str, Any], existing: Discount | None) -> Discount:
    """Make the discount that an accepted input describes; absent fields keep what `existing` has."""
    now = store.now()
    base = existing or Discount(
        id=store.next_discount_id(),
        redeem_id=store.next_id(),
        code=given["code"],
        title=given["title"],
        starts_at=given["startsAt"],
        created_at=now,
        updated_at=now,
    )
    changed: dict[str, Any] = {"updated_at": now}
    for name, field in (("title", "title"), ("code", "code"), ("startsAt", "starts_at"), ("endsAt", "ends_at")):
        if name in given and (given[name] is not None or name == "endsAt"):
            value = given[name]
            changed[field] = value.replace(microsecond=0) if isinstance(value, datetime) else value
    if "usageLimit" in given:
        changed["usage_limit"] = given["usageLimit"]
    if given.get("appliesOncePerCustomer") is not None:
        changed["once_per_customer"] = given["appliesOncePerCustomer"]
    if "tags" in given:
        changed["tags"] = tuple(given["tags"] or ())
    if "recurringCycleLimit" in given:
        changed["recurring_cycle_limit"] = given["recurringCycleLimit"]
    if given.get("combinesWith") is not None:
        allowed = given["combinesWith"]
        changed["combines_with"] = frozenset(k for name, k in CLASSES.items() if allowed.get(name))
    changed |= _customers(given, base) | _gets(given.get("customerGets") or {}) | _minimum(given)
    return replace(base, **changed)


def _error(message: str, code: str, *path: str) -> UserError:
    return UserError((ROOT, *path), message, code)


def _code_errors(store: Store, given: dict[str, Any], existing: Discount | None) -> list[UserError]:
    code = given.get("code")
    if code is None:
        return [] if existing else [_error("Code can't be blank", "BLANK", "code")]
    if not code:
        return [_error("Code is too short (minimum is 1 character)", "TOO_SHORT", "code")]
    if not code.strip():
        return [_error("Code can't be blank", "BLANK", "code")]
    if "\n" in code or "\r" in code:
        return [_error("Code cannot contain newline characters.", "INVALID", "code")]
    if len(code) > MAX_TEXT:
        return [_error(f"Code is too long (maximum is {MAX_TEXT} characters)", "TOO_LONG", "code")]
    holder = store.discount_by_code(code)
    if holder is not None and (existing is None or holder.id != existing.id):
        return [_error("Code must be unique. Please try a different code.", "TAKEN", "code")]
    return []


def _title_errors(given: dict[str, Any], existing: Discount | None) -> list[UserError]:
    title = given.get("title")
    if existing is not None and "title" not in given:
        return []
    if not (title or "").strip():
        return [_error("Title can't be blank", "BLANK", "title")]
    assert title is not None
    if len(title) > MAX_TEXT:
        return [_error(f"Title is too long (maximum is {MAX_TEXT} characters)", "TOO_LONG", "title")]
    return []


def _date_errors(given: dict[str, Any], existing: Discount | None) -> list[UserError]:
    starts = given.get("startsAt", existing.starts_at if existing else None)
    ends = given.get("endsAt", existing.ends_at if existing else None)
    if starts is None:
        return [_error("Starts at can't be blank", "BLANK", "startsAt")]
    if ends is not None and ends <= starts:
        return [_error("Ends at needs to be after starts_at", "INVALID", "endsAt")]
    return []


def _context_errors(store: Store, given: dict[str, Any]) -> list[UserError]:
    context, selection = given.get("context"), given.get("customerSelection")
    if context and selection:
        message = "Only one of context or customerSelection can be provided."
        return [_error(message, "INVALID", "context")]
    root = "context" if context else "customerSelection"
    ids = ((context or selection or {}).get("customers") or {}).get("add") or []
    return [
        # assumption: the words are undocumented; the code and the field follow the product case.
        _error(f"Customer with id: {numeric_id(gid)} is invalid", "INVALID", root, "customers", "add")
        for gid in ids
        if numeric_id(gid) not in store.customers
    ]


def _value_errors(gets: dict[str, Any], *, required: bool) -> list[UserError]:
    value, items = gets.get("value") or {}, gets.get("items") or {}
    errors = []
    if required and not value:
        errors.append(_error("Value can't be blank", "BLANK", "customerGets", "value"))
    if required and not items:
        errors.append(_error("Items can't be blank", "BLANK", "customerGets", "items"))
    percentage = value.get("percentage")
    if percentage is not None and not 0 < percentage <= 1:
        message = "Value must be between 0.0 and 1.0"
        errors.append(_error(message, "VALUE_OUTSIDE_RANGE", "customerGets", "value", "percentage"))
    amount = (value.get("discountAmount") or {}).get("amount", Decimal(1))
    if amount is None or amount <= 0:
        path = ("customerGets", "value", "discountAmount", "amount")
        errors.append(_error("Value must be greater than 0", "GREATER_THAN", *path))
    if items.get("products") and items.get("collections"):
        message = "Cannot entitle collections in combination with product variants or products"
        errors.append(_error(message, "CONFLICT", "customerGets", "items", "collections", "add"))
    return errors


def _item_errors(store: Store, items: dict[str, Any]) -> list[UserError]:
    named = (
        ("Product", store.product_ids, "products", "productsToAdd"),
        ("Product variant", set(store.variants), "products", "productVariantsToAdd"),
        ("Collection", set(store.collections), "collections", "add"),
    )
    return [
        _error(f"{kind} with id: {numeric_id(gid)} is invalid", "INVALID", "customerGets", "items", group, name)
        for kind, known, group, name in named
        for gid in (items.get(group) or {}).get(name) or ()
        if numeric_id(gid) not in known
    ]


def _customers(given: dict[str, Any], base: Discount) -> dict[str, Any]:
    context = given.get("context") or given.get("customerSelection")
    if not context:
        return {}
    if not context.get("customers"):
        return {"customers": None}
    change = context["customers"]
    ids = set(base.customers or ()) | {numeric_id(g) for g in change.get("add") or ()}
    return {"customers": frozenset(ids - {numeric_id(g) for g in change.get("remove") or ()})}


def _gets(gets: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    value, items = gets.get("value") or {}, gets.get("items") or {}
    if value.get("percentage") is not None:
        changed |= {"percentage": Decimal(str(value["percentage"])), "amount": None}
    elif value.get("discountAmount"):
        given = value["discountAmount"]
        changed |= {"amount": given["amount"], "percentage": None}
        changed["each_item"] = bool(given.get("appliesOnEachItem"))
    if items:
        products, collections = items.get("products") or {}, items.get("collections") or {}
        changed["products"] = frozenset(numeric_id(g) for g in products.get("productsToAdd") or ())
        changed["variants"] = frozenset(numeric_id(g) for g in products.get("productVariantsToAdd") or ())
        changed["collections"] = frozenset(numeric_id(g) for g in collections.get("add") or ())
    for name, field in (
        ("appliesOnOneTimePurchase", "on_one_time_purchase"),
        ("appliesOnSubscription", "on_subscription"),
    ):
        if gets.get(name) is not None:
            changed[field] = gets[name]
    return changed


def _minimum(given: dict[str, Any]) -> dict[str, Any]:
    if "minimumRequirement" not in given:
        return {}
    minimum = given["minimumRequirement"] or {}
    quantity = (minimum.get("quantity") or {}).get("greaterThanOrEqualToQuantity")
    return {
        "minimum_subtotal": (minimum.get("subtotal") or {}).get("greaterThanOrEqualToSubtotal"),
        "minimum_quantity": int(quantity) if quantity is not None else None,
    }
