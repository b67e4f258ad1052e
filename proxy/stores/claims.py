"""Idempotency keys: claimed with a hold, resumed, finished or refused."""

import json
from dataclasses import asdict

from proxy.domain.hold import Claim, ClaimKey, HoldWish, Refusal
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Unit


def take(unit: Unit, wish: HoldWish) -> bool:
    """Claim the key for this wish; false if it is taken."""
    return unit.insert_new(
        t.claims,
        {
            **asdict(wish.claim),
            "body_hash": wish.body_hash,
            "redemption_id": wish.id,
            "finished": False,
            "lease_until_ms": unit.now_ms + wish.claim_lease_ms,
            "created_ms": unit.now_ms,
        },
    )


def begin(unit: Unit, key: ClaimKey, body_hash: str, lease_ms: int) -> Claim | None:
    """Claim the key for what holds no value; gives the claim of whoever came first."""
    claimed = {
        **asdict(key),
        "body_hash": body_hash,
        "finished": False,
        "lease_until_ms": unit.now_ms + lease_ms,
        "created_ms": unit.now_ms,
    }
    # The key may be freed between the conflict and the look: then it is there to be claimed.
    while not unit.insert_new(t.claims, claimed):
        first = find(unit, key)
        if first is not None:
            return first
    return None


def find(unit: Unit, key: ClaimKey) -> Claim | None:
    """Look a key up."""
    row = unit.run(t.claims.select().where(rows.claim_is(key))).one_or_none()
    return rows.claim(row) if row else None


def resume(unit: Unit, key: ClaimKey, lease_ms: int) -> bool:
    """Take over an unfinished claim whose holder is gone."""
    c = t.claims.c
    taken = unit.run(
        t.claims.update()
        .where(rows.claim_is(key), c.finished.is_(False), c.lease_until_ms <= unit.now_ms)
        .values(lease_until_ms=unit.now_ms + lease_ms)
    )
    return taken.rowcount == 1


def update(unit: Unit, key: ClaimKey, **values: object) -> None:
    """Change a claim that is not finished."""
    # What is finished stays as it was answered: a slower attempt has nothing to add.
    unit.run(t.claims.update().where(rows.claim_is(key), t.claims.c.finished.is_(False)).values(**values))


def refuse(unit: Unit, key: ClaimKey, body_hash: str, refusal: Refusal) -> None:
    """Keep a refusal under a key that nobody has claimed."""
    unit.insert_new(
        t.claims,
        {
            **asdict(key),
            "body_hash": body_hash,
            "refusal": json.dumps(asdict(refusal)),
            "finished": True,
            "lease_until_ms": 0,
            "created_ms": unit.now_ms,
        },
    )
