"""Put the shops of a process together."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from functools import cached_property

import sqlalchemy as sa

from proxy.app.shop_parts import ShopParts
from proxy.app.verifiers import signed_customers, tenant_verifier
from proxy.domain.errors import ProxyError
from proxy.domain.ids import ShopDomain, TenantName
from proxy.services.limits import Limits
from proxy.settings import Settings, ShopSettings
from proxy.stores.database import Database
from proxy.stores.events import Events
from proxy.stores.redemptions import Redemptions
from proxy.stores.successions import Successions
from proxy.stores.tasks import Tasks
from proxy.telemetry import LogAndMetrics
from proxy.web.state import Services, TenantServices

_READY_S = 2.0


class Assembly:
    """Every shop of a process, and what belongs to none of them."""

    def __init__(
        self,
        *,
        settings: Settings,
        telemetry: LogAndMetrics,
        database: Database,
        limits: Limits,
        shops: Sequence[ShopParts],
    ) -> None:
        self._settings = settings
        self._telemetry = telemetry
        self._database = database
        self._limits = limits
        self._tasks = Tasks(database)
        self.shops: Mapping[ShopDomain, ShopParts] = {parts.shop.domain: parts for parts in shops}

    @cached_property
    def services(self) -> Services:
        """What routes call."""
        return Services(
            shops={domain: parts.services for domain, parts in self.shops.items()},
            tenants=self._tenants(),
            signed_customers=signed_customers(self._settings.shops.values()),
            redemptions=Redemptions(self._database),
            events=Events(self._database),
            limits=self._limits,
            successions=Successions(self._database),
            ready=self._ready,
            metrics=self._metrics,
        )

    async def work(self) -> None:
        """Do the durable work of every shop until stopped; one whose other sides hang takes no slot of another's."""
        async with asyncio.TaskGroup() as working:
            for parts in self.shops.values():
                working.create_task(parts.worker.run())

    def stop(self) -> None:
        """Lease nothing more; `work` returns when what was begun is finished."""
        for parts in self.shops.values():
            parts.worker.stop()

    def _tenants(self) -> dict[TenantName, TenantServices]:
        """Give the tenants whose webhooks can be proven, each with its shops."""
        found: dict[TenantName, list[ShopSettings]] = {}
        for shop in self._settings.shops.values():
            found.setdefault(TenantName(shop.omneo_tenant), []).append(shop)
        return {
            tenant: TenantServices(verifier, tuple(p.services for p in self.shops.values() if p.shop.tenant == tenant))
            for tenant, shops in found.items()
            if (verifier := tenant_verifier(shops)) is not None
        }

    async def _ready(self) -> dict[str, str]:
        # Only what every request needs: an upstream that is down is no reason to take the webhooks' address away.
        try:
            async with asyncio.timeout(_READY_S):
                await self._tasks.counts()
        except (ProxyError, TimeoutError, sa.exc.SQLAlchemyError):
            return {"database": "unavailable"}
        return {"database": "ok"}

    async def _metrics(self) -> bytes:
        # Metrics are wanted most when the database is gone, or answers nothing.
        with contextlib.suppress(ProxyError, TimeoutError, sa.exc.SQLAlchemyError):
            async with asyncio.timeout(_READY_S):
                self._telemetry.tasks(await self._tasks.counts())
        return self._telemetry.expose()
