"""Look after a profile of which Omneo told that it was merged or deleted."""

import contextlib
from typing import Final

from proxy.domain.actor import SERVICE
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.ids import ProfileId
from proxy.domain.shop import Shop
from proxy.domain.work import Again, Finished, Verdict
from proxy.ports import Successions, Telemetry
from proxy.services.follow import FollowProfile
from proxy.services.release import Release

_PATIENCE: Final = 3  # identities may move a little later than Omneo tells of the merge
_WAIT_S: Final = 20.0


class LookAfterProfile:
    """Hands over what was merged, and lets go of what a profile had that nobody took over."""

    def __init__(self, follow: FollowProfile, successions: Successions, release: Release, telemetry: Telemetry) -> None:
        self._follow = follow
        self._successions = successions
        self._release = release
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, profile: ProfileId, attempts: int) -> Verdict:
        """Do what is due; may be called any number of times. `attempts` is how often it was in vain.

        What an order has used already goes on by itself: it finds the profile gone and goes before a person.
        """
        heir = await self._follow.heir(shop, profile)
        if heir == profile:
            return Finished()  # the event was wrong, late or about something else
        if heir is not None:
            await self._follow.hand_over(shop, profile, heir)
            return Finished()
        held = await self._successions.open_of(shop.domain, profile)
        if held and attempts < _PATIENCE:
            return Again(_WAIT_S, "profile_gone")
        for redemption in held:
            self._telemetry.tell(Happening.PROFILE_GONE, shop=shop.domain, profile=profile, redemption=redemption.id)
            with contextlib.suppress(UpstreamUnavailable):  # what is left to do is done by itself
                await self._release(shop, redemption, "profile_gone", SERVICE)
        return Finished()
