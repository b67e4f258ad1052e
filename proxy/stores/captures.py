"""Spending: which order captures which redemptions, and what came of it."""

from collections.abc import Sequence

import sqlalchemy as sa

from proxy.domain.capture import Capture, CaptureState, Taken
from proxy.domain.ids import CaptureId, OmneoRedemptionId, OrderId, ProfileId, RedemptionId, ShopDomain, fold
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.redemption import CAPTURABLE, UNKNOWN_ORDER, Redemption, State
from proxy.stores import early, ending, rows
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit


class Captures:
    """Captures and records, each step one unit of work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_order(self, shop: ShopDomain, order: OrderId) -> tuple[Capture, ...]:
        """Read every capture of an order, in the order in which they were begun."""
        return await self._database.read(lambda unit: _of_order(unit, shop, order))

    async def of_redemption(self, redemption: RedemptionId) -> Capture | None:
        """Read the one capture that a redemption is part of."""
        return await self._database.read(lambda unit: _of_redemption(unit, redemption))

    async def begin(
        self, capture: CaptureId, order: Order, profile: ProfileId, uses: Sequence[tuple[Redemption, Money]]
    ) -> bool:
        """Commit the intent to spend: redemptions move to `capturing` and become lines; false if a race took one.

        A use above what the redemption may take is cut to it. One that was captured early brings its capture along.
        """
        try:
            return await self._database.write(lambda unit: _begin(unit, capture, order, profile, uses))
        except _LostRaceError:
            return False

    async def begin_early(self, capture: CaptureId, redemption: Redemption) -> bool:
        """Commit the intent to spend what no order has used yet; false if it moved or has a capture already."""
        return await self._database.write(lambda unit: early.begin(unit, capture, redemption))

    async def void(self, capture: Capture) -> bool:
        """End an early capture of which no send happened; false if it moved, or an order has it by now."""
        return await self._database.write(lambda unit: early.void(unit, capture))

    async def extend(self, child: RedemptionId, parent: Redemption, order: OrderId, amount: Money, why: str) -> bool:
        """Open a child row for a use beyond the parent's own hold; false if this order has one already.

        False as well where the parent's person was taken out: then nobody is there whose value could be spent.
        """
        return await self._database.write(lambda unit: _extend(unit, child, parent, order, amount, why))

    async def child_of(self, parent: RedemptionId, order: OrderId) -> Redemption | None:
        """Find the child row that an order's extra use has."""
        c = t.redemptions.c
        query = t.redemptions.select().where(c.parent_id == parent, c.order_id == order)

        def find(unit: Unit) -> Redemption | None:
            row = unit.run(query).one_or_none()
            return rows.redemption(row) if row else None

        return await self._database.read(find)

    async def sending(self, capture: Capture, asked: Money) -> bool:
        """Commit that a redeem of `asked` is about to be sent; false if another worker was faster."""
        return await self._database.write(lambda unit: _sending(unit, capture, asked))

    async def refused(self, capture: Capture, *, final: bool) -> bool:
        """Note that the send after `capture` was read did not happen; false if another worker has sent since.

        With an earlier answer lost it stays `sent`: what that one did may be why this one was refused.
        """
        return await self._database.write(lambda unit: _refused(unit, capture, final))

    async def absent(self, capture: Capture) -> bool:
        """Note that no send of this capture happened: the settling time is over and nothing was found."""
        return await self._database.write(lambda unit: _absent(unit, capture))

    async def now_ms(self) -> int:
        """Give the time by which the ledger decides."""
        return await self._database.read(lambda unit: unit.now_ms)

    async def done(self, capture: Capture, omneo: OmneoRedemptionId, taken: Taken) -> bool:
        """Note what Omneo took, end the holds and start a new epoch, all in one unit."""
        return await self._database.write(lambda unit: ending.done(unit, capture, omneo, taken))

    async def give_up(self, capture: Capture, reason: str) -> bool:
        """Put a capture that took nothing before a person; its redemptions keep their holds."""
        return await self._database.write(lambda unit: ending.give_up(unit, capture, reason))


class _LostRaceError(Exception):
    """Takes a unit back whose redemptions are no longer all there."""


def _read(unit: Unit, where: sa.ColumnElement[bool]) -> tuple[Capture, ...]:
    found = unit.run(t.captures.select().where(where).order_by(t.captures.c.created_ms, t.captures.c.seq)).all()
    c = t.capture_lines.c
    return tuple(
        rows.capture(
            row,
            list(unit.run(t.capture_lines.select().where(c.capture_id == row.id).order_by(c.redemption_id)).all()),
        )
        for row in found
    )


def _of_order(unit: Unit, shop: str, order: str) -> tuple[Capture, ...]:
    return _read(unit, sa.and_(t.captures.c.shop == shop, t.captures.c.order_id == order))


def _of_redemption(unit: Unit, redemption: str) -> Capture | None:
    c = t.capture_lines.c
    capture = unit.conn.scalar(sa.select(c.capture_id).where(c.redemption_id == redemption))
    return next(iter(_read(unit, t.captures.c.id == capture)), None) if capture else None


