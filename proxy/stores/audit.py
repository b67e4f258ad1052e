"""What `proxy reconcile` reads of the ledger, and the two things that it may do to it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from proxy.domain.capture import Capture, CaptureState
from proxy.domain.drift import Recorded, Returned, Trouble, Uneven, Work
from proxy.domain.give_back import GiveBackState
from proxy.domain.ids import (
    GONE,
    CaptureId,
    OmneoRedemptionId,
    OrderId,
    ProfileId,
    RedemptionId,
    ShopDomain,
    TenantName,
)
from proxy.domain.money import Money
from proxy.domain.redemption import Redemption, State
from proxy.stores import rows, tasks
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.redemptions import decided, put_before_a_person

_ENDED = [State.RELEASED, State.CAPTURED, State.RECORDED, State.RETURNING, State.RETURNED]


class Audit:
    """Reads leave out what moved less than `quiet_ms` ago; all times are the database's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def in_flight(self, shop: ShopDomain) -> frozenset[Work]:
        """List the work that somebody does or will do."""
        c = t.tasks.c
        query = sa.select(c.kind, c.subject).where(c.shop == shop, c.parked.is_(False))
        return await self._database.read(lambda unit: frozenset(Work(row.kind, row.subject) for row in unit.run(query)))

    async def captures(self, shop: ShopDomain, since_ms: int, quiet_ms: int) -> tuple[Capture, ...]:
        """List what was spent since; what a person looks at already is left out."""
        c, line, r = t.captures.c, t.capture_lines.c, t.redemptions.c
        reviewed = (
            sa.select(line.capture_id)
            .join_from(t.capture_lines, t.redemptions, r.id == line.redemption_id)
            .where(r.state == State.REVIEW)
        )

        def read(unit: Unit) -> tuple[Capture, ...]:
            done = (c.shop == shop, c.state == CaptureState.DONE, c.created_ms >= since_ms, _asked_about(c.profile_id))
            quiet = (c.updated_ms <= unit.now_ms - quiet_ms, c.id.not_in(reviewed))
            return _captures(unit, *done, *quiet)

        return await self._database.read(read)

    async def capture(self, capture: CaptureId) -> Capture | None:
        """Read one, of whichever shop."""
        return await self._database.read(lambda unit: next(iter(_captures(unit, t.captures.c.id == capture)), None))

    async def undone(self, capture: CaptureId) -> frozenset[OmneoRedemptionId]:
        """List the redemptions too many of a capture that are undone or being undone."""
        g = t.give_backs.c
        query = sa.select(g.target_id).where(g.capture_id == capture, g.target_id.is_not(None))
        query = query.where(g.state != GiveBackState.REVIEW)
        return await self._database.read(
            lambda unit: frozenset(OmneoRedemptionId(row.target_id) for row in unit.run(query))
        )

    async def recorded(self, shop: ShopDomain, since_ms: int, quiet_ms: int) -> tuple[Recorded, ...]:
        """List the sales since that were written or found with a redemption on them."""
        return await self._database.read(lambda unit: _recorded(unit, shop, since_ms, quiet_ms))

    async def returned(self, shop: ShopDomain, since_ms: int, quiet_ms: int) -> tuple[Returned, ...]:
        """List what was given back since; what a person looks at already is left out."""
        return await self._database.read(lambda unit: _returned(unit, shop, since_ms, quiet_ms))

    async def ended_holds(self, shop: ShopDomain, quiet_ms: int) -> tuple[Redemption, ...]:
        """List holds whose redemptions have ended."""
        c = t.redemptions.c

        def read(unit: Unit) -> tuple[Redemption, ...]:
            ended = (c.state.in_(_ENDED), c.held_minor > 0, c.updated_ms <= unit.now_ms - quiet_ms)
            return _redemptions(unit, c.shop == shop, *ended)

        return await self._database.read(read)

    async def uneven(self, tenant: TenantName) -> tuple[Uneven, ...]:
        """List allowances that are not the sum of their holds; one statement, so nothing is half-way."""
        a, r = t.allowances.c, t.redemptions.c
        held = (
            sa.select(sa.func.coalesce(sa.func.sum(r.held_minor), 0))
            .where(r.tenant == a.tenant, r.profile_id == a.profile_id, r.benefit_id == a.benefit_id)
            .scalar_subquery()
        )
        query = sa.select(a.profile_id, a.benefit_id, a.held_minor, held.label("rows_minor")).where(
            a.tenant == tenant, a.held_minor != held
        )
        return await self._database.read(
            lambda unit: tuple(
                Uneven(ProfileId(row.profile_id), row.benefit_id, row.held_minor, int(row.rows_minor))
                for row in unit.run(query)
            )
        )

    async def stuck(self, shop: ShopDomain, allowed_ms: Mapping[State, int]) -> tuple[Redemption, ...]:
        """List redemptions that wait in their state for longer than is allowed after what they wait for."""
        c = t.redemptions.c
        waits = {State.ISSUED: c.ends_ms, State.RELEASING: sa.func.coalesce(c.grace_until_ms, c.updated_ms)}

        def read(unit: Unit) -> tuple[Redemption, ...]:
            late = [
                sa.and_(c.state == state, waits.get(state, c.updated_ms) < unit.now_ms - ms)
                for state, ms in allowed_ms.items()
            ]
            return _redemptions(unit, c.shop == shop, sa.or_(*late))

        return await self._database.read(read)

    async def trouble(self, shop: ShopDomain, late_ms: int) -> tuple[Trouble, ...]:
        """List work that is parked, or due for longer than `late_ms` without anybody's lease on it."""
        return await self._database.read(lambda unit: _trouble(unit, shop, late_ms))

    async def wish(self, shop: ShopDomain, work: Work) -> None:
        """Have work done now, also when it was parked."""
        await self._database.write(lambda unit: tasks.wish(unit, work.kind, shop, work.subject))

    async def decided(self, redemptions: Sequence[RedemptionId], reasons: Sequence[str]) -> bool:
        """Tell whether a person has decided about one of these reasons for all of them."""
        c = t.journal.c
        query = sa.select(sa.func.count(c.redemption_id.distinct())).where(
            c.redemption_id.in_(redemptions), c.note.in_([decided(reason) for reason in reasons])
        )
        found = await self._database.read(lambda unit: unit.conn.scalar(query))
        return bool(redemptions) and found == len(set(redemptions))

    async def review(self, redemption: RedemptionId, reason: str, facts: Mapping[str, str], quiet_ms: int) -> bool:
        """Put it before a person; false if it moved lately, or a worker has it in hand."""
        return await self._database.write(lambda unit: _review(unit, redemption, reason, facts, quiet_ms))


