"""Profiles, identities, tiers and aggregations on the wire."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.records import ZERO, Identity, Profile, Transaction
from proxy.sandbox.omneo.shapes import incentives, redemptions
from proxy.sandbox.omneo.state import OmneoState
from proxy.sandbox.omneo.times import stamp

YEAR = timedelta(days=365)


def identity(row: Identity) -> dict[str, Any]:
    return {
        "id": row.id,
        "handle": row.handle,
        "identifier": row.identifier,
        "is_primary": row.is_primary,
        "is_active": row.is_active,
        "profile_id": row.profile_id,
        "merged_from": row.merged_from,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def profile(state: OmneoState, config: OmneoConfig, row: Profile, now: datetime) -> dict[str, Any]:
    names = [str(n) for n in (row.fields.get("first_name"), row.fields.get("last_name")) if n]
    held = incentives.balances(state, config, row.id, now)
    balances = {name: value for name, value in held.items() if name not in ("localised", "currency")}
    return {
        "id": row.id,
        **row.fields,
        "full_name": " ".join(names) or None,
        "mobile_phone_e164": row.fields.get("mobile_phone"),
        "identities": [identity(i) for i in state.identities.values() if i.profile_id == row.id],
        "attributes": {"comms": comms(row), "appearance": {}, "dates": []},
        "tier_handle": row.tier,
        "tier": _tier(state, row),
        "statuses": [],
        "statuses_original": [],
        "custom_attributes": [],
        "address": None,
        "addresses": [],
        "regions": [],
        "region": None,
        "organisations": [],
        "preferred_location": redemptions.location(state, row.fields.get("preferred_location_id")),
        "joined_location": redemptions.location(state, row.fields.get("joined_location_id")),
        "preferred_staff": None,
        "joined_staff": None,
        "is_public": False,
        **balances,
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
    }


def comms(row: Profile) -> dict[str, Any]:
    channels = ("email", "sms", "post", "push", "phone")
    blank = {f"{channel}_{word}": None for channel in channels for word in ("promo", "optout", "bounced")}
    return blank | {"email_consent_updated_at": None, "sms_consent_updated_at": None} | row.comms


def _tier(state: OmneoState, row: Profile) -> dict[str, Any] | None:
    definition = state.entry_by("tier_definitions", "handle", row.tier) if row.tier else None
    if definition is None:
        return None
    return {
        "id": definition.id,
        "name": definition.fields["name"],
        "handle": definition.fields["handle"],
        "profile_id": row.id,
        "achieved_at": stamp(row.tier_since),
        "assigned_at": stamp(row.tier_since),
        "maintained_at": None,
        "anniversary_at": stamp(row.tier_since + YEAR) if row.tier_since else None,
    }


def tier_progress(state: OmneoState, row: Profile, now: datetime) -> dict[str, Any]:
    """Shape how far a profile is; tier points are whole dollars of the last 12 months (assumption)."""
    rungs = sorted(
        state.catalogues["tier_definitions"].values(), key=lambda e: Decimal(str(e.fields["value_min"] or 0))
    )
    at = next((i for i, e in enumerate(rungs) if e.fields["handle"] == row.tier), None)
    earned = int(aggregations(state, row, now)["spend_12m"])
    following = rungs[at + 1 if at is not None else 0 :][:1]
    goal = int(following[0].fields["value_min"] or 0) if following else None
    return {
        "id": 1,
        "profile_id": row.id,
        "is_floor": False,
        "current_credit": 0,
        "current_progress": earned,
        "current_remain": 0,
        "next_progress": earned if following else None,
        "next_remain": max(0, goal - earned) if goal is not None else None,
        "total_points_12m": earned,
        "total_points_achievement": 0,
        "next_progress_change_at": None,
        "anniversary_at": stamp(row.tier_since + YEAR) if row.tier_since else None,
        "maintained_at": None,
        "assigned_at": stamp(row.tier_since),
        "achieved_at": stamp(row.tier_since),
        "created_at": stamp(row.created_at),
        "updated_at": stamp(row.updated_at),
        "current_tier": incentives.entry(rungs[at]) if at is not None else None,
        "next_tier": incentives.entry(following[0]) if following else None,
        "prev_tier": incentives.entry(rungs[at - 1]) if at else None,
    }


def aggregations(state: OmneoState, row: Profile, now: datetime) -> dict[str, Any]:
    """Shape the sums over a profile's transactions that are not void."""
    sales = [t for t in state.transactions.values() if t.profile_id == row.id and not t.fields["is_void"]]
    sales.sort(key=lambda t: (t.transacted_at, t.id))
    recent = [t for t in sales if t.transacted_at > now - YEAR]
    spend, spend_12m = _sum(sales), _sum(recent)
    last = sales[-1] if sales else None
    return {
        "profile_id": row.id,
        "shop_count": len(sales),
        "shop_days": len({t.transacted_at.date() for t in sales}),
        "spend_all": spend,
        "spend_12m": spend_12m,
        "spend_atv_all": _average(spend, len(sales)),
        "spend_atv_12m": _average(spend_12m, len(recent)),
        "spend_first_date": stamp(sales[0].transacted_at) if sales else None,
        "spend_last_date": stamp(last.transacted_at) if last else None,
        "latest_shop_spend": last.total if last else None,
        "discount_avg": None,
        "dimension_frequency": f"F{min(len(sales), 2)}" if len(sales) < 3 else "FL",
        "dimension_recency": "RC",
        "dimension_join": "JC",
        "channel": _channel(sales),
        "purchased_brands": [],
        "latest_transacted_location": redemptions.location(state, last.location_id) if last else None,
        "store_join": None,
    }


def _sum(sales: list[Transaction]) -> Decimal:
    return sum((t.total for t in sales), ZERO)


def _average(total: Decimal, count: int) -> Decimal:
    return (total / count).quantize(Decimal("0.01")) if count else ZERO


def _channel(sales: list[Transaction]) -> str | None:
    systems = {str(s) for t in sales for s in t.fields.get("systems") or ()}
    if {"pos", "web"} <= systems:
        return "CO"
    return "CM" if "web" in systems else "CF" if "pos" in systems else None
