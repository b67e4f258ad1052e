"""Say at the start which entries of a mapping name what is not there; the start waits for nobody."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from proxy.app.shop_parts import ShopParts
from proxy.domain.happening import Happening
from proxy.telemetry import LogAndMetrics


@asynccontextmanager
async def mapping_told(shops: Iterable[ShopParts], telemetry: LogAndMetrics) -> AsyncIterator[None]:
    """Ask both sides in the background, each shop for itself."""
    asking = [asyncio.create_task(_ask(parts, telemetry)) for parts in shops if parts.shop.benefits]
    try:
        yield
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def _ask(parts: ShopParts, telemetry: LogAndMetrics) -> None:
    shop = parts.shop
    wrong = {
        entry: reason for entry, reason in (await parts.benefits.check_mapping(shop)).items() if reason is not None
    }
    for entry, reason in wrong.items():
        telemetry.tell(Happening.BENEFITS_MAPPING, shop=shop.domain, entry=entry, reason=reason)
    telemetry.unusable_benefits(shop.domain, len(wrong))
