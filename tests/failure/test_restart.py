"""The proxy is killed at the worst moments; whoever starts next finishes what it began."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifySandbox
from tests.world.process import ProxyProcess, free_port, ready, serving_process
from tests.world.world import settings_for

pytestmark = pytest.mark.anyio

ADA = 1001
PATIENCE_S = 40


@dataclass(slots=True)
class Shop:
    omneo: OmneoSandbox
    shopify: ShopifySandbox
    process: ProxyProcess
    url: str
    port: int

    async def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.shopify.id_token('checkout', customer_id=ADA)}"}
        headers.update(more.pop("headers", {}))
        async with httpx.AsyncClient(trust_env=False, timeout=20) as client:
            return await client.request(method, self.url + path, headers=headers, **more)

    async def redeem(self, key: str | None = None) -> httpx.Response:
        body = {"amount": {"amount": "12.50", "currencyCode": "AUD"}, "cart": "c"}
        return await self.request("POST", "/v1/redemptions", json=body, headers={"Idempotency-Key": key or uuid4().hex})

    def buy(self, code: str) -> Any:
        cart = self.shopify.open_cart([(50101, 1), (50102, 2)], ADA)
        self.shopify.checkout.set_codes(cart, [code])
        return self.shopify.place_order(cart)

    async def restart(self) -> None:
        await self.process.kill()
        await self.process.start()
        await ready(self.port, self.process.log)

    async def ends_as_it_should(self, redemption_id: str, order: Any) -> None:
        async with asyncio.timeout(PATIENCE_S):
            # Work that the dead process had in hand is taken up when its lease ends.
            while (await self.request("GET", f"/v1/redemptions/{redemption_id}")).json()["state"] != "recorded":
                await asyncio.sleep(0.1)
        (spent,) = self.omneo.state.redemptions.values()
        assert spent.total == Decimal("12.50")
        (sale,) = [t for t in self.omneo.state.transactions.values() if t.external_id == str(order.id)]
        assert sale.redemption_id == spent.id
        balance = (await self.request("GET", "/v1/rewards")).json()["balance"]
        assert (balance["available"]["amount"], balance["held"]["amount"]) == ("12.50", "0.00")


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Shop]:
    async with _open(database_url, tmp_path) as opened:
        yield opened


@asynccontextmanager
async def _open(database_url: str, folder: Path) -> AsyncIterator[Shop]:
    clock = SandboxClock()
    omneo, shopify = OmneoSandbox(clock), ShopifySandbox(clock)
    port = free_port()
    async with serving(omneo.app) as omneo_url, serving(shopify.app) as shopify_url:
        url = f"http://127.0.0.1:{port}"
        shopify.set_proxy_url(url)
        settings = settings_for(omneo_url, shopify_url, database_url, settling_s=1, worker_lease_s=4)
        async with serving_process(settings, port, folder / "proxy.log") as process:
            yield Shop(omneo, shopify, process, url, port)


async def test_killed_between_apply_and_place_order(shop: Shop) -> None:
    redemption = (await shop.redeem()).json()
    await shop.restart()
    await shop.ends_as_it_should(redemption["id"], shop.buy(redemption["code"]))


async def test_killed_right_after_place_order(shop: Shop) -> None:
    redemption = (await shop.redeem()).json()
    order = shop.buy(redemption["code"])
    await shop.restart()
    await shop.ends_as_it_should(redemption["id"], order)


async def test_killed_while_the_order_is_placed_and_down_for_its_webhooks(shop: Shop) -> None:
    redemption = (await shop.redeem()).json()
    await shop.process.kill()
    order = shop.buy(redemption["code"])
    await shop.process.start()
    await ready(shop.port, shop.process.log)
    await shop.ends_as_it_should(redemption["id"], order)


async def test_killed_while_omneo_is_redeeming(shop: Shop) -> None:
    """The redeem commits after the process is gone: the next one looks before it sends."""
    redemption = (await shop.redeem()).json()
    shop.omneo.faults.add(Fault("POST /api/v3/profiles/*/redeem", "latency", latency_ms=700))
    order = shop.buy(redemption["code"])
    async with asyncio.timeout(PATIENCE_S):
        while not shop.omneo.calls["POST /api/v3/profiles/{id}/redeem"]:
            await asyncio.sleep(0.005)
    await shop.restart()
    await shop.ends_as_it_should(redemption["id"], order)


async def test_killed_while_shopify_makes_the_discount_and_resumed_with_the_same_key(shop: Shop) -> None:
    shop.shopify.faults.add(Fault("graphql CodeCreate", "latency", latency_ms=700))
    asked = asyncio.create_task(shop.redeem("the-key"))
    async with asyncio.timeout(PATIENCE_S):
        while not shop.shopify.calls["graphql CodeCreate"]:
            await asyncio.sleep(0.005)
    await shop.restart()
    with pytest.raises(httpx.TransportError):
        await asked
    answer = await shop.redeem("the-key")
    async with asyncio.timeout(PATIENCE_S):
        while answer.status_code != 201:
            assert answer.json()["code"] == "in_flight"
            await asyncio.sleep(0.5)
            answer = await shop.redeem("the-key")
    redemption = answer.json()
    assert [d.code for d in shop.shopify.state.discounts.values()] == [redemption["code"]]
    await shop.ends_as_it_should(redemption["id"], shop.buy(redemption["code"]))
