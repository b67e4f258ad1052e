"""Builds clients for the tests, and names what the fixtures give."""

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from proxy.sandbox import seed
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.shopify import ShopifySandbox
from proxy.upstreams.breaker import Breaker
from proxy.upstreams.http import Limits, Timeouts, Upstream, upstream_client
from proxy.upstreams.omneo import OmneoClient, OmneoOptions
from proxy.upstreams.retry import Retry
from proxy.upstreams.shopify import ShopifyClient
from proxy.upstreams.shopify_tokens import StaticToken, Tokens

FAST = Retry(attempts=3, budget_s=5.0, wait_initial_s=0.001, wait_max_s=0.002, wait_jitter_s=0.0)
ADMIN_TOKEN = "sandbox-admin-token"

Observed = list[tuple[str, str, str]]


@dataclass
class Wired:
    """Builds upstreams that are closed after the test, and keeps what they observed."""

    stack: AsyncExitStack
    observed: Observed = field(default_factory=list)
    told: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    async def upstream(
        self,
        url: str,
        *,
        name: str = "omneo",
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        breaker: Breaker | None = None,
    ) -> Upstream:
        timeouts, limits = timeouts or Timeouts(), limits or Limits()
        client = await self.stack.enter_async_context(upstream_client(url, timeouts, limits))
        return Upstream(
            name,
            client,
            timeouts=timeouts,
            limits=limits,
            breaker=breaker or Breaker(1000, 1.0, time.monotonic),
            observe=lambda upstream, operation, outcome, _s: self.observed.append((upstream, operation, outcome)),
            tell=lambda happening, **fields: self.told.append((happening, fields)),
        )

    async def omneo(self, url: str, options: OmneoOptions | None = None, **settings: Any) -> OmneoClient:
        upstream = await self.upstream(url, **settings)
        return OmneoClient(upstream, SecretStr(seed.OMNEO_TOKEN), retry=FAST, options=options)

    async def shopify(self, url: str, tokens: Tokens | None = None, **settings: Any) -> ShopifyClient:
        upstream = await self.upstream(url, name="shopify", **settings)
        return ShopifyClient(upstream, tokens or StaticToken(SecretStr(ADMIN_TOKEN)), retry=FAST)


@dataclass
class OmneoSide:
    sandbox: OmneoSandbox
    client: OmneoClient
    url: str


@dataclass
class ShopifySide:
    sandbox: ShopifySandbox
    client: ShopifyClient
    url: str


OpenOmneo = Callable[..., Awaitable[OmneoSide]]
OpenShopify = Callable[..., Awaitable[ShopifySide]]
