"""The world that hostile requests are sent to, and what a vector may know of it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import anyio

from proxy.sandbox import seed
from tests.hostile.making import Facts, Parts, make
from tests.hostile.raw import Answer, exchange
from tests.world.shops import open_shops
from tests.world.world import ADA, BENEDIKT, TRANSIENT_KEY, World, open_world

NOBODYS = "rdm_" + "0" * 32
FORMER = "the-client-secret-before-the-rotation"
KEYS = {
    "current": seed.CLIENT_SECRET,
    "former": FORMER,
    "transient": TRANSIENT_KEY,
    "omneo": seed.OMNEO_WEBHOOK_SECRET,
    "retired": "the-client-secret-before-the-former-one",
    "foreign": "the-client-secret-of-another-app-altogether",
    "empty": "",
}
SECRETS = [*(key for key in KEYS.values() if key), seed.OMNEO_TOKEN]


@asynccontextmanager
async def hostile_world(database_url: str) -> AsyncIterator[World]:
    """A world whose service has every secret that it can have."""
    more = {"shopify_client_secret_old": FORMER, "omneo_webhook_secret": seed.OMNEO_WEBHOOK_SECRET}
    async with open_world(database_url, **more) as world:
        yield world


@asynccontextmanager
async def among_others(database_url: str) -> AsyncIterator[World]:
    """The same shop beside two others, so that the shop has to be chosen before anything is proven."""
    async with open_shops(database_url, {"north": {"shopify_client_secret_old": FORMER}}) as shops:
        yield shops.north


def facts(now_s: int, host: str = "proxy.example", others: str = NOBODYS) -> Facts:
    """What vectors put in; `others` is a redemption of the customer `other`."""
    return {
        "now": now_s,
        "shop": seed.SHOP_DOMAIN,
        "tenant": seed.OMNEO_TENANT,
        "client_id": seed.CLIENT_ID,
        "me": ADA,
        "other": BENEDIKT,
        "others": others,
        "fresh": uuid4().hex,
        "kid": hashlib.sha256(TRANSIENT_KEY.encode()).hexdigest()[:8],
        "host": host,
        "keys": KEYS,
    }


async def send(world: World, start: str, change: list[list[Any]], others: str = NOBODYS) -> tuple[Parts, Answer]:
    """Make a request for now and send it as it is."""
    address = world.urls["proxy"].removeprefix("http://")
    parts = make(start, change, facts(int(world.clock.now().timestamp()), address, others))
    host, _, port = address.partition(":")
    return parts, await anyio.to_thread.run_sync(exchange, (host, int(port)), parts["wire"])
