"""A profile of Omneo is gone: what the ledger keeps of it belongs to the one that took it over."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from proxy.domain.capture import CaptureState
from proxy.domain.ids import CustomerId, ProfileId, RedemptionId, ShopDomain, TenantName
from proxy.domain.redemption import OPEN, Redemption, State
from proxy.stores import early, rows, tasks
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.give_backs import UNDER_WAY
from proxy.stores.holds import open_allowance
from proxy.stores.redemptions import begin_release

KIND = "profile"
_MANY = 20  # customers of one profile in one shop; almost always there is one
_UNFINISHED = [CaptureState.INTENDED, CaptureState.SENT]


class Successions:
    """Which profiles may be gone, whose they were, and the unit that hands over what they had."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def suspect(
        self, shop: ShopDomain, tenant: TenantName, profiles: Collection[ProfileId], customers: Collection[CustomerId]
    ) -> tuple[ProfileId, ...]:
        """Have each of these profiles looked after, and those that these customers had; one without a row is nothing.

        Durable on return. Wishing again for what waits already changes nothing.
        """
        known = await self._database.read(lambda unit: _known(unit, shop, tenant, profiles, customers))

        def wish(unit: Unit) -> None:
            for profile in known:
                tasks.wish(unit, KIND, shop, profile)

        if known:
            await self._database.write(wish)
        return known

    async def customers(self, shop: ShopDomain, profile: ProfileId) -> tuple[CustomerId, ...]:
        """List whose redemptions stand under this profile, the newest first."""
        c = t.redemptions.c
        query = (
            sa.select(c.customer_id)
            .where(c.shop == shop, c.profile_id == profile)
            .group_by(c.customer_id)
            .order_by(sa.func.max(c.created_ms).desc())
            .limit(_MANY)
        )
        return await self._database.read(lambda unit: tuple(unit.conn.scalars(query)))

    async def held_elsewhere(self, shop: ShopDomain, customer: CustomerId, profile: ProfileId) -> tuple[ProfileId, ...]:
        """List under which other profiles this customer still holds value."""
        c = t.redemptions.c
        query = (
            sa.select(c.profile_id)
            .where(c.shop == shop, c.customer_id == customer, c.profile_id != profile, c.held_minor > 0)
            .distinct()
        )
        return await self._database.read(lambda unit: tuple(unit.conn.scalars(query)))

    async def open_of(self, shop: ShopDomain, profile: ProfileId) -> tuple[Redemption, ...]:
        """List what is open under this profile."""
        c = t.redemptions.c
        query = t.redemptions.select().where(c.shop == shop, c.profile_id == profile, c.state.in_(OPEN))
        query = query.where(c.parent_id.is_(None))
        return await self._database.read(lambda unit: tuple(rows.redemption(row) for row in unit.run(query)))

    async def hand_over(self, tenant: TenantName, gone: ProfileId, kept: ProfileId) -> tuple[RedemptionId, ...]:
        """Move every redemption, capture and hold to the profile that was kept, all or nothing; gives what moved.

        What was ended long ago moves too: it may be given back, and is compared with what Omneo lists.
        """
        return await self._database.write(lambda unit: _hand_over(unit, tenant, gone, kept))


def _known(
    unit: Unit, shop: str, tenant: str, profiles: Collection[str], customers: Collection[str]
) -> tuple[ProfileId, ...]:
    a, r = t.allowances.c, t.redemptions.c
    # Whatever was held has an allowance, and that is found by its key.
    named = sa.select(a.profile_id).where(a.tenant == tenant, a.profile_id.in_(profiles)).distinct()
    had = sa.select(r.profile_id).where(r.shop == shop, r.customer_id.in_(customers)).distinct()
    return tuple(sorted({*unit.conn.scalars(named), *unit.conn.scalars(had)}))


def _hand_over(unit: Unit, tenant: str, gone: str, kept: str) -> tuple[RedemptionId, ...]:
    # Captures, redemptions, allowances: locked in the order in which those who end a capture lock them.
    _locked(unit, t.captures, tenant, gone)
    redemptions = _locked(unit, t.redemptions, tenant, gone)
    # Read again: one may have begun before its redemption was locked, and none can any more.
    captures = _locked(unit, t.captures, tenant, gone)
    benefits = _lock_allowances(unit, tenant, gone, kept)
    _move_captures(unit, captures, kept)
    _move_redemptions(unit, tenant, redemptions, gone, kept)
    for benefit in benefits:
        # Assumption, undocumented: a merge moves benefits as they are, so each keeps its id.
        held = sum(row.held_minor for row in redemptions if row.benefit_id == benefit)
        _move_allowance(unit, tenant, (gone, kept), benefit, held)
    _wish_for_work(unit, captures)
    return tuple(row.id for row in redemptions)


def _locked(unit: Unit, table: sa.Table, tenant: str, gone: str) -> Sequence[Any]:
    c = table.c
    query = table.select().where(c.tenant == tenant, c.profile_id == gone).order_by(c.id).with_for_update()
    return unit.run(query).all()


