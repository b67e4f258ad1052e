"""The redemption's own moves: every one a single conditional update whose row count decides."""

import json
from collections.abc import Sequence

import sqlalchemy as sa

from proxy.domain.actor import SERVICE, Actor
from proxy.domain.ids import CustomerId, DiscountId, RedemptionId, ShopDomain, fold
from proxy.domain.order import Order
from proxy.domain.redemption import CAPTURABLE, OPEN, UNKNOWN_ORDER, JournalEntry, Redemption, State, sources
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit

_INLINE_MS = 5000
_USABLE = list(CAPTURABLE)


class Redemptions:
    """Reads of redemptions, and the moves that concern one of them alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def now_ms(self) -> int:
        """Give the time by which the ledger decides: what it wrote down is compared with this, not with a machine's."""
        return await self._database.read(lambda unit: unit.now_ms)

    async def get(self, redemption: RedemptionId) -> Redemption | None:
        """Read one."""
        return await self._database.read(lambda unit: rows.get_redemption(unit, redemption))

    async def open_of(self, shop: ShopDomain, customer: CustomerId) -> tuple[Redemption, ...]:
        """List everything that a customer has open in a shop: of the balance, and of each benefit."""
        c = t.redemptions.c
        return await self._database.read(
            lambda unit: _all(unit, c.shop == shop, c.customer_id == customer, c.state.in_(OPEN), c.parent_id.is_(None))
        )

    async def without_discount(self, shop: ShopDomain, customer: CustomerId, order: Order) -> tuple[Redemption, ...]:
        """List a customer's uses of benefits that the order may have made though no discount is theirs alone.

        What it has made already is among them, whoever the order's customer was then; and what it names although it is
        over, because no discount ends there that would keep the thing from being handed over.
        """
        found = await self._database.read(lambda unit: _of_benefits(unit, shop, customer, order))
        return tuple(each for each in found if not each.has_discount)

    async def by_codes(self, shop: ShopDomain, codes: Sequence[str]) -> tuple[Redemption, ...]:
        """Find ours among an order's codes; compared as Shopify does, without regard to case."""
        folded = [fold(code) for code in codes]
        c = t.redemptions.c
        return await self._database.read(
            lambda unit: _all(unit, c.shop == shop, c.code_folded.in_(folded), c.parent_id.is_(None))
        )

    async def latest(self, limit: int, state: State | None = None) -> tuple[Redemption, ...]:
        """List the newest of all shops, for operators."""
        wanted = [t.redemptions.c.state == state] if state else []
        return await self._database.read(lambda unit: _all(unit, *wanted, limit=limit))

    async def journal(self, redemption: RedemptionId) -> tuple[JournalEntry, ...]:
        """Read every move that it made, oldest first."""
        c = t.journal.c
        query = t.journal.select().where(c.redemption_id == redemption).order_by(c.id)
        return await self._database.read(lambda unit: tuple(rows.journal_entry(row) for row in unit.run(query)))

    async def issued(self, redemption: Redemption, discount: DiscountId | None) -> bool:
        """Note that the discount exists, or that none is needed; from now on the hold's end is what is waited for."""
        return await self._database.write(lambda unit: _issued(unit, redemption, discount))

    async def drop(self, redemption: RedemptionId, reason: str) -> bool:
        """Let a hold go whose discount was refused: nothing exists that could be used."""
        return await self._database.write(lambda unit: _let_go(unit, redemption, State.HELD, reason))

    async def begin_release(self, redemption: Redemption, reason: str, actor: Actor = SERVICE) -> bool:
        """Decide to take it back; the task does the rest. False if it has moved since it was read."""
        return await self._database.write(lambda unit: begin_release(unit, redemption, reason, actor))

    async def deactivated(self, redemption: Redemption, *, grace_ms: int, used: int) -> bool:
        """Note that the code no longer works, and wait for orders that came just before."""
        return await self._database.write(lambda unit: _deactivated(unit, redemption, grace_ms, used))

    async def let_go(self, redemption: Redemption) -> bool:
        """End the hold: no order used the code, and none can any more."""
        return await self._database.write(
            lambda unit: _let_go(unit, redemption.id, State.RELEASING, redemption.reason or "released")
        )

    async def review(self, redemption: RedemptionId, reason: str, **facts: object) -> bool:
        """Put it before a person, with what contradicts; the hold stays as it is.

        False as well where a person has decided the same already.
        """
        return await self._database.write(lambda unit: put_before_a_person(unit, redemption, reason, **facts))


def move(unit: Unit, redemption: str, to: State, why: str, **facts: object) -> bool:
    """Move to a state if the present one allows it, and write the journal in the same unit."""
    return _move(unit, redemption, sources(to), to, why, {"reason": why} if to is State.REVIEW else {}, facts)


def put_before_a_person(unit: Unit, redemption: str, reason: str, **facts: object) -> bool:
    """Move to `review`, unless a person has decided about this very reason before, and about as much."""
    c = t.journal.c
    same = c.note.in_([reason, decided(reason)])
    before = unit.run(sa.select(c.note, c.facts).where(c.redemption_id == redemption, same)).all()
    # More comes back with each refund: what was decided about the first says nothing about the second.
    told = max((_minor(json.loads(row.facts)) for row in before if row.note == reason), default=0)
    if any(row.note == decided(reason) for row in before) and _minor(facts) <= told:
        return False
    return move(unit, redemption, State.REVIEW, reason, **facts)


