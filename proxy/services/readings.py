"""Readings of a balance: what a hold may be granted from."""

import asyncio

from proxy.domain.allowance import Reading
from proxy.domain.ids import ProfileId
from proxy.domain.shop import Shop
from proxy.ports import Cache, Cached, Clock, Holds, Omneo


class Readings:
    """Reads balance and rewards together, once for all who ask, with the epoch from before."""

    def __init__(self, omneo: Omneo, holds: Holds, cache: Cache[Reading], clock: Clock) -> None:
        self._omneo = omneo
        self._holds = holds
        self._cache = cache
        self._clock = clock

    async def get(self, shop: Shop, profile: ProfileId, *, fresh: bool = False) -> Cached[Reading]:
        """Give a reading a few seconds old at most, or a fresh one; stale only where Omneo is down."""
        key = (shop.tenant, profile)
        if fresh:
            self._cache.drop(key)
        return await self._cache.get(key, lambda: self._read(shop, profile), fresh=fresh)

    async def current(self, shop: Shop, profile: ProfileId, *, fresh: bool = False) -> Cached[Reading]:
        """Give what a hold may be granted from: never a stale reading. Raises `UpstreamUnavailable` instead."""
        found = await self.get(shop, profile, fresh=fresh)
        if not found.stale:
            return found
        # A slow Omneo is worth more patience here than where a balance is only shown: the load that is under way is
        # waited for to its end.
        return await self._cache.get((shop.tenant, profile), lambda: self._read(shop, profile), fresh=True)

    def remembered(self, shop: Shop, profile: ProfileId) -> Reading | None:
        """Give what this process last read, however old; no hold is granted from it."""
        found = self._cache.remembered((shop.tenant, profile))
        return found.value if found is not None else None

    def forget(self, shop: Shop, profile: ProfileId) -> None:
        """Read anew next time: value moved."""
        self._cache.drop((shop.tenant, profile))

    async def _read(self, shop: Shop, profile: ProfileId) -> Reading:
        # The epoch comes first: value that moves after this line makes a hold from this reading fail.
        epoch = await self._holds.epoch(shop.tenant, profile)
        read_at = self._clock.now()
        balance, rewards = await asyncio.gather(self._omneo.balance(profile), self._omneo.rewards(profile))
        return Reading(balance, rewards, epoch, read_at)
