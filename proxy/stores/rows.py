"""Rows to domain objects and back."""

import json
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from proxy.domain.actor import SERVICE, Actor
from proxy.domain.benefit import BenefitUse
from proxy.domain.caller import Surface
from proxy.domain.capture import Capture, CaptureLine, CaptureState
from proxy.domain.hold import Claim, ClaimKey, Refusal
from proxy.domain.money import Money
from proxy.domain.redemption import JournalEntry, Place, Redemption, State
from proxy.stores import effects
from proxy.stores import schema as t
from proxy.stores.database import Unit


def redemption(row: Any) -> Redemption:
    """Read one row of `redemptions`."""
    return Redemption(
        id=row.id,
        shop=row.shop,
        tenant=row.tenant,
        profile=row.profile_id,
        customer=row.customer_id,
        place=Place(Surface(row.surface), row.cart, row.location, row.staff, row.device),
        state=State(row.state),
        amount=Money(row.amount_minor, row.currency),
        held=Money(row.held_minor, row.currency),
        captured=Money(row.captured_minor, row.currency),
        returned=Money(row.returned_minor, row.currency),
        shortfall=Money(row.shortfall_minor, row.currency),
        code=row.code,
        starts_ms=row.starts_ms,
        ends_ms=row.ends_ms,
        discount=row.discount_id,
        parent=row.parent_id,
        order=row.order_id,
        reason=row.reason,
        deactivated_ms=row.deactivated_ms,
        use_seen=row.use_seen,
        grace_until_ms=row.grace_until_ms,
        early=row.early,
        created_ms=row.created_ms,
        updated_ms=row.updated_ms,
        benefit=BenefitUse(row.benefit_id, row.benefit_handle, effects.loads(row.effect)) if row.benefit_id else None,
        login=row.login,
    )


def benefit_values(benefit: BenefitUse | None) -> dict[str, object]:
    """Form the columns that say of which benefit a redemption is."""
    if benefit is None:
        return {}
    return {"benefit_id": benefit.id, "benefit_handle": benefit.handle, "effect": effects.dumps(benefit.effect)}


def capture(row: Any, lines: list[Any]) -> Capture:
    """Read one row of `captures` with its lines."""
    return Capture(
        id=row.id,
        shop=row.shop,
        tenant=row.tenant,
        profile=row.profile_id,
        order=row.order_id,
        order_name=row.order_name,
        location=row.location,
        state=CaptureState(row.state),
        asked=Money(row.asked_minor, row.currency),
        captured=Money(row.captured_minor, row.currency),
        returned=Money(row.returned_minor, row.currency),
        sends=row.sends,
        sent_ms=row.sent_ms,
        refusals=row.refusals,
        final_refusals=row.final_refusals,
        refused_ms=row.refused_ms,
        omneo_redemption=row.omneo_redemption_id,
        lines=tuple(
            CaptureLine(
                line.redemption_id,
                Money(line.asked_minor, row.currency),
                Money(line.captured_minor, row.currency),
                Money(line.returned_minor, row.currency),
            )
            for line in lines
        ),
    )


def claim(row: Any) -> Claim:
    """Read one row of `claims`."""
    return Claim(
        key=ClaimKey(row.shop, row.surface, row.subject, row.route, row.key),
        body_hash=row.body_hash,
        redemption=row.redemption_id,
        refusal=Refusal(**json.loads(row.refusal)) if row.refusal else None,
        finished=row.finished,
        leased_until_ms=row.lease_until_ms,
    )


def claim_is(key: ClaimKey) -> sa.ColumnElement[bool]:
    """Match exactly this key."""
    c = t.claims.c
    return sa.and_(
        c.shop == key.shop,
        c.surface == key.surface,
        c.subject == key.subject,
        c.route == key.route,
        c.key == key.key,
    )


def allowance_is(tenant: str, profile: str, benefit: int) -> sa.ColumnElement[bool]:
    """Match the allowance of a profile's balance, or of a benefit's uses where `benefit` is not 0."""
    a = t.allowances.c
    return sa.and_(a.tenant == tenant, a.profile_id == profile, a.benefit_id == benefit)


def journal_entry(row: Any) -> JournalEntry:
    """Read one row of `journal`."""
    return JournalEntry(row.at_ms, State(row.state), row.note, Actor(row.actor), json.loads(row.facts))


def note(unit: Unit, redemption_id: str, state: State, why: str, *, actor: Actor = SERVICE, **facts: object) -> None:
    """Write a move into the journal, in the unit that makes it and after what it changes: its amounts are kept too."""
    r, line = t.redemptions.c, t.capture_lines.c
    capture = sa.select(line.capture_id).where(line.redemption_id == r.id).scalar_subquery().label("capture_id")
    after = (r.customer_id, r.order_id, capture, r.held_minor, r.captured_minor, r.returned_minor, r.shortfall_minor)
    told: dict[str, object] = {
        "redemption_id": redemption_id,
        "at_ms": unit.now_ms,
        "state": state,
        "note": why,
        "actor": actor,
        "facts": json.dumps(facts),
    }
    given = [sa.literal(value, t.journal.c[name].type) for name, value in told.items()]
    # Locked, so that the last entry of a redemption is what its row says, whoever else writes about it.
    stands = sa.select(*given, *after).where(r.id == redemption_id).with_for_update()
    unit.run(t.journal.insert().from_select([*told, *(column.name for column in after)], stands))


def note_where_it_stands(unit: Unit, redemption_id: str, why: str, **facts: object) -> None:
    """Write what changed without a move, as where a person looks at it for another reason."""
    row = get_redemption(unit, redemption_id)
    assert row is not None, "redemptions are never deleted"
    note(unit, redemption_id, row.state, why, actor=SERVICE, **facts)


def wish_for(unit: Unit, kind: str, shop: str, subject: str, due_ms: int) -> None:
    """Have a task done no later than `due_ms`; one that is wanted already, or parked, is pulled forward and counted."""
    values: dict[str, object] = {
        "kind": kind,
        "shop": shop,
        "subject": subject,
        "due_ms": due_ms,
        "wishes": 1,
        "lease_until_ms": 0,
        "attempts": 0,
        "parked": False,
    }
    c = t.tasks.c
    pulled = (
        t.tasks.update()
        .where(c.kind == kind, c.shop == shop, c.subject == subject)
        .values(
            wishes=c.wishes + 1,
            due_ms=sa.case((c.due_ms < due_ms, c.due_ms), else_=due_ms),
            attempts=sa.case((c.parked, 0), else_=c.attempts),
            parked=False,
        )
    )
    # A worker may delete the row between the conflict and the update: then it is to be inserted after all.
    while not unit.insert_new(t.tasks, values):
        if unit.run(pulled).rowcount == 1:
            return


def benefits_of(unit: Unit, redemptions: Collection[str]) -> list[int]:
    """List which allowances redemptions count against: 0 is the balance."""
    c = t.redemptions.c
    query = sa.select(c.benefit_id).where(c.id.in_(redemptions)).distinct().order_by(c.benefit_id)
    return list(unit.conn.scalars(query))


def get_redemption(unit: Unit, redemption_id: str) -> Redemption | None:
    """Read one redemption."""
    row = unit.run(t.redemptions.select().where(t.redemptions.c.id == redemption_id)).one_or_none()
    return redemption(row) if row else None
