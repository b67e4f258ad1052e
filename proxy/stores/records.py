"""Sales that stand in Omneo, each written once per order."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from proxy.domain.actor import SERVICE
from proxy.domain.capture import Capture
from proxy.domain.ids import OmneoRedemptionId, OrderId, ShopDomain, TransactionId
from proxy.domain.redemption import State
from proxy.domain.transaction import RecordedSale
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.redemptions import move

_WAITING = "waiting_for_transaction"
_RECORD = "record"
_ELSEWHERE = (State.RETURNING, State.REVIEW)  # where what is recorded has to stay until that has ended


class Records:
    """Which order is which transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, shop: ShopDomain, order: OrderId) -> RecordedSale | None:
        """Tell as which transaction an order was recorded, and with which redemption."""
        c = t.records.c
        query = t.records.select().where(c.shop == shop, c.order_id == order)

        def find(unit: Unit) -> RecordedSale | None:
            row = unit.run(query).one_or_none()
            return RecordedSale(row.transaction_id, row.external_id, row.omneo_redemption_id) if row else None

        return await self._database.read(find)

    async def add(
        self,
        shop: ShopDomain,
        order: OrderId,
        external_id: str,
        transaction: TransactionId,
        omneo: OmneoRedemptionId | None,
        named: Collection[OmneoRedemptionId] = (),
    ) -> None:
        """Note that the sale stands in Omneo, and that the redemptions of `omneo` are attached to it.

        There is room for one; those that it only names are recorded by it as well. One that stood there without a
        redemption may get one later; what it carries then stays.
        """
        values: dict[str, object] = {
            "shop": shop,
            "order_id": order,
            "external_id": external_id,
            "transaction_id": transaction,
            "omneo_redemption_id": omneo,
        }
        await self._database.write(lambda unit: _add(unit, values, [omneo, *named]))

    async def waiting(self, capture: Capture) -> tuple[int, bool]:
        """Note in the journal, once, that this capture's sale is waited for.

        Gives for how many ms it has been, by the ledger's clock, and whether this call noted it.
        """
        return await self._database.write(lambda unit: _waiting(unit, capture))


def _add(unit: Unit, values: dict[str, object], recorded: Sequence[OmneoRedemptionId | None]) -> None:
    c = t.records.c
    if not unit.insert_new(t.records, {**values, "recorded_ms": unit.now_ms}):
        unit.run(
            t.records.update()
            .where(c.shop == values["shop"], c.order_id == values["order_id"], c.omneo_redemption_id.is_(None))
            .values(omneo_redemption_id=values["omneo_redemption_id"], recorded_ms=unit.now_ms)
        )
    line, capture = t.capture_lines.c, t.captures.c
    lines = (
        sa.select(line.redemption_id, capture.omneo_redemption_id)
        .join(t.captures, capture.id == line.capture_id)
        .where(capture.shop == values["shop"], capture.order_id == values["order_id"])
        .where(capture.omneo_redemption_id.in_([each for each in recorded if each is not None]))
    )
    for row in unit.run(lines).all():
        # A give-back under way ends in `recorded` by itself; moved now, it would have nowhere to end. What a person
        # looks at is theirs to move.
        state = unit.conn.scalar(
            sa.select(t.redemptions.c.state).where(t.redemptions.c.id == row.redemption_id).with_for_update()
        )
        ids = {"transaction": values["transaction_id"], "omneo_redemption": row.omneo_redemption_id}
        if state == State.CAPTURED:
            move(unit, row.redemption_id, State.RECORDED, _RECORD, **ids)
        elif state in _ELSEWHERE and not _named(unit, row.redemption_id):
            rows.note_where_it_stands(unit, row.redemption_id, _RECORD, **ids)


def carried(unit: Unit, redemption: str) -> bool:
    """Tell whether its order's transaction carries it: attached to it, or by its name beside what is attached."""
    line, capture, record = t.capture_lines.c, t.captures.c, t.records.c
    attached = (
        sa.select(capture.id)
        .join(t.capture_lines, line.capture_id == capture.id)
        .join(t.records, sa.and_(record.shop == capture.shop, record.order_id == capture.order_id))
        .where(line.redemption_id == redemption, record.omneo_redemption_id == capture.omneo_redemption_id)
    )
    return unit.conn.scalar(attached) is not None or _named(unit, redemption)


def _named(unit: Unit, redemption: str) -> bool:
    c = t.journal.c
    noted = sa.select(c.id).where(c.redemption_id == redemption, c.note == _RECORD).limit(1)
    return unit.conn.scalar(noted) is not None


def _waiting(unit: Unit, capture: Capture) -> tuple[int, bool]:
    # Locked, so that of two workers at once the second finds the note of the first.
    unit.run(sa.select(t.captures.c.id).where(t.captures.c.id == capture.id).with_for_update())
    c = t.journal.c
    lines = [line.redemption for line in capture.lines]
    since = unit.conn.scalar(sa.select(sa.func.min(c.at_ms)).where(c.redemption_id.in_(lines), c.note == _WAITING))
    if since is not None:
        return unit.now_ms - int(since), False
    for line in lines:
        redemption = rows.get_redemption(unit, line)
        assert redemption is not None, "redemptions are never deleted"
        facts = {"order": capture.order, "omneo_redemption": capture.omneo_redemption}
        rows.note(unit, line, redemption.state, _WAITING, actor=SERVICE, **facts)
    return 0, True
