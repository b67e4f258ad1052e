"""How often callers may ask: per caller, per customer and per shop."""

from dataclasses import dataclass

from proxy.domain.caller import Caller
from proxy.domain.errors import RateLimited
from proxy.domain.ids import CustomerId, ShopDomain
from proxy.domain.rate import Bound, Draw, Rate
from proxy.ports import Buckets


@dataclass(frozen=True, slots=True)
class Rates:
    """The rate of each bucket: of all requests, of those that redeem or release, and of lookups by code."""

    caller: Rate
    shop: Rate
    caller_writes: Rate
    customer_writes: Rate
    shop_writes: Rate
    caller_lookups: Rate
    shop_lookups: Rate


class Limits:
    """Counts proven callers alone: a refused proof costs neither an upstream call nor the database."""

    def __init__(self, buckets: Buckets, rates: Rates) -> None:
        self._buckets = buckets
        self._rates = rates

    def request(self, caller: Caller) -> None:
        """Count any request, in this process alone, because a warm read asks nobody. Raises `RateLimited`."""
        rates, shop = self._rates, caller.shop
        who = caller.staff or caller.customer
        if who is None:
            # Visitors without a login are nobody in particular: they share their shop's bucket only.
            drained = self._buckets.take_here((Bound.SHOP, ("all", shop), rates.shop))
        else:
            drained = self._buckets.take_here(
                (Bound.CALLER, ("all", shop, caller.surface, who), rates.caller),
                (Bound.SHOP, ("all", shop), rates.shop),
            )
        if drained is not None:
            raise RateLimited(drained, shop)

    async def write(self, caller: Caller, customer: CustomerId | None = None) -> None:
        """Count a redeem or a release, together with the customer where it is known. Raises `RateLimited`."""
        draws: list[Draw] = [(Bound.SHOP, ("write", caller.shop), self._rates.shop_writes)]
        who = caller.staff or caller.customer
        if who is not None:
            draws.append((Bound.CALLER, ("write", caller.shop, caller.surface, who), self._rates.caller_writes))
        if customer is not None:
            draws.append(self._of(caller.shop, customer))
        await self._take(caller.shop, *draws)

    async def customer(self, shop: ShopDomain, customer: CustomerId) -> None:
        """Count a customer who became known after `write`. Raises `RateLimited`."""
        await self._take(shop, self._of(shop, customer))

    async def lookup(self, caller: Caller) -> None:
        """Count a lookup by code: who tries one after another has to be slower than they are many.

        Raises `RateLimited`.
        """
        await self._take(
            caller.shop,
            (Bound.SHOP, ("lookup", caller.shop), self._rates.shop_lookups),
            (Bound.CALLER, ("lookup", caller.shop, caller.actor), self._rates.caller_lookups),
        )

    async def _take(self, shop: ShopDomain, *draws: Draw) -> None:
        drained = await self._buckets.take(*draws)
        if drained is not None:
            raise RateLimited(drained, shop)

    def _of(self, shop: ShopDomain, customer: CustomerId) -> Draw:
        return Bound.CUSTOMER, ("write", shop, customer), self._rates.customer_writes
