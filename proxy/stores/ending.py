"""How a capture ends: what was taken stands, the holds go, a new epoch begins."""

import sqlalchemy as sa

from proxy.domain.capture import Capture, CaptureState
from proxy.domain.money import Money
from proxy.domain.redemption import State
from proxy.stores import schema as t
from proxy.stores.database import Unit
from proxy.stores.redemptions import drop_hold, move


def done(unit: Unit, capture: Capture, omneo: int, total: Money, ceiling: tuple[int, int] | None) -> bool:
    """Share what Omneo took among the lines, first come first served; what is short goes before a person."""
    c = t.captures.c
    finished = unit.run(
        t.captures.update()
        .where(c.id == capture.id, c.state != CaptureState.DONE)
        .values(
            state=CaptureState.DONE,
            captured_minor=total.minor,
            omneo_redemption_id=omneo,
            updated_ms=unit.now_ms,
        )
    )
    if finished.rowcount != 1:
        return False
    left = total.minor
    for line in capture.lines:
        part = min(left, line.asked.minor)
        left -= part
        _end_line(unit, capture, line.redemption, part, line.asked.minor - part)
    _new_epoch(unit, capture, ceiling)
    return True


def _end_line(unit: Unit, capture: Capture, redemption: str, part: int, short: int) -> None:
    drop_hold(unit, redemption)
    unit.run(t.capture_lines.update().where(t.capture_lines.c.redemption_id == redemption).values(captured_minor=part))
    unit.run(
        t.redemptions.update()
        .where(t.redemptions.c.id == redemption)
        .values(captured_minor=part, shortfall_minor=short)
    )
    facts = {"capture": capture.id, "minor": part, "shortfall_minor": short}
    if short:
        move(unit, redemption, State.REVIEW, "shortfall", **facts)
    else:
        move(unit, redemption, State.CAPTURED, "capture", **facts)


def _new_epoch(unit: Unit, capture: Capture, ceiling: tuple[int, int] | None) -> None:
    a = t.allowances.c
    this = sa.and_(a.tenant == capture.tenant, a.profile_id == capture.profile)
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
