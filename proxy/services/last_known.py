"""What was last known of a balance, for a till that cannot redeem because a side is down."""

from datetime import datetime

from proxy.domain.caller import Surface
from proxy.domain.errors import CurrencyMismatch
from proxy.domain.ids import CustomerId
from proxy.domain.shop import Shop
from proxy.ports import Clock, Holds
from proxy.services.customers import Customers
from proxy.services.readings import Readings


class LastKnown:
    """Asks nobody but the ledger: whoever is told of it has waited for the other side already."""

    def __init__(self, customers: Customers, readings: Readings, holds: Holds, clock: Clock) -> None:
        self._customers = customers
        self._readings = readings
        self._holds = holds
        self._clock = clock

    async def __call__(self, shop: Shop, customer: CustomerId) -> dict[str, object] | None:
        """Give what a hold could have taken, and as of when; None where nothing is remembered."""
        profile = self._customers.remembered(shop, customer)
        reading = self._readings.remembered(shop, profile.id) if profile is not None else None
        if profile is None or reading is None:
            return None
        outlives = shop.timing.needed_until(Surface.POS, self._clock.now())
        try:
            spendable = reading.spendable(shop.policy.spendable, shop.currency, outlives)
            standing = await self._holds.standing(shop.tenant, profile.id)
        except CurrencyMismatch:
            return None
        return {"available": standing.left(spendable).wire(), "as_of": _iso(reading.read_at)}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
