"""Put before a person what an order says differently from the till; the order is settled all the same."""

from collections.abc import Sequence

from proxy.domain.contradiction import contradiction
from proxy.domain.happening import Happening
from proxy.domain.order import Order
from proxy.domain.redemption import Redemption, State
from proxy.domain.shop import Shop
from proxy.ports import Captures, Redemptions, Telemetry, Tills


class CrossCheck:
    """Compares only what the order spends; its customer is never told."""

    def __init__(self, redemptions: Redemptions, captures: Captures, tills: Tills, telemetry: Telemetry) -> None:
        self._redemptions = redemptions
        self._captures = captures
        self._tills = tills
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, order: Order, ours: Sequence[Redemption]) -> None:
        """Look at every redemption of ours whose code the order carries; may run any number of times."""
        if not shop.policy.staff.cross_check or not ours:
            return
        rang_up = await self._tills.rang_up(shop.domain, order.id)
        for redemption in ours:
            found = contradiction(redemption, order, rang_up)
            if found is None or redemption.redacted:
                continue
            child = await self._captures.child_of(redemption.id, order.id)
            spent = child or await self._redemptions.get(redemption.id)
            # While Omneo is asked, it would hide what a person has to know first: that too little was spent.
            if spent is None or spent.order != order.id or spent.state is State.CAPTURING:
                continue
            facts = {"declared": found.declared, "order_says": found.order, "order": order.id}
            if await self._redemptions.review(spent.id, found.reason, **facts):
                self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=spent.id, reason=found.reason)
