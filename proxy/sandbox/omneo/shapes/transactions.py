"""Transactions and their items on the wire."""

from datetime import datetime
from typing import Any

from proxy.sandbox.omneo.records import Transaction
from proxy.sandbox.omneo.shapes import redemptions
from proxy.sandbox.omneo.state import OmneoState
from proxy.sandbox.omneo.times import stamp


def transaction(state: OmneoState, row: Transaction, now: datetime) -> dict[str, Any]:
    profile = state.profiles.get(row.profile_id) if row.profile_id else None
    staff_id = row.fields.get("staff_id")
    return {
        "id": row.id,
        "external_id": row.external_id,
        "profile_id": row.profile_id,
        "profile": {"email": profile.fields.get("email")} if profile else None,
        "redemption": _redemption(state, row, now),
        "reversed_redemptions": _reversed(state, row, now),
        "location": redemptions.location(state, row.location_id),
        "total": row.total,
        "total_converted": row.total,
        "transacted_at": stamp(row.transacted_at),
        "timezone": row.timezone,
        "currency_id": 1,
        "currency_rate": 1,
        "currency_values": [],
        "organisation": None,
        "claimed_at": None,
        "staff": {"id": staff_id, "full_name": None, "email": None, "identities": []} if staff_id else None,
        **{key: value for key, value in row.fields.items() if key != "staff_id"},
        "items": [{**item, "transaction_id": row.id} for item in row.items],
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def transaction_filters(row: Transaction) -> dict[str, Any]:
    return {"redemption_id": row.redemption_id, "location_id": row.location_id}


def _redemption(state: OmneoState, row: Transaction, now: datetime) -> dict[str, Any] | None:
    spent = state.redemptions.get(row.redemption_id) if row.redemption_id else None
    if spent is None:
        return None
    full = redemptions.redemption(state, spent, now)
    names = ("id", "type", "total", "total_localised", "location_id", "location", "items")
    return {name: full[name] for name in names}


def _reversed(state: OmneoState, row: Transaction, now: datetime) -> list[dict[str, Any]]:
    spent = state.redemptions.get(row.redemption_id) if row.redemption_id else None
    if spent is None:
        return []
    undone = (r for r in state.undone_by(spent) if r.type == "reversal")
    return [redemptions.redemption(state, r, now) for r in undone]
