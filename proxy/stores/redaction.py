"""Take people out of what has ended: their ids give way to random ones, the amounts stay."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from proxy.domain.capture import CaptureState
from proxy.domain.give_back import GiveBackState
from proxy.domain.ids import CustomerId, RedemptionId, ShopDomain, TenantName, gone
from proxy.domain.redemption import State
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.till_schema import approvals

# As long as keys are replayed at the least: what may still be asked for by its key is not forgotten.
_REST_MS: Final = 72 * 3_600_000
_LOOKED_MS: Final = 24 * 3_600_000
_ENDED: Final = [State.RELEASED, State.RETURNED, State.RECORDED, State.CAPTURED]
_NAMES_PEOPLE: Final = ["customer_merged", "profile_merged"]  # as the journal's triggers have it
_NAMED: Final = 20  # of those that wait, so many are named


@dataclass(frozen=True, slots=True)
class Cut:
    """How many redemptions lost their person, and some of those that could not yet."""

    cut: int
    waiting: tuple[RedemptionId, ...]


class Redaction:
    """Bounded units: each cuts a few redemptions whole, so that a kill between two of them leaves nothing half."""

    def __init__(self, database: Database, token: Callable[[], str]) -> None:
        """`token` is random: what stands in a person's place leads nowhere, and is another one in each redemption."""
        self._database = database
        self._token = token

    async def redact(self, shop: ShopDomain, customer: CustomerId | None, limit: int) -> Cut:
        """Cut up to `limit` redemptions of a customer, or of all of a shop, that are settled and at rest."""
        return await self._database.write(lambda unit: self._redact(unit, shop, customer, limit))

    async def expire(self, shop: ShopDomain, keep_ms: int, limit: int) -> int:
        """Cut up to `limit` redemptions that have not moved for `keep_ms`, and who asked what, when that is as old."""
        return await self._database.write(lambda unit: self._expire(unit, shop, keep_ms, limit))

    async def tidy(self, tenants: Collection[TenantName], limit: int) -> int:
        """Delete up to `limit` allowances that no redemption stands behind, as of people who only looked."""
        a = t.allowances.c

        def tidy(unit: Unit) -> int:
            # An epoch begins at the time in ms, so it tells the age: readings that are in use now stay good.
            return _tidy(unit, sa.and_(a.tenant.in_(tenants), a.epoch <= unit.now_ms - _LOOKED_MS), limit)

        return await self._database.write(tidy)

    def _redact(self, unit: Unit, shop: ShopDomain, customer: CustomerId | None, limit: int) -> Cut:
        r = t.redemptions.c
        theirs = sa.and_(r.shop == shop, r.redacted_ms.is_(None))
        if customer is not None:
            theirs = sa.and_(theirs, r.customer_id == customer)
        cut = self._cut_settled(unit, theirs, limit)
        # Whatever is left waits, even what has settled since the look above: only what was cut is cut.
        left = sa.select(r.id).where(theirs).order_by(r.id).limit(_NAMED)
        waiting = tuple(RedemptionId(row.id) for row in unit.run(left))
        if cut < limit and not waiting and customer is not None:
            self._cut_traces(unit, shop, customer)
        return Cut(cut, waiting)

    def _expire(self, unit: Unit, shop: ShopDomain, keep_ms: int, limit: int) -> int:
        r, asked = t.redemptions.c, t.privacy_requests.c
        old_ms = unit.now_ms - keep_ms
        unit.run(
            t.privacy_requests.update()
            .where(asked.shop == shop, asked.done_ms < old_ms, asked.customer_id.is_not(None))
            .values(customer_id=None)
        )
        return self._cut_settled(unit, sa.and_(r.shop == shop, r.redacted_ms.is_(None), r.updated_ms < old_ms), limit)

    def _cut_settled(self, unit: Unit, which: sa.ColumnElement[bool], limit: int) -> int:
        r = t.redemptions.c
        settled = t.redemptions.select().where(which, _settled(unit)).order_by(r.id).limit(limit).with_for_update()
        found = unit.run(settled).all()
        for row in found:
            _cut(unit, row, gone(self._token()))
        return len(found)

    def _cut_traces(self, unit: Unit, shop: str, customer: str) -> None:
        """Cut what is left outside of their own redemptions: what was refused or asked, and what merges took away."""
        c, j, r, a = t.claims.c, t.journal.c, t.redemptions.c, approvals.c
        unit.run(approvals.delete().where(a.shop == shop, a.customer_id == customer))
        unit.run(t.claims.delete().where(c.shop == shop, c.subject == customer, c.finished))
        merged = (
            sa.select(j.redemption_id).join(t.redemptions, r.id == j.redemption_id).where(r.shop == shop).distinct()
        )
        for redemption in unit.conn.scalars(merged.where(j.customer_id == customer)).all():
            person = gone(self._token())
            _cut_journal(unit, redemption, sa.or_(j.customer_id == customer, j.note.in_(_NAMES_PEOPLE)), person)


