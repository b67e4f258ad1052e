"""Find what webhooks did not tell: read the orders that changed, and wish for those that are not settled."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from proxy.domain.happening import Happening
from proxy.domain.order import OrderSighting
from proxy.domain.shop import Shop
from proxy.domain.sweep import Progress, counts
from proxy.domain.work import Again, Verdict
from proxy.ports import Clock, Shopify, Sweeps, Telemetry

_BUDGET_S: Final = 25.0  # a run ends well before its deadline, so that what it read counts
_SOON_S: Final = 1.0


class Sweep:
    """Reads every order since it last came to an end, as often as it is told to.

    `overlap` is read twice, because the search index lags behind by seconds to minutes and clocks differ.
    Source: https://shopify.dev/docs/apps/build/webhooks/best-practices (reconcile instead of relying on delivery).
    """

    def __init__(
        self,
        *,
        shopify: Shopify,
        sweeps: Sweeps,
        clock: Clock,
        telemetry: Telemetry,
        every: timedelta,
        overlap: timedelta,
        max_pages: int = 40,
    ) -> None:
        self._shopify = shopify
        self._sweeps = sweeps
        self._clock = clock
        self._telemetry = telemetry
        self._every_s = every.total_seconds()
        self._overlap = overlap
        self._max_pages = max_pages

    async def __call__(self, shop: Shop) -> Verdict:
        """Sweep once; how far it came is durable only after all that was read is wished for."""
        horizon = self._clock.now() - self._overlap
        progress = await self._sweeps.progress(shop.domain, horizon)
        ends = self._clock.monotonic() + _BUDGET_S
        after: str | None = None
        read = wished = 0
        for number in range(self._max_pages):
            page, after = await self._shopify.sighting_page(progress.seen_until, after)
            read, wished = read + len(page), wished + await self._wish(shop, page, progress)
            if after is None or (number > 0 and self._clock.monotonic() > ends):
                break
        whole = after is None
        # Pages come oldest first: a part that was cut short has seen everything up to where its last page begins.
        reached = (
            horizon if whole else min(horizon, min((seen.updated_at for seen in page), default=progress.seen_until))
        )
        await self._sweeps.seen(shop.domain, reached)
        self._telemetry.tell(Happening.SWEEP_DONE, shop=shop.domain, orders=read, wished=wished, whole=whole)
        behind = not whole and reached > progress.seen_until
        return Again(_SOON_S if behind else self._every_s)

    async def _wish(self, shop: Shop, page: Sequence[OrderSighting], progress: Progress) -> int:
        known = await self._sweeps.known(shop.domain, page)
        unsettled = [
            seen.id
            for seen in page
            if counts(seen, shop)
            and (known.uncaptured(seen) or known.changed(seen) or known.unrecorded(seen, shop, progress.began))
        ]
        await self._sweeps.wish(shop.domain, unsettled)
        return len(unsettled)
