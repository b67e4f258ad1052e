"""Giving value back: what is taken from a capture first, and sent then."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from proxy.domain.capture import Capture
from proxy.domain.give_back import GiveBackKind, GiveBackRow, GiveBackState
from proxy.domain.ids import CaptureId, OmneoRedemptionId, RedemptionId
from proxy.domain.money import Money
from proxy.domain.redemption import State
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.records import carried
from proxy.stores.redemptions import move

UNDER_WAY = [GiveBackState.INTENDED, GiveBackState.SENT]


class GiveBacks:
    """One giving back at a time for each capture, never more in sum than it captured."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now_ms(self) -> int:
        """Give the time by which the ledger decides."""
        return await self._database.read(lambda unit: unit.now_ms)

    async def under_way(self, capture: CaptureId) -> GiveBackRow | None:
        """Read the one that is not decided yet."""
        c = t.give_backs.c
        query = t.give_backs.select().where(c.capture_id == capture, c.state.in_(UNDER_WAY))

        def find(unit: Unit) -> GiveBackRow | None:
            row = unit.run(query).one_or_none()
            return _row(row) if row else None

        return await self._database.read(find)

    async def of_capture(self, capture: CaptureId) -> tuple[GiveBackRow, ...]:
        """Read all of a capture, oldest first, decided or not."""
        c = t.give_backs.c
        query = t.give_backs.select().where(c.capture_id == capture).order_by(c.created_ms, c.id)
        return await self._database.read(lambda unit: tuple(_row(row) for row in unit.run(query)))

    async def begin(self, row: str, capture: Capture, kind: GiveBackKind, parts: Mapping[RedemptionId, Money]) -> bool:
        """Commit the intent and take the amount from the capture; false if another was faster or nothing is left."""
        try:
            return await self._database.write(lambda unit: _begin(unit, row, capture, kind, parts))
        except _LostRaceError:
            return False

    async def begin_surplus(self, row: str, capture: Capture, target: OmneoRedemptionId, amount: Money) -> bool:
        """Commit the intent to undo one redemption too many, once; false while another giving back is under way."""
        return await self._database.write(lambda unit: _begin_surplus(unit, row, capture, target, amount))

    async def sending(self, row: GiveBackRow) -> bool:
        """Commit that it is about to be sent; false if another worker was faster."""
        c = t.give_backs.c
        return await self._database.write(
            lambda unit: _change(
                unit, row, c.sends == row.sends, state=GiveBackState.SENT, sends=c.sends + 1, sent_ms=unit.now_ms
            )
        )

    async def unknown(self, row: GiveBackRow) -> None:
        """Note that an answer was lost."""
        c = t.give_backs.c
        await self._database.write(lambda unit: _change(unit, row, unknowns=c.unknowns + 1))

    async def refused(self, row: GiveBackRow, kind: GiveBackKind, *, final: bool) -> None:
        """Note that nothing happened; it is to be sent again, as `kind`."""
        c = t.give_backs.c
        await self._database.write(
            # Fenced by the send that was refused: a worker that stalled must not speak for a later one.
            lambda unit: _change(
                unit,
                row,
                c.sends == row.sends,
                c.unknowns == row.unknowns,
                state=GiveBackState.INTENDED,
                refusals=c.refusals + (1 if final else 0),
                kind=kind,
            )
        )

    async def done(self, row: GiveBackRow, omneo: OmneoRedemptionId) -> bool:
        """Note that Omneo gave it back, and start a new epoch: readings from before are too low or too high."""
        return await self._database.write(lambda unit: _done(unit, row, omneo))

    async def give_up(self, row: GiveBackRow, reason: str) -> bool:
        """Put it before a person; the amount stays taken, so that nothing is given back twice meanwhile."""
        return await self._database.write(lambda unit: _give_up(unit, row, reason))


class _LostRaceError(Exception):
    """Takes a unit back where another giving back is under way, or an order has taken the redemption meanwhile."""


def _row(row: Any) -> GiveBackRow:
    return GiveBackRow(
        id=row.id,
        capture=row.capture_id,
        kind=GiveBackKind(row.kind),
        state=GiveBackState(row.state),
        amount=Money(row.amount_minor, row.currency),
        parts={RedemptionId(key): Money(minor, row.currency) for key, minor in json.loads(row.parts).items()},
        sends=row.sends,
        sent_ms=row.sent_ms,
        unknowns=row.unknowns,
        final_refusals=row.refusals,
        omneo_redemption=row.omneo_redemption_id,
        target=row.target_id,
    )


