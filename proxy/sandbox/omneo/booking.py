"""Storing redemptions: what redeem, reversal, return and the benefit calls have in common."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from proxy.sandbox.omneo.call import Call
from proxy.sandbox.omneo.problems import invalid
from proxy.sandbox.omneo.records import Benefit, Redemption, RedemptionItem

# Source: https://docs.omneo.io/api-reference/return-strategy/add-reward-or-point-return
BODY_RULES = {
    "amount": "numeric",
    "strategies": "array",
    "benefits": "array",
    "strict": "boolean",
    "currency": "string",
    "transaction_external_id": "string",
    "transaction_receipt_ref": "string",
    "meta": "array",
}


@dataclass(frozen=True, slots=True)
class Labels:
    """What a caller may write on a redemption."""

    location_id: int | None = None
    transaction_external_id: str | None = None
    transaction_receipt_ref: str | None = None
    meta: Any = None


def labels(call: Call) -> Labels:
    """Read the labels off the body. Raises Problem 422 for an unknown location."""
    return Labels(
        location_id(call),
        call.body.get("transaction_external_id") or None,
        call.body.get("transaction_receipt_ref") or None,
        call.body.get("meta"),
    )


def location_id(call: Call) -> int | None:
    """Resolve the body's location by id, then by external id. Raises Problem 422."""
    reference = call.body.get("location_id")
    if reference in (None, ""):
        return None
    found = call.state.location_by(reference)
    if found is None:
        raise invalid("location_id", "The selected location id is invalid.")
    return found.id


def item(call: Call, type_: str, subject_id: int, value: Decimal | None, count: int | None) -> RedemptionItem:
    return RedemptionItem(call.state.next_id("redemption_item"), type_, subject_id, value, count, call.now)


def store(
    call: Call,
    profile_id: str,
    type_: str,
    total: Decimal,
    items: tuple[RedemptionItem, ...],
    labels: Labels,
    source_id: int | None = None,
) -> Redemption:
    """Add a redemption to the tables."""
    redemption = Redemption(
        id=call.state.next_id("redemption"),
        profile_id=profile_id,
        type=type_,
        total=total,
        items=items,
        created_at=call.now,
        updated_at=call.now,
        visible_at=call.now + timedelta(seconds=call.invisible_s),
        meta=labels.meta,
        location_id=labels.location_id,
        transaction_external_id=labels.transaction_external_id,
        transaction_receipt_ref=labels.transaction_receipt_ref,
        source_id=source_id,
    )
    call.state.redemptions[redemption.id] = redemption
    return redemption


def use(call: Call, benefit: Benefit, count: int) -> None:
    """Use a benefit `count` times, or give uses back when negative."""
    if benefit.redemptions_remaining is not None:
        benefit.redemptions_remaining -= count
    definition = call.state.entry("benefit_definitions", benefit.definition_id).fields
    definition["total_global_redemptions"] = int(definition["total_global_redemptions"] or 0) + count
    benefit.updated_at = call.now
