"""Balances, rewards, points, benefits and their definitions on the wire."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.records import Benefit, Entry, Points, Reward
from proxy.sandbox.omneo.state import OmneoState
from proxy.sandbox.omneo.times import local_stamp, stamp


def point_dollars(points: int, config: OmneoConfig) -> Decimal:
    """Convert points to currency units, rounded down to the cent."""
    return (points * config.point_value).quantize(Decimal("0.01"), rounding=ROUND_DOWN)


def balances(state: OmneoState, config: OmneoConfig, profile_id: str, now: datetime) -> dict[str, Any]:
    """Return the six balances; combined is rewards plus points in dollars.

    Source: https://docs.omneo.io/dev-guides/pos/pos-integration-guide
    """
    rewards = state.reward_balance(profile_id, now)
    points = state.point_balance(profile_id)
    dollars = point_dollars(points, config)
    return {
        "reward_balance": rewards,
        "credit_balance": Decimal("0.00"),
        "point_balance": points,
        "point_balance_dollars": dollars,
        "benefit_balance": sum(state.is_redeemable(b, now) for b in state.benefits_of(profile_id)),
        "combined_balance_dollars": rewards + dollars,
        "localised": {
            "reward_balance": rewards,
            "point_balance_dollars": dollars,
            "combined_balance_dollars": rewards + dollars,
        },
        "currency": {
            "id": 1,
            "from": config.currency,
            "to": config.currency,
            "rate": 1,
            "is_system": True,
            "created_at": "2020-01-01 00:00:00",
            "updated_at": "2020-01-01 00:00:00",
        },
    }


def entry(row: Entry) -> dict[str, Any]:
    return {
        "id": row.id,
        **row.fields,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def benefit_definition(row: Entry) -> dict[str, Any]:
    """Shape a benefit definition; its id is text on the wire, by the SDK's own test."""
    limit, used = row.fields.get("max_global_redemptions"), int(row.fields["total_global_redemptions"] or 0)
    left = None if limit is None else max(0, int(limit) - used)
    return entry(row) | {"id": str(row.id), "total_global_redemptions_remaining": left}


def reward(state: OmneoState, row: Reward, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "profile_id": row.profile_id,
        "timezone": row.timezone,
        "value_initial": row.value_initial,
        "value_remaining": row.value_remaining,
        "issued_at": stamp(row.issued_at),
        "expires_at": stamp(row.expires_at),
        "issued_local_at": local_stamp(row.issued_at, row.timezone),
        "expires_local_at": local_stamp(row.expires_at, row.timezone),
        "is_active": row.is_active(now),
        "is_expired": row.is_expired(now),
        "extended_at": stamp(row.extended_at),
        "has_notified_issue": False,
        "has_notified_expiry": False,
        "has_notified_extend": False,
        "notify_issue_at": None,
        "notify_expiry_at": None,
        "source_id": row.source_id,
        "source_type": row.source_type,
        "meta": row.meta,
        "definition": entry(state.catalogues["reward_definitions"][row.definition_id]),
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def reward_filters(row: Reward) -> dict[str, Any]:
    return {"reward_definition_id": row.definition_id, "external_id": row.external_id}


def points(row: Points) -> dict[str, Any]:
    return {
        "id": row.id,
        "profile_id": row.profile_id,
        "value": row.initial,
        "value_remaining": row.remaining,
        "issued_at": stamp(row.issued_at),
        "accrued_at": stamp(row.issued_at),
        "status": "active",
        "source_id": None,
        "source_type": None,
        "meta": row.meta,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def benefit(state: OmneoState, row: Benefit, now: datetime) -> dict[str, Any]:
    definition = state.catalogues["benefit_definitions"][row.definition_id]
    return {
        "id": row.id,
        "profile_id": row.profile_id,
        "external_id": row.external_id,
        "issued_at": stamp(row.issued_at),
        "expires_at": stamp(row.expires_at),
        "claimed_at": stamp(row.claimed_at),
        "extended_at": stamp(row.extended_at),
        "is_expired": row.is_expired(now),
        "is_redeemable": state.is_redeemable(row, now),
        "redemptions_remaining": row.redemptions_remaining,
        "total_global_redemptions_remaining": state.global_remaining(row),
        "value": row.value,
        "redeem_code_pos": row.redeem_code_pos or definition.fields.get("redeem_code_pos"),
        "redeem_code_online": row.redeem_code_online or definition.fields.get("redeem_code_online"),
        "is_combined": False,
        "combine_meta": None,
        "timezone": row.timezone,
        "meta": row.meta,
        "source_id": None,
        "source_type": None,
        "definition": benefit_definition(definition),
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def benefit_filters(row: Benefit) -> dict[str, Any]:
    return {"benefit_definition_id": row.definition_id, "external_id": row.external_id}
