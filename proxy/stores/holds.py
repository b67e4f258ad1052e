"""Setting value aside: the one unit of work that decides every race for a balance."""

import json
from dataclasses import asdict

import sqlalchemy as sa

from proxy.domain.allowance import Standing
from proxy.domain.hold import (
    Claim,
    ClaimKey,
    Closed,
    DayFull,
    Held,
    HoldResult,
    HoldWish,
    KeyTaken,
    Moved,
    Occupied,
    Refusal,
    Short,
    Unapproved,
)
from proxy.domain.ids import ProfileId, RedemptionId, TenantName, fold
from proxy.domain.money import Money
from proxy.domain.redemption import State
from proxy.stores import approvals, claims, rows, tills
from proxy.stores import schema as t
from proxy.stores.closures import is_closed
from proxy.stores.database import Database, Unit
from proxy.stores.inheritance import benefit_of, hold_passes_over, inheritable, occupant_of, passes_over


class Holds:
    """Holds, the allowance that bounds them, and the idempotency keys that ask for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def epoch(self, tenant: TenantName, profile: ProfileId, benefit: int = 0) -> int:
        """Give the allowance's epoch; take it *before* asking Omneo for the balance, or for the benefit."""
        found = await self._database.read(lambda unit: _epoch(unit, tenant, profile, benefit))
        if found is not None:
            return found
        return await self._database.write(lambda unit: open_allowance(unit, tenant, profile, benefit))

    async def standing(self, tenant: TenantName, profile: ProfileId) -> Standing:
        """Give what holds take from this profile's balance now, over all shops of the tenant."""
        return await self._database.read(lambda unit: standing(unit, tenant, profile))

    async def uses_held(self, tenant: TenantName, profile: ProfileId) -> dict[int, int]:
        """Give how many uses of which benefits holds take from this profile now."""
        return await self._database.read(lambda unit: _uses_held(unit, tenant, profile))

    async def hold(self, wish: HoldWish) -> HoldResult:
        """Set the value aside, claim the key and plan the clean-up, all or nothing."""
        try:
            return await self._database.write(lambda unit: _hold(unit, wish))
        except _TakenBackError as verdict:
            return verdict.result

    async def claim(self, key: ClaimKey) -> Claim | None:
        """Look a key up."""
        return await self._database.read(lambda unit: claims.find(unit, key))

    async def begin(self, key: ClaimKey, body_hash: str, lease_ms: int) -> Claim | None:
        """Claim a key for what holds no value; gives the claim of whoever came first."""
        return await self._database.write(lambda unit: claims.begin(unit, key, body_hash, lease_ms))

    async def resume(self, key: ClaimKey, lease_ms: int) -> bool:
        """Take over an unfinished claim whose holder is gone; false if somebody is at it."""
        return await self._database.write(lambda unit: claims.resume(unit, key, lease_ms))

    async def finish(self, key: ClaimKey, refusal: Refusal | None = None) -> None:
        """Mark the key as answered, so that it replays: the redemption, or the refusal that ended it."""
        text = json.dumps(asdict(refusal)) if refusal else None
        await self._database.write(lambda unit: claims.update(unit, key, finished=True, refusal=text))

    async def yield_claim(self, key: ClaimKey) -> None:
        """Let the next attempt with this key resume at once: the outcome is still open."""
        await self._database.write(lambda unit: claims.update(unit, key, lease_until_ms=0))

    async def free(self, key: ClaimKey) -> None:
        """Forget a key that this attempt claimed: it was refused in a way that trying again may mend."""
        await self._database.write(
            lambda unit: unit.run(t.claims.delete().where(rows.claim_is(key), t.claims.c.finished.is_(False)))
        )

    async def refuse(self, key: ClaimKey, body_hash: str, refusal: Refusal) -> None:
        """Keep a refusal that came before the hold; a key that another attempt has claimed meanwhile is left to it."""
        await self._database.write(lambda unit: claims.refuse(unit, key, body_hash, refusal))

    async def forget_claims(self, keep_ms: int) -> int:
        """Delete keys older than `keep_ms`."""
        c = t.claims.c
        return await self._database.write(
            lambda unit: unit.run(t.claims.delete().where(c.created_ms < unit.now_ms - keep_ms)).rowcount
        )


