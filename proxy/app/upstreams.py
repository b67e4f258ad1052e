"""Build the clients of Omneo and Shopify."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import SecretStr

from proxy.app.surroundings import World
from proxy.settings import Settings
from proxy.telemetry import LogAndMetrics
from proxy.upstreams.breaker import Breaker
from proxy.upstreams.http import Limits, Timeouts, Upstream, upstream_client
from proxy.upstreams.omneo import OmneoClient, OmneoOptions
from proxy.upstreams.shopify import ShopifyClient
from proxy.upstreams.shopify_tokens import ClientCredentials, RefreshPair, StaticToken, Tokens


async def omneo_client(
    settings: Settings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> OmneoClient:
    base = settings.omneo_base_url or f"https://api.{settings.omneo_tenant}.getomneo.com/api/v3"
    upstream = await _upstream("omneo", base, settings, telemetry, world, stack)
    options = OmneoOptions(
        identity_lookups=settings.omneo_identity_lookups,
        redeem_path=settings.omneo_redeem_path,
        send_currency=settings.omneo_redeem_currency,
    )
    return OmneoClient(upstream, settings.omneo_token, options=options)


async def shopify_client(
    settings: Settings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> ShopifyClient:
    base = settings.shopify_base_url or f"https://{settings.shop_domain}"
    upstream = await _upstream("shopify", base, settings, telemetry, world, stack)
    return ShopifyClient(upstream, _tokens(settings, upstream), version=settings.shopify_api_version)


def _tokens(settings: Settings, upstream: Upstream) -> Tokens:
    secret = settings.shopify_client_secret
    match settings.shopify_token_source:
        case "static":
            assert settings.shopify_access_token is not None
            return StaticToken(settings.shopify_access_token)
        case "refresh":
            assert settings.shopify_refresh_token_file is not None
            file = settings.shopify_refresh_token_file
            return RefreshPair(
                upstream, settings.shopify_client_id, secret, SecretStr(file.read_text().strip()), _saver(file)
            )
        case _:
            return ClientCredentials(upstream, settings.shopify_client_id, secret)


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
    name: str, base: str, settings: Settings, telemetry: LogAndMetrics, world: World, stack: AsyncExitStack
) -> Upstream:
    timeouts = Timeouts(
        connect_s=settings.upstream_connect_s, read_s=settings.upstream_total_s, total_s=settings.upstream_total_s
    )
    limits = Limits(in_flight=settings.upstream_in_flight)
    breaker = Breaker(settings.breaker_failures, settings.breaker_cool_down_s, world.clock.monotonic)
    client = await stack.enter_async_context(upstream_client(base, timeouts, limits))
    return Upstream(
        name, client, timeouts=timeouts, limits=limits, breaker=breaker, observe=telemetry.upstream, tell=telemetry.tell
    )
