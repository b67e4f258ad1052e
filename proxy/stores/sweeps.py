"""Sweeps: how far a shop's orders were seen, and what the ledger knows of those on a page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from proxy.domain.capture import CaptureState
from proxy.domain.ids import OrderId, RedemptionId, ShopDomain, fold
from proxy.domain.order import OrderSighting
from proxy.domain.sweep import Known, Progress
from proxy.stores import schema as t
from proxy.stores import tasks
from proxy.stores.database import Database, Unit

KIND = "sweep"
SUBJECT = "orders"
_AT_ONCE = 400  # parameters of one statement
_DECIDED = [CaptureState.DONE, CaptureState.REVIEW]


class Sweeps:
    """The rolling sweep's durable half."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def arm(self, shop: ShopDomain, every_ms: int) -> None:
        """See to it that the shop is swept within `every_ms`; a sweep that is due earlier stays so."""
        await self._database.write(
            lambda unit: tasks.arm(unit, KIND, shop, SUBJECT, due_ms=unit.now_ms + every_ms),
        )

    async def progress(self, shop: ShopDomain, begin: datetime) -> Progress:
        """Tell how far the shop was seen; a shop that was never swept begins at `begin`, durably."""
        found = await self.find(shop)
        if found is not None:
            return found
        return await self._database.write(lambda unit: _begin(unit, shop, begin))

    async def find(self, shop: ShopDomain) -> Progress | None:
        """The same without beginning."""
        return await self._database.read(lambda unit: _progress(unit, shop))

    async def seen(self, shop: ShopDomain, until: datetime) -> None:
        """Note that everything before `until` was read and wished for; it never goes back."""
        c = t.sweeps.c
        until_ms = _ms(until)
        await self._database.write(
            lambda unit: unit.run(
                t.sweeps.update().where(c.shop == shop, c.seen_until_ms < until_ms).values(seen_until_ms=until_ms)
            )
        )

    async def known(self, shop: ShopDomain, seen: Sequence[OrderSighting]) -> Known:
        """Read the ledger's side of these orders."""
        return await self._database.read(lambda unit: _known(unit, shop, seen))

    async def wish(self, shop: ShopDomain, orders: Sequence[OrderId]) -> None:
        """Have orders settled, all or none of these."""

        def wish(unit: Unit) -> None:
            # In one order everywhere: two units that take the same rows crosswise would wait for each other.
            for order in sorted(orders):
                tasks.wish(unit, "order", shop, order)

        if orders:
            await self._database.write(wish)


def _progress(unit: Unit, shop: str) -> Progress | None:
    row = unit.run(t.sweeps.select().where(t.sweeps.c.shop == shop)).one_or_none()
    return Progress(_at(row.began_ms), _at(row.seen_until_ms)) if row else None


def _begin(unit: Unit, shop: str, begin: datetime) -> Progress:
    unit.insert_new(t.sweeps, {"shop": shop, "began_ms": _ms(begin), "seen_until_ms": _ms(begin)})
    found = _progress(unit, shop)
    assert found is not None
    return found


def _known(unit: Unit, shop: ShopDomain, seen: Sequence[OrderSighting]) -> Known:
    codes = sorted({fold(code) for order in seen for code in order.codes})
    orders = sorted({order.id for order in seen})
    ours: dict[str, RedemptionId] = {}
    decided: dict[tuple[RedemptionId, OrderId], datetime] = {}
    recorded: set[OrderId] = set()
    r = t.redemptions.c
    for part in _parts(codes):
        query = sa.select(r.code_folded, r.id).where(r.shop == shop, r.parent_id.is_(None), r.code_folded.in_(part))
        ours.update((row.code_folded, row.id) for row in unit.run(query))
    for part in _parts(orders):
        for row in unit.run(_captured(shop, part)):
            decided[row.parent_id or row.id, row.order_id] = _at(row.updated_ms)
        c = t.records.c
        recorded.update(unit.conn.scalars(sa.select(c.order_id).where(c.shop == shop, c.order_id.in_(part))))
    return Known(ours, decided, frozenset(recorded))


def _captured(shop: str, orders: Sequence[str]) -> sa.Select[Any]:
    r, line, capture = t.redemptions.c, t.capture_lines.c, t.captures.c
    return (
        sa.select(r.id, r.parent_id, capture.order_id, capture.updated_ms)
        .join_from(t.capture_lines, t.captures, line.capture_id == capture.id)
        .join(t.redemptions, r.id == line.redemption_id)
        .where(capture.shop == shop, capture.order_id.in_(orders), capture.state.in_(_DECIDED))
    )


def _parts(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
