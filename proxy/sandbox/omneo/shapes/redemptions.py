"""Redemptions on the wire: the answer to a redeem, and the object that is read later."""

from datetime import datetime
from typing import Any

from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.records import Redemption, RedemptionItem
from proxy.sandbox.omneo.shapes import incentives
from proxy.sandbox.omneo.state import OmneoState
from proxy.sandbox.omneo.times import stamp


def successful(state: OmneoState, config: OmneoConfig, row: Redemption, now: datetime) -> dict[str, Any]:
    """Shape the answer to redeem, reversal and return; it carries the new balances.

    Source: https://docs.omneo.io/api-reference/return-strategy/add-reward-or-point-return
    """
    return {
        "id": row.id,
        "profile_id": row.profile_id,
        "total": row.total,
        "total_localised": row.total,
        "location_id": row.location_id,
        "location": location(state, row.location_id),
        "balances": incentives.balances(state, config, row.profile_id, now),
        "meta": row.meta,
        "currency": None,
        "transaction_external_id": row.transaction_external_id,
        "transaction_receipt_ref": row.transaction_receipt_ref,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def redemption(state: OmneoState, row: Redemption, now: datetime) -> dict[str, Any]:
    """Shape a redemption as it is read; the labels can be filtered by but are not shown.

    Source: https://omneo.readme.io/reference/redemptions-1
    """
    profile = state.profiles.get(row.profile_id)
    fields = profile.fields if profile else {}
    names = [fields.get("first_name"), fields.get("last_name")]
    return {
        "id": row.id,
        "profile_id": row.profile_id,
        "profile": {
            "first_name": names[0],
            "last_name": names[1],
            "full_name": " ".join(str(n) for n in names if n) or None,
            "email": fields.get("email"),
            "statuses": [],
        },
        "type": row.type,
        "total": row.total,
        "total_localised": row.total,
        "meta": row.meta,
        "location_id": row.location_id,
        "location": location(state, row.location_id),
        "redeem_at": stamp(row.created_at),
        "transaction_id": row.transaction_id,
        "transaction": _transaction(state, row.transaction_id),
        "items": [item(state, i, now) for i in row.items],
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def redemption_filters(row: Redemption) -> dict[str, Any]:
    types = {item.type for item in row.items}
    return {
        "transaction_external_id": row.transaction_external_id,
        "transaction_receipt_ref": row.transaction_receipt_ref,
        "linked_source_id": row.source_id,
        "linked_source_type": "redemption" if row.source_id else None,
    } | {f"has_{type_}": type_ in types for type_ in ("reward", "point", "benefit", "credit")}


def item(state: OmneoState, row: RedemptionItem, now: datetime) -> dict[str, Any]:
    attributes: dict[str, Any] | None = None
    if row.type == "reward" and row.subject_id in state.rewards:
        attributes = incentives.reward(state, state.rewards[row.subject_id], now)
    elif row.type == "point" and row.subject_id in state.points:
        attributes = incentives.points(state.points[row.subject_id])
    elif row.type == "benefit" and row.subject_id in state.benefits:
        attributes = incentives.benefit(state, state.benefits[row.subject_id], now)
    return {
        "id": row.id,
        "type": row.type,
        "value": row.value,
        "count": row.count,
        "type_attributes": attributes,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.created_at),
    }


def location(state: OmneoState, location_id: int | None) -> dict[str, Any] | None:
    row = state.catalogues["locations"].get(location_id) if location_id else None
    return incentives.entry(row) if row else None


def _transaction(state: OmneoState, transaction_id: int | None) -> dict[str, Any] | None:
    row = state.transactions.get(transaction_id) if transaction_id else None
    if row is None:
        return None
    return {
        "external_id": row.external_id,
        "receipt_ref": row.fields.get("receipt_ref"),
        "transacted_at": stamp(row.transacted_at),
        "total": row.total,
        "location": location(state, row.location_id),
    }
