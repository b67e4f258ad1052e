"""The body of a transaction: reading it whole before anything changes, then applying it."""

from dataclasses import dataclass
from typing import Any

from proxy.sandbox.omneo import booking
from proxy.sandbox.omneo.call import Call
from proxy.sandbox.omneo.problems import invalid
from proxy.sandbox.omneo.records import ZERO, Transaction
from proxy.sandbox.omneo.rules import check, integer, money, money_or_none, number
from proxy.sandbox.omneo.times import parsed, zone

AMOUNTS = ("total_original", "rounding", "margin")
PLAIN = (
    *("receipt_ref", "linked_receipt_ref", "staff_id", "currency", "tender", "fees", "payments", "tags"),
    *("systems", "type", "status", "order_id", "order_number", "external_order_id", "is_void"),
    *("receipt_is_email", "receipt_email", "need_action", "meta", "custom_fields"),
)
ITEM_FIELDS = (
    *("name", "quantity", "price_current", "price_sell", "price_original", "price_margin", "price_tax"),
    *("product_variant_id", "product_variant_sku", "sku", "variant_external_id", "external_id"),
    *("department", "discounts", "meta", "is_void"),
)
PRICES = frozenset(name for name in ITEM_FIELDS if name.startswith("price_"))
BODY_RULES = {
    "total": "numeric",
    "timezone": "string",
    "external_id": "string",
    "profile_id_handle": "string",
    "redemption_id": "integer",
    "payments": "array",
    "tags": "array",
    "systems": "array",
    "meta": "array",
    "items": "array",
    "is_void": "boolean",
    "receipt_is_email": "boolean",
    "need_action": "boolean",
    **dict.fromkeys(AMOUNTS, "numeric"),
}
ITEM_RULES = {
    "name": "required|string",
    "quantity": "required|numeric",
    "price_current": "required|numeric",
    "price_sell": "required|numeric",
}


@dataclass(frozen=True, slots=True)
class Sale:
    """What a valid body changes: attributes of the record, plain fields, and its items when it has some."""

    attributes: dict[str, Any]
    fields: dict[str, Any]
    items: list[dict[str, Any]] | None


def blank(call: Call) -> Transaction:
    """Return a new record with every field that the wire shows."""
    fields = dict.fromkeys((*PLAIN, *AMOUNTS)) | {
        "tags": [],
        "systems": [],
        "is_void": False,
        "receipt_is_email": False,
        "need_action": False,
        "custom_fields": [],
        "currency": call.config.currency,
    }
    return Transaction(
        id=call.state.next_id("transaction"),
        external_id=None,
        profile_id=None,
        redemption_id=None,
        location_id=None,
        total=ZERO,
        transacted_at=call.now,
        timezone="UTC",
        items=[],
        fields=fields,
        created_at=call.now,
        updated_at=call.now,
    )


def read_sale(call: Call, row: Transaction | None) -> Sale:
    """Validate a body against the tables; `row` is None for a creation. Raises Problem 422."""
    needed = {"total": "required|numeric", "transacted_at": "required", "timezone": "required|string"}
    check(call.body, BODY_RULES | ({"items": "present|array"} | needed if row is None else {}))
    attributes = _attributes(call, row)
    fields = {name: call.body[name] for name in PLAIN if name in call.body}
    for name in ("is_void", "receipt_is_email", "need_action"):
        if name in fields:
            fields[name] = fields[name] in (True, 1, "1")
    fields |= {name: money_or_none(call.body[name], name) for name in AMOUNTS if name in call.body}
    return Sale(attributes, fields, _items(call, row))


def _attributes(call: Call, row: Transaction | None) -> dict[str, Any]:
    body, found = call.body, {}
    if body.get("external_id"):
        found["external_id"] = body["external_id"]
    if body.get("total") is not None:
        found["total"] = money(body["total"], "total")
    if body.get("timezone"):
        zone(body["timezone"])
        found["timezone"] = body["timezone"]
    if body.get("transacted_at"):
        timezone = body.get("timezone") or (row.timezone if row else None)
        found["transacted_at"] = parsed(body["transacted_at"], timezone, "transacted_at")
    if "profile_id" in body:
        found["profile_id"] = _profile_id(call)
    if "location_id" in body:
        found["location_id"] = booking.location_id(call)
    if "redemption_id" in body:
        found["redemption_id"] = _redemption_id(call, row)
    return found


def _profile_id(call: Call) -> str | None:
    value = call.body["profile_id"]
    if value in (None, ""):
        return None
    profile = call.state.find_profile(call.body.get("profile_id_handle"), str(value))
    if profile is None:
        raise invalid("profile_id", "The selected profile id is invalid.")
    return profile.id


def _redemption_id(call: Call, row: Transaction | None) -> int | None:
    value = call.body["redemption_id"]
    if value in (None, ""):
        return None
    wanted = integer(value, "redemption_id")
    if wanted not in call.state.redemptions:
        raise invalid("redemption_id", "The selected redemption id is invalid.")
    if any(t.redemption_id == wanted for t in call.state.transactions.values() if t is not row):
        # Assumption: undocumented; one redemption answers for one sale.
        raise invalid("redemption_id", "The redemption id has already been taken.")
    return wanted


def _items(call: Call, row: Transaction | None) -> list[dict[str, Any]] | None:
    given = call.body.get("items")
    if given is None:
        return [] if row is None else None
    if not isinstance(given, list):
        raise invalid("items", "The items must be an array.")
    kept = [] if row is None or call.body.get("delete_existing_items") else [dict(i) for i in row.items]
    for i, item in enumerate(given):
        if not isinstance(item, dict):
            raise invalid(f"items.{i}", f"The items.{i} must be an array.")
        known = next((k for k in kept if _same(k, item)), None)
        if known is None:
            check(item, ITEM_RULES)
            kept.append(_item(call, item))
        else:
            check(item, {name: rule.removeprefix("required|") for name, rule in ITEM_RULES.items()})
            known.update(_tidy(item))
    return kept


def _same(known: dict[str, Any], item: dict[str, Any]) -> bool:
    if item.get("id") not in (None, ""):
        return str(known["id"]) == str(item["id"])
    return bool(item.get("external_id")) and known["external_id"] == item["external_id"]


def _item(call: Call, item: dict[str, Any]) -> dict[str, Any]:
    blank_item = dict.fromkeys(ITEM_FIELDS) | {"is_void": False, "product_images": None, "product_id": None}
    return {"id": call.state.next_id("transaction_item")} | blank_item | {"is_return": False} | _tidy(item)


def _tidy(item: dict[str, Any]) -> dict[str, Any]:
    tidy = {name: item[name] for name in ITEM_FIELDS if name in item}
    for name in PRICES & tidy.keys():
        tidy[name] = money_or_none(tidy[name], name)
    if "quantity" in tidy:
        tidy["quantity"] = number(tidy["quantity"])
        tidy["is_return"] = (tidy["quantity"] or 0) < 0
    return tidy


def apply(call: Call, row: Transaction, sale: Sale) -> None:
    """Change the record and both ends of its link to a redemption."""
    before = row.redemption_id
    for name, value in sale.attributes.items():
        setattr(row, name, value)
    row.fields.update(sale.fields)
    if sale.items is not None:
        row.items = sale.items
    row.updated_at = call.now
    if before != row.redemption_id and before in call.state.redemptions:
        call.state.redemptions[before].transaction_id = None
    if row.redemption_id is not None:
        call.state.redemptions[row.redemption_id].transaction_id = row.id
