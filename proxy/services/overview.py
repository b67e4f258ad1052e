"""What a person at a till or in an account wants to see: history, and all of it in one."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from proxy.domain.errors import NotFound, ProxyError
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.loyalty import PAGE_SIZE, Benefit, Page, Profile, Tier, Transaction
from proxy.domain.shop import Shop
from proxy.ports import Cache, Cached, Omneo
from proxy.services.customers import Customers
from proxy.services.rewards import Rewards, Wallet


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at a customer; a part that could not be read is None, and why is in `missing` under its name.

    `stale`: something of it is old, because Omneo could not be asked anew.
    """

    profile: Profile
    wallet: Wallet | None = None
    tier: Tier | None = None
    benefits: int | None = None
    missing: Mapping[str, ProxyError] = field(default_factory=dict)
    stale: bool = False

    @property
    def gone(self) -> bool:
        """Tell whether Omneo does not know the profile any more. What else it has not, a tenant may do without."""
        return isinstance(self.missing.get("balance"), NotFound)


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

    async def history(self, shop: Shop, customer: CustomerId, page: int, size: int) -> Cached[Page[Transaction]] | None:
        """Give one page of all channels' sales, newest first; None means that the customer has not reached Omneo."""

        async def read(profile: Profile) -> Cached[Page[Transaction]]:
            return await self._history.get(
                (shop.tenant, profile.id, page, size), lambda: self._omneo.transactions(profile.id, page, size)
            )

        return await self._customers.read(shop, customer, read)

    async def tier(self, shop: Shop, customer: CustomerId) -> Cached[Tier | None] | None:
        """Give where the customer stands between two tiers; None means that the customer has not reached Omneo."""
        return await self._customers.read(shop, customer, lambda profile: self._tier_of(shop, profile))

    async def overview(self, shop: Shop, customer: CustomerId) -> Overview | None:
        """Give everything in about the time of the slowest part; parts that fail are named, the rest is shown."""
        found = await self._look(shop, customer, await self._customers.find(shop, customer))
        if found is not None and found.gone:
            return await self._look(shop, customer, await self._customers.anew(shop, customer))
        return found

    def forget(self, shop: Shop, profile: ProfileId) -> None:
        """Read anew next time; of the history the page that is looked at first."""
        for cache in (self._benefits, self._tiers):
            cache.drop((shop.tenant, profile))
        self._history.drop((shop.tenant, profile, 1, PAGE_SIZE))

    async def _look(self, shop: Shop, customer: CustomerId, profile: Profile | None) -> Overview | None:
        if profile is None:
            return None
        if profile.deleted:
            return Overview(profile)  # nothing more is read of somebody who wished to be gone
        wallet, tier, benefits = await asyncio.gather(
            self._rewards.of(shop, customer, profile),
            self._tier_of(shop, profile),
            self._benefits_of(shop, profile),
            return_exceptions=True,
        )
        parts = {"balance": wallet, "tier": tier, "benefits": benefits}
        missing: dict[str, ProxyError] = {}
        for name, part in parts.items():
            if isinstance(part, ProxyError):
                missing[name] = part
            elif isinstance(part, BaseException):
                raise part
        return Overview(
            profile=profile,
            wallet=wallet if isinstance(wallet, Wallet) else None,
            tier=tier.value if isinstance(tier, Cached) else None,
            benefits=len(benefits.value) if isinstance(benefits, Cached) else None,
            missing=missing,
            stale=any(part.stale for part in parts.values() if isinstance(part, Wallet | Cached)),
        )

    async def _tier_of(self, shop: Shop, profile: Profile) -> Cached[Tier | None]:
        return await self._tiers.get((shop.tenant, profile.id), lambda: self._omneo.tier(profile.id))

    async def _benefits_of(self, shop: Shop, profile: Profile) -> Cached[tuple[Benefit, ...]]:
        return await self._benefits.get((shop.tenant, profile.id), lambda: self._omneo.benefits(profile.id))
