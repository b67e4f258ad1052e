"""Settle an order: capture what its discounts took off, and record the sale."""

from collections import defaultdict
from dataclasses import dataclass

from proxy.domain.capture import Capture, CaptureState
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.ids import OrderId, ProfileId
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.redemption import CAPTURABLE, REDACTED, Redemption, State
from proxy.domain.shop import Shop, TransactionMode
from proxy.domain.use import used, used_without_discount
from proxy.domain.work import Again, Finished, Park, Verdict, first_due
from proxy.ports import Captures, Events, Ids, Redemptions, Shopify, Telemetry
from proxy.services.capture import SpendCapture
from proxy.services.cross_check import CrossCheck
from proxy.services.display import Display
from proxy.services.give_back import ReturnValue
from proxy.services.record import Record
from proxy.services.surplus import UndoSurplus


@dataclass(frozen=True, slots=True)
class _Use:
    redemption: Redemption
    amount: Money


class Settle:
    """Reads the order as it is now; may run any number of times for it, in any state of its captures."""

    def __init__(
        self,
        *,
        shopify: Shopify,
        redemptions: Redemptions,
        captures: Captures,
        spend: SpendCapture,
        undo_surplus: UndoSurplus,
        give_back: ReturnValue,
        events: Events,
        record: Record,
        cross_check: CrossCheck,
        ids: Ids,
        display: Display,
        telemetry: Telemetry,
    ) -> None:
        self._shopify = shopify
        self._redemptions = redemptions
        self._captures = captures
        self._spend = spend
        self._undo_surplus = undo_surplus
        self._give_back = give_back
        self._events = events
        self._record = record
        self._cross_check = cross_check
        self._ids = ids
        self._display = display
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, order_id: OrderId) -> Verdict:
        """Bring the order's ledger in line with the order.

        Source: https://shopify.dev/docs/apps/build/webhooks/best-practices (payloads may be late or out of order).
        """
        order = await self._shopify.order(order_id)
        if order is None:
            return await self._unreadable(shop, order_id)
        if order.test and not shop.test_shop:
            self._telemetry.tell(Happening.ORDER_TEST_IGNORED, shop=shop.domain, order=order_id)
            return Finished()
        ours = await self._ours(shop, order)
        if order.cancelled:
            # It begins no spending; what it had begun is finished and given back.
            await self._drop_children(order, ours)
        elif not await self._begin(shop, order, ours):
            # A redemption moved between the read and the move, to a release or to another order: read again.
            return Again(0)
        waiting = await self._spend_all(shop, order)
        await self._check_holder(order, ours)
        await self._cross_check(shop, order, ours)
        recorded = Finished() if order.cancelled or await self._nobody(shop, order) else await self._record(shop, order)
        self._changed(ours)
        verdict = first_due(recorded, waiting)
        if isinstance(verdict, Finished):
            self._telemetry.tell(Happening.ORDER_SETTLED, shop=shop.domain, order=order_id, redemptions=len(ours))
        return verdict

    async def _ours(self, shop: Shop, order: Order) -> tuple[Redemption, ...]:
        """Find what the order may have used: by the codes that are ours alone, and of its customer what has none."""
        coded = await self._redemptions.by_codes(shop.domain, order.codes) if order.codes else ()
        if order.customer is None:
            return coded
        others = await self._redemptions.without_discount(shop.domain, order.customer, order)
        return (*coded, *used_without_discount(order, others))

    async def _begin(self, shop: Shop, order: Order, ours: tuple[Redemption, ...]) -> bool:
        """Commit what this order spends, one capture of money and one of uses per profile; false if a race took some.

        Few, because a transaction carries one redemption of Omneo; money and uses apart, because what of both a
        return gives back is documented only for each alone.
        """
        by_profile: dict[tuple[ProfileId, str], list[_Use]] = defaultdict(list)
        for redemption in ours:
            use = await self._use(order, redemption)
            if use is not None:
                by_profile[use.redemption.profile, use.amount.currency].append(use)
        for (profile, _), uses in by_profile.items():
            pairs = [(use.redemption, use.amount) for use in uses]
            if not await self._captures.begin(self._ids.capture(), order, profile, pairs):
                return False
            self._telemetry.tell(
                Happening.REDEMPTION_CAPTURING,
                shop=shop.domain,
                order=order.id,
                redemptions=[use.redemption.id for use in uses],
            )
        return True

    async def _drop_children(self, order: Order, ours: tuple[Redemption, ...]) -> None:
        """Let go of what was set aside for a second use by this order and never begun."""
        for redemption in ours:
            child = await self._captures.child_of(redemption.id, order.id)
            if child is not None:
                await self._redemptions.drop(child.id, "order_cancelled")

    async def _use(self, order: Order, redemption: Redemption) -> _Use | None:
        """Tell what the order spends of a redemption; a use beyond its own hold becomes a child row."""
        amount = used(order, redemption)
        if not amount or redemption.order == order.id:
            return None
        if redemption.redacted:
            if await self._captures.child_of(redemption.id, order.id) is None:
                await self._review(redemption, REDACTED, order=order.id)
            return None
        if redemption.amount < amount:
            # Somebody has edited the discount; what was never held is not taken from the customer.
            self._telemetry.tell(
                Happening.CAPTURE_OVER,
                redemption=redemption.id,
                order=order.id,
                discounted=str(amount),
                amount=str(redemption.amount),
            )
        if redemption.capturable:
            return _Use(redemption, amount)
        why = Happening.REDEMPTION_LATE if redemption.order is None else Happening.REDEMPTION_OVERUSE
        capped = amount if amount <= redemption.amount else redemption.amount
        if await self._captures.extend(self._ids.redemption(), redemption, order.id, capped, why.split(".")[1]):
            self._telemetry.tell(why, redemption=redemption.id, order=order.id, amount=str(amount))
        child = await self._captures.child_of(redemption.id, order.id)
        if child is None:
            # Its person was taken out since it was read.
            await self._review(redemption, REDACTED, order=order.id)
            return None
        return _Use(child, capped) if child.state in CAPTURABLE else None

    async def _spend_all(self, shop: Shop, order: Order) -> Verdict:
        verdicts: list[Verdict] = []
        for capture in await self._captures.of_order(shop.domain, order.id):
            try:
                verdicts.append(await self._spend_and_return(shop, order, capture))
            except UpstreamUnavailable as error:
                verdicts.append(Again(5, str(error.details.get("reason", error.code))))
        return first_due(*verdicts)

    async def _spend_and_return(self, shop: Shop, order: Order, capture: Capture) -> Verdict:
        if capture.redacted:
            return await self._give_back(shop, order, capture)
        spent = await self._spend(shop, capture)
        current = await self._captures.of_redemption(capture.lines[0].redemption)
        if current is None or current.state is not CaptureState.DONE:
            return spent
        surplus = await self._undo_surplus(shop, current)
        return first_due(spent, surplus, await self._give_back(shop, order, current))

    async def _check_holder(self, order: Order, ours: tuple[Redemption, ...]) -> None:
        """Put a code that another customer used before a person; it is spent against its holder all the same.

        Only what this order spends: a code that it merely carries, or that another order spent, is left alone.
        """
        for redemption in ours:
            if order.customer is None or order.customer == redemption.customer or redemption.redacted:
                continue
            child = await self._captures.child_of(redemption.id, order.id)
            spent = child or await self._redemptions.get(redemption.id)
            if spent is not None and spent.order == order.id:
                await self._review(spent, "other_customer", order=order.id)

    async def _nobody(self, shop: Shop, order: Order) -> bool:
        """Put what is to be recorded only now, although its person was taken out, before a person instead."""
        mode = shop.transaction_mode
        captures = await self._captures.of_order(shop.domain, order.id)
        if not any(capture.redacted for capture in captures):
            return False
        if mode is TransactionMode.NONE or (mode is TransactionMode.OWN and not order.paid):
            return True
        for line in [line for capture in captures for line in capture.lines]:
            redemption = await self._redemptions.get(line.redemption)
            if redemption is not None and redemption.state is State.CAPTURED:
                await self._review(redemption, REDACTED, order=order.id)
        return True

    async def _unreadable(self, shop: Shop, order_id: OrderId) -> Verdict:
        """Park what Shopify does not show: read_orders reaches back 60 days, null is never "no such order"."""
        self._telemetry.tell(Happening.ORDER_UNREADABLE, shop=shop.domain, order=order_id)
        if await self._events.refunded(shop.domain, order_id):
            # The refund is certain, its extent is not: what it gives back is for a person to decide.
            for capture in await self._captures.of_order(shop.domain, order_id):
                for line in capture.lines:
                    if await self._redemptions.review(line.redemption, "order_unreadable", order=order_id):
                        self._telemetry.tell(
                            Happening.REDEMPTION_REVIEW, redemption=line.redemption, reason="order_unreadable"
                        )
        return Park("order_unreadable")

    def _changed(self, ours: tuple[Redemption, ...]) -> None:
        for redemption in ours:
            self._display.changed(redemption.shop, redemption.customer)

    async def _review(self, redemption: Redemption, reason: str, **facts: object) -> None:
        if await self._redemptions.review(redemption.id, reason, **facts):
            self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=redemption.id, reason=reason)
