"""Sales that stand in Omneo, each written once per order."""

import sqlalchemy as sa

from proxy.domain.ids import OmneoRedemptionId, OrderId, ShopDomain, TransactionId
from proxy.domain.redemption import State
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.redemptions import move


class Records:
    """Which order is which transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, shop: ShopDomain, order: OrderId) -> TransactionId | None:
        """Tell under which transaction an order was recorded."""
        c = t.records.c
        query = sa.select(c.transaction_id).where(c.shop == shop, c.order_id == order)
        return await self._database.read(lambda unit: unit.conn.scalar(query))

    async def add(
        self,
        shop: ShopDomain,
        order: OrderId,
        external_id: str,
        transaction: TransactionId,
        omneo: OmneoRedemptionId | None,
    ) -> None:
        """Note that the sale stands in Omneo, and that the redemptions of `omneo` are attached to it."""
        values: dict[str, object] = {
            "shop": shop,
            "order_id": order,
            "external_id": external_id,
            "transaction_id": transaction,
            "omneo_redemption_id": omneo,
        }
        await self._database.write(lambda unit: _add(unit, values))


def _add(unit: Unit, values: dict[str, object]) -> None:
    unit.insert_new(t.records, {**values, "recorded_ms": unit.now_ms})
    lines = (
        sa.select(t.capture_lines.c.redemption_id)
        .join(t.captures, t.captures.c.id == t.capture_lines.c.capture_id)
        .where(t.captures.c.shop == values["shop"], t.captures.c.order_id == values["order_id"])
        .where(t.captures.c.omneo_redemption_id == values["omneo_redemption_id"])
    )
    for redemption in unit.conn.scalars(lines).all():
        move(unit, redemption, State.RECORDED, "record", transaction=values["transaction_id"])
