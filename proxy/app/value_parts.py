"""Put together what spends value in Omneo and what gives it back."""

from functools import cached_property

from proxy.app.caches import Caches
from proxy.domain.loyalty import Benefit
from proxy.ports import Captures, GiveBacks, Ids, Omneo, Redemptions, Telemetry
from proxy.services.capture import SpendCapture
from proxy.services.early import EarlyCapture
from proxy.services.follow import FollowProfile
from proxy.services.give_back import ReturnValue
from proxy.services.readings import Readings
from proxy.services.surplus import UndoSurplus
from proxy.services.uses import Uses


class ValueParts:
    """Each part is built once."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        captures: Captures,
        give_backs: GiveBacks,
        redemptions: Redemptions,
        readings: Readings,
        follow: FollowProfile,
        caches: Caches,
        ids: Ids,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._captures = captures
        self._give_backs = give_backs
        self._redemptions = redemptions
        self._readings = readings
        self._follow = follow
        self._caches = caches
        self._ids = ids
        self._telemetry = telemetry

    @cached_property
    def spend(self) -> SpendCapture:
        """What spends captures."""
        return SpendCapture(
            omneo=self._omneo,
            captures=self._captures,
            redemptions=self._redemptions,
            readings=self._readings,
            uses=self._uses,
            follow=self._follow,
            telemetry=self._telemetry,
        )

    @cached_property
    def undo_surplus(self) -> UndoSurplus:
        """What undoes a redeem too many."""
        return UndoSurplus(
            omneo=self._omneo,
            captures=self._captures,
            give_backs=self._give_backs,
            follow=self._follow,
            ids=self._ids,
            telemetry=self._telemetry,
        )

    @cached_property
    def give_back(self) -> ReturnValue:
        """What gives value back."""
        return ReturnValue(
            omneo=self._omneo,
            give_backs=self._give_backs,
            redemptions=self._redemptions,
            readings=self._readings,
            uses=self._uses,
            follow=self._follow,
            ids=self._ids,
            telemetry=self._telemetry,
        )

    @cached_property
    def early(self) -> EarlyCapture:
        """What captures before the order."""
        return EarlyCapture(
            captures=self._captures,
            redemptions=self._redemptions,
            spend=self.spend,
            undo_surplus=self.undo_surplus,
            give_back=self.give_back,
            readings=self._readings,
            ids=self._ids,
        )

    @cached_property
    def _uses(self) -> Uses:
        return Uses(self._omneo, self._redemptions, self._caches.of("benefits", tuple[Benefit, ...]))
