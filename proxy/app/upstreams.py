"""Build the clients of Omneo and Shopify."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from proxy.app.surroundings import World
from proxy.settings import Settings, ShopSettings
from proxy.telemetry import LogAndMetrics
from proxy.upstreams.breaker import Breaker
from proxy.upstreams.http import Limits, Timeouts, Upstream, upstream_client
from proxy.upstreams.omneo import OmneoClient, OmneoOptions
from proxy.upstreams.omneo_benefits import BenefitClient
from proxy.upstreams.omneo_gateway import OmneoProfiles
from proxy.upstreams.omneo_id import OmneoId
from proxy.upstreams.retry import Retry
from proxy.upstreams.shopify import ShopifyClient
from proxy.upstreams.shopify_tokens import ClientCredentials, RefreshPair, StaticToken, Tokens

_GATEWAY_SHARE = 4  # of the calls at once that an upstream gets, one for so many
_GATEWAY_BODY_BYTES = 4 * 1024 * 1024
# A theme waits for it, and has our own token to go on with.
_ID_TOKEN_RETRY = Retry(attempts=2, budget_s=4.0)


async def omneo_client(
    settings: Settings, shop: ShopSettings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> OmneoClient:
    """Open a shop's client of its tenant."""
    return (await omneo_clients(settings, shop, telemetry, world, stack))[0]


async def omneo_clients(
    settings: Settings, shop: ShopSettings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> tuple[OmneoClient, BenefitClient]:
    """Open both clients of a shop's tenant over one upstream; each shop has its own token, limits and breaker."""
    upstream = await _upstream("omneo", _omneo_base(shop), settings, telemetry, world, stack)
    options = OmneoOptions(
        identity_lookups=shop.omneo_identity_lookups,
        redeem_path=shop.omneo_redeem_path,
        send_currency=shop.omneo_redeem_currency,
    )
    return OmneoClient(upstream, shop.omneo_token, options=options), BenefitClient(upstream, shop.omneo_token)


async def omneo_profiles(
    settings: Settings, shop: ShopSettings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> OmneoProfiles:
    """Open what the gateway reads through: connections of its own, so that no browser keeps a capture waiting."""
    in_flight = max(1, settings.upstream_in_flight // _GATEWAY_SHARE)
    limits = Limits(in_flight=in_flight, waiting=settings.upstream_waiting, body_bytes=_GATEWAY_BODY_BYTES)
    upstream = await _upstream("omneo", _omneo_base(shop), settings, telemetry, world, stack, limits)
    return OmneoProfiles(upstream, shop.omneo_token)


async def omneo_id(
    settings: Settings, shop: ShopSettings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> OmneoId | None:
    """Open the ID API for a shop that hands out its tokens: beside the API unless told, for it is sent its token."""
    if not shop.omneo_id_tokens:
        return None
    base = shop.omneo_id_base_url or urlunsplit((*urlsplit(_omneo_base(shop))[:2], "/id/api/v1", "", ""))
    upstream = await _upstream("omneo", base, settings, telemetry, world, stack)
    return OmneoId(upstream, shop.omneo_token, _ID_TOKEN_RETRY)


def _omneo_base(shop: ShopSettings) -> str:
    return shop.omneo_base_url or f"https://api.{shop.omneo_tenant}.getomneo.com/api/v3"


async def shopify_client(
    settings: Settings, shop: ShopSettings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> ShopifyClient:
    """Open a shop's client of its Admin API."""
    base = shop.shopify_base_url or f"https://{shop.shop_domain}"
    upstream = await _upstream("shopify", base, settings, telemetry, world, stack)
    return ShopifyClient(upstream, _tokens(shop, upstream), version=shop.shopify_api_version)


def _tokens(shop: ShopSettings, upstream: Upstream) -> Tokens:
    secret = shop.shopify_client_secret
    match shop.shopify_token_source:
        case "static":
            assert shop.shopify_access_token is not None
            return StaticToken(shop.shopify_access_token)
        case "refresh":
            assert shop.shopify_refresh_token_file is not None
            file = shop.shopify_refresh_token_file
            return RefreshPair(upstream, shop.shopify_client_id, secret, _reader(file), _saver(file))
        case _:
            return ClientCredentials(upstream, shop.shopify_client_id, secret)


def _reader(file: Path) -> Callable[[], "asyncio.Future[SecretStr]"]:
    def read() -> "asyncio.Future[SecretStr]":
        return asyncio.get_running_loop().run_in_executor(None, lambda: SecretStr(file.read_text().strip()))

    return read


def _saver(file: Path) -> Callable[[SecretStr, SecretStr], "asyncio.Future[None]"]:
    def write(refresh: SecretStr) -> None:
        # Renamed into place: a crash half-way leaves the old token, which works until the new one was used.
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(refresh.get_secret_value())
        fresh.replace(file)

    def save(_access: SecretStr, refresh: SecretStr) -> "asyncio.Future[None]":
        return asyncio.get_running_loop().run_in_executor(None, write, refresh)

    return save


async def _upstream(
    name: str,
    base: str,
    settings: Settings,
    telemetry: LogAndMetrics,
    world: World,
    stack: AsyncExitStack,
    limits: Limits | None = None,
) -> Upstream:
    timeouts = Timeouts(
        connect_s=settings.upstream_connect_s,
        read_s=settings.upstream_total_s,
        total_s=settings.upstream_total_s,
        wait_s=settings.upstream_wait_s,
    )
    limits = limits or Limits(in_flight=settings.upstream_in_flight, waiting=settings.upstream_waiting)
    breaker = Breaker(settings.breaker_failures, settings.breaker_cool_down_s, world.clock.monotonic)
    client = await stack.enter_async_context(upstream_client(base, timeouts, limits))
    return Upstream(
        name, client, timeouts=timeouts, limits=limits, breaker=breaker, observe=telemetry.upstream, tell=telemetry.tell
    )
