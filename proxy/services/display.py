"""Answers as bytes, so that a warm read touches neither database nor upstream."""

from collections.abc import Awaitable, Callable
from enum import StrEnum

from proxy.domain.ids import CustomerId, ShopDomain
from proxy.ports import Cache


class View(StrEnum):
    """What is shown of a customer."""

    REWARDS = "rewards"
    OVERVIEW = "overview"
    BENEFITS = "benefits"
    HISTORY = "history"


class Display:
    """Remembers answers for a few seconds, keyed by shop and customer; a move of ours drops what it changed.

    What is shown may lag behind another process by the cache's lifetime; the hold is what is exact.
    """

    def __init__(self, cache: Cache[bytes]) -> None:
        self._cache = cache

    async def get(
        self,
        shop: ShopDomain,
        customer: CustomerId,
        view: View,
        load: Callable[[], Awaitable[bytes]],
        detail: str = "",
    ) -> bytes:
        """Give the answer, loaded once for all who ask at the same time."""
        return (await self._cache.get((shop, customer, view, detail), load)).value

    def ready(self, shop: ShopDomain, customer: CustomerId, view: View) -> bytes | None:
        """Give the answer if it is there and fresh, without waiting for anything."""
        return self._cache.peek((shop, customer, view, ""))

    def changed(self, shop: ShopDomain, customer: CustomerId) -> None:
        """Have the balance shown anew."""
        for view in (View.REWARDS, View.OVERVIEW):
            self._cache.drop((shop, customer, view, ""))
