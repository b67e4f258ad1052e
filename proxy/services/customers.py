"""Who a Shopify customer is in Omneo."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from cachetools import LRUCache

from proxy.domain.errors import NotFound, PendingProfile, ProfileInactive
from proxy.domain.ids import CustomerId, ProfileId, ShopDomain
from proxy.domain.loyalty import Profile
from proxy.domain.shop import Shop
from proxy.ports import Cache, Omneo

T = TypeVar("T")


class Customers:
    """Resolves customers through the shop's identity handle; remembers the answer for a while."""

    def __init__(self, omneo: Omneo, cache: Cache[Profile | None], *, remembered: int = 10_000) -> None:
        self._omneo = omneo
        self._cache = cache
        # The way back, for profiles that this process was asked about: Omneo tells of them, and not of customers.
        self._known_as: LRUCache[tuple[ShopDomain, ProfileId], set[CustomerId]] = LRUCache(remembered)

    async def find(self, shop: Shop, customer: CustomerId, *, fresh: bool = False) -> Profile | None:
        """Give the profile; None means that Omneo does not know this customer yet."""
        profile = (
            await self._cache.get(
                _key(shop, customer),
                lambda: self._omneo.find_profile(shop.identity_handle, customer),
                fresh=fresh,
            )
        ).value
        if profile is not None:
            self._known_as.setdefault((shop.domain, profile.id), set()).add(customer)
        return profile

    async def read(self, shop: Shop, customer: CustomerId, of: Callable[[Profile], Awaitable[T]]) -> T | None:
        """Read something of the customer's profile, of the one that it was merged into if it is gone.

        None means that Omneo does not know this customer yet, or no more.
        """
        profile = await self.find(shop, customer)
        if profile is None:
            return None
        try:
            return await of(profile)
        except NotFound:
            anew = await self.anew(shop, customer)
        return None if anew is None else await of(anew)

    async def know(self, shop: Shop, customer: CustomerId, profile: Profile) -> None:
        """Remember what Omneo has just told of this customer, so that it need not be asked."""

        async def told() -> Profile | None:
            return profile

        await self._cache.get(_key(shop, customer), told, fresh=True)

    def remembered(self, shop: Shop, customer: CustomerId) -> Profile | None:
        """Give who the customer was when this process last asked."""
        found = self._cache.remembered(_key(shop, customer))
        return found.value if found is not None else None

    def known_as(self, shop: Shop, profile: ProfileId) -> frozenset[CustomerId]:
        """Give the shop's customers that were this profile when this process asked; the oldest are forgotten."""
        return frozenset(self._known_as.get((shop.domain, profile), ()))

    async def redeemer(self, shop: Shop, customer: CustomerId) -> Profile:
        """Give the profile of someone who may redeem, or say why not."""
        profile = await self.find(shop, customer)
        if profile is None:
            raise PendingProfile()
        if not profile.may_redeem:
            raise ProfileInactive(type=profile.type)
        return profile

    def forget(self, shop: Shop, customer: CustomerId) -> None:
        """Resolve anew next time: the profile was merged or deleted."""
        self._cache.drop(_key(shop, customer))

    async def anew(self, shop: Shop, customer: CustomerId) -> Profile | None:
        """Resolve once more after Omneo answered 404 for the remembered profile: it may have been merged."""
        self.forget(shop, customer)
        return await self.find(shop, customer, fresh=True)

    async def again(self, shop: Shop, customer: CustomerId, gone: NotFound) -> Profile:
        """Resolve once more as `anew` does, and refuse whom Omneo does not know."""
        profile = await self.anew(shop, customer)
        if profile is None:
            raise PendingProfile() from gone
        return profile


def _key(shop: Shop, customer: CustomerId) -> tuple[str, str, str]:
    # Under another handle the same customer may be another profile.
    return shop.domain, shop.identity_handle, customer
