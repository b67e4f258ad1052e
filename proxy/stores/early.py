"""Captures that come before their order: begun with the code, and joined to the order that uses it."""

import sqlalchemy as sa

from proxy.domain.capture import Capture, CaptureState
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.redemption import Redemption, State
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Unit
from proxy.stores.redemptions import move

_SOON_MS = 5000


def begin(unit: Unit, capture: str, redemption: Redemption) -> bool:
    """Open a capture without an order, and have the worker look after it if its caller goes away."""
    r, line = t.redemptions.c, t.capture_lines.c
    # Takes the row's lock: neither an order nor a release comes in between.
    still = unit.run(
        t.redemptions.update()
        .where(r.id == redemption.id, r.state == State.ISSUED)
        .values(updated_ms=unit.now_ms)
        .returning(r.profile_id)
    ).one_or_none()
    has_one = sa.select(line.capture_id).where(line.redemption_id == redemption.id)
    if still is None or unit.conn.scalar(has_one) is not None:
        return False
    unit.run(
        t.captures.insert().values(
            id=capture,
            shop=redemption.shop,
            tenant=redemption.tenant,
            profile_id=still.profile_id,
            seq=0,
            order_name=redemption.id,
            location=redemption.place.location,
            state=CaptureState.INTENDED,
            currency=redemption.amount.currency,
            asked_minor=redemption.amount.minor,
            captured_minor=0,
            sends=0,
            refusals=0,
            final_refusals=0,
            created_ms=unit.now_ms,
            updated_ms=unit.now_ms,
        )
    )
    put_line(unit, redemption.id, capture, redemption.amount.minor)
    rows.note(unit, redemption.id, State.ISSUED, "early", capture=capture, minor=redemption.amount.minor)
    rows.wish_for(unit, "redemption", redemption.shop, redemption.id, unit.now_ms + _SOON_MS)
    return True


def void(unit: Unit, capture: Capture) -> bool:
    """Decide that nothing was taken."""
    c = t.captures.c
    voided = unit.run(
        t.captures.update()
        .where(c.id == capture.id, c.order_id.is_(None), c.state == CaptureState.INTENDED, c.sends == capture.sends)
        .values(state=CaptureState.VOID, updated_ms=unit.now_ms)
    )
    return voided.rowcount == 1


def attach(unit: Unit, redemption: Redemption, order: Order, amount: Money) -> bool:
    """Join what was captured early to the order that uses it; false if there is nothing to join.

    What was asked of it is from now on what the order discounts: the rest is given back.
    """
    c, line = t.captures.c, t.capture_lines.c
    of = sa.select(line.capture_id).where(line.redemption_id == redemption.id).scalar_subquery()
    joined = unit.run(
        t.captures.update()
        .where(c.id == of, c.order_id.is_(None), c.state != CaptureState.VOID)
        .values(
            order_id=order.id,
            order_name=order.name,
            location=order.location,
            seq=next_seq(unit, redemption.shop, order.id, redemption.profile),
            # What was never sent is sent for what the order took.
            asked_minor=sa.case((c.state == CaptureState.INTENDED, amount.minor), else_=c.asked_minor),
            updated_ms=unit.now_ms,
        )
        .returning(c.id, c.state)
    ).one_or_none()
    if joined is None:
        return False
    unit.run(t.capture_lines.update().where(line.redemption_id == redemption.id).values(asked_minor=amount.minor))
    if joined.state == CaptureState.DONE:
        move(unit, redemption.id, State.CAPTURED, "capture", capture=joined.id, order=order.id)
    elif joined.state == CaptureState.REVIEW:
        move(unit, redemption.id, State.REVIEW, "redeem_unknown", capture=joined.id, order=order.id)
    return True


def next_seq(unit: Unit, shop: str, order: str, profile: str) -> int:
    """Number the captures that an order has of a profile; those of people who were taken out leave gaps."""
    c = t.captures.c
    query = sa.select(sa.func.max(c.seq) + 1).where(c.shop == shop, c.order_id == order, c.profile_id == profile)
    return int(unit.conn.scalar(query) or 0)


def put_line(unit: Unit, redemption: str, capture: str, asked_minor: int) -> None:
    """Make the redemption a part of the capture; where an early one was void, in its stead."""
    line = t.capture_lines.c
    moved = unit.run(
        t.capture_lines.update()
        .where(line.redemption_id == redemption)
        .values(capture_id=capture, asked_minor=asked_minor, captured_minor=0)
    )
    if moved.rowcount == 0:
        unit.run(
            t.capture_lines.insert().values(
                redemption_id=redemption, capture_id=capture, asked_minor=asked_minor, captured_minor=0
            )
        )
