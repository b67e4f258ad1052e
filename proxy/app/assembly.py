"""Put the parts of a process together."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr

from proxy.app.surroundings import World
from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.session_token import SessionTokenVerifier
from proxy.auth.transient import TransientKey, TransientTokens
from proxy.auth.webhook import ShopifyWebhookVerifier
from proxy.domain.errors import ProxyError
from proxy.domain.ids import parse_order, parse_redemption
from proxy.domain.loyalty import Profile
from proxy.domain.shop import Shop
from proxy.domain.work import Task, Verdict
from proxy.jobs.worker import Worker
from proxy.ports import Clock, Omneo, Shopify
from proxy.services.capture import SpendCapture
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.issue import Issue
from proxy.services.overview import Overviews
from proxy.services.readings import Readings
from proxy.services.record import Record
from proxy.services.redeem import Redeem
from proxy.services.release import Release
from proxy.services.rewards import Rewards
from proxy.services.settle import Settle
from proxy.settings import Settings
from proxy.stores.cache import FlightCache
from proxy.stores.captures import Captures
from proxy.stores.database import Database
from proxy.stores.events import Events
from proxy.stores.holds import Holds
from proxy.stores.records import Records
from proxy.stores.redemptions import Redemptions
from proxy.stores.tasks import Tasks
from proxy.telemetry import LogAndMetrics
from proxy.web.state import Services, Verifiers

_PENDING_TTL_S = 5.0  # a customer who is not in Omneo yet may be there any moment
_PROFILE_TTL_S = 300.0


@dataclass(frozen=True, slots=True)
class Runtime:
    """The parts of a running process: what routes call and what does the durable work."""

    services: Services
    worker: Worker


def assemble(
    settings: Settings,
    shop: Shop,
    telemetry: LogAndMetrics,
    world: World,
    database: Database,
    omneo: Omneo,
    shopify: Shopify,
) -> Runtime:
    clock, ids = world.clock, world.ids
    holds, redemptions, captures = Holds(database), Redemptions(database), Captures(database)
    events, tasks = Events(database), Tasks(database)
    display = Display(_cache(settings, clock))
    customers = Customers(omneo, _profiles(settings, clock))
    readings = Readings(omneo, holds, _cache(settings, clock), clock)
    rewards = Rewards(
        customers=customers, readings=readings, holds=holds, redemptions=redemptions, clock=clock, telemetry=telemetry
    )
    release = Release(
        shopify=shopify, redemptions=redemptions, events=events, clock=clock, display=display, telemetry=telemetry
    )
    redeem = Redeem(
        holds=holds,
        redemptions=redemptions,
        customers=customers,
        readings=readings,
        issue=Issue(shopify, redemptions, telemetry),
        release=release,
        clock=clock,
        ids=ids,
        display=display,
        telemetry=telemetry,
    )
    spend = SpendCapture(
        omneo=omneo, captures=captures, redemptions=redemptions, readings=readings, clock=clock, telemetry=telemetry
    )
    record = Record(
        omneo=omneo,
        captures=captures,
        records=Records(database),
        customers=customers,
        clock=clock,
        telemetry=telemetry,
    )
    settle = Settle(
        shopify=shopify,
        redemptions=redemptions,
        captures=captures,
        spend=spend,
        record=record,
        ids=ids,
        display=display,
        telemetry=telemetry,
    )

    async def settle_order(task: Task) -> Verdict:
        return await settle(shop, parse_order(task.subject))

    async def end_redemption(task: Task) -> Verdict:
        return await release.step(shop, parse_redemption(task.subject))

    worker = Worker(
        tasks=tasks,
        handlers={"order": settle_order, "redemption": end_redemption},
        ids=ids,
        telemetry=telemetry,
        concurrency=settings.worker_concurrency,
        poll_s=settings.worker_poll_s,
        lease_s=settings.worker_lease_s,
    )
    overviews = Overviews(
        omneo=omneo,
        customers=customers,
        rewards=rewards,
        benefits=_cache(settings, clock),
        history=_cache(settings, clock),
        tiers=_cache(settings, clock),
    )

    async def metrics() -> bytes:
        telemetry.tasks(await tasks.counts())
        return telemetry.expose()

    services = Services(
        shops={shop.domain: shop},
        verifiers=_verifiers(settings, shop, world),
        customers=customers,
        rewards=rewards,
        overviews=overviews,
        redeem={shop.domain: redeem},
        release={shop.domain: release},
        redemptions=redemptions,
        events=events,
        display=display,
        wake=worker.wake,
        ready=_Readiness(tasks).check,
        metrics=metrics,
    )
    return Runtime(services, worker)


class _Readiness:
    """Only what every request needs: an upstream that is down is no reason to take the webhooks' address away."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    async def check(self) -> dict[str, str]:
        try:
            async with asyncio.timeout(2):
                await self._tasks.counts()
        except (ProxyError, TimeoutError, sa.exc.SQLAlchemyError):
            return {"database": "unavailable"}
        return {"database": "ok"}


def _cache(settings: Settings, clock: Clock) -> FlightCache[Any]:
    return FlightCache(
        size=settings.cache_size,
        ttl_s=lambda _: settings.cache_ttl_s,
        stale_s=settings.cache_stale_s,
        monotonic=clock.monotonic,
    )


def _profiles(settings: Settings, clock: Clock) -> FlightCache[Profile | None]:
    return FlightCache(
        size=settings.cache_size,
        ttl_s=lambda profile: _PENDING_TTL_S if profile is None else _PROFILE_TTL_S,
        stale_s=max(settings.cache_stale_s, _PROFILE_TTL_S),
        monotonic=clock.monotonic,
    )


def _verifiers(settings: Settings, shop: Shop, world: World) -> Verifiers:
    def now_s() -> float:
        return world.clock.now().timestamp()

    keys = [_key(secret) for secret in settings.transient_keys]
    transient = TransientTokens(shop.domain, keys, now_s, world.ids.token, settings.transient_lifetime_s)
    return Verifiers(
        sessions={shop.domain: SessionTokenVerifier(shop, now_s)},
        transients={shop.domain: transient},
        app_proxies={shop.domain: AppProxyVerifier(shop, now_s)},
        webhooks={shop.domain: ShopifyWebhookVerifier(shop)},
    )


def _key(secret: SecretStr) -> TransientKey:
    value = secret.get_secret_value()
    return TransientKey(hashlib.sha256(value.encode()).hexdigest()[:8], value)
