"""Build what compares the three sides: the rolling sweep, and `proxy reconcile`."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from proxy.app.surroundings import World, check_schema, now_ms
from proxy.app.upstreams import omneo_client, shopify_client
from proxy.domain.drift import Cure, Finding, Report
from proxy.domain.shop import Shop
from proxy.ports import Clock, Omneo, Shopify, Sweeps, Telemetry
from proxy.services.compare_captures import CompareCaptures
from proxy.services.compare_orders import CompareOrders, Watch
from proxy.services.reconcile import Reconcile
from proxy.services.sweep import Sweep
from proxy.settings import Settings
from proxy.stores.audit import Audit
from proxy.stores.captures import Captures
from proxy.stores.database import Database, open_database
from proxy.stores.exports import Exports
from proxy.stores.redemptions import Redemptions
from proxy.stores.resolutions import Resolutions
from proxy.stores.sweeps import Sweeps as SweepStore
from proxy.telemetry import LogAndMetrics


def sweep(settings: Settings, shopify: Shopify, sweeps: Sweeps, clock: Clock, telemetry: Telemetry) -> Sweep:
    return Sweep(
        shopify=shopify,
        sweeps=sweeps,
        clock=clock,
        telemetry=telemetry,
        every=timedelta(seconds=settings.sweep_every_s),
        overlap=timedelta(seconds=settings.sweep_overlap_s),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """The three sides of one shop, open to be compared."""

    shop: Shop
    reconcile: Reconcile

    async def report(self, since: datetime, watch: Watch) -> Report:
        """Compare what happened since."""
        return await self.reconcile(self.shop, since, watch)

    async def mend(self, finding: Finding) -> Cure:
        """Mend what is safe to mend."""
        return await self.reconcile.mend(self.shop, finding)


@asynccontextmanager
async def comparing(
    settings: Settings, telemetry: LogAndMetrics, world: World
) -> AsyncIterator[tuple[Comparison, ...]]:
    """Open the ledger and both upstreams of every shop, and close them in the end."""
    async with AsyncExitStack() as stack:
        database = await _open(settings, world, stack)
        comparisons = []
        for shop in settings.shops.values():
            shopify = await shopify_client(settings, shop, telemetry, world, stack)
            omneo = await omneo_client(settings, shop, telemetry, world, stack)
            comparisons.append(_comparison(settings, shop.shop(), database, shopify, omneo, world.clock))
        yield tuple(comparisons)


def _comparison(
    settings: Settings, shop: Shop, database: Database, shopify: Shopify, omneo: Omneo, clock: Clock
) -> Comparison:
    audit = Audit(database)
    orders = CompareOrders(
        shopify=shopify,
        audit=audit,
        sweeps=SweepStore(database),
        redemptions=Redemptions(database),
        captures=Captures(database),
    )
    reconcile = Reconcile(
        orders=orders,
        captures=CompareCaptures(omneo=omneo, audit=audit),
        audit=audit,
        omneo=omneo,
        clock=clock,
        quiet=timedelta(seconds=settings.reconcile_quiet_s),
    )
    return Comparison(shop, reconcile)


@asynccontextmanager
async def deciding(settings: Settings, world: World) -> AsyncIterator[Resolutions]:
    """Open the ledger for a person's decision, without upstreams."""
    async with AsyncExitStack() as stack:
        yield Resolutions(await _open(settings, world, stack))


@asynccontextmanager
async def exporting(settings: Settings, world: World) -> AsyncIterator[Exports]:
    """Open the ledger to read its journal, without upstreams."""
    async with AsyncExitStack() as stack:
        yield Exports(await _open(settings, world, stack))


async def _open(settings: Settings, world: World, stack: AsyncExitStack) -> Database:
    database = open_database(settings.database_url, now_ms(world.clock), size=2, shift_ms=world.shift_ms)
    stack.callback(database.close)
    await check_schema(database)
    return database
