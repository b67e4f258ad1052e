"""The world that hostile requests are sent to, and what a vector may know of it."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import anyio

from proxy.sandbox import seed
from tests.hostile.making import Facts, Parts
from tests.hostile.raw import Answer, exchange
from tests.world.world import ADA, BENEDIKT, TRANSIENT_KEY, World, open_world

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


def facts(world: World, others: str) -> Facts:
    """What vectors put in; `others` is a redemption of the customer `other`."""
    return {
        "now": int(world.clock.now().timestamp()),
        "shop": seed.SHOP_DOMAIN,
        "tenant": seed.OMNEO_TENANT,
        "client_id": seed.CLIENT_ID,
        "me": ADA,
        "other": BENEDIKT,
        "others": others,
        "fresh": uuid4().hex,
        "kid": hashlib.sha256(TRANSIENT_KEY.encode()).hexdigest()[:8],
        "host": world.urls["proxy"].removeprefix("http://"),
        "keys": KEYS,
    }


async def sent(world: World, parts: Parts) -> Answer:
    """Send the request as it is."""
    host, _, port = parts["facts"]["host"].partition(":")
    return await anyio.to_thread.run_sync(exchange, (host, int(port)), parts["wire"])
