"""Uses of benefits, as a capture asks for them and as Omneo has them."""

from collections.abc import Mapping

from proxy.domain.benefit import UNLIMITED, uses
from proxy.domain.capture import Capture, OmneoRedemption, Taken, UsedBenefit
from proxy.domain.ids import ProfileId, RedemptionId
from proxy.domain.loyalty import Benefit
from proxy.domain.money import USES, Money
from proxy.domain.shop import Shop
from proxy.ports import Cache, Omneo, Redemptions

Wanted = dict[RedemptionId, UsedBenefit]


class Uses:
    """Tells which uses the lines of a capture are of."""

    def __init__(self, omneo: Omneo, redemptions: Redemptions, shown: Cache[tuple[Benefit, ...]]) -> None:
        """`shown` is what is remembered of profiles' benefits."""
        self._omneo = omneo
        self._redemptions = redemptions
        self._shown = shown

    def forget(self, shop: Shop, profile: ProfileId) -> None:
        """Read anew next time: uses moved."""
        self._shown.drop((shop.tenant, profile))

    async def of(self, parts: Mapping[RedemptionId, Money]) -> Wanted:
        """Name the benefit of each part; parts that are money have none."""
        wanted: Wanted = {}
        for redemption, part in parts.items():
            if part.currency != USES or not part:
                continue
            row = await self._redemptions.get(redemption)
            assert row is not None, "redemptions are never deleted"
            assert row.benefit is not None, "uses are of a benefit"
            wanted[redemption] = UsedBenefit(row.benefit.id, row.benefit.handle, part.minor)
        return wanted

    async def asked(self, capture: Capture) -> Wanted:
        """Name what the order used."""
        return await self.of({line.redemption: line.asked for line in capture.lines})

    async def left(self, capture: Capture) -> Wanted:
        """Name what of that can still be used, by a reading made now; what cannot is left out."""
        there = {
            benefit.id: UNLIMITED if benefit.remaining is None else benefit.remaining
            for benefit in await self._omneo.benefits(capture.profile)
        }
        left: Wanted = {}
        for redemption, wanted in (await self.asked(capture)).items():
            count = min(wanted.count, there.get(wanted.id, 0))
            there[wanted.id] = there.get(wanted.id, 0) - count
            if count > 0:
                left[redemption] = UsedBenefit(wanted.id, wanted.handle, count)
        return left


def total(wanted: Wanted) -> Money:
    """Count them."""
    return uses(sum(each.count for each in wanted.values()))


def taken(wanted: Wanted, asked: Money, answer: OmneoRedemption) -> Taken:
    """Share what was used among the lines; an answer that does not tell it has used what it was asked for.

    A look knows what the order wanted, and of a smaller send only how much was asked: then it is shared in order.
    """
    if not answer.uses and total(wanted) != asked:
        return Taken(asked)
    if not answer.uses:
        return Taken(asked, {redemption: uses(each.count) for redemption, each in wanted.items()})
    left, parts = dict(answer.uses), {}
    for redemption, each in wanted.items():
        part = min(each.count, left.get(each.id, 0))
        left[each.id] = left.get(each.id, 0) - part
        parts[redemption] = uses(part)
    return Taken(uses(sum(part.minor for part in parts.values())), parts)
