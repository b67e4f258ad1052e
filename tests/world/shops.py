"""Three shops behind one proxy: north and south share a tenant, east has another."""

import io
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, fields
from typing import Any

import httpx

from proxy.app import World as Surroundings
from proxy.app import web_app
from proxy.identifiers import RandomIds
from proxy.sandbox import seed
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.omneo.config import ApiToken, OmneoConfig
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifySandbox
from proxy.sandbox.shopify.config import ShopifyConfig
from proxy.settings import Settings
from proxy.telemetry import LogAndMetrics
from tests.world.world import PATIENCE_S, TRANSIENT_KEY, MovedClock, World

EASTERN_TENANT = "eastern"
SHOPS = {
    "north": ShopifyConfig(),
    "south": ShopifyConfig(
        shop="south.myshopify.com",
        client_id="client-of-south",
        client_secret="client-secret-of-south-for-local-use",
        static_token="admin-token-of-south",
        first_order_id=7_024_113_000_001,
    ),
    "east": ShopifyConfig(
        shop="east.myshopify.com",
        client_id="client-of-east",
        client_secret="client-secret-of-east-for-local-use",
        static_token="admin-token-of-east",
        first_order_id=8_024_113_000_001,
    ),
}
TENANTS = {
    "north": OmneoConfig(),
    "east": OmneoConfig(
        tenant=EASTERN_TENANT,
        tokens=(
            ApiToken("eastern-omneo-token", "proxy", seed.OMNEO_NAMESPACE),
            ApiToken(seed.OMNEO_OTHER_TOKEN, "other", seed.OMNEO_OTHER_NAMESPACE),
        ),
        webhook_secret="webhook-secret-of-the-east",
    ),
}


@dataclass(frozen=True, slots=True)
class Shops:
    """One proxy, seen from each shop; customers have the same ids everywhere, which is the worst that can be."""

    north: World
    south: World
    east: World

    def __iter__(self) -> Any:
        return (getattr(self, field.name) for field in fields(self))


@asynccontextmanager
async def open_shops(
    database_url: str,
    own: dict[str, dict[str, Any]] | None = None,
    configs: Mapping[str, ShopifyConfig] = SHOPS,
    **common: Any,
) -> AsyncIterator[Shops]:
    """Open all of it; `own` is what shops are configured with beside the rest, by name."""
    clock, log = SandboxClock(), io.StringIO()
    tenants = {name: OmneoSandbox(clock, config) for name, config in TENANTS.items()}
    tenants["south"] = tenants["north"]
    shopifies = {name: ShopifySandbox(clock, config) for name, config in configs.items()}
    async with AsyncExitStack() as stack:
        north_url, east_url = [await stack.enter_async_context(serving(tenants[n].app)) for n in TENANTS]
        omneo_urls = {"north": north_url, "south": north_url, "east": east_url}
        shop_urls = {n: await stack.enter_async_context(serving(s.app)) for n, s in shopifies.items()}
        shops = {
            name: {
                "shop_domain": config.shop,
                "shopify_client_id": config.client_id,
                "shopify_client_secret": config.client_secret,
                "shopify_base_url": shop_urls[name],
                "omneo_tenant": tenants[name].config.tenant,
                "omneo_token": tenants[name].config.tokens[0].value,
                "omneo_webhook_secret": tenants[name].config.webhook_secret,
                "omneo_base_url": f"{omneo_urls[name]}/api/v3",
                **(own or {}).get(name, {}),
            }
            for name, config in configs.items()
        }
        settings = Settings(shops=shops, **{**_COMMON, "database_url": database_url, **common})  # type: ignore[arg-type]
        surroundings = Surroundings(MovedClock(clock), RandomIds(), lambda: int(clock.offset_s * 1000))
        url = await stack.enter_async_context(serving(web_app(settings, LogAndMetrics(stream=log), surroundings)))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False))
        worlds = {}
        for name, shopify in shopifies.items():
            shopify.set_proxy_url(url)
            urls = {"proxy": url, "omneo": omneo_urls[name], "shopify": shop_urls[name]}
            worlds[name] = World(clock, tenants[name], shopify, http, log, settings, urls, name)
        yield Shops(**worlds)


_COMMON: dict[str, Any] = {
    "shop_currency": seed.CURRENCY,
    "transaction_mode": "own",
    "transient_keys": [TRANSIENT_KEY],
    "worker_poll_s": 0.05,
    "upstream_total_s": 2,
    "cache_ttl_s": 10,
    "sweep_every_s": 86_400,
}
