"""Several `serve` and `worker` processes on one database, before both sandboxes: any of them may be killed."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.delivery import Delivery
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifyConfig, ShopifySandbox
from proxy.settings import Settings
from tests.world.ports import steady_port
from tests.world.process import ProxyProcess, environment, ready
from tests.world.world import settings_for

SERVES = WORKERS = 4
ANSWER_S = 30.0
_REPEATED = 0.3  # of the webhooks are delivered once more, to another process
_TRIES = 100
_START_S = 150.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What one process answered."""

    method: str
    path: str
    key: str | None
    status: int
    body: dict[str, Any]

    @property
    def is_fault(self) -> bool:
        return self.status >= 500

    @property
    def is_told_to_come_again(self) -> bool:
        return self.status == 503 and self.body.get("retryable") is True and "code" in self.body

    @property
    def is_open(self) -> bool:
        """Tell whether the caller has to ask again."""
        return self.is_told_to_come_again or self.body.get("code") == "in_flight"


@dataclass(slots=True)
class Fleet:
    """The processes by name, and everything that they have answered."""

    omneo: OmneoSandbox
    shopify: ShopifySandbox
    clock: SandboxClock
    database_url: str
    http: httpx.AsyncClient
    dice: random.Random
    serves: dict[int, ProxyProcess]
    workers: list[ProxyProcess]
    answers: list[Answer] = field(default_factory=list)
    kills: list[str] = field(default_factory=list)
    repeated: int = 0

    async def ask(self, method: str, path: str, customer: int, *, key: str | None = None, **more: Any) -> Answer:
        """Ask any process, and another one where there is none any more, as a load balancer does."""
        headers = {"Authorization": f"Bearer {self.shopify.id_token('checkout', customer_id=customer)}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        for _ in range(_TRIES):
            url = f"http://127.0.0.1:{self.dice.choice(list(self.serves))}{path}"
            try:
                found = await self.http.request(method, url, headers=headers, **more)
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            answer = Answer(method, path, key, found.status_code, found.json())
            self.answers.append(answer)
            return answer
        raise AssertionError(f"nobody answered {method} {path}")

    async def post(self) -> None:
        """Deliver webhooks for ever, as Shopify does: until each was taken, and some of them twice."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                for delivery in self.shopify.deliveries.take_held():
                    tasks.create_task(self._deliver(delivery))
                await asyncio.sleep(0.02)

    async def _deliver(self, delivery: Delivery) -> None:
        copies = 1 + (self.dice.random() < _REPEATED)
        self.repeated += copies - 1
        path = httpx.URL(delivery.url).path
        for _ in range(_TRIES):
            url = f"http://127.0.0.1:{self.dice.choice(list(self.serves))}{path}"
            try:
                found = await self.http.post(url, content=delivery.body, headers=delivery.headers)
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            if found.status_code != 200:
                self.answers.append(Answer("POST", path, None, found.status_code, found.json()))
                await asyncio.sleep(0.2)
                continue
            copies -= 1
            if copies == 0:
                return
        raise AssertionError(f"nobody took {delivery.label}")

    async def kill_one(self) -> None:
        """SIGKILL a process, one that is just starting too, and start it again a moment later."""
        process = self.dice.choice([*self.serves.values(), *self.workers, *self.workers])
        self.kills.append(process.command)
        await process.kill()
        await asyncio.sleep(self.dice.uniform(0.05, 0.5))
        await process.start()

    def log(self, *, whole: bool = False) -> str:
        """Give all logs, or their ends for whoever reads a failure."""
        texts = [(process.log.name, process.log.read_text()) for process in [*self.serves.values(), *self.workers]]
        return "\n".join(f"--- {name}\n{text if whole else text[-1500:]}" for name, text in texts)

    def duplicates(self) -> int:
        """Count what was delivered once more."""
        return self.repeated

    def faults_struck(self) -> dict[str, int]:
        """No upstream fails here: the processes and their servers do."""
        return {}


async def _up(port: int, log: Path) -> None:
    """Wait longer than for one alone: eight processes that start at once share few cores."""
    async with asyncio.timeout(_START_S):
        while True:
            with contextlib.suppress(TimeoutError):
                return await ready(port, log)


def fleet_settings(omneo: str, shopify: str, database_url: str, **changes: Any) -> Settings:
    """Everything that is waited for is short; what a machine under load may take is not."""
    values = {
        "settling_s": 2,
        "grace_removal_s": 1,
        "grace_expiry_s": 1,
        "worker_in_serve": False,
        "worker_lease_s": 3,
        "worker_poll_s": 0.1,
        "sweep_every_s": 10,
        "upstream_total_s": 8,
        "database_pool": 4,
        "attach_before_own": False,  # nobody else writes here, and looking costs nine reads a sale
    }
    return settings_for(omneo, shopify, database_url, **{**values, **changes})


@asynccontextmanager
async def sailing(database_url: str, folder: Path, seed: int, **changes: Any) -> AsyncIterator[Fleet]:
    """Start them all and yield when all are ready; in the end none is left."""
    clock = SandboxClock()
    omneo = OmneoSandbox(clock)
    shopify = ShopifySandbox(clock, ShopifyConfig(bucket_size=20_000, restore_rate=10_000, usage_count_lag_s=0))
    shopify.set_proxy_url("http://any.invalid")
    shopify.deliveries.hold = True
    async with AsyncExitStack() as stack:
        urls = [await stack.enter_async_context(serving(sandbox.app)) for sandbox in (omneo, shopify)]
        settings = fleet_settings(*urls, database_url, **changes)
        ports = [steady_port() for _ in range(SERVES)]
        serves = {
            port: ProxyProcess("serve", environment(settings, PROXY_PORT=str(port)), folder / f"serve-{port}.log")
            for port in ports
        }
        workers = [
            ProxyProcess("worker", environment(settings), folder / f"worker-{number}.log") for number in range(WORKERS)
        ]
        limits = httpx.Limits(max_connections=100, max_keepalive_connections=20)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=ANSWER_S, trust_env=False, limits=limits))
        for process in [*serves.values(), *workers]:
            stack.push_async_callback(process.kill)
            await process.start()
        await asyncio.gather(*(_up(port, process.log) for port, process in serves.items()))
        fleet = Fleet(omneo, shopify, clock, database_url, http, random.Random(seed), serves, workers)
        posting = asyncio.create_task(fleet.post())
        try:
            yield fleet
        finally:
            posting.cancel()
            await asyncio.gather(posting, return_exceptions=True)
