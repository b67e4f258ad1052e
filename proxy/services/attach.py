"""Attach what was spent to the transaction that somebody else writes, and wait for that transaction."""

from typing import Final

from proxy.domain.capture import Capture
from proxy.domain.happening import Happening
from proxy.domain.order import Order
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.shop import Shop
from proxy.domain.standing_sale import StandingSale
from proxy.domain.work import Again, Finished, Verdict
from proxy.ports import Omneo, Records, Redemptions, Telemetry
from proxy.services.find_sale import FindSale
from proxy.services.follow import FollowProfile

_RETRY_S: Final = 10.0
_SOONEST_S: Final = 5.0
_LATEST_S: Final = 900.0


class Attach:
    """Never writes a transaction of its own; may run any number of times for an order."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        find: FindSale,
        records: Records,
        redemptions: Redemptions,
        follow: FollowProfile,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._find = find
        self._records = records
        self._redemptions = redemptions
        self._follow = follow
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, order: Order, spent: Capture) -> Verdict:
        """Attach a capture that is done to the order's transaction if it is there, else wait for it."""
        sale = await self._find(shop, order, spent.profile, spent.omneo_redemption)
        if sale is None:
            return await self._wait(shop, order, spent)
        return await self.to(shop, order, spent, sale)

    async def to(self, shop: Shop, order: Order, spent: Capture, sale: StandingSale) -> Verdict:
        """Set the redemption of this transaction, unless it carries one already."""
        if sale.redemption == spent.omneo_redemption:
            return await self._done(shop, order, spent, sale)
        if sale.redemption is not None:
            return await self._review(spent, "transaction_taken", transaction=sale.id, carries=sale.redemption)
        assert spent.omneo_redemption is not None
        match await self._omneo.attach_redemption(sale.id, spent.omneo_redemption):
            case Answered(after) if after.redemption == spent.omneo_redemption:
                return await self._done(shop, order, spent, sale)
            case Refused(reason, transient) if reason != "not_found":
                if transient:
                    return Again(_RETRY_S, reason)
                return await self._review(spent, "transaction_refused", transaction=sale.id, refusal=reason)
            case Unknown(reason):
                # The next look sees whether it happened, and setting the same redemption again is harmless.
                return Again(_RETRY_S, reason)
            case _:
                # Deleted meanwhile, or accepted without effect: both are waited for as if it were not there.
                return await self._wait(shop, order, spent)

    async def _wait(self, shop: Shop, order: Order, spent: Capture) -> Verdict:
        """Look again after as long as was waited already, within bounds; at the end a person decides."""
        waited_ms, fresh = await self._records.waiting(spent)
        facts = {"shop": shop.domain, "order": order.id, "omneo_redemption": spent.omneo_redemption}
        if fresh:
            self._telemetry.tell(Happening.RECORD_WAITING, **facts)
        waited_s = waited_ms / 1000
        left_s = shop.timing.attach_wait.total_seconds() - waited_s
        if left_s > 0:
            return Again(min(left_s, max(_SOONEST_S, min(waited_s, _LATEST_S))))
        if await self._follow(shop, spent.profile):
            return Again(0)  # it was looked for under a profile that is gone
        self._telemetry.tell(Happening.RECORD_MISSING, **facts)
        return await self._review(spent, "transaction_missing", waited_s=int(waited_s))

    async def _done(self, shop: Shop, order: Order, spent: Capture, sale: StandingSale) -> Verdict:
        external_id = (sale.external_id or "")[:128]
        await self._records.add(shop.domain, order.id, external_id, sale.id, spent.omneo_redemption)
        self._telemetry.tell(
            Happening.REDEMPTION_RECORDED,
            shop=shop.domain,
            order=order.id,
            redemptions=[line.redemption for line in spent.lines],
            transaction=sale.id,
            omneo_redemption=spent.omneo_redemption,
            attached=True,
        )
        return Finished()

    async def _review(self, spent: Capture, reason: str, **facts: object) -> Verdict:
        for line in spent.lines:
            if await self._redemptions.review(line.redemption, reason, order=spent.order, **facts):
                self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=line.redemption, reason=reason)
        return Finished()