def _asked_about(profile: "sa.ColumnElement[str]") -> sa.ColumnElement[bool]:
    """Leave out whose person was taken out: Omneo is asked by profile."""
    return ~profile.startswith(GONE, autoescape=True)


def _captures(unit: Unit, *where: sa.ColumnElement[bool]) -> tuple[Capture, ...]:
    c, line = t.captures.c, t.capture_lines.c
    of = t.capture_lines.select().join(t.captures, line.capture_id == c.id).where(*where).order_by(line.redemption_id)
    lines: dict[str, list[Any]] = defaultdict(list)
    for row in unit.run(of):
        lines[row.capture_id].append(row)
    found = unit.run(t.captures.select().where(*where).order_by(c.created_ms, c.id))
    return tuple(rows.capture(row, lines[row.id]) for row in found)


def _recorded(unit: Unit, shop: str, since_ms: int, quiet_ms: int) -> tuple[Recorded, ...]:
    c, line, capture, r = t.records.c, t.capture_lines.c, t.captures.c, t.redemptions.c
    attached = sa.and_(
        capture.shop == c.shop,
        capture.order_id == c.order_id,
        capture.omneo_redemption_id == c.omneo_redemption_id,
    )
    query = (
        sa.select(c.order_id, c.external_id, c.transaction_id, c.omneo_redemption_id, r.id, r.state)
        .join_from(t.records, t.captures, attached)
        .join(t.capture_lines, line.capture_id == capture.id)
        .join(t.redemptions, r.id == line.redemption_id)
        .where(c.shop == shop, c.recorded_ms >= since_ms, c.recorded_ms <= unit.now_ms - quiet_ms)
        .order_by(c.recorded_ms, c.order_id, r.id)
    )
    sales: dict[str, list[Any]] = defaultdict(list)
    for row in unit.run(query):
        sales[row.order_id].append(row)
    return tuple(
        Recorded(
            order=OrderId(order),
            external_id=parts[0].external_id,
            transaction=parts[0].transaction_id,
            omneo=OmneoRedemptionId(parts[0].omneo_redemption_id),
            redemptions=tuple(part.id for part in parts),
        )
        for order, parts in sales.items()
        if all(part.state != State.REVIEW for part in parts)
    )


