"""Two shops on one tenant and one database, two processes each, in one loop whose time is virtual."""

import asyncio
import io
import itertools
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

import httpx

from proxy.app import Assembly, ShopParts
from proxy.app import World as Surroundings
from proxy.app.bounding import bounds, limits
from proxy.app.caches import Caches
from proxy.domain.happening import Happening
from proxy.domain.ids import CaptureId, Code, RedemptionId
from proxy.domain.staff import ApprovalId
from proxy.sandbox import seed
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.shopify import ShopifySandbox
from proxy.sandbox.shopify.config import ShopifyConfig
from proxy.settings import ALONE, Settings
from proxy.telemetry import LogAndMetrics
from proxy.upstreams.breaker import Breaker
from proxy.upstreams.http import Limits, Timeouts, Upstream, upstream_client
from proxy.upstreams.omneo import OmneoClient
from proxy.upstreams.omneo_benefits import BenefitClient
from proxy.upstreams.omneo_gateway import OmneoProfiles
from proxy.upstreams.shopify import ShopifyClient
from proxy.upstreams.shopify_tokens import ClientCredentials
from proxy.web.application import application
from tests.model import entitlements
from tests.model.process import Engine, Process, ProcessDatabase, Wire
from tests.model.promises import Caps
from tests.model.virtual_time import VirtualClock, VirtualLoop
from tests.world.world import settings_for

PATIENCE_S = 4.0  # of whoever called, in virtual seconds; what takes longer goes on by itself
OMNEO, PROXY = "http://omneo.test", "http://proxy.test"

# What each shop is configured with: they differ in as much as one tenant's shops may.
SHOPS: dict[str, dict[str, Any]] = {
    "first-shop.myshopify.com": {"transaction_mode": "own", "benefits": entitlements.mapping()},
    "second-shop.myshopify.com": {
        "transaction_mode": "none",
        "ceiling_s": 0,
        "capture_early": ("pos",),
        "staff_device_daily_amount": "40.00",
        "staff_daily_amount": "60.00",
        "benefits": entitlements.mapping({"birthday-10": ["shipping"]}),
    },
}
CAPS = {"second-shop.myshopify.com": Caps(device_minor=4000, login_minor=6000)}
# What the tills of both keep to where a colleague has to agree.
APPROVALS: dict[str, Any] = {"staff_approval_above": "5.00", "staff_reason_above": "10.00"}
SHIPPING = Decimal("9.95")
SEEDED = (seed.ADA, seed.BENEDIKT)


class CountedIds:
    """Ids that are the same in every run of the same steps."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def redemption(self) -> RedemptionId:
        return RedemptionId(f"rdm_{next(self._numbers):032x}")

    def capture(self) -> CaptureId:
        return CaptureId(f"cap_{next(self._numbers):032x}")

    def give_back(self) -> str:
        return f"gbk_{next(self._numbers):032x}"

    def approval(self) -> ApprovalId:
        return ApprovalId(f"apr_{next(self._numbers):032x}")

    def code(self, prefix: str) -> Code:
        return Code(f"{prefix}{next(self._numbers):016d}".replace("0", "Z").replace("1", "Y"))

    def token(self) -> str:
        return f"{next(self._numbers):032x}"


class Told(LogAndMetrics):
    """The real telemetry, which also keeps what was told, for whoever has to read a failure."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(level="critical", stream=io.StringIO())
        self.lines: list[str] = []
        self.faults: list[str] = []
        self._clock = clock

    def tell(self, happening: Happening, **fields: object) -> None:
        super().tell(happening, **fields)
        self.lines.append(f"{self._clock.monotonic():12.3f} {happening} {fields}")
        reason = str(fields.get("reason", ""))
        if happening is Happening.TASK_RETRIED and reason.partition(":")[0].endswith("Error"):
            self.faults.append(f"{fields}")

    def fault(self, happening: Happening, error: BaseException, **fields: object) -> None:
        super().fault(happening, error, **fields)
        self.faults.append(f"{happening} {error!r} {fields}")


