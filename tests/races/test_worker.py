"""What must not stop the worker, and what it must leave alone."""

import asyncio
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.world.databases import Databases, PostgresServer
from tests.world.world import open_world

pytestmark = pytest.mark.anyio


async def test_a_database_that_is_read_only_for_a_moment_does_not_end_the_worker(
    databases: Databases, postgres: PostgresServer
) -> None:
    """As in a fail-over: 25006 is no OperationalError, the loop ends, `serve` goes on without a worker."""
    url = databases.postgres(postgres)
    name = url.rsplit("/", 1)[1]
    async with open_world(url) as world:
        redemption = await world.redeemed("12.50")

        def read_only(on: bool) -> None:
            with psycopg.connect(postgres.url("postgres"), autocommit=True) as admin:
                admin.execute(
                    f"ALTER DATABASE {name} SET default_transaction_read_only = {'on' if on else 'off'}".encode()
                )
                admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

        await asyncio.to_thread(read_only, True)
        await asyncio.sleep(1)
        await asyncio.to_thread(read_only, False)
        await asyncio.sleep(0.5)
        order: Any = world.buy(redemption["code"])
        assert order
        await world.reaches(redemption["id"], "recorded")
        assert [r.total for r in world.omneo_redemptions()] == [Decimal("12.50")]


async def test_work_of_another_shop_is_left_to_its_own_process(databases: Databases, tmp_path: Any) -> None:
    """Two shops of one tenant share the allowance, so they share the database; each worker takes all work."""
    from proxy.domain.ids import OrderId, ShopDomain
    from tests.stores.ledger import open_ledger

    url = databases.sqlite(tmp_path / "two.db")
    async with open_world(url) as world, open_ledger(url) as ledger:
        await ledger.events.wish_order(ShopDomain("other-shop.myshopify.com"), OrderId("77"))
        for _ in range(40):
            await asyncio.sleep(0.05)
            if any(e["event"] == "task.parked" for e in world.events()):
                break
        parked = [e for e in world.events() if e["event"] in ("task.parked", "order.unreadable")]
        assert not parked, parked


async def test_work_that_can_never_succeed_is_parked(databases: Databases, tmp_path: Any) -> None:
    """Not retryable errors of ours (malformed subject, other currency, profile gone) are retried for ever."""
    from proxy.domain.ids import OrderId
    from proxy.sandbox import seed
    from tests.stores.ledger import open_ledger

    url = databases.sqlite(tmp_path / "bad.db")
    async with open_world(url) as world, open_ledger(url) as ledger:
        await ledger.events.wish_order(seed.SHOP_DOMAIN, OrderId("no-number"))  # type: ignore[arg-type]
        for _ in range(40):
            await asyncio.sleep(0.12)
            world.clock.advance(301)
        events = [e["event"] for e in world.events()]
        assert events.count("task.parked") == 1, events.count("task.retried")
