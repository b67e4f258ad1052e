"""The readable state of the tenant for `/_sandbox/state` and the demo page; money is text."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.records import Benefit, Profile, Redemption, Reward, Transaction
from proxy.sandbox.omneo.shapes import incentives
from proxy.sandbox.omneo.state import OmneoState
from proxy.sandbox.omneo.times import stamp


def overview(state: OmneoState, config: OmneoConfig, now: datetime) -> dict[str, Any]:
    """Return every profile with its rewards, balances, benefits, redemptions and transactions."""
    return {
        "now": stamp(now),
        "profiles": [_profile(state, config, p, now) for p in state.profiles.values()],
        "unattached_transactions": [
            _transaction(t) for t in state.transactions.values() if t.profile_id not in state.profiles
        ],
        "webhooks": [
            {"id": row.id, **{name: row.fields[name] for name in ("trigger", "url", "namespace")}}
            for row in state.catalogues["webhooks"].values()
        ],
    }


def _profile(state: OmneoState, config: OmneoConfig, row: Profile, now: datetime) -> dict[str, Any]:
    held = incentives.balances(state, config, row.id, now)
    held.pop("localised")
    held.pop("currency")
    redemptions = [r for r in state.redemptions.values() if r.profile_id == row.id]
    return {
        "id": row.id,
        "name": f"{row.fields.get('first_name') or ''} {row.fields.get('last_name') or ''}".strip(),
        "email": row.fields.get("email"),
        "tier": row.tier,
        "identities": {i.handle: i.identifier for i in state.identities.values() if i.profile_id == row.id},
        "balances": {name: _text(value) for name, value in held.items()},
        "rewards": [_reward(r, now) for r in state.rewards_of(row.id)],
        "points": [{"id": p.id, "initial": p.initial, "remaining": p.remaining} for p in state.points_of(row.id)],
        "benefits": [_benefit(state, b, now) for b in state.benefits_of(row.id)],
        "redemptions": [_redemption(r) for r in redemptions],
        "transactions": [_transaction(t) for t in state.transactions.values() if t.profile_id == row.id],
    }


def _reward(row: Reward, now: datetime) -> dict[str, Any]:
    return {
        "id": row.id,
        "value_initial": _text(row.value_initial),
        "value_remaining": _text(row.value_remaining),
        "expires_at": stamp(row.expires_at),
        "is_active": row.is_active(now),
        "source_type": row.source_type,
        "source_id": row.source_id,
    }


def _benefit(state: OmneoState, row: Benefit, now: datetime) -> dict[str, Any]:
    definition = state.catalogues["benefit_definitions"][row.definition_id].fields
    return {
        "id": row.id,
        "handle": definition["handle"],
        "name": definition["name"],
        "redemptions_remaining": row.redemptions_remaining,
        "is_redeemable": state.is_redeemable(row, now),
    }


def _redemption(row: Redemption) -> dict[str, Any]:
    return {
        "id": row.id,
        "type": row.type,
        "total": _text(row.total),
        "of_redemption_id": row.source_id,
        "transaction_id": row.transaction_id,
        "transaction_external_id": row.transaction_external_id,
        "transaction_receipt_ref": row.transaction_receipt_ref,
        "meta": row.meta,
        "items": [{"type": i.type, "id": i.subject_id, "value": _text(i.value), "count": i.count} for i in row.items],
        "created_at": stamp(row.created_at),
    }


def _transaction(row: Transaction) -> dict[str, Any]:
    return {
        "id": row.id,
        "external_id": row.external_id,
        "receipt_ref": row.fields.get("receipt_ref"),
        "total": _text(row.total),
        "redemption_id": row.redemption_id,
        "is_void": row.fields["is_void"],
        "systems": row.fields["systems"],
        "transacted_at": stamp(row.transacted_at),
        "items": [{"name": i["name"], "quantity": _text(i["quantity"])} for i in row.items],
    }


def _text(value: object) -> object:
    return str(value) if isinstance(value, Decimal) else value
