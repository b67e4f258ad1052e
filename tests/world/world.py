"""A whole world on loopback: both sandboxes, the proxy, and people who use them."""

import asyncio
import io
import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx

from proxy.app import World as Surroundings
from proxy.app import web_app
from proxy.app.surroundings import Around, nothing_around
from proxy.identifiers import RandomIds
from proxy.sandbox import seed
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifySandbox
from proxy.settings import ALONE, Settings, ShopSettings
from proxy.telemetry import LogAndMetrics
from tests.world.work_in_hand import work_in_hand

ADA, BENEDIKT, CHLOE, DEV = 1001, 1002, 1003, 1004
PATIENCE_S = 60.0
TRANSIENT_KEY = "a-transient-key-for-tests-of-32-chars"


class MovedClock:
    """The proxy's clock: the machine's, moved as the sandboxes' is."""

    def __init__(self, moved: SandboxClock) -> None:
        self._moved = moved

    def now(self) -> datetime:
        return self._moved.now()

    def monotonic(self) -> float:
        return time.monotonic() + self._moved.offset_s


@dataclass(slots=True)
class World:
    """Everything a test arranges with and asserts on; `omneo` and `shopify` are the other sides' truth."""

    clock: SandboxClock
    omneo: OmneoSandbox
    shopify: ShopifySandbox
    http: httpx.AsyncClient
    log: io.StringIO
    settings: Settings
    urls: dict[str, str] = field(default_factory=dict)
    shop_name: str = ALONE

    @property
    def shop(self) -> ShopSettings:
        return self.settings.shops[self.shop_name]

    def token(self, customer: int | None = ADA, surface: str = "checkout") -> str:
        return self.shopify.id_token(surface, customer_id=customer, offset_s=self.clock.offset_s)

    def bearer(self, customer: int | None = ADA, surface: str = "checkout") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(customer, surface)}"}

    async def rewards(self, customer: int = ADA) -> dict[str, Any]:
        answer = await self.http.get("/v1/rewards", headers=self.bearer(customer))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def redeem(
        self, amount: str, customer: int = ADA, *, key: str | None = None, cart: str | None = "cart-1", **body: Any
    ) -> httpx.Response:
        return await self.http.post(
            "/v1/redemptions",
            headers=self.bearer(customer) | {"Idempotency-Key": key or uuid4().hex},
            json={"amount": {"amount": amount, "currencyCode": "AUD"}, "cart": cart, **body},
        )

    async def redeemed(self, amount: str, customer: int = ADA, **more: Any) -> dict[str, Any]:
        answer = await self.redeem(amount, customer, **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def redemption(self, redemption_id: str, customer: int = ADA) -> dict[str, Any]:
        answer = await self.http.get(f"/v1/redemptions/{redemption_id}", headers=self.bearer(customer))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def cart(self, *codes: str, customer: int | None = ADA) -> Any:
        """Fill a cart of several lines and apply codes; what the buyer is shown now may be honoured later."""
        lines = [(seed.LINEN_SHIRT.variant_id, 1), (seed.WOOL_SOCKS.variant_id, 2)]
        cart = self.shopify.open_cart(lines, customer)
        self.shopify.checkout.set_codes(cart, codes)
        self.shopify.checkout.price(cart)
        return cart

    def buy(self, *codes: str, customer: int | None = ADA, paid: bool = True) -> Any:
        """Place a web order with codes; the webhooks go out by themselves."""
        return self.shopify.place_order(self.cart(*codes, customer=customer), paid=paid)

    async def reaches(self, redemption_id: str, state: str, customer: int = ADA) -> dict[str, Any]:
        """Wait until the redemption is in a state."""
        found: dict[str, Any] = {}

        async def there() -> bool:
            found.update(await self.redemption(redemption_id, customer))
            return bool(found["state"] == state)

        await self.eventually(there, lambda: f"{found}\n{self.log.getvalue()[-4000:]}")
        return found

    async def noted(self, redemption_id: str, note: str, customer: int = ADA) -> None:
        """Wait until the redemption's history holds a note."""

        async def there() -> bool:
            return any(step["note"] == note for step in (await self.redemption(redemption_id, customer))["history"])

        await self.eventually(there, lambda: self.log.getvalue()[-4000:])

    async def expires(self, redemption_id: str, customer: int = ADA) -> None:
        """Let the hold's time and then its grace pass."""
        self.clock.advance(1801)
        await self.noted(redemption_id, "deactivated", customer)
        self.clock.advance(1801)

    def time_goes_on(self, seconds: float) -> None:
        """Let time pass, but none for what is being done: a slow machine would make minutes of a call's moment."""
        if not self._at_work():
            self.clock.advance(seconds)

    async def passes(self, seconds: float) -> None:
        """Let so much time pass, and all be done that it made due."""
        await self.eventually(self._rests)
        self.clock.advance(seconds)
        await self.eventually(self._rests)

    async def _rests(self) -> bool:
        return not self._at_work()

    def _at_work(self) -> bool:
        return work_in_hand(self.settings.database_url, int(self.clock.now().timestamp() * 1000))

    async def eventually(self, holds: Callable[[], Awaitable[bool]], say: Callable[[], str] = lambda: "") -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not await holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"did not come true within {PATIENCE_S} s: {say()}")
            await asyncio.sleep(0.02)

    def omneo_profile(self, customer: int = ADA) -> str:
        profile = next(c for c in seed.CUSTOMERS if c.id == customer).profile_id
        assert profile is not None
        return profile

    async def omneo_api(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Call Omneo as another system of the retailer would."""
        headers = {"Authorization": f"Bearer {seed.OMNEO_OTHER_TOKEN}"}
        return await self.http.request(method, f"{self.urls['omneo']}/api/v3{path}", headers=headers, json=body)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def omneo_redemptions(self, customer: int = ADA) -> list[Any]:
        profile = next(c for c in seed.CUSTOMERS if c.id == customer).profile_id
        return [r for r in self.omneo.state.redemptions.values() if r.profile_id == profile]


def settings_for(omneo_url: str, shopify_url: str, database_url: str, **overrides: Any) -> Settings:
    values: dict[str, Any] = {
        "shop_domain": seed.SHOP_DOMAIN,
        "shop_currency": seed.CURRENCY,
        "shopify_client_id": seed.CLIENT_ID,
        "shopify_client_secret": seed.CLIENT_SECRET,
        "shopify_base_url": shopify_url,
        "omneo_tenant": seed.OMNEO_TENANT,
        "omneo_token": seed.OMNEO_TOKEN,
        "omneo_base_url": f"{omneo_url}/api/v3",
        "lookup_handles": [seed.MEMBER_HANDLE],
        "transaction_mode": "own",
        "transient_keys": [TRANSIENT_KEY],
        "database_url": database_url,
        "worker_poll_s": 0.05,
        "upstream_total_s": 2,
        "cache_ttl_s": 10,
        # One customer does here in a second what takes a person a day; the tests of limits set their own.
        **{name: 1_000_000 for name in Settings.model_fields if name.startswith("limit_")},
        "sweep_every_s": 86_400,  # what a test hides from the proxy stays hidden unless the test is about sweeps
    }
    return Settings(**{**values, **overrides})


@asynccontextmanager
async def open_world(
    database_url: str,
    *,
    tenant: OmneoConfig | None = None,
    around: Around = nothing_around,
    clock: SandboxClock | None = None,
    **overrides: Any,
) -> AsyncIterator[World]:
    clock = clock or SandboxClock()
    omneo, shopify = OmneoSandbox(clock, tenant), ShopifySandbox(clock)
    log = io.StringIO()
    async with serving(omneo.app) as omneo_url, serving(shopify.app) as shopify_url:
        settings = settings_for(omneo_url, shopify_url, database_url, **overrides)
        surroundings = Surroundings(MovedClock(clock), RandomIds(), lambda: int(clock.offset_s * 1000), around)
        app = web_app(settings, LogAndMetrics(stream=log), surroundings)
        async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False) as http:
            shopify.set_proxy_url(url)
            urls = {"proxy": url, "omneo": omneo_url, "shopify": shopify_url}
            yield World(clock, omneo, shopify, http, log, settings, urls)


@asynccontextmanager
async def second_door(world: World) -> AsyncIterator[World]:
    """Open the same world through another process that answers and does no durable work."""
    log = io.StringIO()
    settings = world.settings.model_copy(update={"worker_in_serve": False})
    surroundings = Surroundings(MovedClock(world.clock), RandomIds(), lambda: int(world.clock.offset_s * 1000))
    app = web_app(settings, LogAndMetrics(stream=log), surroundings)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=PATIENCE_S, trust_env=False) as http:
        yield replace(world, http=http, log=log, settings=settings)


# The proxy must see the settings that a test gives it and none of the developer's own.
for _name in [name for name in os.environ if name.startswith("PROXY_")]:
    del os.environ[_name]
