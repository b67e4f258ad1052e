"""A person's decisions: out of review in one unit, with hold, allowance and journal."""

import sqlalchemy as sa

from proxy.domain.actor import Actor
from proxy.domain.capture import CaptureState
from proxy.domain.ids import RedemptionId
from proxy.domain.redemption import Redemption, State
from proxy.domain.resolution import Case
from proxy.stores import rows, tasks
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.records import carried
from proxy.stores.redemptions import decided, drop_hold


class Resolutions:
    """Moves redemptions out of review."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def resolve(self, redemption: RedemptionId, to: State, reason: str, actor: Actor) -> str | None:
        """Move it, end its hold and keep the reason; gives why not, None when it is done and durable.

        What it was in review for is decided by this: the same finding does not put it there again.
        """
        return await self._database.write(lambda unit: _resolve(unit, redemption, to, reason, actor))


def _resolve(unit: Unit, redemption: str, to: State, reason: str, actor: Actor) -> str | None:
    row = rows.get_redemption(unit, redemption)
    if row is None:
        return f"There is no redemption {redemption}."
    refusal = _case(unit, row).refusal(to)
    if refusal is not None:
        return refusal
    if not _covered(unit, row):
        return "Its hold is not in its profile's allowance: `proxy reconcile` says by how much; report it."
    c = t.redemptions.c
    moved = unit.run(
        t.redemptions.update()
        .where(c.id == redemption, c.state == State.REVIEW, c.updated_ms == row.updated_ms)
        .values(state=to, updated_ms=unit.now_ms)
    )
    if moved.rowcount != 1:
        return "It moved meanwhile; look at it again."
    drop_hold(unit, redemption)
    if to is State.RETURNED:
        _return(unit, row)
    facts = {"by_hand": reason, "was": row.reason, "held_minor": row.held.minor, "captured_minor": row.captured.minor}
    rows.note(unit, redemption, to, decided(row.reason), actor=actor, **facts)
    if to is State.CAPTURED and row.order is not None:
        # Whatever else its order still needs, such as its transaction, is looked at anew.
        tasks.wish(unit, "order", row.shop, row.order)
    return None


def _case(unit: Unit, row: Redemption) -> Case:
    line, capture = t.capture_lines.c, t.captures.c
    query = sa.select(capture.state).join(t.capture_lines, line.capture_id == capture.id)
    spent = unit.conn.scalar(query.where(line.redemption_id == row.id))
    return Case(row, CaptureState(spent) if spent is not None else None, carried(unit, row.id), unit.now_ms)


def _covered(unit: Unit, row: Redemption) -> bool:
    held = unit.conn.scalar(sa.select(t.allowances.c.held_minor).where(_allowance(row)))
    return int(held or 0) >= row.held.minor


def _return(unit: Unit, row: Redemption) -> None:
    """Count all of it as given back, and start a new epoch: readings from before are too low."""
    r, line, capture, a = t.redemptions.c, t.capture_lines.c, t.captures.c, t.allowances.c
    unit.run(t.redemptions.update().where(r.id == row.id).values(returned_minor=r.captured_minor))
    unit.run(t.capture_lines.update().where(line.redemption_id == row.id).values(returned_minor=line.captured_minor))
    of = sa.select(line.capture_id).where(line.redemption_id == row.id).scalar_subquery()
    returned = (
        sa.select(sa.func.coalesce(sa.func.sum(line.returned_minor), 0))
        .where(line.capture_id == capture.id)
        .scalar_subquery()
    )
    # What is being given back is taken already; it is not counted twice.
    unit.run(
        t.captures.update()
        .where(capture.id == of, capture.returned_minor < returned)
        .values(returned_minor=returned, updated_ms=unit.now_ms)
    )
    unit.run(
        t.allowances.update()
        .where(_allowance(row))
        .values(epoch=a.epoch + 1, ceiling_minor=None, ceiling_until_ms=None)
    )


def _allowance(row: Redemption) -> sa.ColumnElement[bool]:
    return rows.allowance_is(row.tenant, row.profile, row.benefit.id if row.benefit is not None else 0)
