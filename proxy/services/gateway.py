"""What Omneo's own clients read of a customer through us."""

from proxy.domain.errors import NotFound
from proxy.domain.gateway import ProfileRead, Query
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.shop import Shop
from proxy.ports import OmneoProfiles
from proxy.services.customers import Customers


class Gateway:
    """Reads of whoever the customer is in Omneo now, which need not be who it was when the token was minted."""

    def __init__(self, customers: Customers, profiles: OmneoProfiles) -> None:
        self._customers = customers
        self._profiles = profiles

    async def __call__(self, shop: Shop, customer: CustomerId, read: ProfileRead, query: Query) -> bytes:
        """Give Omneo's answer as it came. Raises NotFound, also for a customer who has not reached Omneo yet."""
        profile = await self._profile(shop, customer)
        try:
            return await self._profiles.read(profile, read, query)
        except NotFound:
            # One thing may well not be there, and numbers can be tried without end. A profile was merged or deleted.
            if read.single:
                raise
        self._customers.forget(shop, customer)
        return await self._profiles.read(await self._profile(shop, customer, fresh=True), read, query)

    async def _profile(self, shop: Shop, customer: CustomerId, *, fresh: bool = False) -> ProfileId:
        profile = await self._customers.find(shop, customer, fresh=fresh)
        if profile is None:
            raise NotFound(reason="pending_profile")
        return profile.id