def _settled(unit: Unit) -> sa.ColumnElement[bool]:
    """Form what is true of redemptions that owe nobody anything, and that nothing will move by itself."""
    r, w, child = t.redemptions.c, t.tasks.c, t.redemptions.alias("child").c
    line, capture, g = t.capture_lines.c, t.captures.c, t.give_backs.c
    about = sa.or_(
        sa.and_(w.kind == "redemption", w.subject == r.id),
        sa.and_(w.kind == "order", w.subject == r.order_id),
        sa.and_(w.kind == "profile", w.subject == r.profile_id),
    )
    worked = sa.exists().where(w.shop == r.shop, w.parked.is_(False), about)
    asked = (
        sa.exists()
        .where(line.redemption_id == r.id, capture.id == line.capture_id)
        .where(capture.state.in_([CaptureState.INTENDED, CaptureState.SENT]))
    )
    returning = (
        sa.exists()
        .where(line.redemption_id == r.id, g.capture_id == line.capture_id)
        .where(g.state.in_([GiveBackState.INTENDED, GiveBackState.SENT]))
    )
    open_child = sa.exists().where(child.parent_id == r.id, child.redacted_ms.is_(None), child.state.not_in(_ENDED))
    return sa.and_(
        r.state.in_(_ENDED),
        r.held_minor == 0,
        r.updated_ms <= unit.now_ms - _REST_MS,
        ~worked,
        ~asked,
        ~returning,
        ~open_child,
    )


def _cut(unit: Unit, row: Any, person: str) -> None:
    r, c, w = t.redemptions.c, t.claims.c, t.tasks.c
    unit.run(
        t.redemptions.update()
        .where(r.id == row.id)
        .values(
            customer_id=person,
            profile_id=person,
            cart=None,
            staff=None,
            device=None,
            login=None,
            redacted_ms=unit.now_ms,
        )
    )
    _cut_captures(unit, row, person)
    unit.run(t.claims.delete().where(c.shop == row.shop, c.redemption_id == row.id))
    rows.note(unit, row.id, State(row.state), "redacted")
    _cut_journal(unit, row.id, sa.true(), person)
    # What is parked of this kind names the profile; anything else names what stays.
    unit.run(t.tasks.delete().where(w.shop == row.shop, w.kind == "profile", w.subject == row.profile_id, w.parked))
    _tidy(unit, rows.allowance_is(row.tenant, row.profile_id, row.benefit_id), 1)


def _cut_captures(unit: Unit, row: Any, person: str) -> None:
    c, line, r = t.captures.c, t.capture_lines.c, t.redemptions.c
    mine = c.id.in_(sa.select(line.capture_id).where(line.redemption_id == row.id))
    # An early one that was void: another capture took its line, and it is known by its name alone.
    void = sa.and_(c.shop == row.shop, c.order_id.is_(None), c.profile_id == row.profile_id, c.order_name == row.id)
    # Several redemptions may share a capture: it keeps its profile for the last of them.
    shared = sa.exists().where(line.capture_id == c.id, r.id == line.redemption_id, r.redacted_ms.is_(None))
    unit.run(t.captures.update().where(sa.or_(mine, void), ~shared).values(profile_id=person))


def _cut_journal(unit: Unit, redemption: str, which: sa.ColumnElement[bool], person: str) -> None:
    """Change what the triggers let be changed: who, never what."""
    j = t.journal.c
    unit.run(
        t.journal.update()
        .where(j.redemption_id == redemption, which)
        .values(
            customer_id=sa.case((j.customer_id.is_not(None), person)),
            actor=sa.case((j.actor.startswith("customer:"), f"customer:{person}"), else_=j.actor),
            facts=sa.case((j.note.in_(_NAMES_PEOPLE), "{}"), else_=j.facts),
        )
    )


def _tidy(unit: Unit, which: sa.ColumnElement[bool], limit: int) -> int:
    """Delete what only counts for people who have nothing here; a new one begins at an epoch that was never given."""
    a, r = t.allowances.c, t.redemptions.c
    bounded = sa.and_(a.ceiling_until_ms.is_not(None), a.ceiling_until_ms > unit.now_ms)
    stood_on = sa.exists().where(r.tenant == a.tenant, r.profile_id == a.profile_id, r.benefit_id == a.benefit_id)
    idle = sa.and_(which, a.held_minor == 0, ~bounded, ~stood_on)
    some = sa.select(a.tenant, a.profile_id, a.benefit_id).where(idle).limit(limit).correlate(None)
    key = sa.tuple_(a.tenant, a.profile_id, a.benefit_id)
    return unit.run(t.allowances.delete().where(key.in_(some), idle)).rowcount
