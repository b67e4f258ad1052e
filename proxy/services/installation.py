"""Whether a shop still has the app: Shopify's tokens say so, a webhook is only a reason to ask."""

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.shop import NOT_INSTALLED, Shop
from proxy.domain.work import Finished, Verdict
from proxy.ports import Closures, Shopify, Telemetry


class Installation:
    """Closes a shop that Shopify refuses us, and opens it again when it no longer does."""

    def __init__(self, *, shopify: Shopify, closures: Closures, telemetry: Telemetry) -> None:
        self._shopify = shopify
        self._closures = closures
        self._telemetry = telemetry

    async def __call__(self, shop: Shop) -> Verdict:
        """Ask once and keep the answer. Raises `UpstreamUnavailable` where Shopify gave none: nothing changes then."""
        if not await self._served():
            if await self._closures.close(shop.domain):
                self._telemetry.tell(Happening.SHOP_CLOSED, shop=shop.domain)
        elif await self._closures.reopen(shop.domain):
            self._telemetry.tell(Happening.SHOP_REOPENED, shop=shop.domain)
        else:
            self._telemetry.tell(Happening.SHOP_SERVED, shop=shop.domain)
        return Finished()

    async def _served(self) -> bool:
        try:
            await self._shopify.access()
        except UpstreamUnavailable as error:
            if error.details.get("reason") != NOT_INSTALLED:
                raise
            return False
        return True
