"""Put together what answers quotes and keeps tills to their rules."""

from functools import cached_property

from proxy.app.caches import Caches
from proxy.app.surroundings import World
from proxy.domain.discount import Combination
from proxy.ports import Captures, Holds, Omneo, Redemptions, Shopify, Telemetry
from proxy.services.approve import Approve
from proxy.services.combinations import Combinations
from proxy.services.cross_check import CrossCheck
from proxy.services.customers import Customers
from proxy.services.last_known import LastKnown
from proxy.services.offers import Offers
from proxy.services.quote import Quotes
from proxy.services.quote_benefits import QuoteBenefits
from proxy.services.readings import Readings
from proxy.services.staff import StaffCheck
from proxy.stores.approvals import Approvals
from proxy.stores.database import Database
from proxy.stores.rooms import Rooms
from proxy.stores.tills import Tills
from proxy.web.state import TillServices


class TillParts:
    """Each part is built once; none knows more of a shop than what it is asked with."""

    def __init__(self, world: World, database: Database, caches: Caches, shopify: Shopify) -> None:
        self._world = world
        self._database = database
        self._caches = caches
        self._shopify = shopify
        self._approvals = Approvals(database)
        self._tills = Tills(database)

    @cached_property
    def staff(self) -> StaffCheck:
        """What a till has to keep to."""
        return StaffCheck(self._approvals, self._world.ids)

    def cross_check(self, redemptions: Redemptions, captures: Captures, telemetry: Telemetry) -> CrossCheck:
        """What compares orders with what tills declared."""
        return CrossCheck(redemptions, captures, self._tills, telemetry)

    def services(
        self,
        *,
        customers: Customers,
        readings: Readings,
        holds: Holds,
        omneo: Omneo,
        offers: Offers,
        redemptions: Redemptions,
    ) -> TillServices:
        """What routes call."""
        rooms = Rooms(self._database)
        combinations = Combinations(self._shopify, self._caches.of("combinations", Combination | None))
        quotes = Quotes(
            customers=customers,
            readings=readings,
            rooms=rooms,
            tills=self._tills,
            combinations=combinations,
            benefits=QuoteBenefits(
                omneo=omneo, offers=offers, rooms=rooms, redemptions=redemptions, combinations=combinations
            ),
            clock=self._world.clock,
        )
        return TillServices(
            quote=quotes,
            approve=Approve(self._approvals),
            last_known=LastKnown(customers, readings, holds, self._world.clock),
        )
