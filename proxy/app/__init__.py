"""The composition root: the only place that builds things."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from proxy.app.assembly import Assembly
from proxy.app.bounding import bounds, limits
from proxy.app.caches import Caches, space
from proxy.app.checks import check_connections, looking
from proxy.app.mapping import mapping_told
from proxy.app.privacy import Answers, answering
from proxy.app.reconciling import Comparison, comparing, deciding, exporting
from proxy.app.shop_parts import ShopParts
from proxy.app.surroundings import SchemaMismatchError, World, check_schema, now_ms, real_world
from proxy.app.upstreams import omneo_clients, omneo_id, omneo_profiles, shopify_client
from proxy.domain.happening import Happening
from proxy.settings import Settings
from proxy.stores.database import open_database
from proxy.stores.valkey import Valkey, open_valkey
from proxy.telemetry import LogAndMetrics
from proxy.web.application import App, application
from proxy.web.state import Services

__all__ = [
    "Answers",
    "Assembly",
    "Comparison",
    "SchemaMismatchError",
    "ShopParts",
    "World",
    "answering",
    "bounds",
    "check_connections",
    "comparing",
    "deciding",
    "exporting",
    "looking",
    "real_world",
    "running",
    "web_app",
]


def web_app(settings: Settings, telemetry: LogAndMetrics, world: World | None = None) -> App:
    """Build the ASGI app; its lifespan opens everything and, unless told otherwise, runs a worker."""

    @asynccontextmanager
    async def open_services() -> AsyncIterator[Services]:
        async with (
            running(settings, telemetry, world or real_world()) as parts,
            mapping_told(parts.shops.values(), telemetry),
        ):
            if not settings.worker_in_serve:
                yield parts.services
                return
            working = asyncio.create_task(parts.work())
            try:
                yield parts.services
            finally:
                parts.stop()
                # What is not finished by then is leased, and is taken up by whoever comes next.
                await asyncio.wait([working], timeout=settings.drain_s)
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)

    return application(open_services, telemetry, bounds(settings))


@asynccontextmanager
async def running(settings: Settings, telemetry: LogAndMetrics, world: World) -> AsyncIterator[Assembly]:
    """Open database, shared cache and upstream clients, and close them in the end."""
    async with AsyncExitStack() as stack:
        ticking = now_ms(world.clock)
        database = open_database(settings.database_url, ticking, size=settings.database_pool, shift_ms=world.shift_ms)
        stack.callback(database.close)
        await check_schema(database)
        valkey = await _valkey(settings, telemetry, stack)
        caches = Caches(settings, world.clock, valkey)
        around = world.around(database)
        shops = []
        for shop in settings.shops.values():
            omneo, benefits = await omneo_clients(settings, shop, telemetry, world, stack)
            shops.append(
                ShopParts(
                    settings=settings,
                    shop_settings=shop,
                    telemetry=telemetry,
                    world=world,
                    database=around,
                    caches=caches,
                    omneo=world.around(omneo),
                    omneo_benefits=world.around(benefits),
                    profiles=await omneo_profiles(settings, shop, telemetry, world, stack),
                    id_api=await omneo_id(settings, shop, telemetry, world, stack),
                    shopify=world.around(await shopify_client(settings, shop, telemetry, world, stack)),
                )
            )
        telemetry.tell(Happening.SERVICE_STARTED, shops={parts.shop.domain: parts.shop.tenant for parts in shops})
        for shop in settings.shops.values():
            for risk in shop.risks():
                telemetry.tell(Happening.RISK_TAKEN, shop=shop.shop_domain, setting=risk)
        yield Assembly(
            settings=settings,
            telemetry=telemetry,
            database=around,
            limits=limits(settings, world.clock, valkey),
            shops=shops,
        )
        telemetry.tell(Happening.SERVICE_STOPPED)


async def _valkey(settings: Settings, telemetry: LogAndMetrics, stack: AsyncExitStack) -> Valkey | None:
    if settings.cache_url is None:
        return None
    return await stack.enter_async_context(
        open_valkey(settings.cache_url, space(settings), settings.cache_deadline_s, telemetry)
    )
