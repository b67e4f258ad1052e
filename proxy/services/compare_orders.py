"""Compare Shopify's orders with the ledger."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from proxy.domain.capture import CaptureState
from proxy.domain.drift import Drift, Finding, Work
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.give_back import due
from proxy.domain.ids import RedemptionId
from proxy.domain.order import OrderSighting
from proxy.domain.redemption import Redemption, State
from proxy.domain.shop import Shop
from proxy.domain.sweep import Progress, counts
from proxy.domain.use import used
from proxy.ports import Audit, Captures, Redemptions, Shopify, Sweeps

_MAX_PAGES: Final = 5000
Watch = Callable[[str, int], None]


class CompareOrders:
    """Finds orders that used a code of ours, or are paid, without the ledger having done its part."""

    def __init__(
        self, *, shopify: Shopify, audit: Audit, sweeps: Sweeps, redemptions: Redemptions, captures: Captures
    ) -> None:
        self._shopify = shopify
        self._audit = audit
        self._sweeps = sweeps
        self._redemptions = redemptions
        self._captures = captures

    async def __call__(self, shop: Shop, since: datetime, quiet: datetime, watch: Watch) -> tuple[int, list[Finding]]:
        """Read every order updated between `since` and `quiet`; gives how many, and what is missing.

        An order whose settlement somebody does or will do is in flight, and left alone.
        """
        progress = await self._sweeps.find(shop.domain)
        findings: list[Finding] = []
        read = 0
        after: str | None = None
        for _ in range(_MAX_PAGES):
            page, after = await self._shopify.sighting_page(since, after)
            watch("orders", len(page))
            read += len(page)
            findings += await self._page(shop, [o for o in page if o.updated_at <= quiet and counts(o, shop)], progress)
            if after is None:
                return read, findings
        raise UpstreamUnavailable(upstream="shopify", reason="too_many_orders")

    async def _page(self, shop: Shop, page: list[OrderSighting], progress: Progress | None) -> list[Finding]:
        known = await self._sweeps.known(shop.domain, page)
        busy = await self._audit.in_flight(shop.domain)
        findings: list[Finding] = []
        for seen in page:
            work = Work("order", seen.id)
            if work in busy:
                continue
            missing = await self._discounted(seen, known.uncaptured(seen))
            if missing:
                findings.append(Finding(Drift.ORDER_NOT_CAPTURED, missing, seen.id, work))
            elif known.changed(seen) and (owing := await self._owing(shop, seen)):
                findings.append(Finding(Drift.VALUE_NOT_RETURNED, owing, seen.id, work))
            elif progress is not None and known.unrecorded(seen, shop, progress.began):
                findings.append(Finding(Drift.ORDER_NOT_RECORDED, (), seen.id, work))
        return findings

    async def _owing(self, shop: Shop, seen: OrderSighting) -> tuple[RedemptionId, ...]:
        """Give those whose value has still to come back, by the order itself."""
        order = await self._shopify.order(seen.id)
        if order is None:
            return ()
        owing: list[RedemptionId] = []
        for capture in await self._captures.of_order(shop.domain, seen.id):
            rows = [await self._redemptions.get(line.redemption) for line in capture.lines]
            lines = {row.id: row for row in rows if row is not None}
            if capture.state is CaptureState.DONE and all(row.state is not State.REVIEW for row in lines.values()):
                owing += due(order, capture, lines, shop.policy.give_back)
        return tuple(owing)

    async def _discounted(self, seen: OrderSighting, candidates: tuple[RedemptionId, ...]) -> tuple[RedemptionId, ...]:
        """Give those that the order really used, by the order itself."""
        order = await self._shopify.order(seen.id) if candidates else None
        if order is None or order.cancelled:
            return ()
        rows = [await self._redemptions.get(redemption) for redemption in candidates]
        return tuple(r.id for r in rows if r is not None and used(order, r) and not _decided(r, seen))


def _decided(redemption: Redemption, seen: OrderSighting) -> bool:
    return redemption.state is State.REVIEW and redemption.order == seen.id
