"""The durable work of one shop, by kind: while the shop is closed another service stands in for what needs Shopify."""

from collections.abc import Mapping
from functools import cached_property

from proxy.app.reconciling import sweep
from proxy.app.surroundings import World
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import ProfileId, parse_order, parse_redemption
from proxy.domain.shop import NOT_INSTALLED, Shop
from proxy.domain.work import Again, Task, Verdict
from proxy.jobs.worker import Handler, Worker
from proxy.ports import Shopify
from proxy.services.gone import LookAfterProfile
from proxy.services.installation import Installation
from proxy.services.privacy import Redact
from proxy.services.release import Release
from proxy.services.settle import Settle
from proxy.services.wind_down import WindDown
from proxy.settings import Settings
from proxy.stores.approvals import Approvals
from proxy.stores.closures import Closures
from proxy.stores.database import Database
from proxy.stores.events import Events
from proxy.stores.holds import Holds
from proxy.stores.privacy import PrivacyRequests
from proxy.stores.redaction import Redaction
from proxy.stores.sweeps import Sweeps
from proxy.stores.tasks import Tasks
from proxy.stores.tills import Tills
from proxy.telemetry import LogAndMetrics

_TIDIED = 1000  # allowances in one unit
_UNITS = 100  # in one run of the housekeeping


class ShopWork:
    """What a shop's worker does, and what it does by the hour."""

    def __init__(
        self,
        *,
        settings: Settings,
        shop: Shop,
        world: World,
        database: Database,
        shopify: Shopify,
        settle: Settle,
        release: Release,
        wind_down: WindDown,
        look_after: LookAfterProfile,
        telemetry: LogAndMetrics,
    ) -> None:
        self._settings = settings
        self._shop = shop
        self._settle = settle
        self._release = release
        self._wind_down = wind_down
        self._look_after = look_after
        self._ids = world.ids
        self._tasks = Tasks(database, [shop.domain])
        self._telemetry = telemetry
        self._holds = Holds(database)
        self._events = Events(database)
        self._sweeps = Sweeps(database)
        self._tills = Tills(database)
        self._approvals = Approvals(database)
        self._closures = Closures(database)
        self._redaction = Redaction(database, world.ids.token)
        self._sweep = sweep(settings, shopify, self._sweeps, world.clock, telemetry)
        self._installation = Installation(shopify=shopify, closures=self._closures, telemetry=telemetry)
        self._redact = Redact(
            requests=PrivacyRequests(database),
            redaction=self._redaction,
            closures=self._closures,
            telemetry=telemetry,
        )

    @cached_property
    def worker(self) -> Worker:
        """What does all of it."""
        return Worker(
            tasks=self._tasks,
            handlers=self.handlers,
            ids=self._ids,
            telemetry=self._telemetry,
            concurrency=self._settings.worker_concurrency,
            poll_s=self._settings.worker_poll_s,
            lease_s=self._settings.worker_lease_s,
            housekeeping=self.keep_house,
        )

    @cached_property
    def handlers(self) -> Mapping[str, Handler]:
        """Who does which kind of work."""
        return {
            "order": self._settle_order,
            "redemption": self._end_redemption,
            "profile": self._look_after_profile,
            "sweep": self._sweep_orders,
            "privacy": self._redact_people,
            "installation": self._look_at_installation,
        }

    async def keep_house(self) -> None:
        """Arm what comes round, and forget what is old."""
        await self._sweeps.arm(self._shop.domain, int(self._settings.sweep_every_s * 1000))
        await self._holds.forget_claims(int(self._settings.idempotency_keep_s * 1000))
        await self._events.forget(int(self._settings.events_keep_s * 1000))
        await self._tills.forget()
        await self._approvals.forget()
        await self._redact.keep_house(self._shop.domain, int(self._settings.personal_keep_s * 1000))
        for _ in range(_UNITS):
            if await self._redaction.tidy([self._shop.tenant], _TIDIED) < _TIDIED:
                break

    async def _settle_order(self, task: Task) -> Verdict:
        order = parse_order(task.subject)
        if await self._closed():
            return await self._wind_down.order(self._shop, order)
        return await self._settle(self._shop, order)

    async def _end_redemption(self, task: Task) -> Verdict:
        redemption = parse_redemption(task.subject)
        if await self._closed():
            return await self._wind_down.redemption(self._shop, redemption)
        return await self._release.step(self._shop, redemption)

    async def _look_after_profile(self, task: Task) -> Verdict:
        return await self._look_after(self._shop, ProfileId(task.subject), task.attempts)

    async def _sweep_orders(self, _task: Task) -> Verdict:
        """Find out as well that the app was removed, whose webhook may be lost, and that it is back."""
        if await self._closed():
            await self._installation(self._shop)
        if not await self._closed():
            try:
                return await self._sweep(self._shop)
            except UpstreamUnavailable as error:
                if error.details.get("reason") != NOT_INSTALLED:
                    raise
                await self._installation(self._shop)
        return Again(self._settings.sweep_every_s)

    async def _redact_people(self, task: Task) -> Verdict:
        return await self._redact(self._shop.domain, int(task.subject))

    async def _look_at_installation(self, _task: Task) -> Verdict:
        return await self._installation(self._shop)

    async def _closed(self) -> bool:
        return await self._closures.closed(self._shop.domain)
