"""What a person at a till or in an account wants to see: benefits, history, and all of it in one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.loyalty import PAGE_SIZE, Benefit, Page, Profile, Tier, Transaction
from proxy.domain.shop import Shop
from proxy.ports import Cache, Cached, Omneo
from proxy.services.customers import Customers
from proxy.services.rewards import Rewards, Wallet

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at a customer; a part that could not be read is None and named in `missing`."""

    profile: Profile
    wallet: Wallet | None
    tier: Tier | None
    benefits: int | None
    missing: tuple[str, ...]


class Overviews:
    """Reads what Omneo tells of a customer, each kind through its own cache."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        customers: Customers,
        rewards: Rewards,
        benefits: Cache[tuple[Benefit, ...]],
        history: Cache[Page[Transaction]],
        tiers: Cache[Tier | None],
    ) -> None:
        self._omneo = omneo
        self._customers = customers
        self._rewards = rewards
        self._benefits = benefits
        self._history = history
        self._tiers = tiers

    async def benefits(self, shop: Shop, customer: CustomerId) -> Cached[tuple[Benefit, ...]] | None:
        """Give what is redeemable now; None means that the customer has not reached Omneo yet."""
        profile = await self._customers.find(shop, customer)
        if profile is None:
            return None
        return await self._of_profile(shop, customer, profile, self._benefits_of)

    async def history(self, shop: Shop, customer: CustomerId, page: int, size: int) -> Cached[Page[Transaction]] | None:
        """Give one page of all channels' sales, newest first."""
        profile = await self._customers.find(shop, customer)
        if profile is None:
            return None

        async def read(shop: Shop, profile: Profile) -> Cached[Page[Transaction]]:
            return await self._history.get(
                (shop.tenant, profile.id, page, size), lambda: self._omneo.transactions(profile.id, page, size)
            )

        return await self._of_profile(shop, customer, profile, read)

    async def overview(self, shop: Shop, customer: CustomerId) -> Overview | None:
        """Give everything in about the time of the slowest part; parts that fail are named, the rest is shown."""
        profile = await self._customers.find(shop, customer)
        if profile is None:
            return None
        wallet, tier, benefits = await asyncio.gather(
            self._rewards.of(shop, customer, profile),
            self._tiers.get((shop.tenant, profile.id), lambda: self._omneo.tier(profile.id)),
            self._benefits_of(shop, profile),
            return_exceptions=True,
        )
        for part in (wallet, tier, benefits):
            if isinstance(part, BaseException) and not isinstance(part, UpstreamUnavailable | NotFound):
                raise part
        parts = {"balance": wallet, "tier": tier, "benefits": benefits}
        return Overview(
            profile=profile,
            wallet=wallet if isinstance(wallet, Wallet) else None,
            tier=tier.value if isinstance(tier, Cached) else None,
            benefits=len(benefits.value) if isinstance(benefits, Cached) else None,
            missing=tuple(name for name, part in parts.items() if isinstance(part, BaseException)),
        )

    def forget(self, shop: Shop, profile: ProfileId) -> None:
        """Read anew next time; of the history the page that is looked at first."""
        for cache in (self._benefits, self._tiers):
            cache.drop((shop.tenant, profile))
        self._history.drop((shop.tenant, profile, 1, PAGE_SIZE))

    async def _benefits_of(self, shop: Shop, profile: Profile) -> Cached[tuple[Benefit, ...]]:
        return await self._benefits.get((shop.tenant, profile.id), lambda: self._omneo.benefits(profile.id))

    async def _of_profile(
        self, shop: Shop, customer: CustomerId, profile: Profile, read: Callable[[Shop, Profile], Awaitable[Cached[T]]]
    ) -> Cached[T]:
        try:
            return await read(shop, profile)
        except NotFound as gone:
            return await read(shop, await self._customers.again(shop, customer, gone))
