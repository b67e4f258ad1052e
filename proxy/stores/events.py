"""Received webhooks: stored once, with the work that they ask for, before they are answered."""

from proxy.domain.ids import OrderId, ShopDomain
from proxy.stores import schema as t
from proxy.stores import tasks
from proxy.stores.database import Database, Unit


class Events:
    """The inbox. Only ids are kept: what happened is read from the other side when the work is done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def receive(self, shop: ShopDomain, topic: str, webhook_id: str, order: OrderId | None) -> bool:
        """Store it and wish for the order's settlement in one unit; false for a duplicate, which wishes nothing."""

        def store(unit: Unit) -> bool:
            values: dict[str, object] = {
                "shop": shop,
                "topic": topic,
                "webhook_id": webhook_id,
                "subject": order or "",
                "received_ms": unit.now_ms,
            }
            if not unit.insert_new(t.events, values):
                return False
            if order is not None:
                tasks.wish(unit, "order", shop, order)
            return True

        return await self._database.write(store)

    async def wish_order(self, shop: ShopDomain, order: OrderId) -> None:
        """Have an order settled that was found without a webhook."""
        await self._database.write(lambda unit: tasks.wish(unit, "order", shop, order))

    async def forget(self, keep_ms: int) -> int:
        """Delete events older than `keep_ms`."""
        c = t.events.c
        return await self._database.write(
            lambda unit: unit.run(t.events.delete().where(c.received_ms < unit.now_ms - keep_ms)).rowcount
        )
