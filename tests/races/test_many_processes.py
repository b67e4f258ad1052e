"""Four `serve` and four `worker` processes serve one hammered profile, and any of them, or their servers, may die.

A process that dies while it makes a discount leaves its customer waiting for 20 s, until another may resume the key: so
where processes die a second customer hammers beside the first.

Each scenario ends with the same comparison: what the ledger says is what both sandboxes know to be true.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from proxy.sandbox.faults import Fault
from tests.races.fleet import Fleet, sailing
from tests.races.outcome import answered_as_it_is, faults, settle
from tests.races.shoppers import LEAST_ORDERS, Shoppers
from tests.world.databases import Databases, PostgresServer
from tests.world.valkey import ValkeyServer
from tests.world.world import ADA, BENEDIKT

pytestmark = pytest.mark.anyio

LOAD_S = 8.0
DISTURBED_S = 15.0
SPENDING = ("POST /api/v3/profiles/*/redeem", "POST /api/v3/redemptions/*")


@pytest.fixture
async def valkey(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    async with ValkeyServer.started(tmp_path) as server:
        yield server


@asynccontextmanager
async def meanwhile(disturb: Callable[[], Awaitable[None]], every_s: float) -> AsyncIterator[list[int]]:
    """Disturb every so often for a while; a disturbance that has begun comes to its end."""
    done: list[int] = []
    loop = asyncio.get_running_loop()
    ends = loop.time() + DISTURBED_S
    over = asyncio.Event()

    async def again() -> None:
        while not over.is_set() and loop.time() < ends:
            await disturb()
            done.append(1)
            try:
                await asyncio.wait_for(over.wait(), every_s)
            except TimeoutError:
                continue

    disturbing = asyncio.create_task(again())
    try:
        yield done
    finally:
        over.set()
        await disturbing


async def compared(fleet: Fleet, *crowd: Shoppers) -> None:
    """Let everything come to its end, then compare."""
    await settle(fleet, *crowd)
    for shoppers in crowd:
        answered_as_it_is(fleet, shoppers)
    assert sum(len(shoppers.orders) for shoppers in crowd) >= LEAST_ORDERS, "hardly anything happened"
    assert fleet.repeated, "no webhook came twice"


async def hammered(fleet: Fleet, disturb: Callable[[], Awaitable[None]], every_s: float) -> tuple[int, list[Shoppers]]:
    """Hammer while something is disturbed again and again; tells how often it was."""
    crowd = [Shoppers(fleet, customer) for customer in (ADA, BENEDIKT)]
    for route in SPENDING:
        # What is being spent when a process dies is spent all the same, and nobody is there to hear it.
        fleet.omneo.faults.add(Fault(route, "latency", times=None, latency_ms=1500))
    async with meanwhile(disturb, every_s) as done:
        await asyncio.gather(*(shoppers.shop(DISTURBED_S, hands=4) for shoppers in crowd))
    return len(done), crowd


async def test_eight_processes_agree(database_url: str, tmp_path: Path) -> None:
    async with sailing(database_url, tmp_path, seed=1) as fleet:
        shoppers = Shoppers(fleet)
        await shoppers.shop(LOAD_S, hands=6)
        await compared(fleet, shoppers)
        assert not faults(fleet)


async def test_any_process_may_be_killed_at_any_moment(database_url: str, tmp_path: Path) -> None:
    """A process that is gone answers nobody; no other one fails because of it."""
    async with sailing(database_url, tmp_path, seed=2) as fleet:
        _, crowd = await hammered(fleet, fleet.kill_one, every_s=0.5)
        await compared(fleet, *crowd)
        assert {"serve", "worker"} <= set(fleet.kills)
        assert not faults(fleet)


async def test_postgresql_may_crash_under_load(databases: Databases, tmp_path: Path) -> None:
    """What was asked for meanwhile is answered with 503 and may be asked again; nothing answered is lost."""
    folder = tmp_path / "postgres"
    folder.mkdir()
    with PostgresServer.started(folder) as server:

        async def crash() -> None:
            await asyncio.sleep(2)
            await asyncio.to_thread(server.stop, signal.SIGQUIT)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(server.start)

        async with sailing(databases.postgres(server), tmp_path, seed=3) as fleet:
            crashes, crowd = await hammered(fleet, crash, every_s=1)
            await compared(fleet, *crowd)
            assert crashes >= 2
            assert all(answer.is_told_to_come_again for answer in fleet.answers if answer.is_fault), faults(fleet)


async def test_valkey_may_die_under_load(
    databases: Databases, postgres: PostgresServer, valkey: ValkeyServer, tmp_path: Path
) -> None:
    """It is only a cache: nobody is answered worse for it."""

    async def die() -> None:
        await asyncio.sleep(1.5)
        await valkey.kill()
        await asyncio.sleep(1)
        await valkey.start()

    async with sailing(databases.postgres(postgres), tmp_path, seed=4, cache_url=valkey.url) as fleet:
        deaths, crowd = await hammered(fleet, die, every_s=0.5)
        await compared(fleet, *crowd)
        assert deaths >= 2
        assert "cache.back" in fleet.log(whole=True), "nobody noticed"
        assert not faults(fleet)