class _TakenBackError(Exception):
    """Carries a verdict out of a unit whose earlier statements must not stay."""

    def __init__(self, result: HoldResult) -> None:
        super().__init__()
        self.result = result


def _epoch(unit: Unit, tenant: str, profile: str, benefit: int) -> int | None:
    return unit.conn.scalar(sa.select(t.allowances.c.epoch).where(rows.allowance_is(tenant, profile, benefit)))


def _uses_held(unit: Unit, tenant: str, profile: str) -> dict[int, int]:
    c = t.allowances.c
    query = sa.select(c.benefit_id, c.held_minor).where(c.tenant == tenant, c.profile_id == profile)
    return {row.benefit_id: row.held_minor for row in unit.run(query.where(c.benefit_id != 0, c.held_minor > 0))}


def standing(unit: Unit, tenant: str, profile: str, benefit: int = 0) -> Standing:
    """Give what holds take from a balance, or a benefit's uses, and the bound that the last answer still sets."""
    row = unit.run(t.allowances.select().where(rows.allowance_is(tenant, profile, benefit))).one_or_none()
    if row is None:
        return Standing(0, None)
    bound = row.ceiling_minor is not None and row.ceiling_until_ms > unit.now_ms
    return Standing(row.held_minor, row.ceiling_minor if bound else None)


def open_allowance(unit: Unit, tenant: str, profile: str, benefit: int = 0) -> int:
    """Give the epoch of a profile's allowance, which is made where there is none."""
    key = {"tenant": tenant, "profile_id": profile, "benefit_id": benefit}
    # It begins at the time: an allowance that was deleted meanwhile must not come back at an epoch that it had.
    unit.insert_new(t.allowances, {**key, "held_minor": 0, "epoch": unit.now_ms})
    return _epoch(unit, tenant, profile, benefit) or unit.now_ms


def _hold(unit: Unit, wish: HoldWish) -> HoldResult:
    # The key may be freed between the conflict and the look: then it is there to be claimed.
    while not claims.take(unit, wish):
        claim = claims.find(unit, wish.claim)
        if claim is not None:
            return KeyTaken(claim)
    if is_closed(unit, wish.shop):
        raise _TakenBackError(Closed())
    if wish.till is not None:
        tills.take_turns(unit, wish.shop, wish.till)
    # Asked first, because the occupant's own hold may be why nothing is left; the index decides races all the same.
    occupant = occupant_of(unit, wish)
    inherited = inheritable(unit, wish, lock=True)
    covered = sum(row.held_minor for row in inherited)
    passing = [occupant] if occupant is not None and hold_passes_over(wish, occupant) else []
    said = _at_till(unit, wish, [*(RedemptionId(row.id) for row in inherited), *(row.id for row in passing)])
    if occupant is not None:
        if passes_over(wish, occupant):
            # Looked at before the old code is ended: a wish that cannot be granted leaves it usable.
            _fits(unit, wish, covered + sum(row.held.minor for row in passing))
        raise _TakenBackError(Occupied(occupant))
    delta = max(0, wish.amount.minor - covered)
    _take(unit, wish, delta)
    _shrink(unit, inherited, min(covered, wish.amount.minor), wish)
    if not unit.insert_new(t.redemptions, _row(unit, wish)):
        occupant = occupant_of(unit, wish)
        # Whoever was in the way may be gone by now; then the whole unit is tried again.
        raise _TakenBackError(Occupied(occupant) if occupant is not None else Moved())
    facts = {"surface": wish.place.surface, "minor": wish.amount.minor, "inherited_minor": covered} | said
    rows.note(unit, wish.id, State.HELD, "hold", actor=wish.actor, **facts)
    # Due soon: if the process dies before the discount is issued, the task takes the hold back.
    rows.wish_for(unit, "redemption", wish.shop, wish.id, unit.now_ms + wish.claim_lease_ms * 2)
    held = rows.get_redemption(unit, wish.id)
    assert held is not None
    return Held(held)


