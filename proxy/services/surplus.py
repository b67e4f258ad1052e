"""Undo what a redeem did twice: a first send that committed after the second one was made."""

from typing import Final

from proxy.domain.capture import Capture, CaptureState, OmneoRedemption
from proxy.domain.errors import NotFound
from proxy.domain.happening import Happening
from proxy.domain.money import Money
from proxy.domain.shop import Shop
from proxy.domain.work import Again, Finished, Verdict
from proxy.ports import Captures, GiveBacks, Ids, Omneo, Telemetry
from proxy.services.follow import FollowProfile

_LOOK_AGAIN_S: Final = (60.0, 300.0)
_SOON_S: Final = 2.0


class UndoSurplus:
    """Looks at 60 s and at 5 min after a capture that was sent more than once."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        captures: Captures,
        give_backs: GiveBacks,
        follow: FollowProfile,
        ids: Ids,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._captures = captures
        self._give_backs = give_backs
        self._follow = follow
        self._ids = ids
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, capture: Capture) -> Verdict:
        """Commit to undo each redemption too many; the capture's giving back, which comes next, does it."""
        if capture.state is not CaptureState.DONE or capture.sends < 2:
            return Finished()
        try:
            found = await self._omneo.redemptions(capture.profile, capture.id)
        except NotFound:
            # Merged, its redemptions are the other's; where there is no other, what it had is gone with it.
            return Again(0) if await self._follow(shop, capture.profile) else Finished()
        begun = {row.target for row in await self._give_backs.of_capture(capture.id)}
        for row in found:
            if row.type != "redeem" or row.id == capture.omneo_redemption or row.id in begun:
                continue
            amount = _taken(capture, row)
            if amount.minor <= 0:
                continue
            if not await self._give_backs.begin_surplus(self._ids.give_back(), capture, row.id, amount):
                return Again(_SOON_S)
            self._telemetry.tell(
                Happening.CAPTURE_SURPLUS,
                shop=shop.domain,
                capture=capture.id,
                omneo_redemption=row.id,
                amount=str(amount),
            )
            return Again(_SOON_S)  # one at a time; whether there is another is seen then
        since_s = (await self._captures.now_ms() - (capture.sent_ms or 0)) / 1000
        return next((Again(due_s - since_s) for due_s in _LOOK_AGAIN_S if since_s < due_s), Finished())


def _taken(capture: Capture, row: OmneoRedemption) -> Money:
    """Give what one too many took; a list that does not tell uses leaves open how many, and one is enough to undo."""
    return capture.asked if capture.of_uses and not row.uses else row.taken(capture.captured.currency)
