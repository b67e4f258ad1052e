"""Give value back in Omneo when goods come back, exactly once and exactly as much."""

from datetime import timedelta
from typing import Final

from proxy.domain.capture import Capture, CaptureState, GiveBack, OmneoRedemption
from proxy.domain.errors import NotFound
from proxy.domain.give_back import GiveBackKind, GiveBackRow, GiveBackState, due
from proxy.domain.happening import Happening
from proxy.domain.ids import RedemptionId
from proxy.domain.money import USES, Money
from proxy.domain.order import Order
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.domain.redemption import REDACTED, Redemption
from proxy.domain.shop import Shop
from proxy.domain.work import Again, Finished, Verdict
from proxy.ports import GiveBacks, Ids, Omneo, Redemptions, Telemetry
from proxy.services.follow import FollowProfile
from proxy.services.readings import Readings
from proxy.services.uses import Uses

_SOON_S: Final = 2.0
_BACK_OFF_S: Final = 15.0
_MAX_REFUSALS: Final = 4
_MAX_SENDS: Final = 4


class ReturnValue:
    """Compares what an order says with what was given back, and gives the difference."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        give_backs: GiveBacks,
        redemptions: Redemptions,
        readings: Readings,
        uses: Uses,
        follow: FollowProfile,
        ids: Ids,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._give_backs = give_backs
        self._redemptions = redemptions
        self._readings = readings
        self._uses = uses
        self._follow = follow
        self._ids = ids
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, order: Order, capture: Capture) -> Verdict:
        """Bring one capture's give-backs one step on; may be called any number of times."""
        if capture.state is not CaptureState.DONE:
            return Finished()
        row = await self._give_backs.under_way(capture.id)
        if row is not None:
            verdict = await self._step(shop, capture, row)
            # More may have come back since it was begun, and the event that told so has been here already.
            return verdict if isinstance(verdict, Again) else Again(0)
        row = await self._begin(shop, order, capture)
        return Finished() if row is None else await self._step(shop, capture, row)

    async def undo(self, shop: Shop, capture: Capture) -> Verdict:
        """Give all of an early capture back that no order has used, a step at a time; `Finished` when all of it is."""
        row = await self._give_backs.under_way(capture.id)
        if row is None:
            left = {line.redemption: line.captured - line.returned for line in capture.lines}
            row = await self._open(shop, capture, {redemption: money for redemption, money in left.items() if money})
        if row is None:
            return Finished()
        return await self._step(shop, capture, row)

    async def under_way(self, shop: Shop, capture: Capture) -> Verdict:
        """Go on with what was begun; nothing new begins."""
        row = await self._give_backs.under_way(capture.id)
        return Finished() if row is None else await self._step(shop, capture, row)

    async def _begin(self, shop: Shop, order: Order, capture: Capture) -> GiveBackRow | None:
        rows = await self._rows(capture)
        return await self._open(shop, capture, due(order, capture, rows, shop.policy.give_back))

    async def _open(self, shop: Shop, capture: Capture, parts: dict[RedemptionId, Money]) -> GiveBackRow | None:
        if not parts or await self._nobody(capture, parts):
            return None
        whole = not capture.returned and sum(part.minor for part in parts.values()) == capture.captured.minor
        reversible = (
            whole and await self._age(capture.sent_ms) < shop.timing.reversal_window - shop.timing.reversal_margin
        )
        # Counted from when the redeem was sent: Omneo's own clock began no earlier.
        kind = GiveBackKind.REVERSAL if reversible else GiveBackKind.RETURN
        row_id = self._ids.give_back()
        if await self._give_backs.begin(row_id, capture, kind, parts):
            self._telemetry.tell(
                Happening.REDEMPTION_RETURNING, capture=capture.id, order=capture.order, kind=kind, row=row_id
            )
        # Also where another worker was faster: then its row is what has to be brought to its end.
        return await self._give_backs.under_way(capture.id)

    async def _nobody(self, capture: Capture, parts: dict[RedemptionId, Money]) -> bool:
        """Put before a person what comes back for one who was taken out; a lost answer could not be looked for."""
        for redemption, part in parts.items() if capture.redacted else ():
            if await self._redemptions.review(redemption, REDACTED, order=capture.order, minor=part.minor):
                self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=redemption, reason=REDACTED)
        return capture.redacted

    async def _step(self, shop: Shop, capture: Capture, row: GiveBackRow) -> Verdict:
        try:
            if row.state is GiveBackState.SENT:
                return await self._look(shop, capture, row)
            return await self._send(shop, capture, row)
        except NotFound:
            if await self._follow(shop, capture.profile):
                return Again(0)
            return await self._give_up(capture, row, "profile_gone")

    async def _age(self, since_ms: int | None) -> timedelta:
        return timedelta(milliseconds=await self._give_backs.now_ms() - (since_ms or 0))

    async def _send(self, shop: Shop, capture: Capture, row: GiveBackRow) -> Verdict:
        if not await self._give_backs.sending(row):
            return Again(1)
        current = await self._give_backs.under_way(capture.id)
        if current is None:
            return Again(1)
        match await self._call(capture, current):
            case Answered(answer):
                return await self._done(shop, capture, current, answer)
            case Unknown(reason):
                await self._give_backs.unknown(current)
                return Again(_SOON_S, reason)
            case Refused(reason, transient):
                return await self._refused(shop, capture, current, reason, transient=transient)

    async def _call(self, capture: Capture, row: GiveBackRow) -> Outcome[OmneoRedemption]:
        target = row.target or capture.omneo_redemption
        assert target is not None, "a capture that is done has one"
        if row.kind is GiveBackKind.REVERSAL:
            return await self._omneo.reverse(target)
        # One too many took what the order used.
        parts = row.parts or {line.redemption: line.asked for line in capture.lines}
        benefits = tuple((await self._uses.of(parts)).values())
        return await self._omneo.give_back(GiveBack(target, row.amount, capture.id, row.id, benefits))

    async def _refused(
        self, shop: Shop, capture: Capture, row: GiveBackRow, reason: str, *, transient: bool
    ) -> Verdict:
        if transient:
            await self._give_backs.refused(row, row.kind, final=False)
            return Again(_BACK_OFF_S, reason)
        if row.kind is GiveBackKind.REVERSAL:
            if row.unknowns == 0:
                # Too late for a reversal, and certainly nothing was reversed: return it instead.
                await self._give_backs.refused(row, GiveBackKind.RETURN, final=False)
                return Again(0)
            # The lost attempt may be what makes this one refused; a return on top of it would give twice.
            if await self._find(capture, row) is None:
                return await self._give_up(capture, row, "reversal_undecided")
            return await self._look(shop, capture, row)
        if row.final_refusals + 1 >= _MAX_REFUSALS:
            return await self._give_up(capture, row, "return_refused")
        await self._give_backs.refused(row, row.kind, final=True)
        return Again(_BACK_OFF_S, reason)

    async def _look(self, shop: Shop, capture: Capture, row: GiveBackRow) -> Verdict:
        found = await self._find(capture, row)
        if found is not None:
            return await self._done(shop, capture, row, found)
        since = await self._age(row.sent_ms)
        if since < shop.timing.settling:
            return Again(min(_BACK_OFF_S, (shop.timing.settling - since).total_seconds()), "looking")
        if row.sends >= _MAX_SENDS:
            return await self._give_up(capture, row, "give_back_unknown")
        # The attempt before may have been lost with the process that made it: it counts as unknown from here on.
        await self._give_backs.unknown(row)
        return await self._send(shop, capture, row)

    async def _find(self, capture: Capture, row: GiveBackRow) -> OmneoRedemption | None:
        """Find what a lost answer did: a return by its row's id, a reversal by its type.

        There is one at a time, and those of other rows are known by their ids.
        """
        others = {each.omneo_redemption for each in await self._give_backs.of_capture(capture.id)}
        for seen in await self._omneo.redemptions(capture.profile, capture.id):
            if row.kind is GiveBackKind.REVERSAL and seen.type == "reversal" and seen.id not in others:
                return seen
            if row.kind is GiveBackKind.RETURN and seen.type == "return" and seen.capture == row.id:
                return seen
        return None

    async def _done(self, shop: Shop, capture: Capture, row: GiveBackRow, answer: OmneoRedemption) -> Verdict:
        if row.kind is GiveBackKind.RETURN and not _as_asked(row, answer):
            return await self._give_up(capture, row, "returned_another_amount")
        if not await self._give_backs.done(row, answer.id):
            return Again(0)
        (self._uses if capture.of_uses else self._readings).forget(shop, capture.profile)
        self._telemetry.tell(
            Happening.REDEMPTION_RETURNED,
            capture=capture.id,
            order=capture.order,
            kind=row.kind,
            amount=str(row.amount),
            omneo_redemption=answer.id,
        )
        return Finished()

    async def _give_up(self, capture: Capture, row: GiveBackRow, reason: str) -> Verdict:
        reason = reason if row.target is None else "spent_twice"
        if await self._give_backs.give_up(row, reason):
            for redemption in row.parts or [line.redemption for line in capture.lines]:
                self._telemetry.tell(Happening.REDEMPTION_REVIEW, redemption=redemption, reason=reason)
        return Finished()

    async def _rows(self, capture: Capture) -> dict[RedemptionId, Redemption]:
        found: dict[RedemptionId, Redemption] = {}
        for line in capture.lines:
            redemption = await self._redemptions.get(line.redemption)
            assert redemption is not None, "redemptions are never deleted"
            found[line.redemption] = redemption
        return found


def _as_asked(row: GiveBackRow, answer: OmneoRedemption) -> bool:
    if row.amount.currency != USES:
        return abs(answer.total) == row.amount.decimal
    return not answer.uses or answer.exact(row.amount)