def _begin(unit: Unit, row: str, capture: Capture, kind: GiveBackKind, parts: Mapping[RedemptionId, Money]) -> bool:
    amount = sum(part.minor for part in parts.values())
    c = t.captures.c
    taken = unit.run(
        t.captures.update()
        .where(c.id == capture.id, c.returned_minor == capture.returned.minor)
        .where(c.returned_minor + amount <= c.captured_minor, c.order_id == capture.order)
        .values(returned_minor=c.returned_minor + amount, updated_ms=unit.now_ms)
    )
    if taken.rowcount != 1:
        return False
    if not unit.insert_new(t.give_backs, _values(unit, row, capture, kind, amount, parts)):
        raise _LostRaceError
    for redemption, part in parts.items():
        moved = move(unit, redemption, State.RETURNING, kind, give_back=row, minor=part.minor)
        if capture.order is None and not moved:
            raise _LostRaceError
    return True


def _values(
    unit: Unit, row: str, capture: Capture, kind: GiveBackKind, amount: int, parts: Mapping[RedemptionId, Money]
) -> dict[str, object]:
    return {
        "id": row,
        "capture_id": capture.id,
        "kind": kind,
        "state": GiveBackState.INTENDED,
        "currency": capture.captured.currency,
        "amount_minor": amount,
        "parts": json.dumps({redemption: part.minor for redemption, part in parts.items()}),
        "sends": 0,
        "unknowns": 0,
        "refusals": 0,
        "created_ms": unit.now_ms,
        "updated_ms": unit.now_ms,
    }


def _begin_surplus(unit: Unit, row: str, capture: Capture, target: int, amount: Money) -> bool:
    c, g = t.captures.c, t.give_backs.c
    # The capture's lock: of two workers that saw the surplus the second one finds the first one's row.
    unit.run(sa.select(c.id).where(c.id == capture.id).with_for_update())
    if unit.conn.scalar(sa.select(g.id).where(g.capture_id == capture.id, g.target_id == target)) is not None:
        return False
    values = _values(unit, row, capture, GiveBackKind.REVERSAL, amount.minor, {})
    return unit.insert_new(t.give_backs, {**values, "target_id": target})


def _change(unit: Unit, row: GiveBackRow, *where: sa.ColumnElement[bool], **values: Any) -> bool:
    c = t.give_backs.c
    changed = unit.run(
        t.give_backs.update()
        .where(c.id == row.id, c.state == row.state, *where)
        .values(updated_ms=unit.now_ms, **values)
    )
    return changed.rowcount == 1


def _done(unit: Unit, row: GiveBackRow, omneo: int) -> bool:
    c = t.give_backs.c
    ended = unit.run(
        t.give_backs.update()
        .where(c.id == row.id, c.state.in_(UNDER_WAY))
        .values(state=GiveBackState.DONE, omneo_redemption_id=omneo, updated_ms=unit.now_ms)
    )
    if ended.rowcount != 1:
        return False
    capture = unit.run(t.captures.select().where(t.captures.c.id == row.capture)).one()
    for redemption, part in row.parts.items():
        back_to = State.RECORDED if carried(unit, redemption) else State.CAPTURED
        _end_part(unit, redemption, part.minor, back_to, omneo)
    a, line = t.allowances.c, t.capture_lines.c
    every = list(unit.conn.scalars(sa.select(line.redemption_id).where(line.capture_id == row.capture)))
    for benefit in rows.benefits_of(unit, every):
        unit.run(
            t.allowances.update()
            .where(rows.allowance_is(capture.tenant, capture.profile_id, benefit))
            .values(epoch=a.epoch + 1, ceiling_minor=None, ceiling_until_ms=None)
        )
    return True


def _end_part(unit: Unit, redemption: str, part: int, back_to: State, omneo: int) -> None:
    lines, r = t.capture_lines.c, t.redemptions.c
    unit.run(
        t.capture_lines.update()
        .where(lines.redemption_id == redemption)
        .values(returned_minor=lines.returned_minor + part)
    )
    unit.run(t.redemptions.update().where(r.id == redemption).values(returned_minor=r.returned_minor + part))
    row = unit.run(sa.select(r.captured_minor, r.returned_minor).where(r.id == redemption)).one()
    whole = row.returned_minor >= row.captured_minor
    facts: dict[str, object] = {"minor": part, "omneo_redemption": omneo}
    if not move(unit, redemption, State.RETURNED if whole else back_to, "given_back", **facts):
        rows.note_where_it_stands(unit, redemption, "given_back", **facts)


def _give_up(unit: Unit, row: GiveBackRow, reason: str) -> bool:
    if not _change(unit, row, state=GiveBackState.REVIEW):
        return False
    line = t.capture_lines.c
    every = sa.select(line.redemption_id).where(line.capture_id == row.capture)
    concerned = row.parts or unit.conn.scalars(every).all()
    for redemption in concerned:
        if redemption in row.parts:
            # It stays taken, as in the capture: what nobody knows is not given back again by the order's next event.
            taken = line.returned_minor + row.parts[redemption].minor
            unit.run(t.capture_lines.update().where(line.redemption_id == redemption).values(returned_minor=taken))
        move(unit, redemption, State.REVIEW, reason, give_back=row.id)
    return True