def _minor(facts: dict[str, object]) -> int:
    minor = facts.get("minor", 0)
    return minor if isinstance(minor, int) else 0


def decided(reason: str | None) -> str:
    """Form the journal's note of a decision about a reason."""
    return f"decided: {reason}"[:64]


def _move(
    unit: Unit,
    redemption: str,
    from_: Sequence[State] | frozenset[State],
    to: State,
    why: str,
    values: dict[str, object],
    facts: dict[str, object],
    actor: Actor = SERVICE,
) -> bool:
    c = t.redemptions.c
    moved = unit.run(
        t.redemptions.update()
        .where(c.id == redemption, c.state.in_(list(from_)))
        .values(state=to, updated_ms=unit.now_ms, **values)
    )
    if moved.rowcount == 1:
        if to is State.RELEASED:
            drop_hold(unit, redemption)  # before the journal keeps what is held
        rows.note(unit, redemption, to, why, actor=actor, **facts)
    return moved.rowcount == 1


def _issued(unit: Unit, redemption: Redemption, discount: str | None) -> bool:
    moved = _move(
        unit, redemption.id, [State.HELD], State.ISSUED, "issue", {"discount_id": discount}, {"discount": discount}
    )
    if moved:
        c = t.tasks.c
        unit.run(
            t.tasks.update()
            .where(c.kind == "redemption", c.shop == redemption.shop, c.subject == redemption.id)
            .values(due_ms=redemption.ends_ms)
        )
    return moved


def begin_release(unit: Unit, redemption: Redemption, reason: str, actor: Actor = SERVICE) -> bool:
    """Decide to take it back, unless it has moved since it was read."""
    if redemption.state not in OPEN:
        return False
    moved = _move(unit, redemption.id, [redemption.state], State.RELEASING, reason, {"reason": reason}, {}, actor)
    if moved:
        # Not at once: whoever decided it deactivates the code now, and need not race the worker for it.
        rows.wish_for(unit, "redemption", redemption.shop, redemption.id, unit.now_ms + _INLINE_MS)
    return moved


def _deactivated(unit: Unit, redemption: Redemption, grace_ms: int, used: int) -> bool:
    c = t.redemptions.c
    until = unit.now_ms + grace_ms
    this = sa.and_(c.id == redemption.id, c.state == State.RELEASING)
    # Route and task may both get here: the first one's grace counts, and a use once seen stays seen.
    first = unit.run(
        t.redemptions.update()
        .where(this, c.deactivated_ms.is_(None))
        .values(deactivated_ms=unit.now_ms, grace_until_ms=until, updated_ms=unit.now_ms)
    )
    if used > 0:
        unit.run(t.redemptions.update().where(this).values(use_seen=True))
    if first.rowcount == 1:
        rows.note(unit, redemption.id, State.RELEASING, "deactivated", grace_until_ms=until, used=used)
        # The task, if it is not the caller itself, has nothing to do before the grace ends.
        w = t.tasks.c
        unit.run(
            t.tasks.update()
            .where(w.kind == "redemption", w.shop == redemption.shop, w.subject == redemption.id)
            .values(due_ms=until)
        )
        return True
    return unit.conn.scalar(sa.select(c.id).where(this)) is not None


def _let_go(unit: Unit, redemption: str, from_: State, reason: str) -> bool:
    return _move(unit, redemption, [from_], State.RELEASED, reason, {"reason": reason}, {})


def drop_hold(unit: Unit, redemption: str) -> None:
    """Give what the row still holds back to the allowance; the row is locked by the move before."""
    c = t.redemptions.c
    held = sa.select(c.tenant, c.profile_id, c.benefit_id, c.held_minor).where(c.id == redemption)
    row = unit.run(held.with_for_update()).one()
    unit.run(t.redemptions.update().where(c.id == redemption).values(held_minor=0))
    a = t.allowances.c
    unit.run(
        t.allowances.update()
        .where(rows.allowance_is(row.tenant, row.profile_id, row.benefit_id))
        .values(held_minor=a.held_minor - row.held_minor)
    )


def _of_benefits(unit: Unit, shop: str, customer: str, order: Order) -> tuple[Redemption, ...]:
    c, line, capture = t.redemptions.c, t.capture_lines.c, t.captures.c
    uses = sa.and_(c.benefit_id != 0, c.parent_id.is_(None))
    may = sa.or_(c.state.in_(_USABLE), sa.and_(c.state == State.REVIEW, c.reason == UNKNOWN_ORDER))
    captured = sa.select(line.redemption_id).join(t.captures, capture.id == line.capture_id)
    # Asked apart, each by its own index: as one question, every order would have the shop's whole ledger read.
    of_customer = _all(unit, uses, c.shop == shop, c.customer_id == customer, may)
    of_order = _all(unit, uses, c.id.in_(captured.where(capture.shop == shop, capture.order_id == order.id)))
    named = _all(unit, uses, c.shop == shop, c.customer_id == customer, c.id.in_(order.named)) if order.named else ()
    over = [row for row in named if row.cart_code is None]
    return tuple({row.id: row for row in (*of_customer, *of_order, *over)}.values())


def _all(unit: Unit, *where: sa.ColumnElement[bool], limit: int | None = None) -> tuple[Redemption, ...]:
    query = t.redemptions.select().where(*where).order_by(t.redemptions.c.created_ms.desc()).limit(limit)
    return tuple(rows.redemption(row) for row in unit.run(query))