def _take(unit: Unit, wish: HoldWish, delta: int) -> None:
    """Take from the allowance under the reading's epoch; the row count is the verdict."""
    c = t.allowances.c
    ceiling = sa.or_(
        c.ceiling_minor.is_(None), c.ceiling_until_ms <= unit.now_ms, c.held_minor + delta <= c.ceiling_minor
    )
    taken = unit.run(
        t.allowances.update()
        .where(_allowance(wish), c.epoch == wish.epoch)
        .where(c.held_minor + delta <= wish.spendable.minor, ceiling)
        .values(held_minor=c.held_minor + delta)
    )
    if taken.rowcount == 1:
        return
    if _epoch(unit, wish.tenant, wish.profile, benefit_of(wish)) != wish.epoch:
        raise _TakenBackError(Moved())
    held = unit.conn.scalar(sa.select(c.held_minor).where(_allowance(wish)))
    raise _TakenBackError(Short(Money(int(held or 0), wish.amount.currency)))


def _at_till(unit: Unit, wish: HoldWish, replaced: list[RedemptionId]) -> dict[str, object]:
    """Keep to what binds the till, and give what the journal is to say of it."""
    till = wish.till
    if till is None:
        return {}
    for day in tills.days(unit, wish.shop, till, wish.amount.currency, replaced):
        if day.left < wish.amount:
            raise _TakenBackError(DayFull(day))
    said: dict[str, object] = {"staff_reason": till.reason} if till.reason is not None else {}
    if till.approval is None:
        return said
    granted_by = approvals.use(unit, wish, till)
    if isinstance(granted_by, Unapproved):
        raise _TakenBackError(granted_by)
    return said | {"approval": till.approval, "approved_by": granted_by}


def _fits(unit: Unit, wish: HoldWish, covered: int) -> None:
    """Refuse what could not be taken even after `covered` has passed over."""
    row = unit.run(t.allowances.select().where(_allowance(wish))).one()
    if row.epoch != wish.epoch:
        raise _TakenBackError(Moved())
    others = row.held_minor - covered
    if others + max(covered, wish.amount.minor) > wish.spendable.minor:
        raise _TakenBackError(Short(Money(others, wish.amount.currency)))


def _shrink(unit: Unit, predecessors: list[sa.Row[tuple[str, int]]], by: int, wish: HoldWish) -> None:
    """Pass `by` over to the successor; what is left keeps the pair liable for the larger of the two."""
    c = t.redemptions.c
    for row in predecessors:
        part = min(by, row.held_minor)
        by -= part
        if part:
            unit.run(
                t.redemptions.update()
                .where(c.id == row.id, c.state == State.RELEASING, c.held_minor == row.held_minor)
                .values(held_minor=c.held_minor - part, updated_ms=unit.now_ms)
            )
            rows.note(unit, row.id, State.RELEASING, "passed_on", actor=wish.actor, to=wish.id, minor=part)


def _row(unit: Unit, wish: HoldWish) -> dict[str, object]:
    return {
        "id": wish.id,
        "shop": wish.shop,
        "tenant": wish.tenant,
        "profile_id": wish.profile,
        "customer_id": wish.customer,
        "surface": wish.place.surface,
        "cart": wish.place.cart,
        "location": wish.place.location,
        "staff": wish.place.staff,
        "device": wish.place.device,
        "login": wish.till.login if wish.till is not None else None,
        "state": State.HELD,
        "currency": wish.amount.currency,
        "amount_minor": wish.amount.minor,
        "held_minor": wish.amount.minor,
        "captured_minor": 0,
        "shortfall_minor": 0,
        "use_seen": False,
        "early": wish.early,
        "code": wish.code,
        "code_folded": fold(wish.code),
        "starts_ms": unit.now_ms - wish.skew_ms,
        # Whole seconds: that is what Shopify keeps and what a read-back is compared with.
        "ends_ms": (unit.now_ms + wish.ttl_ms) // 1000 * 1000,
        "created_ms": unit.now_ms,
        "updated_ms": unit.now_ms,
        **rows.benefit_values(wish.benefit),
    }


def _allowance(wish: HoldWish) -> sa.ColumnElement[bool]:
    return rows.allowance_is(wish.tenant, wish.profile, benefit_of(wish))
