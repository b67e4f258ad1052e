"""Spend a capture in Omneo exactly once, although Omneo has no idempotency keys."""

from datetime import timedelta
from typing import Final

from proxy.domain.capture import Capture, CaptureState, OmneoRedemption, Redeem, Taken
from proxy.domain.errors import NotFound
from proxy.domain.happening import Happening
from proxy.domain.money import Money
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.shop import Shop
from proxy.domain.work import Again, Finished, Verdict
from proxy.ports import Captures, Omneo, Redemptions, Telemetry
from proxy.services.follow import FollowProfile
from proxy.services.readings import Readings
from proxy.services.uses import Uses, Wanted, taken, total

_MAX_REFUSALS: Final = 5
_MAX_SENDS: Final = 4
_LATEST: Final = timedelta(minutes=5)  # what is let go of without a second send is looked for that long
_ADOPT: Final = timedelta(hours=24)
_ADOPT_EVERY_S: Final = 1800.0
_NOT_FOUND: Final = "not_found"  # how the port tells of a 404
_BACK_OFF_S: Final = (2.0, 5.0, 15.0, 30.0)


class SpendCapture:
    """Sends the redeem, and looks before it sends again."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        captures: Captures,
        redemptions: Redemptions,
        readings: Readings,
        uses: Uses,
        follow: FollowProfile,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._captures = captures
        self._redemptions = redemptions
        self._readings = readings
        self._uses = uses
        self._follow = follow
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, capture: Capture, *, wanted: bool = True) -> Verdict:
        """Bring the capture one step on; may be called any number of times, by several at once.

        Not `wanted` any more, an early one is not sent again: it ends as done or as void.
        """
        match capture.state:
            case CaptureState.INTENDED if wanted:
                return await self._send(shop, capture, capture.asked, await self._uses.asked(capture))
            case CaptureState.INTENDED:
                return await self._void(capture)
            case CaptureState.SENT:
                return await self._look(shop, capture, wanted=wanted)
            case CaptureState.REVIEW if capture.unknowns > 0:
                return await self._adopt(shop, capture)
            case _:
                return Finished()

    async def _send(self, shop: Shop, capture: Capture, asked: Money, benefits: Wanted) -> Verdict:
        # Committed before the call: whatever happens to this process, the next one knows that it must look first.
        if not await self._captures.sending(capture, asked):
            return Again(1)
        outcome = await self._omneo.redeem(
            Redeem(
                profile=capture.profile,
                amount=asked,
                strategies=("benefits",) if capture.of_uses else tuple(shop.policy.spendable.strategies),
                label=capture.id,
                receipt_ref=capture.order_name,
                capture=capture.id,
                location=capture.location,
                benefits=tuple(benefits.values()),
            )
        )
        match outcome:
            case Answered(redeemed):
                return await self._done(shop, capture, asked, redeemed, benefits)
            case Unknown(reason):
                self._telemetry.tell(Happening.CAPTURE_UNKNOWN, capture=capture.id, reason=reason)
                return Again(_BACK_OFF_S[0], reason)
            case Refused(reason, transient):
                self._telemetry.tell(Happening.CAPTURE_REFUSED, capture=capture.id, reason=reason)
                if not await self._captures.refused(capture, final=not transient):
                    return Again(1)
                if capture.unknowns > 0:
                    # An earlier answer was lost, and what it did may be why this one is refused: keep looking.
                    return Again(_BACK_OFF_S[1], "looking")
                return Again(_BACK_OFF_S[1], reason) if transient else await self._refused(shop, capture, reason)

    async def _refused(self, shop: Shop, capture: Capture, reason: str) -> Verdict:
        """Re-read after a refusal: redeem what is there, or put it before a person; never retried for ever.

        An early one has no order yet: it takes all or nothing.
        """
        if reason == _NOT_FOUND and await self._follow(shop, capture.profile):
            return Again(0)
        if capture.order is None:
            return await self._void(await self._reload(capture))
        try:
            there, benefits = await self._there(shop, capture)
        except NotFound:
            return await self._gone(shop, capture)
        current = await self._reload(capture)
        if current.state is not CaptureState.INTENDED:
            return Again(1)
        if not there or current.final_refusals >= _MAX_REFUSALS:
            self._telemetry.tell(
                Happening.CAPTURE_SHORTFALL, capture=capture.id, short=str(current.asked), reason=reason
            )
            return await self._give_up(current, "shortfall" if there < current.asked else "redeem_refused")
        if there < current.asked:
            return await self._send(shop, current, there, benefits)
        return Again(_BACK_OFF_S[min(current.final_refusals, len(_BACK_OFF_S) - 1)], reason)

    async def _there(self, shop: Shop, capture: Capture) -> tuple[Money, Wanted]:
        """Read what could be taken now."""
        if capture.of_uses:
            left = await self._uses.left(capture)
            return total(left), left
        reading = (await self._readings.get(shop, capture.profile, fresh=True)).value
        return reading.total(shop.policy.spendable, shop.currency), {}

    async def _void(self, capture: Capture) -> Verdict:
        return Finished() if await self._captures.void(capture) else Again(0)

    async def _look(self, shop: Shop, capture: Capture, *, wanted: bool) -> Verdict:
        try:
            found = await self._find(capture)
        except NotFound:
            return await self._gone(shop, capture)
        if found:
            return await self._found(shop, capture, found)
        since = await self._since_sent(capture)
        refused = capture.refused_ms is not None and capture.refused_ms >= (capture.sent_ms or 0)
        # An early one that is not sent again is void after this: then nobody looks any more.
        last = not wanted or (refused and capture.order is None)
        settling = max(shop.timing.settling, _LATEST) if last else shop.timing.settling
        if since < settling:
            # Not seen is not absent: a redeem may commit after our time-out, and lists lag behind.
            left_s = (settling - since).total_seconds()
            return Again(min(left_s, _back_off(since)), "looking")
        if not wanted:
            await self._captures.absent(capture)
            return Again(0)
        if refused:
            # The last send was refused, and those before it have had their time: none of them happened.
            decided = await self._captures.absent(capture)
            return await self._refused(shop, capture, "refused_before") if decided else Again(1)
        if capture.unknowns >= _MAX_SENDS:
            await self._give_up(capture, "redeem_unknown")
            return Again(_ADOPT_EVERY_S)
        # What is there now: an earlier send, or whoever was faster, may have taken some of it.
        if not capture.of_uses:
            return await self._send(shop, capture, capture.asked, {})
        # With nothing left all is asked for: Omneo refuses that, and it goes on as a refusal does.
        benefits = await self._uses.left(capture) or await self._uses.asked(capture)
        return await self._send(shop, capture, total(benefits), benefits)

    async def _found(self, shop: Shop, capture: Capture, found: list[OmneoRedemption]) -> Verdict:
        """End the capture with what a look found: the label is ours alone, the amount only tells how well it went."""
        exact = [row for row in found if row.exact(capture.asked)]
        best = (exact or found)[0]
        if best.total <= 0 and not capture.of_uses:
            return await self._give_up(capture, "redeem_amount_unknown")
        return await self._done(shop, capture, capture.asked, best, await self._uses.asked(capture))

    async def _adopt(self, shop: Shop, capture: Capture) -> Verdict:
        """Look for a day for what was given up without an answer: it may show up after all."""
        try:
            found = await self._find(capture)
        except NotFound:
            return Again(0) if await self._follow(shop, capture.profile) else Finished()
        if found:
            return await self._found(shop, capture, found)
        return Again(_ADOPT_EVERY_S) if await self._since_sent(capture) < _ADOPT else Finished()

    async def _find(self, capture: Capture) -> list[OmneoRedemption]:
        """List what carries this capture's label; the label is what tells it from everything else."""
        return [row for row in await self._omneo.redemptions(capture.profile, capture.id) if row.type == "redeem"]

    async def _done(
        self, shop: Shop, capture: Capture, asked: Money, redeemed: OmneoRedemption, benefits: Wanted
    ) -> Verdict:
        told = redeemed.taken(asked.currency)
        result = taken(benefits, asked, redeemed) if capture.of_uses else self._money(shop, told, asked, redeemed)
        # No unit is open here: the answer is committed now, or found again by its label.
        if not await self._captures.done(capture, redeemed.id, result):
            return Again(0)
        (self._uses if capture.of_uses else self._readings).forget(shop, capture.profile)
        self._telemetry.tell(
            Happening.REDEMPTION_CAPTURED,
            capture=capture.id,
            order=capture.order,
            omneo_redemption=redeemed.id,
            amount=str(result.total),
            redemptions=[line.redemption for line in capture.lines],
        )
        if result.total < capture.wanted:
            short = str(capture.wanted - result.total)
            self._telemetry.tell(Happening.CAPTURE_SHORTFALL, capture=capture.id, short=short)
        if result.total < told:
            for line in capture.lines:
                await self._review(line.redemption, "redeemed_too_much", total=str(redeemed.total))
        return Finished()

    async def _review(self, redemption: str, reason: str, **facts: object) -> None:
        if await self._redemptions.review(redemption, reason, **facts):  # type: ignore[arg-type]
            self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=redemption, reason=reason)

    def _money(self, shop: Shop, told: Money, asked: Money, redeemed: OmneoRedemption) -> Taken:
        """Take no more than was asked for; what the answer says of the balance bounds the next readings."""
        total = told if told <= asked else asked
        if redeemed.balance_after is None:
            return Taken(total)
        balance = Money.floor(redeemed.balance_after, shop.currency)
        return Taken(total, ceiling=(balance.minor, int(shop.timing.ceiling.total_seconds() * 1000)))

    async def _reload(self, capture: Capture) -> Capture:
        found = await self._captures.of_redemption(capture.lines[0].redemption)
        assert found is not None, "a line always has its capture"
        return found

    async def _gone(self, shop: Shop, capture: Capture) -> Verdict:
        """Go on with the profile that this one was merged into; where there is none a person decides."""
        if await self._follow(shop, capture.profile):
            return Again(0)
        return await self._give_up(capture, "profile_gone")

    async def _give_up(self, capture: Capture, reason: str) -> Verdict:
        if await self._captures.give_up(capture, reason):
            for line in capture.lines:
                self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=line.redemption, reason=reason)
        return Finished()

    async def _since_sent(self, capture: Capture) -> timedelta:
        # By the ledger's time on both sides: a machine whose clock is ahead must not send again too early.
        return timedelta(milliseconds=max(0, await self._captures.now_ms() - (capture.sent_ms or 0)))


def _back_off(since: timedelta) -> float:
    return next((s for s in _BACK_OFF_S if s * 2 > since.total_seconds()), _BACK_OFF_S[-1])