def _lock_allowances(unit: Unit, tenant: str, gone: str, kept: str) -> list[int]:
    """Keep new holds out: one that was granted meanwhile is seen from here on, one that is not has to wait.

    Gives which of the gone one's allowances are to be moved: 0, the balance, and its benefits.
    """
    a = t.allowances.c
    both = sa.select(a.profile_id, a.benefit_id).where(a.tenant == tenant, a.profile_id.in_([gone, kept]))
    while True:
        locked = unit.run(both.order_by(a.profile_id, a.benefit_id).with_for_update()).all()
        benefits = sorted({0} | {row.benefit_id for row in locked if row.profile_id == gone})
        there = {row.benefit_id for row in locked if row.profile_id == kept}
        if there >= set(benefits):
            return benefits
        # Until it is locked, the housekeeping may delete it: what is moved to none is held by nobody.
        for benefit in benefits:
            open_allowance(unit, tenant, kept, benefit)


def _move_captures(unit: Unit, captures: Sequence[Any], kept: str) -> None:
    c, g = t.captures.c, t.give_backs.c
    # A lost answer is looked for among the other's redemptions for a whole settling time: they too may arrive late.
    sent = c.state == CaptureState.SENT
    refused = sa.and_(sent, c.refused_ms >= c.sent_ms)
    anew = {
        "sent_ms": sa.case((sent, unit.now_ms), else_=c.sent_ms),
        "refused_ms": sa.case((refused, unit.now_ms), else_=c.refused_ms),
    }
    for row in captures:
        seq = row.seq if row.order_id is None else early.next_seq(unit, row.shop, row.order_id, kept)
        # Not `updated_ms`: when it was decided is what a sweep compares an order's changes with.
        unit.run(t.captures.update().where(c.id == row.id).values(profile_id=kept, seq=seq, **anew))
    theirs = [row.id for row in captures]
    under_way = sa.and_(g.capture_id.in_(theirs), g.state.in_(UNDER_WAY), g.sent_ms.is_not(None))
    unit.run(t.give_backs.update().where(under_way).values(sent_ms=unit.now_ms))


def _move_redemptions(unit: Unit, tenant: str, redemptions: Sequence[Any], gone: str, kept: str) -> None:
    c = t.redemptions.c
    theirs = sa.and_(c.tenant == tenant, c.profile_id == kept, c.state.in_(OPEN), c.parent_id.is_(None))
    occupied = set(unit.conn.scalars(sa.select(c.benefit_id).where(theirs)))
    for row in redemptions:
        state = State(row.state)
        if row.benefit_id in occupied and state in OPEN and row.parent_id is None:
            # One balance, and one benefit, has one open redemption. This one is taken back by the ordinary road, on
            # which an order wins.
            assert begin_release(unit, rows.redemption(row), "profile_merged"), "its row is locked"
            state = State.RELEASING
        unit.run(t.redemptions.update().where(c.id == row.id).values(profile_id=kept, updated_ms=unit.now_ms))
        rows.note(unit, row.id, state, "profile_merged", gone=gone, kept=kept)


def _move_allowance(unit: Unit, tenant: str, profiles: tuple[str, str], benefit: int, held_minor: int) -> None:
    """Move what is held, and start a new epoch of both: a reading from before shows neither balance as it is now."""
    a = t.allowances.c
    gone, kept = profiles
    left = unit.run(t.allowances.select().where(rows.allowance_is(tenant, gone, benefit))).one_or_none()
    if left is None:
        return
    for profile, delta in ((gone, -held_minor), (kept, held_minor)):
        this = rows.allowance_is(tenant, profile, benefit)
        unit.run(t.allowances.update().where(this).values(held_minor=a.held_minor + delta, epoch=a.epoch + 1))
    if left.ceiling_minor is None or left.ceiling_until_ms <= unit.now_ms:
        return
    # Of two ceilings the lower one bounds what both have now; too low for seconds is not too high.
    lower = sa.and_(
        a.ceiling_minor.is_not(None), a.ceiling_until_ms > unit.now_ms, a.ceiling_minor < left.ceiling_minor
    )
    longer = sa.and_(a.ceiling_until_ms.is_not(None), a.ceiling_until_ms > left.ceiling_until_ms)
    unit.run(
        t.allowances.update()
        .where(rows.allowance_is(tenant, kept, benefit))
        .values(
            ceiling_minor=sa.case((lower, a.ceiling_minor), else_=left.ceiling_minor),
            ceiling_until_ms=sa.case((longer, a.ceiling_until_ms), else_=left.ceiling_until_ms),
        )
    )


def _wish_for_work(unit: Unit, captures: Sequence[Any]) -> None:
    """Have whoever waits for an answer about the profile that is gone look again now."""
    g, line = t.give_backs.c, t.capture_lines.c
    ids = [row.id for row in captures]
    giving = set(unit.conn.scalars(sa.select(g.capture_id).where(g.capture_id.in_(ids), g.state.in_(UNDER_WAY))))
    wanted: set[tuple[str, str, str]] = set()
    for row in captures:
        if row.state not in _UNFINISHED and row.id not in giving:
            continue
        if row.order_id is not None:
            wanted.add(("order", row.shop, row.order_id))
            continue
        lines = unit.conn.scalars(sa.select(line.redemption_id).where(line.capture_id == row.id))
        wanted.update(("redemption", row.shop, redemption) for redemption in lines)
    for kind, shop, subject in sorted(wanted):
        tasks.wish(unit, kind, shop, subject)
