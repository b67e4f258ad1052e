"""The journal, page by page, for those who check it from outside."""

import json
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from proxy.domain.ledger_line import LedgerLine, Outstanding, Period
from proxy.domain.money import Money
from proxy.domain.redemption import State, iso
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit

_AMOUNTS = ("held", "captured", "returned", "shortfall")


class Exports:
    """Reads of the journal that need memory for one page only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def last(self) -> int:
        """Give the newest entry, so that an export ends although moves go on; 0 where there is none."""
        query = sa.select(sa.func.coalesce(sa.func.max(t.journal.c.id), 0))
        return int(await self._database.read(lambda unit: unit.conn.scalar(query)) or 0)

    async def between(self, after: int, last: int, period: Period) -> list[LedgerLine]:
        """Read the wanted entries from behind `after` up to `last`, oldest first.

        Bounded by ids, not by a number of hits: however few are wanted, no statement reads the whole journal.
        """
        c = t.journal.c
        query = _wanted(period).where(c.id > after, c.id <= last).order_by(c.id)
        return await self._database.read(lambda unit: [_line(row) for row in unit.run(query)])

    async def outstanding(self, shop: str | None) -> list[Outstanding]:
        """Tell what is held and in review now, by shop and currency."""
        return await self._database.read(lambda unit: _outstanding(unit, shop))


def _wanted(period: Period) -> "sa.Select[Any]":
    j, r, before, e = t.journal.c, t.redemptions.c, t.journal.alias("before"), t.journal.alias("earlier").c
    earlier = sa.select(sa.func.max(e.id)).where(e.redemption_id == j.redemption_id, e.id < j.id)
    query = (
        sa.select(t.journal, *(before.c[f"{name}_minor"].label(f"{name}_before") for name in _AMOUNTS))
        .add_columns(earlier.scalar_subquery().label("earlier_id"), r.shop, r.tenant, r.parent_id, r.profile_id)
        .add_columns(r.customer_id.label("customer_now"), r.surface, r.location, r.staff, r.device)
        .add_columns(r.currency, r.amount_minor, r.benefit_handle)
        .join_from(t.journal, t.redemptions, r.id == j.redemption_id)
        # The last one with amounts: what an older release wrote in between is part of the change.
        .outerjoin(before, before.c.id == earlier.where(e.held_minor.is_not(None)).scalar_subquery())
    )
    if period.since_ms is not None:
        query = query.where(j.at_ms >= period.since_ms)
    if period.until_ms is not None:
        query = query.where(j.at_ms < period.until_ms)
    return query if period.shop is None else query.where(r.shop == period.shop)


def _line(row: Any) -> LedgerLine:
    facts = json.loads(row.facts)
    held, captured, returned, shortfall = (_change(row, name) for name in _AMOUNTS)
    return LedgerLine(
        entry=row.id,
        time=iso(row.at_ms),
        shop=row.shop,
        tenant=row.tenant,
        redemption=row.redemption_id,
        parent=row.parent_id,
        profile=row.profile_id,
        customer=row.customer_id or row.customer_now,
        surface=row.surface,
        location=row.location,
        staff=row.staff,
        device=row.device,
        actor=row.actor,
        move=row.state,
        cause=row.note,
        currency=row.currency,
        amount=Money(row.amount_minor, row.currency).decimal,
        held_change=held,
        captured_change=captured,
        returned_change=returned,
        shortfall_change=shortfall,
        order=row.order_id,
        capture=row.capture_id,
        omneo_redemption=facts.get("omneo_redemption"),
        transaction=facts.get("transaction"),
        benefit=row.benefit_handle,
    )


def _change(row: Any, name: str) -> Decimal | None:
    now, before = getattr(row, f"{name}_minor"), getattr(row, f"{name}_before")
    if now is None or (before is None and row.earlier_id is not None):
        return None
    return Money(now - (before or 0), row.currency).decimal


def _outstanding(unit: Unit, shop: str | None) -> list[Outstanding]:
    r = t.redemptions.c
    reviewed = r.state == State.REVIEW
    query = (
        sa.select(r.shop, r.currency, sa.func.sum(r.held_minor).label("held"))
        .add_columns(sa.func.sum(sa.case((reviewed, 1), else_=0)).label("in_review"))
        .add_columns(sa.func.sum(sa.case((reviewed, r.amount_minor), else_=0)).label("review"))
        .group_by(r.shop, r.currency)
        .order_by(r.shop, r.currency)
    )
    if shop is not None:
        query = query.where(r.shop == shop)
    return [
        Outstanding(
            shop=row.shop,
            held=Money(int(row.held), row.currency),
            in_review=int(row.in_review),
            review=Money(int(row.review), row.currency),
        )
        for row in unit.run(query)
    ]