@dataclass(slots=True)
class Node:
    """One running process of one shop, and how to call it."""

    shop: str
    process: Process
    parts: ShopParts
    settings: Settings
    database: ProcessDatabase
    omneo: OmneoClient
    shopify: ShopifyClient
    http: httpx.AsyncClient


class Stage:
    """Everything that the machine moves; `omneo` and `shops` are the other sides' truth."""

    def __init__(self, url: str, build: Callable[..., ShopParts] = ShopParts, **overrides: Any) -> None:
        self.loop = VirtualLoop()
        asyncio.set_event_loop(self.loop)
        self.clock = VirtualClock(self.loop)
        self.engine = Engine(url, self.clock)
        self.order = Random(0)
        self.told = Told(self.clock)
        self.down = Counter(omneo=0, shopify=0)  # connections that are refused before anything was sent
        self._build = build
        self._url = url
        self._overrides = overrides
        self.asks_colleagues = APPROVALS.items() <= overrides.items()
        self._surroundings = Surroundings(self.clock, CountedIds(), lambda: 0)
        self._open: set[asyncio.Task[Any]] = set()
        self.omneo = OmneoSandbox(self.clock)
        self.shops = {domain: self._shop(number, domain) for number, domain in enumerate(SHOPS)}
        self.nodes = [self._start(domain) for domain in SHOPS for _ in range(2)]
        self.elsewhere = httpx.AsyncClient(
            # Past the faults: they are for us.
            transport=Wire(self.omneo.app.app),  # type: ignore[attr-defined]
            base_url=f"{OMNEO}/api/v3",
            headers={"Authorization": f"Bearer {seed.OMNEO_OTHER_TOKEN}"},
        )
        self.omneo.deliveries.hold = True
        hook = {"trigger": "profile.merged", "url": f"{PROXY}/webhooks/omneo/{seed.OMNEO_TENANT}", "namespace": "proxy"}
        self.go(*(node.parts.work.keep_house() for node in self.nodes), self.elsewhere.post("/webhooks", json=hook))
        self.go(*(self.entitle(who.profile_id, handle) for who in SEEDED for handle in entitlements.HANDLES))

    def _shop(self, number: int, domain: str) -> ShopifySandbox:
        first = ShopifyConfig().first_order_id + number * 1_000_000
        config = ShopifyConfig(shop=domain, first_order_id=first, proxy_url=PROXY, shipping_price=SHIPPING)
        shop = ShopifySandbox(self.clock, config)
        shop.deliveries.hold = True
        shop.staff_create(dict(entitlements.SHARED_DISCOUNT))
        return shop

    def _start(self, domain: str) -> Node:
        process = Process(self.order)
        values: dict[str, Any] = {"worker_lease_s": 15, "sweep_every_s": 7200, "upstream_total_s": 2}
        values |= {"omneo_webhook_secret": seed.OMNEO_WEBHOOK_SECRET} | self._overrides | SHOPS[domain]
        settings = settings_for(OMNEO, f"https://{domain}", self._url, shop_domain=domain, **values)
        shop = settings.shops[ALONE]
        api = self._upstream("omneo", OMNEO + "/api/v3", self.omneo.app, process)
        omneo = OmneoClient(api, shop.omneo_token)
        upstream = self._upstream("shopify", f"https://{domain}", self.shops[domain].app, process)
        tokens = ClientCredentials(
            upstream,
            shop.shopify_client_id,
            shop.shopify_client_secret,
            monotonic=self.clock.monotonic,
        )
        shopify = ShopifyClient(upstream, tokens)
        database = ProcessDatabase(self.engine, process)
        parts = self._build(
            settings=settings,
            shop_settings=shop,
            telemetry=self.told,
            world=self._surroundings,
            database=database,
            caches=Caches(settings, self.clock, None),
            omneo=omneo,
            omneo_benefits=BenefitClient(api, shop.omneo_token),
            profiles=OmneoProfiles(api, shop.omneo_token),
            id_api=None,
            shopify=shopify,
        )
        rates = limits(settings, self.clock, None)
        assembly = Assembly(settings=settings, telemetry=self.told, database=database, limits=rates, shops=[parts])
        app = application(lambda: None, self.told, bounds(settings))  # type: ignore[arg-type,return-value]
        wire = Wire(app, server=process, state={"services": assembly.services})
        http = httpx.AsyncClient(transport=wire, base_url=PROXY, timeout=None, trust_env=False)
        return Node(domain, process, parts, settings, database, omneo, shopify, http)

    def _upstream(self, name: str, base: str, app: Any, process: Process) -> Upstream:
        timeouts, slots = Timeouts(connect_s=2, read_s=2, total_s=2), Limits()
        wire = Wire(app, caller=process, down=partial(self._refuses, name))
        return Upstream(
            name,
            upstream_client(base, timeouts, slots, wire),
            timeouts=timeouts,
            limits=slots,
            breaker=Breaker(10, 5.0, self.clock.monotonic),
            observe=self.told.upstream,
            tell=self.told.tell,
            monotonic=self.clock.monotonic,
        )

    def _refuses(self, name: str) -> bool:
        if self.down[name] > 0:
            self.down[name] -= 1
            return True
        return False

    def go(self, *works: Coroutine[Any, Any, Any], patience_s: float = PATIENCE_S) -> list[Any]:
        """Do works at once until each has ended or patience is over; gives what each came to, None for no answer."""
        tasks = [self.loop.create_task(work) for work in works]
        if tasks:
            self._open.update(tasks)
            self.loop.run_until_complete(asyncio.wait(tasks, timeout=patience_s))
        self._bury()
        return [self._outcome(task) for task in tasks]

    def wait(self, seconds: float) -> None:
        """Let time pass for everyone."""
        self.loop.run_until_complete(asyncio.sleep(seconds))
        self._bury()

    def _bury(self) -> None:
        """Take away what has ended, and put a new process in the place of each that died."""
        for task in [task for task in self._open if task.done()]:
            self._open.discard(task)
            if not task.cancelled() and task.exception() is not None:
                error = task.exception()
                if not isinstance(error, httpx.TransportError):
                    raise AssertionError(f"a fault of our own: {error!r}") from error
        for number, node in enumerate(self.nodes):
            if node.process.dead:
                self.nodes[number] = self._start(node.shop)
                self.go(self.nodes[number].parts.work.keep_house())

    def calm(self) -> None:
        """Have everybody listen, and nobody die or stall who has not yet."""
        self.down = Counter(omneo=0, shopify=0)
        for node in self.nodes:
            node.process.dies_after = node.process.stalls_after = None

    def _outcome(self, task: "asyncio.Task[Any]") -> Any:
        return task.result() if task.done() and not task.cancelled() and task.exception() is None else None

    async def work(self, node: Node, limit: int) -> int:
        """Lease what is due and do it, as the worker's loop does."""
        worker = node.parts.worker

        async def leased() -> int:
            tasks = await worker._lease(limit)
            await asyncio.gather(*(worker._do(task) for task in tasks))
            return len(tasks)

        doing = node.process.begin(leased())
        await asyncio.wait([doing])
        return 0 if doing.cancelled() else int(doing.result())

    async def entitle(self, profile: str | None, handle: str) -> None:
        """Have another system of the retailer give a profile one more benefit."""
        assert profile is not None
        await entitlements.entitle(self.elsewhere, self.omneo, profile, handle)

    def token(self, node: Node, surface: str, customer: int, login: int = 42) -> dict[str, str]:
        shop, offset_s = self.shops[node.shop], self.clock.offset_s
        token = shop.id_token(surface, customer_id=customer, user_id=login, offset_s=offset_s)
        return {"Authorization": f"Bearer {token}"}

    def close(self) -> None:
        """End everything that is still under way, as a power cut does."""
        for node in self.nodes:
            node.process.die()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.engine.close()
        self.loop.close()
        asyncio.set_event_loop(None)
