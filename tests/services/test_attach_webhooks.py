"""Omneo's webhooks: they shorten a wait, and prove where they come from."""

import hashlib
import hmac
from typing import Any

import httpx
import pytest

from proxy.sandbox import seed
from tests.services.attaching import (
    BY_NUMBER,
    DAY_S,
    HOOK,
    PUT,
    assert_attached,
    in_time,
    looks_again,
    sales,
    spent,
    subscribe,
    tell,
    told,
    waits,
)
from tests.world.databases import Databases
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio


async def hear(world: World, event: str, body: bytes, secret: str = seed.OMNEO_WEBHOOK_SECRET) -> httpx.Response:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Omneo-Event": event, "X-Omneo-Hmac-SHA256": signature}
    return await world.http.post(HOOK, content=body, headers=headers)


@pytest.mark.parametrize("form", [{}, BY_NUMBER])
async def test_omneos_webhook_ends_the_wait_at_once_also_when_it_comes_twice(
    attaching: World, form: dict[str, str]
) -> None:
    await subscribe(attaching)
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    await looks_again(attaching, 3600)  # the next look by itself is a quarter of an hour away
    attaching.omneo.deliveries.duplicate = True
    tell(attaching, order, **form)
    attaching.omneo.shopify_app.write()
    await attaching.reaches(redemption["id"], "recorded")
    await told(attaching, "event.duplicate", topic="transaction.created")
    assert attaching.omneo.calls[PUT] == 1
    assert_attached(attaching)


async def test_a_transaction_after_the_end_of_the_wait_is_attached_to_when_omneo_tells_of_it(attaching: World) -> None:
    await subscribe(attaching)
    redemption = await attaching.redeemed("12.50")
    order = attaching.buy(redemption["code"])
    await waits(attaching, redemption)
    attaching.clock.advance(8 * DAY_S)
    await in_time(attaching, redemption, "review")
    tell(attaching, order)
    attaching.omneo.shopify_app.write()

    async def attached() -> bool:
        return bool(sales(attaching)[0].redemption_id == spent(attaching).id)

    await attaching.eventually(attached)
    assert_attached(attaching)


async def test_only_what_is_signed_with_the_tenants_secret_is_heard(databases: Databases, tmp_path: Any) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url, omneo_webhook_secret=seed.OMNEO_WEBHOOK_SECRET) as world:
        assert (await hear(world, "transaction.created", b"{}", "another-secret")).status_code == 401
        assert (await world.http.post(HOOK, content=b"{}")).status_code == 401
        assert (await world.http.post("/webhooks/omneo/nobody", content=b"{}")).status_code == 404
        assert (await hear(world, "transaction.created", b"[]")).status_code == 400
        assert (await hear(world, "transaction.created", b'{"external_id": "1"}')).status_code == 200
        assert (await hear(world, "no.such.event", b"[]")).status_code == 200
        await told(world, "event.ignored", topic="no.such.event")
        await told(world, "event.received", topic="transaction.created", orders=[])


async def test_without_a_secret_there_is_no_such_route(databases: Databases, tmp_path: Any) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        assert (await hear(world, "transaction.created", b"{}")).status_code == 404
