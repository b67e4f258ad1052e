"""Work of a shop that is closed: what was begun in Omneo ends, what only Shopify could tell waits for a person."""

from proxy.domain.capture import CaptureState
from proxy.domain.happening import Happening
from proxy.domain.ids import OrderId, RedemptionId
from proxy.domain.redemption import OPEN, SHOP_CLOSED, State
from proxy.domain.shop import Shop
from proxy.domain.work import Again, Finished, Park, Verdict, first_due
from proxy.ports import Captures, Closures, Redemptions, Telemetry
from proxy.services.capture import SpendCapture
from proxy.services.give_back import ReturnValue
from proxy.services.release import Release
from proxy.services.surplus import UndoSurplus

_SOON_S = 5.0


class WindDown:
    """Stands in for `Release` and `Settle` while a shop is closed; every step may be done twice."""

    def __init__(
        self,
        *,
        closures: Closures,
        redemptions: Redemptions,
        captures: Captures,
        release: Release,
        spend: SpendCapture,
        undo_surplus: UndoSurplus,
        give_back: ReturnValue,
        telemetry: Telemetry,
    ) -> None:
        self._closures = closures
        self._redemptions = redemptions
        self._captures = captures
        self._release = release
        self._spend = spend
        self._undo_surplus = undo_surplus
        self._give_back = give_back
        self._telemetry = telemetry

    async def redemption(self, shop: Shop, redemption_id: RedemptionId) -> Verdict:
        """End a code that nobody can deactivate: Shopify ends it by its own time, and orders cannot be read any more.

        Whether one used it is then for a person to find out, unless the shop is opened again; the hold stays till then.
        """
        redemption = await self._redemptions.get(redemption_id)
        assert redemption is not None, "redemptions are never deleted"
        now_ms = await self._redemptions.now_ms()
        over = redemption.state is State.HELD or redemption.ends_ms <= now_ms
        if redemption.parent is None and redemption.state in OPEN and over:
            reason = "abandoned" if redemption.state is State.HELD else "expired"
            if await self._redemptions.begin_release(redemption, reason):
                self._telemetry.tell(Happening.REDEMPTION_RELEASING, redemption=redemption.id, reason=reason)
            return Again(0)
        if redemption.state is not State.RELEASING:
            return await self._release.step(shop, redemption_id)
        # A checkout that was begun before the code's end may still be honoured.
        until_ms = redemption.ends_ms + int(shop.timing.grace_expiry.total_seconds() * 1000)
        if now_ms < until_ms:
            return Again((until_ms - now_ms) / 1000, until_ms=until_ms)
        if not await self._closures.give_up(redemption.id, shop.domain):
            return Again(_SOON_S)  # it moved, or the shop is open again
        self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=redemption.id, reason=SHOP_CLOSED)
        return Finished()

    async def order(self, shop: Shop, order_id: OrderId) -> Verdict:
        """Bring what was begun for an order to its end in Omneo, then park: what it became since cannot be read."""
        verdicts: list[Verdict] = []
        for capture in await self._captures.of_order(shop.domain, order_id):
            spent = await self._spend(shop, capture)
            current = await self._captures.of_redemption(capture.lines[0].redemption)
            verdicts.append(spent)
            if current is not None and current.state is CaptureState.DONE:
                verdicts += [await self._undo_surplus(shop, current), await self._give_back.under_way(shop, current)]
        verdict = first_due(*verdicts)
        return verdict if isinstance(verdict, Again) else Park(SHOP_CLOSED)