def _begin(unit: Unit, capture: str, order: Order, profile: str, uses: Sequence[tuple[Redemption, Money]]) -> bool:
    won: list[tuple[Redemption, Money]] = []
    c = t.redemptions.c
    awaited = sa.and_(c.state == State.REVIEW, c.reason == UNKNOWN_ORDER)
    for redemption, used in uses:
        amount = used if used <= redemption.amount else redemption.amount
        taken = unit.run(
            t.redemptions.update()
            # Its profile may have been merged since it was read: then it is another capture's.
            .where(c.id == redemption.id, c.profile_id == profile, sa.or_(c.state.in_(list(CAPTURABLE)), awaited))
            .values(state=State.CAPTURING, order_id=order.id, updated_ms=unit.now_ms)
        )
        if taken.rowcount != 1:
            raise _LostRaceError
        rows.note(unit, redemption.id, State.CAPTURING, "order", order=order.id, minor=amount.minor, used=used.minor)
        if not early.attach(unit, redemption, order, amount):
            won.append((redemption, amount))
    if won:
        _insert(unit, capture, order, profile, won)
    return True


def _insert(unit: Unit, capture: str, order: Order, profile: str, won: list[tuple[Redemption, Money]]) -> None:
    first = won[0][0]
    asked = sum((amount for _, amount in won), Money.zero(first.amount.currency))
    unit.run(
        t.captures.insert().values(
            id=capture,
            shop=first.shop,
            tenant=first.tenant,
            profile_id=profile,
            order_id=order.id,
            seq=early.next_seq(unit, first.shop, order.id, profile),
            order_name=order.name,
            location=order.location,
            state=CaptureState.INTENDED,
            currency=asked.currency,
            asked_minor=asked.minor,
            captured_minor=0,
            sends=0,
            refusals=0,
            final_refusals=0,
            created_ms=unit.now_ms,
            updated_ms=unit.now_ms,
        )
    )
    for redemption, amount in won:
        early.put_line(unit, redemption.id, capture, amount.minor)


def _extend(unit: Unit, child: str, parent: Redemption, order: str, amount: Money, why: str) -> bool:
    r = t.redemptions.c
    # Read under its lock: since the parent was read the profile may have been merged, or the person taken out.
    there = sa.select(r.profile_id).where(r.id == parent.id, r.redacted_ms.is_(None))
    profile = unit.conn.scalar(there.with_for_update())
    if profile is None:
        return False
    values: dict[str, object] = {
        "id": child,
        "shop": parent.shop,
        "tenant": parent.tenant,
        "profile_id": profile,
        "customer_id": parent.customer,
        "surface": parent.place.surface,
        "cart": parent.place.cart,
        "state": State.HELD,
        "currency": amount.currency,
        "amount_minor": amount.minor,
        "held_minor": amount.minor,
        "captured_minor": 0,
        "shortfall_minor": 0,
        "use_seen": True,
        "code": parent.code,
        "code_folded": fold(parent.code),
        "starts_ms": parent.starts_ms,
        "ends_ms": parent.ends_ms,
        "parent_id": parent.id,
        "order_id": order,
        "reason": why,
        "created_ms": unit.now_ms,
        "updated_ms": unit.now_ms,
        **rows.benefit_values(parent.benefit),
    }
    if not unit.insert_new(t.redemptions, values):
        return False
    # Taken without asking whether it fits: the order exists, so others must see that much less.
    a = t.allowances.c
    unit.run(
        t.allowances.update()
        .where(rows.allowance_is(parent.tenant, profile, parent.benefit.id if parent.benefit else 0))
        .values(held_minor=a.held_minor + amount.minor)
    )
    rows.note(unit, child, State.HELD, why, parent=parent.id, order=order, minor=amount.minor)
    return True


def _sending(unit: Unit, capture: Capture, asked: Money) -> bool:
    c = t.captures.c
    sent = unit.run(
        t.captures.update()
        .where(c.id == capture.id, c.state == capture.state, c.sends == capture.sends)
        .values(
            state=CaptureState.SENT,
            asked_minor=asked.minor,
            sends=c.sends + 1,
            sent_ms=unit.now_ms,
            updated_ms=unit.now_ms,
        )
    )
    return sent.rowcount == 1


def _refused(unit: Unit, capture: Capture, final: bool) -> bool:
    c = t.captures.c
    # Fenced by the send that was refused: a worker that stalled must not speak for a later one.
    noted = unit.run(
        t.captures.update()
        .where(c.id == capture.id, c.state == CaptureState.SENT, c.sends == capture.sends + 1)
        .values(
            state=CaptureState.INTENDED if capture.unknowns == 0 else CaptureState.SENT,
            refusals=c.refusals + 1,
            final_refusals=c.final_refusals + (1 if final else 0),
            refused_ms=unit.now_ms,
            updated_ms=unit.now_ms,
        )
    )
    return noted.rowcount == 1


def _absent(unit: Unit, capture: Capture) -> bool:
    c = t.captures.c
    decided = unit.run(
        t.captures.update()
        .where(c.id == capture.id, c.state == CaptureState.SENT, c.sends == capture.sends)
        .values(state=CaptureState.INTENDED, refusals=c.sends, updated_ms=unit.now_ms)
    )
    return decided.rowcount == 1
