"""Find out who a profile of Omneo has become, and have the ledger say the same."""

from proxy.domain.errors import NotFound
from proxy.domain.happening import Happening
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.shop import Shop
from proxy.ports import Omneo, Successions, Telemetry
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.readings import Readings


class FollowProfile:
    """Omneo is asked each time: that a profile is gone, and whose customers are whose, is never taken from a webhook.

    Assumption, undocumented: a merge moves identities and redemptions to the profile that is kept, and a read of the
    one that is gone answers 404. Where identities stayed behind nobody is found, and a person decides.
    """

    def __init__(
        self,
        *,
        omneo: Omneo,
        successions: Successions,
        customers: Customers,
        readings: Readings,
        display: Display,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._successions = successions
        self._customers = customers
        self._readings = readings
        self._display = display
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, profile: ProfileId) -> bool:
        """Hand over what a profile had that was merged; false where it is there, or nobody took it over.

        True says that whatever was read of it has to be read again: on return the ledger names the other one
        everywhere. Raises `UpstreamUnavailable` where nobody could be asked.
        """
        heir = await self.heir(shop, profile)
        if heir is None:
            # Another worker may have been faster: then nothing stands under it any more, and nobody can be asked who.
            return not await self._successions.customers(shop.domain, profile)
        if heir == profile:
            return False
        await self.hand_over(shop, profile, heir)
        return True

    async def held_elsewhere(self, shop: Shop, customer: CustomerId, profile: ProfileId) -> None:
        """Have what this customer holds under a profile that was merged count against the present one."""
        for other in await self._successions.held_elsewhere(shop.domain, customer, profile):
            await self(shop, other)

    async def heir(self, shop: Shop, profile: ProfileId) -> ProfileId | None:
        """Tell who this profile is by now: itself, the one that it was merged into, or nobody."""
        try:
            found = await self._omneo.profile(profile)
        except NotFound:
            return await self._named_by_customers(shop, profile)
        # A tenant may answer with the profile that was kept.
        return found.id if not found.deleted else await self._named_by_customers(shop, profile)

    async def hand_over(self, shop: Shop, gone: ProfileId, kept: ProfileId) -> None:
        """Have the ledger name the profile that was kept, and forget what was read of either."""
        customers = await self._successions.customers(shop.domain, gone)
        moved = await self._successions.hand_over(shop.tenant, gone, kept)
        for profile in (gone, kept):
            self._readings.forget(shop, profile)
        for customer in customers:
            self._display.changed(shop.domain, customer)
        if moved:
            self._telemetry.tell(
                Happening.PROFILE_MERGED, tenant=shop.tenant, gone=gone, kept=kept, redemptions=len(moved)
            )

    async def _named_by_customers(self, shop: Shop, profile: ProfileId) -> ProfileId | None:
        named: set[ProfileId] = set()
        for customer in await self._successions.customers(shop.domain, profile):
            found = await self._customers.find(shop, customer, fresh=True)
            if found is not None and found.id != profile and not found.deleted:
                named.add(found.id)
        # Customers who went different ways leave open where the value went: a person decides.
        return named.pop() if len(named) == 1 else None
