"""How a capture ends: what was taken stands, the holds go, a new epoch begins."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from proxy.domain.actor import SERVICE
from proxy.domain.capture import Capture, CaptureState, Taken
from proxy.domain.redemption import State
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Unit
from proxy.stores.redemptions import drop_hold, move, put_before_a_person

_UNKNOWN = "redeem_unknown"
_WAITING = (State.ISSUED, State.RELEASING)


def done(unit: Unit, capture: Capture, omneo: int, taken: Taken) -> bool:
    """Share what Omneo took among the lines, first come first served; what is short goes before a person."""
    c, line = t.captures.c, t.capture_lines.c
    finished = unit.run(
        t.captures.update()
        # One that was void and whose redemption another capture has by now stays so: `reconcile` tells of what it took.
        .where(c.id == capture.id, c.state != CaptureState.DONE, sa.exists().where(line.capture_id == c.id))
        .values(
            state=CaptureState.DONE,
            captured_minor=taken.total.minor,
            omneo_redemption_id=omneo,
            updated_ms=unit.now_ms,
        )
        .returning(c.order_id, c.profile_id)
    ).one_or_none()
    if finished is None:
        return False
    # Read again: an order may have joined an early capture while it was being asked for.
    lines = unit.run(
        sa.select(line.redemption_id, line.asked_minor)
        .where(line.capture_id == capture.id)
        .order_by(line.redemption_id)
    ).all()
    for each, part in _shared(lines, taken):
        short = max(0, each.asked_minor - part)
        _take(unit, each.redemption_id, part, short)
        facts = {"capture": capture.id, "minor": part, "shortfall_minor": short, "omneo_redemption": omneo}
        if finished.order_id is None:
            _wait_for_order(unit, each.redemption_id, facts)
        else:
            _end(unit, each.redemption_id, short, facts)
    # Merged since it was sent: what the answer told is not the balance of the profile that has it now.
    told = taken.ceiling if finished.profile_id == capture.profile else None
    for benefit in rows.benefits_of(unit, [each.redemption_id for each in lines]):
        _new_epoch(unit, rows.allowance_is(capture.tenant, finished.profile_id, benefit), told)
    return True


def _shared(lines: Sequence[Any], taken: Taken) -> list[tuple[Any, int]]:
    if taken.parts is not None:
        told = {redemption: part.minor for redemption, part in taken.parts.items()}
        return [(each, told.get(each.redemption_id, 0)) for each in lines]
    left, parts = taken.total.minor, []
    for number, each in enumerate(lines, start=1):
        # The last one takes what is over: an early capture's order may have used less than was asked for.
        part = left if number == len(lines) else min(left, each.asked_minor)
        left -= part
        parts.append((each, part))
    return parts


def _take(unit: Unit, redemption: str, part: int, short: int) -> None:
    drop_hold(unit, redemption)
    line, r = t.capture_lines.c, t.redemptions.c
    unit.run(t.capture_lines.update().where(line.redemption_id == redemption).values(captured_minor=part))
    unit.run(t.redemptions.update().where(r.id == redemption).values(captured_minor=part, shortfall_minor=short))


def _end(unit: Unit, redemption: str, short: int, facts: dict[str, object]) -> None:
    _leave_review(unit, redemption, State.CAPTURING)
    if short:
        moved = move(unit, redemption, State.REVIEW, "shortfall", **facts)
    else:
        moved = move(unit, redemption, State.CAPTURED, "capture", **facts)
    if not moved:
        _found(unit, redemption, facts)


def _wait_for_order(unit: Unit, redemption: str, facts: dict[str, object]) -> None:
    """Leave it where it is: its code waits for an order, or is on its way back."""
    if _leave_review(unit, redemption, State.RELEASING):
        row = rows.get_redemption(unit, redemption)
        assert row is not None, "redemptions are never deleted"
        rows.wish_for(unit, "redemption", row.shop, redemption, unit.now_ms)
    state = unit.conn.scalar(sa.select(t.redemptions.c.state).where(t.redemptions.c.id == redemption))
    if state in _WAITING:
        rows.note(unit, redemption, State(state), "capture", actor=SERVICE, **facts)
    else:
        _found(unit, redemption, facts)


def _found(unit: Unit, redemption: str, facts: dict[str, object]) -> None:
    """A person has decided meanwhile that nothing was spent, or is about to decide about something else."""
    if not put_before_a_person(unit, redemption, "redeem_found", **facts):
        rows.note_where_it_stands(unit, redemption, "capture", **facts)


def _leave_review(unit: Unit, redemption: str, to: State) -> bool:
    """Take up again what was in review only because nobody knew whether Omneo had redeemed."""
    r = t.redemptions.c
    taken_up = unit.run(
        t.redemptions.update()
        .where(r.id == redemption, r.state == State.REVIEW, r.reason == _UNKNOWN)
        .values(state=to, reason=None, updated_ms=unit.now_ms)
    )
    return taken_up.rowcount == 1


def _new_epoch(unit: Unit, this: sa.ColumnElement[bool], ceiling: tuple[int, int] | None) -> None:
    a = t.allowances.c
    unit.run(t.allowances.update().where(this).values(epoch=a.epoch + 1))
    if ceiling is None:
        return
    # While one is in force a new one may only lower it: answers may be committed in another order than they were given.
    told, lasts_ms = ceiling
    in_force = sa.and_(a.ceiling_minor.is_not(None), a.ceiling_until_ms > unit.now_ms, a.ceiling_minor < told)
    unit.run(
        t.allowances.update()
        .where(this)
        .values(ceiling_minor=sa.case((in_force, a.ceiling_minor), else_=told), ceiling_until_ms=unit.now_ms + lasts_ms)
    )


def give_up(unit: Unit, capture: Capture, reason: str) -> bool:
    """End it without an answer; its redemptions keep their holds until a person has decided."""
    c = t.captures.c
    given = unit.run(
        t.captures.update()
        .where(c.id == capture.id, c.state.in_([CaptureState.INTENDED, CaptureState.SENT]))
        .values(state=CaptureState.REVIEW, updated_ms=unit.now_ms)
    )
    if given.rowcount != 1:
        return False
    for line in capture.lines:
        unit.run(
            t.redemptions.update().where(t.redemptions.c.id == line.redemption).values(shortfall_minor=line.asked.minor)
        )
        move(unit, line.redemption, State.REVIEW, reason, capture=capture.id)
    return True
