"""A customer's benefits as shown: what each does here, and what more is on offer."""

import asyncio
from dataclasses import dataclass

from proxy.domain.caller import Surface
from proxy.domain.effect import Effect
from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.loyalty import Benefit, Claimable, Profile
from proxy.domain.mapping import Inapplicable
from proxy.domain.shop import Shop
from proxy.ports import Cache, Cached, Holds, Omneo, OmneoBenefits
from proxy.services.customers import Customers
from proxy.services.effects import Effects


@dataclass(frozen=True, slots=True)
class ShownBenefit:
    """One benefit, and what it does on the surface that asks, or why nothing.

    `left` are the uses that a redemption made now could take, open holds taken off; None is without limit.
    """

    benefit: Benefit
    left: int | None
    effect: Effect | Inapplicable


@dataclass(frozen=True, slots=True)
class ShownBenefits:
    """All of a customer's; a part that could not be read is empty and named in `missing`."""

    benefits: tuple[ShownBenefit, ...]
    claimable: tuple[Claimable, ...]
    missing: tuple[str, ...]
    stale: bool


class Benefits:
    """Reads benefits and offers, each through its own cache."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        offered: OmneoBenefits,
        holds: Holds,
        customers: Customers,
        effects: Effects,
        benefits: Cache[tuple[Benefit, ...]],
        claimable: Cache[tuple[Claimable, ...]],
    ) -> None:
        self._omneo = omneo
        self._offered = offered
        self._holds = holds
        self._customers = customers
        self._effects = effects
        self._benefits = benefits
        self._claimable = claimable

    async def __call__(self, shop: Shop, customer: CustomerId, surface: Surface) -> ShownBenefits | None:
        """Give what is redeemable now and what may be claimed; None: the customer has not reached Omneo yet."""
        profile = await self._customers.find(shop, customer)
        if profile is None:
            return None
        try:
            return await self._of(shop, profile, surface)
        except NotFound as gone:
            return await self._of(shop, await self._customers.again(shop, customer, gone), surface)

    async def show(self, shop: Shop, benefit: Benefit, surface: Surface, held: int = 0) -> ShownBenefit:
        """Say what one benefit does here; `held` of its uses are on carts."""
        left = None if benefit.remaining is None else max(0, benefit.remaining - held)
        try:
            effect = await self._effects.of(shop, benefit, surface)
        except UpstreamUnavailable:
            # What the customer has is shown although Shopify cannot be asked what it is worth.
            effect = Inapplicable.UNAVAILABLE
        if held and left == 0 and isinstance(effect, Effect):
            effect = Inapplicable.IN_USE
        return ShownBenefit(benefit, left, effect)

    def forget(self, shop: Shop, profile: ProfileId) -> None:
        """Read anew next time."""
        for cache in (self._benefits, self._claimable):
            cache.drop((shop.tenant, profile))

    async def _of(self, shop: Shop, profile: Profile, surface: Surface) -> ShownBenefits:
        key = (shop.tenant, profile.id)
        benefits, claimable = await asyncio.gather(
            self._benefits.get(key, lambda: self._omneo.benefits(profile.id)),
            self._claimable.get(key, lambda: self._offered.claimable(profile.id)),
            return_exceptions=True,
        )
        if isinstance(benefits, BaseException):
            raise benefits
        if isinstance(claimable, BaseException) and not isinstance(claimable, UpstreamUnavailable):
            raise claimable
        offered = claimable if isinstance(claimable, Cached) else None
        held = await self._holds.uses_held(shop.tenant, profile.id)
        each = (self.show(shop, benefit, surface, held.get(benefit.id, 0)) for benefit in benefits.value)
        return ShownBenefits(
            benefits=tuple(await asyncio.gather(*each)),
            claimable=offered.value if offered else (),
            missing=() if offered else ("claimable",),
            stale=benefits.stale or (offered is not None and offered.stale),
        )
