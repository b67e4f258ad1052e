"""Received webhooks: stored once, with the work that they ask for, before they are answered."""

from collections.abc import Collection

import sqlalchemy as sa

from proxy.domain.ids import Merge, OrderId, ShopDomain, StaffId
from proxy.domain.privacy import Asked
from proxy.stores import schema as t
from proxy.stores import tasks
from proxy.stores.database import Database, Unit
from proxy.stores.merges import hand_over
from proxy.stores.privacy import ask
from proxy.stores.tills import forget_sales, rang_up

INSTALLATION = "installation"
_ABOUT_US = {"app/uninstalled", "app/scopes_update"}


class Events:
    """The inbox. Only ids are kept: what happened is read from the other side when the work is done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def receive(
        self,
        shop: ShopDomain,
        topic: str,
        webhook_id: str,
        order: OrderId | None,
        merge: Merge | None = None,
        asked: Asked | None = None,
        login: StaffId | None = None,
    ) -> bool:
        """Store it and do what it asks for in one unit.

        That is to wish for the order's settlement and keep who rang it up, to hand over what was merged, to keep what
        was asked about personal data, or to wish for a look at whether we are still installed. False for a duplicate,
        which does nothing.
        """

        def store(unit: Unit) -> bool:
            if not _insert(unit, shop, topic, webhook_id, order or ""):
                return False
            if order is not None:
                tasks.wish(unit, "order", shop, order)
            if order is not None and login is not None:
                rang_up(unit, shop, order, login)
            if merge is not None:
                hand_over(unit, shop, merge)
            if asked is not None:
                ask(unit, shop, asked)
            if topic in _ABOUT_US:
                tasks.wish(unit, INSTALLATION, shop, "app")
            return True

        return await self._database.write(store)

    async def refunded(self, shop: ShopDomain, order: OrderId) -> bool:
        """Tell whether a refund of this order was announced."""
        c = t.events.c
        query = sa.select(c.id).where(c.shop == shop, c.topic == "refunds/create", c.subject == order).limit(1)
        return await self._database.read(lambda unit: unit.conn.scalar(query)) is not None

    async def wish_order(self, shop: ShopDomain, order: OrderId) -> None:
        """Have an order settled that was found without a webhook."""
        await self._database.write(lambda unit: tasks.wish(unit, "order", shop, order))

    async def sale_seen(
        self, shop: ShopDomain, topic: str, webhook_id: str, names: Collection[str]
    ) -> tuple[OrderId, ...] | None:
        """Store that Omneo told of a sale, and wish for the orders so named that wait; None for a duplicate."""

        def store(unit: Unit) -> tuple[OrderId, ...] | None:
            if not _insert(unit, shop, topic, webhook_id, ""):
                return None
            orders = _unrecorded(unit, shop, names)
            for order in orders:
                tasks.wish(unit, "order", shop, order)
            return orders

        return await self._database.write(store)

    async def forget(self, keep_ms: int) -> int:
        """Delete what was told longer than `keep_ms` ago."""
        c = t.events.c

        def forget(unit: Unit) -> int:
            forget_sales(unit, keep_ms)
            return unit.run(t.events.delete().where(c.received_ms < unit.now_ms - keep_ms)).rowcount

        return await self._database.write(forget)


def _insert(unit: Unit, shop: str, topic: str, webhook_id: str, subject: str) -> bool:
    values: dict[str, object] = {
        "shop": shop,
        "topic": topic,
        "webhook_id": webhook_id,
        "subject": subject,
        "received_ms": unit.now_ms,
    }
    return unit.insert_new(t.events, values)


def _unrecorded(unit: Unit, shop: str, names: Collection[str]) -> tuple[OrderId, ...]:
    """List orders with spending and without a record: by id at any time, by name while there is work for them."""
    c = t.captures.c
    done = sa.exists().where(t.records.c.shop == c.shop, t.records.c.order_id == c.order_id)
    mine = sa.select(c.order_id).where(c.shop == shop, ~done).distinct()
    # Every sale of the tenant is told; by the tasks, which are few, no table has to be searched for a name.
    worked = mine.join(t.tasks, sa.and_(t.tasks.c.shop == c.shop, t.tasks.c.subject == c.order_id))
    by_name = worked.where(t.tasks.c.kind == "order", c.order_name.in_(names))
    by_id = mine.where(c.order_id.in_(names))
    return tuple(dict.fromkeys([*unit.conn.scalars(by_id), *unit.conn.scalars(by_name)]))
