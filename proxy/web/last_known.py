"""Tell what was last known where a side is down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import CustomerId
from proxy.web.state import ShopServices


@asynccontextmanager
async def telling_last_known(site: ShopServices, customer: CustomerId) -> AsyncIterator[None]:
    """Put the last known balance into a refusal for want of an upstream."""
    try:
        yield
    except UpstreamUnavailable as error:
        error.details["last_known"] = await site.tills.last_known(site.shop, customer)
        raise
