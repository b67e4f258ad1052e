"""Shops that have uninstalled the app: marked for all processes, and opened again where they stood."""

import sqlalchemy as sa

from proxy.domain.actor import SERVICE
from proxy.domain.ids import RedemptionId, ShopDomain
from proxy.domain.privacy import RequestKind
from proxy.domain.redemption import SHOP_CLOSED, State
from proxy.stores import rows, tasks
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.redemptions import put_before_a_person
from proxy.stores.sweeps import KIND as SWEEP
from proxy.stores.sweeps import SUBJECT as ORDERS


class Closures:
    """The mark. A row is one closed shop."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def closed(self, shop: ShopDomain) -> bool:
        """Tell whether the shop is marked."""
        return await self._database.read(lambda unit: is_closed(unit, shop))

    async def close(self, shop: ShopDomain) -> bool:
        """Mark it; from now on no hold is granted there. False if it was marked already."""
        return await self._database.write(
            lambda unit: unit.insert_new(t.closed_shops, {"shop": shop, "closed_ms": unit.now_ms})
        )

    async def reopen(self, shop: ShopDomain) -> bool:
        """Take the mark away and take up what it had stopped; false if there was none."""
        return await self._database.write(lambda unit: _reopen(unit, shop))

    async def give_up(self, redemption: RedemptionId, shop: ShopDomain) -> bool:
        """Put one before a person whose orders cannot be read; the hold stays. False if the shop is open again."""
        return await self._database.write(lambda unit: _give_up(unit, redemption, shop))


def is_closed(unit: Unit, shop: str) -> bool:
    """Tell whether the shop is marked, in a unit that depends on it."""
    return unit.conn.scalar(sa.select(t.closed_shops.c.shop).where(t.closed_shops.c.shop == shop)) is not None


def _give_up(unit: Unit, redemption: str, shop: str) -> bool:
    # Locked: whoever opens the shop finds this one in review, or this finds the shop open.
    mark = sa.select(t.closed_shops.c.shop).where(t.closed_shops.c.shop == shop).with_for_update()
    if unit.conn.scalar(mark) is None:
        return False
    return put_before_a_person(unit, redemption, SHOP_CLOSED)


def _reopen(unit: Unit, shop: str) -> bool:
    if unit.run(t.closed_shops.delete().where(t.closed_shops.c.shop == shop)).rowcount == 0:
        return False
    r, w = t.redemptions.c, t.tasks.c
    for redemption in unit.conn.scalars(
        t.redemptions.update()
        .where(r.shop == shop, r.state == State.REVIEW, r.reason == SHOP_CLOSED)
        .values(state=State.RELEASING, reason="expired", updated_ms=unit.now_ms)
        .returning(r.id)
    ).all():
        rows.note(unit, redemption, State.RELEASING, "shop_reopened")
        tasks.wish(unit, "redemption", shop, redemption)
    # Counted as wishes, so that a task that is being parked at this moment is not left behind.
    unit.run(
        t.tasks.update()
        .where(w.shop == shop)
        .values(wishes=w.wishes + 1, due_ms=sa.case((w.parked, unit.now_ms), else_=w.due_ms), parked=False, attempts=0)
    )
    asked = t.privacy_requests.c
    # Asked because it was gone. Left open it would empty the shop at its next uninstall, before Shopify asks anew.
    unit.run(
        t.privacy_requests.update()
        .where(asked.shop == shop, asked.kind == RequestKind.SHOP, asked.done_ms.is_(None))
        .values(done_ms=unit.now_ms, done_by=SERVICE)
    )
    # No order was read since the uninstall, so the sweep stands before it and goes on from there.
    tasks.wish(unit, SWEEP, shop, ORDERS)
    return True