def _returned(unit: Unit, shop: str, since_ms: int, quiet_ms: int) -> tuple[Returned, ...]:
    g, capture, line, r = t.give_backs.c, t.captures.c, t.capture_lines.c, t.redemptions.c
    query = (
        sa.select(g.id, g.omneo_redemption_id, g.amount_minor, g.currency, capture.order_id, capture.profile_id)
        .add_columns(r.id.label("redemption_id"), r.state)
        .join_from(t.give_backs, t.captures, capture.id == g.capture_id)
        .join(t.capture_lines, line.capture_id == capture.id)
        .join(t.redemptions, r.id == line.redemption_id)
        .where(capture.shop == shop, g.state == GiveBackState.DONE, g.omneo_redemption_id.is_not(None))
        .where(_asked_about(capture.profile_id))
        .where(g.created_ms >= since_ms, g.updated_ms <= unit.now_ms - quiet_ms)
        .order_by(g.created_ms, g.id, r.id)
    )
    made: dict[str, list[Any]] = defaultdict(list)
    for row in unit.run(query):
        made[row.id].append(row)
    return tuple(
        Returned(
            order=parts[0].order_id,
            profile=ProfileId(parts[0].profile_id),
            omneo=OmneoRedemptionId(parts[0].omneo_redemption_id),
            amount=Money(parts[0].amount_minor, parts[0].currency),
            redemptions=tuple(part.redemption_id for part in parts),
        )
        for parts in made.values()
        if all(part.state != State.REVIEW for part in parts)
    )


def _redemptions(unit: Unit, *where: sa.ColumnElement[bool]) -> tuple[Redemption, ...]:
    query = t.redemptions.select().where(*where).order_by(t.redemptions.c.created_ms)
    return tuple(rows.redemption(row) for row in unit.run(query))


def _trouble(unit: Unit, shop: str, late_ms: int) -> tuple[Trouble, ...]:
    c = t.tasks.c
    late = sa.and_(c.due_ms < unit.now_ms - late_ms, c.lease_until_ms < unit.now_ms)
    found: Any = unit.run(t.tasks.select().where(c.shop == shop, sa.or_(c.parked, late)).order_by(c.due_ms))
    return tuple(
        Trouble(Work(row.kind, row.subject), row.parked, row.due_ms, row.attempts, row.last_error) for row in found
    )


def _review(unit: Unit, redemption: str, reason: str, facts: Mapping[str, str], quiet_ms: int) -> bool:
    c = t.tasks.c
    row = rows.get_redemption(unit, redemption)
    if row is None or row.updated_ms > unit.now_ms - quiet_ms:
        return False
    about = sa.or_(
        sa.and_(c.kind == "redemption", c.subject == row.id), sa.and_(c.kind == "order", c.subject == row.order)
    )
    leased = sa.select(c.id).where(c.shop == row.shop, about, c.lease_until_ms > unit.now_ms).limit(1)
    if unit.conn.scalar(leased) is not None:
        return False
    return put_before_a_person(unit, redemption, reason, **facts)
