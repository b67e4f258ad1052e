"""Ask each of the three other sides whether it would work with these settings."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager

from proxy.app.surroundings import SchemaMismatchError, check_schema, now_ms, real_world
from proxy.app.upstreams import omneo_clients, omneo_id, shopify_client
from proxy.domain.errors import ProxyError, UpstreamUnavailable
from proxy.identifiers import SystemClock
from proxy.ports import Shopify
from proxy.services.check_mapping import CheckMapping
from proxy.settings import ALONE, Settings, ShopSettings
from proxy.stores.closures import Closures
from proxy.stores.database import open_database
from proxy.stores.redemptions import Redemptions
from proxy.telemetry import LogAndMetrics

_SCOPES = {"write_discounts", "read_orders", "read_customers", "write_app_proxy", "read_locations"}


@asynccontextmanager
async def looking(settings: Settings) -> AsyncIterator[Redemptions]:
    """Open the ledger to look at it, without upstreams."""
    database = open_database(settings.database_url, now_ms(SystemClock()), size=1)
    try:
        await check_schema(database)
        yield Redemptions(database)
    finally:
        database.close()


async def check_connections(settings: Settings, telemetry: LogAndMetrics) -> dict[str, str]:
    """Ask the database and each shop's two other sides; gives `ok` or what is wrong, by name."""
    results: dict[str, str] = {}
    async with AsyncExitStack() as stack:
        world = real_world()
        results["database"] = await _tried(_look_at_schema(settings))
        for name, shop in settings.shops.items():
            of = "" if name == ALONE else f"{name}: "
            omneo, benefits = await omneo_clients(settings, shop, telemetry, world, stack)
            id_api = await omneo_id(settings, shop, telemetry, world, stack)
            shopify = await shopify_client(settings, shop, telemetry, world, stack)
            results[f"{of}omneo token"] = await _tried(omneo.verify())
            if id_api is not None:
                results[f"{of}omneo id tokens"] = await _tried(id_api.mint(None))
            results[f"{of}shopify access"] = await _tried(_look_at_access(shop, shopify))
            for entry, wrong in (await CheckMapping(benefits, shopify)(shop.shop())).items():
                results[f"{of}benefit {entry}"] = wrong or "ok"
            if results["database"] == results[f"{of}shopify access"] == "ok":
                await _open_again(settings, shop)
    return results


async def _tried(question: Awaitable[object]) -> str:
    try:
        await question
    except ProxyError as error:
        return str(error.details.get("reason", error.text))
    except SchemaMismatchError as error:
        return str(error)
    return "ok"


async def _look_at_schema(settings: Settings) -> None:
    async with looking(settings):
        pass


async def _open_again(settings: Settings, shop: ShopSettings) -> None:
    """Let a shop go on that was marked as closed: it has just answered."""
    database = open_database(settings.database_url, now_ms(SystemClock()), size=1)
    try:
        await Closures(database).reopen(shop.shop().domain)
    finally:
        database.close()


async def _look_at_access(shop: ShopSettings, shopify: Shopify) -> None:
    access = await shopify.access()
    missing = sorted(_SCOPES - access.granted)
    if missing:
        raise UpstreamUnavailable(reason=f"missing scopes: {', '.join(missing)}")
    if access.currency != shop.shop_currency:
        raise UpstreamUnavailable(reason=f"the shop's currency is {access.currency}")
    if access.domain != shop.shop_domain:
        raise UpstreamUnavailable(reason=f"the token belongs to {access.domain}")
