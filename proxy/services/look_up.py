"""Whose code was scanned or typed at a till."""

from dataclasses import dataclass

from proxy.domain.actor import Actor
from proxy.domain.errors import InvalidRequest, NotFound
from proxy.domain.happening import Happening
from proxy.domain.ids import CustomerId
from proxy.domain.loyalty import Profile
from proxy.domain.member import Member, MemberCode
from proxy.domain.shop import Shop
from proxy.ports import Omneo, Telemetry
from proxy.services.customers import Customers


@dataclass(frozen=True, slots=True)
class Found:
    """Whose code it is; `customer` is None where the profile has no customer in this shop."""

    profile: Profile
    customer: CustomerId | None


class LookUp:
    """Asks Omneo each time, and gives no right to anything: what is redeemed is bound to the customer on the cart."""

    def __init__(self, omneo: Omneo, customers: Customers, telemetry: Telemetry) -> None:
        self._omneo = omneo
        self._customers = customers
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, code: MemberCode, handle: str | None, actor: Actor) -> Found | None:
        """Find whose code it is under one handle, or under the first of the shop's that knows it; None: nobody's.

        Raises `NotFound` where the shop looks nobody up, and `InvalidRequest` for a handle that is not the shop's.
        """
        for name in _handles(shop, handle):
            member = await self._omneo.find_member(name, code)
            if member is not None:
                return await self._found(shop, member)
        # Never the code: it is as good as a name.
        self._telemetry.tell(Happening.LOOKUP_UNKNOWN, shop=shop.domain, actor=actor)
        return None

    async def _found(self, shop: Shop, member: Member) -> Found:
        profile = member.profile
        if profile.deleted:
            return Found(profile, None)
        customer = member.customer(shop.identity_handle)
        if customer is None:
            # The answer may tell some of its identities only.
            every = Member(profile, await self._omneo.identities(profile.id))
            customer = every.customer(shop.identity_handle)
        if customer is not None:
            await self._customers.know(shop, customer, profile)
        return Found(profile, customer)


def _handles(shop: Shop, handle: str | None) -> tuple[str, ...]:
    if not shop.lookup_handles:
        raise NotFound(reason="no_lookup_handles")
    if handle is None:
        return shop.lookup_handles
    if handle not in shop.lookup_handles:
        raise InvalidRequest("Codes of that kind are not looked up here.", field="handle")
    return (handle,)
