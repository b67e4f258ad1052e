"""What a wish may take: of the balance, or of the uses of a benefit."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from proxy.domain.benefit import UNLIMITED, BenefitUse, uses
from proxy.domain.caller import Surface
from proxy.domain.effect import Effect
from proxy.domain.hold import Wish
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import Benefit
from proxy.domain.money import Money
from proxy.domain.refusals import BenefitExpired, BenefitNotApplicable, BenefitUnavailable
from proxy.domain.shop import Shop
from proxy.ports import Clock, Holds, Omneo
from proxy.services.readings import Readings

EffectOf = Callable[[Shop, Benefit, Surface], Awaitable[Effect | str]]

_SETTLING = timedelta(minutes=5)  # an order that was placed at the last moment is captured some time later


@dataclass(frozen=True, slots=True)
class Offer:
    """A reading that a hold may be granted from; `fresh`: it was made for this wish."""

    spendable: Money
    epoch: int
    effect: Effect
    expiring: Money  # what the balance has beside it, that ends too soon
    fresh: bool = True
    benefit: BenefitUse | None = None


class Offers:
    """Reads what there is, with the allowance's epoch from before."""

    def __init__(self, *, omneo: Omneo, holds: Holds, readings: Readings, effect_of: EffectOf, clock: Clock) -> None:
        """`effect_of` gives what a benefit does at Shopify, or the reason why it cannot be used there."""
        self._omneo = omneo
        self._holds = holds
        self._readings = readings
        self._effect_of = effect_of
        self._clock = clock

    async def __call__(self, shop: Shop, wish: Wish, profile: ProfileId, *, fresh: bool = False) -> Offer:
        """Give the offer, never from a stale reading. Raises `NotFound` for a profile that is gone."""
        if wish.benefit is not None:
            return await self._of_benefit(shop, wish, profile, wish.benefit)
        reading = await self._readings.current(shop, profile, fresh=fresh)
        outlives = shop.timing.needed_until(wish.place.surface, self._clock.now())
        of = (shop.policy.spendable, shop.currency, outlives)
        return Offer(
            reading.value.spendable(*of),
            reading.value.epoch,
            shop.policy.effect(wish.amount),
            reading.value.expiring(*of),
            fresh=reading.age_s == 0,
        )

    async def _of_benefit(self, shop: Shop, wish: Wish, profile: ProfileId, benefit: int) -> Offer:
        # The epoch comes first: a use that is captured after this line makes a hold from this reading fail.
        epoch = await self._holds.epoch(shop.tenant, profile, benefit)
        found = next((each for each in await self._omneo.benefits(profile) if each.id == benefit), None)
        if found is None:
            raise BenefitUnavailable()
        use = await self.judge(shop, found, wish.place.surface)
        return Offer(self.left(found), epoch, use.effect, uses(0), benefit=use)

    async def judge(self, shop: Shop, benefit: Benefit, surface: Surface) -> BenefitUse:
        """Give what using it now would be, or say why it cannot be used here."""
        if benefit.expires_at is not None:
            outlives = self._clock.now() + shop.timing.hold(surface) + _SETTLING
            if benefit.expires_at <= outlives:
                raise BenefitExpired(expires_at=benefit.expires_at.isoformat())
        effect = await self._effect_of(shop, benefit, surface)
        if isinstance(effect, str):
            raise BenefitNotApplicable(reason=effect)
        return BenefitUse(benefit.id, benefit.handle, effect)

    @staticmethod
    def left(benefit: Benefit) -> Money:
        """Give the uses that Omneo says are left."""
        return uses(UNLIMITED if benefit.remaining is None else benefit.remaining)
