"""Orders whose webhooks were lost are found by the sweep alone."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from proxy.app.surroundings import now_ms
from proxy.app.upstreams import shopify_client
from proxy.domain.ids import ShopDomain
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.services.sweep import Sweep
from proxy.stores.database import open_database
from proxy.stores.sweeps import Sweeps
from proxy.stores.tasks import Tasks
from proxy.telemetry import LogAndMetrics
from tests.services.test_reconcile import armed, calm, surroundings
from tests.world.world import BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

EVERY_S, OVERLAP_S = 300, 600


@asynccontextmanager
async def swept(database_url: str, **settings: Any) -> AsyncIterator[World]:
    values = {"sweep_every_s": EVERY_S, "sweep_overlap_s": OVERLAP_S, **settings}
    async with open_world(database_url, **values) as world:
        world.shopify.deliveries.lose = True
        await sweeps(world)  # the first one says from when on sales are ours
        yield world


async def sweeps(world: World) -> dict[str, Any]:
    """Let the next sweep come due and end; gives what it said."""

    def done() -> list[dict[str, Any]]:
        return [e for e in world.events() if e["event"] == "sweep.done"]

    before = len(done())

    async def there() -> bool:
        return len(done()) > before

    await world.eventually(lambda: armed(world))
    world.clock.advance(EVERY_S + 1)
    await world.eventually(there, lambda: world.log.getvalue()[-3000:])
    return done()[before]


def sales(world: World) -> list[str]:
    return sorted(t.external_id for t in world.omneo.state.transactions.values() if str(t.external_id).isdigit())


def spent(world: World) -> list[Decimal]:
    return [r.total for r in world.omneo_redemptions() if r.type == "redeem"]


async def test_a_lost_create_is_found_and_captured(database_url: str) -> None:
    async with swept(database_url) as world:
        redemption = await world.redeemed("12.50")
        world.buy(redemption["code"], paid=False)
        assert (await sweeps(world))["wished"] == 1
        await world.reaches(redemption["id"], "captured")
        assert spent(world) == [Decimal("12.50")]


async def test_a_lost_paid_is_found_and_recorded(database_url: str) -> None:
    async with swept(database_url) as world:
        redemption = await world.redeemed("12.50")
        world.shopify.deliveries.lose = False
        order = world.buy(redemption["code"], paid=False)
        await world.reaches(redemption["id"], "captured")
        await calm(world)
        world.shopify.deliveries.lose = True
        world.shopify.mark_paid(order.id)
        await sweeps(world)
        await world.reaches(redemption["id"], "recorded")
        assert sales(world) == [str(order.id)]


async def test_a_paid_sale_without_redemption_is_found_and_recorded(database_url: str) -> None:
    async with swept(database_url) as world:
        order = world.buy(customer=BENEDIKT)
        await sweeps(world)
        await settled_for(world, order)


async def test_a_lost_cancellation_of_a_captured_order_is_looked_at(database_url: str) -> None:
    async with swept(database_url) as world:
        redemption = await world.redeemed("12.50")
        world.shopify.deliveries.lose = False
        order = world.buy(redemption["code"], paid=False)
        await world.reaches(redemption["id"], "captured")
        await calm(world)
        world.shopify.deliveries.lose = True
        world.clock.advance(1)
        world.shopify.cancel(order.id)
        assert (await sweeps(world))["wished"] == 1
        await world.eventually(lambda: _left(world, redemption["id"], "captured"))


async def test_sales_from_before_the_first_sweep_are_not_written(database_url: str) -> None:
    async with open_world(database_url, sweep_every_s=EVERY_S, sweep_overlap_s=OVERLAP_S) as world:
        world.shopify.deliveries.lose = True
        await world.eventually(lambda: armed(world))
        order = world.buy(customer=BENEDIKT)
        world.clock.advance(OVERLAP_S + 1)
        assert (await sweeps(world))["wished"] == 0
        order.updates.append(world.clock.now())
        said = await sweeps(world)
        assert (said["orders"], said["wished"]) == (1, 0)
        assert sales(world) == []


async def test_every_page_is_read(database_url: str) -> None:
    async with swept(database_url, transaction_mode="none") as world:
        redemption = await world.redeemed("12.50")
        for _ in range(240):
            world.buy(customer=BENEDIKT)
        world.clock.advance(1)
        world.buy(redemption["code"])
        said = await sweeps(world)
        assert (said["orders"], said["wished"], said["whole"]) == (241, 1, True)
        await world.reaches(redemption["id"], "captured")


async def test_an_order_that_the_index_shows_late_is_found_by_a_later_sweep(database_url: str) -> None:
    async with swept(database_url) as world:
        lag = Fault("graphql OrdersSweep", "delayed_visibility", times=None, visible_after_s=EVERY_S + 60)
        world.shopify.faults.add(lag)
        redemption = await world.redeemed("12.50")
        world.buy(redemption["code"], paid=False)
        assert (await sweeps(world))["orders"] == 0
        assert (await sweeps(world))["wished"] == 1
        await world.reaches(redemption["id"], "captured")


async def test_a_sweep_that_fails_between_two_pages_reads_all_of_them_again(database_url: str) -> None:
    async with swept(database_url, transaction_mode="none") as world:
        redemption = await world.redeemed("12.50")
        world.buy(redemption["code"])
        world.clock.advance(1)
        for _ in range(110):
            world.buy(customer=BENEDIKT)
        world.shopify.faults.add(Fault("graphql OrdersSweep", "server_error", skip=1, times=None))
        world.clock.advance(OVERLAP_S)  # beyond what is read twice anyway
        await world.eventually(lambda: _failed(world), lambda: world.log.getvalue()[-3000:])
        # What the first page asked for was durable before the second one failed.
        await world.reaches(redemption["id"], "captured")
        world.shopify.faults.clear()
        said = await sweeps(world)
        assert (said["orders"], said["whole"]) == (111, True)


async def test_an_outage_longer_than_the_overlap_leaves_no_gap(database_url: str) -> None:
    async with swept(database_url) as world:
        redemption = await world.redeemed("12.50")
        world.shopify.faults.add(Fault("graphql OrdersSweep", "server_error", times=None))
        order = world.buy(redemption["code"])
        for _ in range(6):
            world.clock.advance(EVERY_S)
            await world.eventually(lambda: _failed(world))
        world.shopify.faults.clear()
        await sweeps(world)
        await settled_for(world, order)
        assert spent(world) == [Decimal("12.50")]


async def test_a_lost_refund_is_found_and_its_share_comes_back(database_url: str) -> None:
    async with swept(database_url) as world:
        world.shopify.deliveries.lose = False
        redemption = await world.redeemed("12.50")
        order = world.buy(redemption["code"])
        await world.reaches(redemption["id"], "recorded")
        await calm(world)
        world.shopify.deliveries.lose = True
        world.clock.advance(1)
        world.shopify.refund(order.id)
        await sweeps(world)
        await world.reaches(redemption["id"], "returned")


async def test_a_backlog_is_read_in_parts_each_of_which_counts(database_url: str) -> None:
    settings = {"worker_in_serve": False, "transaction_mode": "none"}
    async with open_world(database_url, **settings) as world, one_sweep(world, max_pages=2) as sweep:
        world.shopify.deliveries.lose = True
        redemption = await world.redeemed("12.50")
        await sweep(world.shop.shop())
        for _ in range(5):
            world.clock.advance(60)
            for _ in range(60):
                world.buy(customer=BENEDIKT)
        world.buy(redemption["code"])
        world.clock.advance(OVERLAP_S + 60)
        verdicts = [await sweep(world.shop.shop()) for _ in range(3)]
        said = [e for e in world.events() if e["event"] == "sweep.done"][-3:]
        assert [e["whole"] for e in said] == [False, False, True]
        # The last part went on where the one before it came to, and found what is newest.
        assert (said[2]["orders"] < 200, said[2]["wished"]) == (True, 1)
        assert [v.after_s for v in verdicts] == [1, 1, EVERY_S]  # type: ignore[union-attr]


@asynccontextmanager
async def one_sweep(world: World, max_pages: int) -> AsyncIterator[Sweep]:
    """A sweep of its own, which reads little at once."""
    around, told = surroundings(world), LogAndMetrics(stream=world.log)
    async with AsyncExitStack() as stack:
        url = world.settings.database_url
        database = open_database(url, now_ms(around.clock), size=1, shift_ms=around.shift_ms)
        stack.callback(database.close)
        yield Sweep(
            shopify=await shopify_client(world.settings, world.shop, told, around, stack),
            sweeps=Sweeps(database),
            clock=around.clock,
            telemetry=told,
            every=timedelta(seconds=EVERY_S),
            overlap=timedelta(seconds=OVERLAP_S),
            max_pages=max_pages,
        )


async def test_two_workers_do_not_sweep_one_shop_at_once(database_url: str) -> None:
    database = open_database(database_url, lambda: int(time.time() * 1000))
    try:
        shop = ShopDomain(seed.SHOP_DOMAIN)
        for _ in range(3):
            await Sweeps(database).arm(shop, 0)
        leased = await asyncio.gather(*(Tasks(database).lease(f"worker-{n}", 60_000, 5) for n in range(8)))
        assert sum(len(tasks) for tasks in leased) == 1
    finally:
        database.close()


async def test_what_is_settled_is_not_wished_for_again(database_url: str) -> None:
    async with swept(database_url) as world:
        world.shopify.deliveries.lose = False
        redemption = await world.redeemed("12.50")
        world.buy(redemption["code"])
        await world.reaches(redemption["id"], "recorded")
        await calm(world)
        said = await sweeps(world)
        assert (said["orders"], said["wished"]) == (1, 0)


async def test_a_test_order_is_not_wished_for(database_url: str) -> None:
    async with swept(database_url) as world:
        order = world.buy(customer=BENEDIKT)
        order.test = True
        assert (await sweeps(world))["wished"] == 0


async def settled_for(world: World, order: Any) -> None:
    async def there() -> bool:
        return str(order.id) in sales(world)

    await world.eventually(there, lambda: world.log.getvalue()[-3000:])


async def _left(world: World, redemption_id: str, state: str) -> bool:
    return bool((await world.redemption(redemption_id))["state"] != state)


async def _failed(world: World) -> bool:
    world.time_goes_on(10)
    return any(e["event"] == "task.retried" and e["kind"] == "sweep" for e in world.events())
