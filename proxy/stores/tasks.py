"""Durable work: due times and leases in the same database as what the work is about."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa

from proxy.domain.ids import ShopDomain
from proxy.domain.work import Task
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit


class Tasks:
    """Lease, finish, put off and park work; a lease that runs out lets another worker take it."""

    def __init__(self, database: Database, shops: Collection[ShopDomain] | None = None) -> None:
        """See the work of these shops only, or of all; shops of one tenant share a database, not their secrets."""
        self._database = database
        self._shops = shops

    async def lease(self, lease: str, lease_ms: int, limit: int, kinds: Collection[str] | None = None) -> list[Task]:
        """Take up to `limit` due tasks, the longest due first; no other worker gets them before the lease ends.

        Of these kinds only, where given: another release's work is left to it.
        """
        return await self._database.write(lambda unit: _lease(unit, lease, lease_ms, limit, self._shops, kinds))

    async def renew(self, tasks: Sequence[Task], lease_ms: int) -> None:
        """Keep leases of work that is still in hand."""
        await self._database.write(lambda unit: _renew(unit, tasks, lease_ms))

    async def finish(self, task: Task) -> None:
        """Delete the task, unless it was wished for again meanwhile: then it is due at once."""
        await self._database.write(lambda unit: _finish(unit, task))

    async def put_off(self, task: Task, delay_ms: int, error: str | None, until_ms: int | None = None) -> None:
        """Try again after a delay, or at a time that the ledger holds; with an error it counts as an attempt."""
        await self._database.write(lambda unit: _put_off(unit, task, until_ms or unit.now_ms + delay_ms, error))

    async def park(self, task: Task, error: str) -> None:
        """Stop trying until somebody wishes for it again; only this subject is stopped."""
        await self._database.write(lambda unit: _park(unit, task, error))

    async def counts(self) -> dict[str, int]:
        """Count what waits, what is late by more than a minute and what is parked, for readiness and metrics."""
        return await self._database.read(_counts)


def _lease(
    unit: Unit,
    lease: str,
    lease_ms: int,
    limit: int,
    shops: Collection[ShopDomain] | None,
    kinds: Collection[str] | None,
) -> list[Task]:
    c = t.tasks.c
    due = (
        sa.select(c.id)
        .where(c.parked.is_(False), c.due_ms <= unit.now_ms, c.lease_until_ms <= unit.now_ms)
        .order_by(c.due_ms)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if shops is not None:
        due = due.where(c.shop.in_(shops))
    if kinds is not None:
        due = due.where(c.kind.in_(kinds))
    taken = unit.run(
        t.tasks.update()
        .where(c.id.in_(due.scalar_subquery()))
        .values(lease=lease, lease_until_ms=unit.now_ms + lease_ms)
        .returning(c.id, c.kind, c.shop, c.subject, c.wishes, c.attempts)
    )
    return [Task(row.id, row.kind, row.shop, row.subject, lease, row.wishes, row.attempts) for row in taken.all()]


def _renew(unit: Unit, tasks: Sequence[Task], lease_ms: int) -> None:
    for task in tasks:
        unit.run(t.tasks.update().where(_mine(task)).values(lease_until_ms=unit.now_ms + lease_ms))


def _mine(task: Task) -> sa.ColumnElement[bool]:
    return sa.and_(t.tasks.c.id == task.id, t.tasks.c.lease == task.lease)


def _finish(unit: Unit, task: Task) -> None:
    gone = unit.run(t.tasks.delete().where(_mine(task), t.tasks.c.wishes == task.wishes))
    if gone.rowcount == 0:
        unit.run(
            t.tasks.update().where(_mine(task)).values(lease=None, lease_until_ms=0, due_ms=unit.now_ms, attempts=0)
        )


def _put_off(unit: Unit, task: Task, due_ms: int, error: str | None) -> None:
    values: dict[str, object] = {"due_ms": due_ms, "last_error": error}
    # Recurring work is never finished: only failures in a row count.
    values["attempts"] = 0 if error is None else task.attempts + 1
    # A wish that came meanwhile wants it now, not after the delay.
    unit.run(
        t.tasks.update()
        .where(_mine(task), t.tasks.c.wishes == task.wishes)
        .values(lease=None, lease_until_ms=0, **values)
    )
    _end_lease(unit, task)


def _park(unit: Unit, task: Task, error: str) -> None:
    c = t.tasks.c
    unit.run(
        t.tasks.update()
        .where(_mine(task), c.wishes == task.wishes)
        .values(lease=None, lease_until_ms=0, parked=True, last_error=error)
    )
    # A wish that came meanwhile may be what moves it on.
    _end_lease(unit, task, due_ms=unit.now_ms)


def _end_lease(unit: Unit, task: Task, **values: object) -> None:
    unit.run(t.tasks.update().where(_mine(task)).values(lease=None, lease_until_ms=0, **values))


def _counts(unit: Unit) -> dict[str, int]:
    c = t.tasks.c
    late = sa.func.sum(sa.case((c.parked.is_(False) & (c.due_ms < unit.now_ms - 60_000), 1), else_=0))
    parked = sa.func.sum(sa.case((c.parked, 1), else_=0))
    query = sa.select(sa.func.count().label("waiting"), late.label("late"), parked.label("parked"))
    row = unit.run(query.select_from(t.tasks)).one()
    return {"waiting": int(row.waiting), "late": int(row.late or 0), "parked": int(row.parked or 0)}


def wish(unit: Unit, kind: str, shop: str, subject: str) -> None:
    """Have work done now, also when it was parked."""
    rows.wish_for(unit, kind, shop, subject, unit.now_ms)


def arm(unit: Unit, kind: str, shop: str, subject: str, due_ms: int) -> None:
    """Have recurring work done by `due_ms` at the latest, without disturbing a run that is under way."""
    c = t.tasks.c
    this = sa.and_(c.kind == kind, c.shop == shop, c.subject == subject)
    if unit.conn.scalar(sa.select(c.id).where(this)) is None:
        rows.wish_for(unit, kind, shop, subject, due_ms)
        return
    unit.run(t.tasks.update().where(this, c.due_ms > due_ms).values(due_ms=due_ms))
    unit.run(t.tasks.update().where(this, c.parked).values(parked=False, attempts=0))
