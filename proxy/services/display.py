"""Answers as bytes, so that a warm read touches neither database nor upstream."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from proxy.domain.caller import Surface
from proxy.domain.ids import CustomerId, ShopDomain
from proxy.domain.loyalty import PAGE_SIZE
from proxy.ports import Cache


class View(StrEnum):
    """What is shown of a customer."""

    REWARDS = "rewards"
    OVERVIEW = "overview"
    BENEFITS = "benefits"
    HISTORY = "history"
    TIER = "tier"


def page_key(page: int, size: int) -> str:
    """Name a page among those that are shown of one view."""
    return f"{page}/{size}"


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer; one that tells the customer to ask again in a moment is not lasting."""

    body: bytes
    lasting: bool = True


class Display:
    """Remembers answers for a few seconds, keyed by shop and customer; a move of ours drops what it changed.

    What is shown may lag behind another process by the cache's lifetime; the hold is what is exact.
    """

    def __init__(self, cache: Cache[Shown]) -> None:
        self._cache = cache

    async def get(
        self,
        shop: ShopDomain,
        customer: CustomerId,
        view: View,
        load: Callable[[], Awaitable[Shown]],
        detail: str = "",
    ) -> bytes:
        """Give the answer, loaded once for all who ask at the same time."""
        return (await self._cache.get((shop, customer, view, detail), load)).value.body

    def ready(self, shop: ShopDomain, customer: CustomerId, view: View) -> bytes | None:
        """Give the answer if it is there and fresh, without waiting for anything."""
        shown = self._cache.peek((shop, customer, view, ""))
        return shown.body if shown is not None else None

    def forget(self, shop: ShopDomain, customer: CustomerId) -> None:
        """Have everything shown anew; of the history the page that is looked at first."""
        self.changed(shop, customer)
        self._cache.drop((shop, customer, View.HISTORY, page_key(1, PAGE_SIZE)))
        self._cache.drop((shop, customer, View.TIER, ""))

    def changed(self, shop: ShopDomain, customer: CustomerId) -> None:
        """Have the balance and the uses of benefits shown anew."""
        for view in (View.REWARDS, View.OVERVIEW):
            self._cache.drop((shop, customer, view, ""))
        for surface in Surface:
            self._cache.drop((shop, customer, View.BENEFITS, surface))
