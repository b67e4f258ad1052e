"""Capture when the code is made instead of when an order uses it, and give back what no order used."""

from proxy.domain.capture import Capture, CaptureState
from proxy.domain.errors import Busy, DiscountRefused, InsufficientBalance, NotFound, OutcomePending
from proxy.domain.money import Money
from proxy.domain.redemption import Redemption
from proxy.domain.shop import Shop
from proxy.domain.work import Again, Finished, Verdict, first_due
from proxy.ports import Captures, Ids, Redemptions
from proxy.services.capture import SpendCapture
from proxy.services.give_back import ReturnValue
from proxy.services.readings import Readings
from proxy.services.surplus import UndoSurplus


class EarlyCapture:
    """Takes all of it or nothing; what it took waits for its order under the code."""

    def __init__(
        self,
        *,
        captures: Captures,
        redemptions: Redemptions,
        spend: SpendCapture,
        undo_surplus: UndoSurplus,
        give_back: ReturnValue,
        readings: Readings,
        ids: Ids,
    ) -> None:
        self._captures = captures
        self._redemptions = redemptions
        self._spend = spend
        self._undo_surplus = undo_surplus
        self._give_back = give_back
        self._readings = readings
        self._ids = ids

    async def __call__(self, shop: Shop, issued: Redemption) -> Redemption:
        """Spend it now; on return the code may be handed out.

        Raises `OutcomePending` (the same key goes on with it), or `InsufficientBalance` or `DiscountRefused`, after
        which it is to be released.
        """
        capture = await self._captures.of_redemption(issued.id) or await self._begin(issued)
        if capture.state in (CaptureState.INTENDED, CaptureState.SENT):
            await self._spend(shop, capture)
        # The capture first: what it has ended with stands on the redemption by then.
        capture = await self._captures.of_redemption(issued.id) or capture
        current = await self._redemptions.get(issued.id)
        assert current is not None, "redemptions are never deleted"
        if current.usable:
            return current
        match capture.state:
            case CaptureState.INTENDED | CaptureState.SENT | CaptureState.REVIEW:
                raise OutcomePending(redemption=issued.id, reason="early_capture")
            case CaptureState.VOID | CaptureState.DONE if current.state is issued.state:
                raise await self._refusal(shop, current)
            case _:
                # An order or a release has it by now.
                raise Busy(redemption=issued.id)

    async def watch(self, shop: Shop, issued: Redemption) -> Verdict | None:
        """Do what is left to do while the code waits for its order; None where it cannot stay."""
        capture = await self._captures.of_redemption(issued.id)
        if capture is None:
            return Finished()  # whoever asked for it went away before; the code was never handed out
        match capture.state:
            case CaptureState.INTENDED | CaptureState.SENT | CaptureState.REVIEW:
                verdict = await self._spend(shop, capture)
                current = await self._captures.of_redemption(issued.id)
                # Void by now, it cannot stay: that is acted on at once, not when its time is over.
                return None if current is not None and current.state is CaptureState.VOID else verdict
            case CaptureState.DONE if capture.captured == issued.amount:
                return await self._mend(shop, capture)
            case _:
                return None

    async def undo(self, shop: Shop, releasing: Redemption) -> Verdict | None:
        """Give back what was captured, a step at a time; None where nothing was."""
        capture = await self._captures.of_redemption(releasing.id)
        match capture.state if capture is not None else CaptureState.VOID:
            case CaptureState.VOID:
                return None
            case CaptureState.DONE:
                assert capture is not None
                undone = first_due(await self._undo_surplus(shop, capture), await self._give_back.undo(shop, capture))
                # Omneo took nothing: nothing comes back, and the redemption is let go.
                return None if isinstance(undone, Finished) and not capture.captured else undone
            case _:
                assert capture is not None
                # Whatever it came to, what follows from that is the next step.
                verdict = await self._spend(shop, capture, wanted=False)
                return verdict if isinstance(verdict, Again) else Again(0)

    async def adopt(self, shop: Shop, left: Redemption) -> Verdict:
        """Look for what was given up without an answer, and end what was begun, whatever a person decides."""
        capture = await self._captures.of_redemption(left.id)
        match capture.state if capture is not None else CaptureState.VOID:
            case CaptureState.VOID:
                return Finished()
            case CaptureState.DONE:
                assert capture is not None
                return await self._mend(shop, capture)
            case _:
                assert capture is not None
                return await self._spend(shop, capture, wanted=False)

    async def _begin(self, issued: Redemption) -> Capture:
        await self._captures.begin_early(self._ids.capture(), issued)
        capture = await self._captures.of_redemption(issued.id)
        if capture is None:
            raise Busy(redemption=issued.id)
        return capture

    async def _mend(self, shop: Shop, capture: Capture) -> Verdict:
        surplus = await self._undo_surplus(shop, capture)
        return first_due(surplus, await self._give_back.under_way(shop, capture))

    async def _refusal(self, shop: Shop, redemption: Redemption) -> InsufficientBalance | DiscountRefused:
        """Say why nothing is applied: another till was faster, or Omneo refuses for a reason of its own."""
        try:
            reading = (await self._readings.get(shop, redemption.profile, fresh=True)).value
        except NotFound:
            return DiscountRefused(reason="profile_gone")
        there = reading.total(shop.policy.spendable, shop.currency) + redemption.captured
        if there < redemption.amount:
            return InsufficientBalance(available=there.wire())
        return DiscountRefused(reason="redeem_refused", taken=str(redemption.captured or Money.zero(there.currency)))
