"""Take an unused redemption back: deactivate, wait, make sure, delete, let go."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from proxy.domain.actor import Actor
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.ids import DiscountId, OrderId, RedemptionId, fold
from proxy.domain.order import OrderSighting
from proxy.domain.outcome import Answered, Refused
from proxy.domain.redemption import OPEN, Redemption, State
from proxy.domain.shop import Shop
from proxy.domain.use import used, used_without_discount
from proxy.domain.work import Again, Finished, Verdict, first_due
from proxy.ports import Events, Redemptions, Shopify, Telemetry
from proxy.services.display import Display
from proxy.services.early import EarlyCapture

_OVERLAP = timedelta(minutes=5)
_SOON_S = 5.0
_LATER_S = 30.0


class Release:
    """Ends redemptions that no order used, so that their value is free again."""

    def __init__(
        self,
        *,
        shopify: Shopify,
        redemptions: Redemptions,
        events: Events,
        early: EarlyCapture,
        display: Display,
        telemetry: Telemetry,
    ) -> None:
        self._shopify = shopify
        self._redemptions = redemptions
        self._events = events
        self._early = early
        self._display = display
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, redemption: Redemption, reason: str, actor: Actor) -> Redemption:
        """Begin the release and deactivate the code now; what is left to do is done by itself.

        Raises `UpstreamUnavailable` where the code could not be deactivated yet; the release goes on all the same.
        """
        current = redemption
        while current.state in OPEN:
            # It may be issued between the read and the move; then it is released from there.
            if await self._redemptions.begin_release(current, reason, actor):
                self._telemetry.tell(Happening.REDEMPTION_RELEASING, redemption=redemption.id, reason=reason)
            current = await self._read(redemption.id)
        if current.state is State.RELEASING and current.deactivated_ms is None:
            waiting = await self._deactivate(shop, current)
            self._display.changed(redemption.shop, redemption.customer)
            if waiting is not None:
                raise UpstreamUnavailable(upstream="shopify", reason=waiting.error or "deactivate")
            current = await self._read(redemption.id)
        return current

    async def step(self, shop: Shop, redemption_id: RedemptionId) -> Verdict:
        """Do what is due for this redemption; every step may be done twice."""
        redemption = await self._read(redemption_id)
        if redemption.parent is not None:
            return Finished()  # its order's settlement is what moves it
        now_ms = await self._redemptions.now_ms()
        if redemption.state in OPEN:
            waiting, reason = await self._watch(shop, redemption, now_ms)
            if waiting is not None:
                return waiting
            if not await self._redemptions.begin_release(redemption, reason):
                return Again(0)
            self._telemetry.tell(Happening.REDEMPTION_RELEASING, redemption=redemption.id, reason=reason)
            redemption = await self._read(redemption_id)
        if redemption.state is not State.RELEASING:
            return await self._afterwards(shop, redemption)
        if redemption.deactivated_ms is None:
            waiting = await self._deactivate(shop, redemption)
            if waiting is not None:
                return waiting
            redemption = await self._read(redemption_id)
        left_ms = (redemption.grace_until_ms or 0) - now_ms
        if left_ms > 0:
            return Again(left_ms / 1000, until_ms=redemption.grace_until_ms)
        return await self._let_go(shop, redemption)

    async def _afterwards(self, shop: Shop, redemption: Redemption) -> Verdict:
        """Go on with an early capture that no order has: its value may be on its way, or show up after all."""
        if not redemption.early or redemption.order is not None or redemption.redacted:
            return Finished()
        match redemption.state:
            case State.RETURNING | State.RETURNED:
                return await self._undo(shop, redemption) or Finished()
            case State.REVIEW | State.RELEASED:
                return await self._early.adopt(shop, redemption)
            case _:
                return Finished()

    async def _watch(self, shop: Shop, redemption: Redemption, now_ms: int) -> tuple[Verdict | None, str]:
        """Give what to wait for while it is open, or None and why it ends."""
        if redemption.state is State.HELD:
            # A hold that was never issued comes due when its caller's attempt is certainly over.
            return None, "abandoned"
        left_s = (redemption.ends_ms - now_ms) / 1000
        if left_s <= 0:
            return None, "expired"
        ends = Again(left_s, until_ms=redemption.ends_ms)
        if not redemption.early:
            return ends, ""
        watched = await self._early.watch(shop, redemption)
        return (None, "redeem_refused") if watched is None else (first_due(watched, ends), "")

    async def _undo(self, shop: Shop, redemption: Redemption) -> Verdict | None:
        undone = await self._early.undo(shop, redemption)
        self._display.changed(redemption.shop, redemption.customer)
        return undone

    async def _deactivate(self, shop: Shop, redemption: Redemption) -> Again | None:
        """Deactivate the code; None when that is done, else when to try again."""
        discount = redemption.discount
        grace = shop.timing.grace_expiry if redemption.reason == "expired" else shop.timing.grace_removal
        if not redemption.has_discount:
            # Nothing to end: an order that was placed before is waited for all the same.
            await self._redemptions.deactivated(redemption, grace_ms=_ms(grace), used=0)
            return None
        if discount is None:
            found = await self._shopify.discount(redemption.code)
            if found is None:
                return await self._never_issued(shop, redemption)
            discount = found.id
        outcome = await self._shopify.deactivate(discount)
        if not isinstance(outcome, Answered):
            return Again(_SOON_S, outcome.reason)
        await self._redemptions.deactivated(redemption, grace_ms=_ms(grace), used=outcome.value)
        return None

    async def _never_issued(self, shop: Shop, redemption: Redemption) -> Again | None:
        # A create that was cut off may still land: only after the settling time is "not there" an answer.
        settled_ms = redemption.created_ms + _ms(shop.timing.settling)
        left_ms = settled_ms - await self._redemptions.now_ms()
        if left_ms > 0:
            return Again(left_ms / 1000, until_ms=settled_ms)
        await self._redemptions.deactivated(redemption, grace_ms=0, used=0)
        return None

    async def _let_go(self, shop: Shop, redemption: Redemption) -> Verdict:
        seen = await self._seen_on(redemption)
        for sighting in seen:
            if await self._uses(shop, redemption, sighting.id):
                # The order wins over the release; its settlement moves the redemption on.
                await self._events.wish_order(shop.domain, sighting.id)
                return Again(_LATER_S)
        if redemption.use_seen and not seen:
            # Shopify counted a use and no order of the holder has it: somebody has to find out who was served.
            if await self._redemptions.review(redemption.id, "used_by_unknown_order"):
                self._telemetry.tell(
                    Happening.REDEMPTION_REVIEW, redemption=redemption.id, reason="used_by_unknown_order"
                )
            return Finished()
        outcome = await self._delete(redemption)
        if outcome is not None:
            return outcome
        undone = await self._undo(shop, redemption) if redemption.early else None
        if undone is not None:
            return undone
        if await self._redemptions.let_go(redemption):
            self._display.changed(redemption.shop, redemption.customer)
            self._telemetry.tell(Happening.REDEMPTION_RELEASED, redemption=redemption.id, reason=redemption.reason)
        return Finished()

    async def _delete(self, redemption: Redemption) -> Again | None:
        discount: DiscountId | None = redemption.discount
        if discount is None and redemption.has_discount:
            found = await self._shopify.discount(redemption.code)
            discount = found.id if found else None
        if discount is None:
            return None
        outcome = await self._shopify.delete(discount)
        if isinstance(outcome, Answered):
            return None
        return Again(_SOON_S, outcome.reason if isinstance(outcome, Refused) else "delete_unknown")

    async def _seen_on(self, redemption: Redemption) -> list[OrderSighting]:
        """List the holder's orders that may have used it, by a search begun after the grace."""
        since = datetime.fromtimestamp(redemption.created_ms / 1000, UTC) - _OVERLAP
        found: Sequence[OrderSighting] = await self._shopify.sightings(since, redemption.customer)
        wanted = redemption.cart_code
        if wanted is None:
            return list(found)  # whichever of them names it: that is seen when it is read
        return [order for order in found if any(fold(code) == fold(wanted) for code in order.codes)]

    async def _uses(self, shop: Shop, redemption: Redemption, order_id: OrderId) -> bool:
        """Tell whether the order spends the code: cancelled and ignored test orders do not, unreadable ones may."""
        order = await self._shopify.order(order_id)
        if order is None:
            return True
        if order.cancelled or (order.test and not shop.test_shop):
            return False
        if redemption.has_discount:
            return bool(used(order, redemption))
        known = await self._redemptions.without_discount(shop.domain, redemption.customer, order)
        return any(each.id == redemption.id for each in used_without_discount(order, known))

    async def _read(self, redemption_id: RedemptionId) -> Redemption:
        redemption = await self._redemptions.get(redemption_id)
        assert redemption is not None, "redemptions are never deleted"
        return redemption


def _ms(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
