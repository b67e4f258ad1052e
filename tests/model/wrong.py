"""The same process, wrong on purpose in one place each: the machine has to see the difference."""

import asyncio
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from proxy.app import ShopParts
from proxy.domain.capture import OmneoRedemption, Redeem
from proxy.domain.give_back import GiveBackRow
from proxy.domain.hold import HoldResult, HoldWish, Short
from proxy.domain.ids import ProfileId
from proxy.domain.money import Money
from proxy.domain.outcome import Outcome, Refused, Unknown
from proxy.stores import schema as t
from proxy.stores.database import Unit
from proxy.stores.give_backs import GiveBacks
from proxy.stores.holds import Holds
from proxy.stores.till_schema import approvals

_PLENTY = 10**9
_LONG_S = 10.0  # more than a caller waits for, and less than a hold lives


class _UnknownIsRefused:
    """Omneo, of which a lost answer to a redeem is taken for a refusal."""

    def __init__(self, omneo: Any) -> None:
        self._omneo = omneo

    def __getattr__(self, name: str) -> Any:
        return getattr(self._omneo, name)

    async def redeem(self, wish: Redeem) -> Outcome[OmneoRedemption]:
        outcome: Outcome[OmneoRedemption] = await self._omneo.redeem(wish)
        return Refused(outcome.reason) if isinstance(outcome, Unknown) else outcome


class _SumsThenInserts(Holds):
    """Adds up the holds, waits (every second time for long), and inserts another."""

    _waits_long = False

    async def hold(self, wish: HoldWish) -> HoldResult:
        held = await self._database.read(lambda unit: _held_elsewhere(unit, wish))
        self._waits_long = not self._waits_long
        await asyncio.sleep(_LONG_S if self._waits_long else 0)
        if held + wish.amount.minor > wish.spendable.minor:
            return Short(Money(held, wish.amount.currency))
        return await super().hold(replace(wish, spendable=Money(_PLENTY, wish.amount.currency)))


def _held_elsewhere(unit: Unit, wish: HoldWish) -> int:
    """Sum what is held beside this cart, whose hold would pass over."""
    r = t.redemptions.c
    cart = sa.and_(r.shop == wish.shop, r.surface == wish.place.surface, r.cart == wish.place.cart)
    query = sa.select(sa.func.coalesce(sa.func.sum(r.held_minor), 0))
    return int(unit.conn.scalar(query.where(r.profile_id == wish.profile, sa.not_(sa.func.coalesce(cart, False)))) or 0)


class _IgnoresTheEpoch(Holds):
    """Grants from any reading, however much was spent since it was taken."""

    async def hold(self, wish: HoldWish) -> HoldResult:
        return await super().hold(replace(wish, epoch=await self.epoch(wish.tenant, wish.profile)))


class _ForgetsTheUnknown(GiveBacks):
    """Loses from mind that an answer was lost, so that a refused reversal is followed by a return."""

    async def unknown(self, row: GiveBackRow) -> None:
        pass


class _ForgetsUsesThatAreHeld(Holds):
    """Grants uses by what Omneo shows alone, as if a benefit needed no allowance; money it counts well."""

    async def hold(self, wish: HoldWish) -> HoldResult:
        plenty = wish.spendable if wish.benefit is None else Money(_PLENTY, wish.spendable.currency)
        return await super().hold(replace(wish, spendable=plenty))


class _UsesAreNotFoundAgain:
    """Omneo, of which a list is read as if only money in it could be ours."""

    def __init__(self, omneo: Any) -> None:
        self._omneo = omneo

    def __getattr__(self, name: str) -> Any:
        return getattr(self._omneo, name)

    async def redemptions(self, profile: ProfileId, label: str) -> tuple[OmneoRedemption, ...]:
        found: tuple[OmneoRedemption, ...] = await self._omneo.redemptions(profile, label)
        return tuple(row for row in found if not row.uses)


class _ApprovesForGood(Holds):
    """Takes an approval however often it was used already."""

    async def hold(self, wish: HoldWish) -> HoldResult:
        if wish.till is not None and wish.till.approval is not None:
            anew = approvals.update().where(approvals.c.id == wish.till.approval).values(used_by=None)
            await self._database.write(lambda unit: unit.run(anew).rowcount)
        return await super().hold(wish)


class ApprovesForGood(ShopParts):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._holds = _ApprovesForGood(parts["database"])


class ForgetsUsesThatAreHeld(ShopParts):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._holds = _ForgetsUsesThatAreHeld(parts["database"])


class UsesAreNotFoundAgain(ShopParts):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "omneo": _UsesAreNotFoundAgain(parts["omneo"])})


class UnknownIsRefused(ShopParts):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**{**parts, "omneo": _UnknownIsRefused(parts["omneo"])})


class SumsThenInserts(ShopParts):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._holds = _SumsThenInserts(parts["database"])


class IgnoresTheEpoch(ShopParts):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._holds = _IgnoresTheEpoch(parts["database"])


class ReturnsAfterTheUnknown(ShopParts):
    def __init__(self, **parts: Any) -> None:
        super().__init__(**parts)
        self._give_backs = _ForgetsTheUnknown(parts["database"])
