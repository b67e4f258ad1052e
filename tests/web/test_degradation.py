"""One side is slow or gone: what goes on, what is shown as old, what is refused, and that webhooks never wait."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.sandbox.faults import Fault
from tests.web.questions import assert_problem, at, aud, till
from tests.world.databases import Databases
from tests.world.rows import LedgerRows
from tests.world.standstill import MARKED, Standstill
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

HANGS_MS = 600_000  # longer than any test
READS = ("/v1/rewards", "/v1/benefits", "/v1/tier", "/v1/history")


@pytest.fixture
async def world(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    """A world as patient with its upstreams as in production, where an old answer is shown after a moment."""
    url = databases.sqlite(tmp_path / "proxy.db")
    # Whoever waited for an upstream to its end would meet the deadline before.
    async with open_world(url, upstream_total_s=8, request_deadline_s=8, cache_patience_s=0.2) as opened:
        yield opened


def hang(side: Any) -> None:
    side.faults.add(Fault("*", "latency", times=None, latency_ms=HANGS_MS))


async def get(world: World, path: str, customer: int = ADA) -> httpx.Response:
    return await world.http.get(path, headers=at(world, customer))


async def at_till(world: World, customer: int = ADA) -> httpx.Response:
    return await world.http.get(f"/v1/pos/customers/{customer}", headers=at(world, None, "pos"))


@pytest.mark.parametrize("path", READS)
async def test_while_omneo_hangs_an_old_answer_is_shown_and_marked(world: World, path: str) -> None:
    """A call that hangs until its time is over is worse than one that fails: nobody waits for it here."""
    fresh = (await get(world, path)).json()
    hang(world.omneo)
    world.clock.advance(15)
    assert (await get(world, path)).json() == fresh | {"stale": True}


async def test_while_omneo_hangs_a_cashier_sees_what_was_last_known(world: World) -> None:
    fresh = (await at_till(world)).json()
    hang(world.omneo)
    world.clock.advance(15)
    assert (await at_till(world)).json() == fresh | {"stale": True}


async def test_who_was_never_seen_is_told_to_try_again_while_omneo_is_down(world: World) -> None:
    world.omneo.faults.add(Fault("*", "drop_before", times=None))
    for path in READS:
        assert_problem(await get(world, path), 503, "upstream_unavailable", retryable=True)


async def test_an_answer_that_comes_late_is_the_next_ones_fresh_answer(world: World) -> None:
    await get(world, "/v1/rewards")
    world.omneo.faults.add(Fault("*", "latency", times=2, latency_ms=1500))
    world.clock.advance(15)
    assert (await get(world, "/v1/rewards")).json()["stale"] is True
    asked = world.omneo.calls.total()

    async def fresh() -> bool:
        world.clock.advance(11)  # what is shown is shown for so long
        return (await get(world, "/v1/rewards")).json()["stale"] is False

    await world.eventually(fresh)
    assert world.omneo.calls.total() >= asked


async def test_a_slow_omneo_is_waited_for_where_value_is_set_aside(world: World) -> None:
    await get(world, "/v1/rewards")
    world.omneo.faults.add(Fault("*", "latency", times=2, latency_ms=1000))
    world.clock.advance(15)
    answer = await world.redeem("5.00")
    assert answer.status_code == 201, answer.text


async def test_webhooks_health_and_tills_releases_are_answered_while_omneo_hangs(world: World) -> None:
    first = await world.redeemed("5.00")
    at_tills = (await till(world, "5.00", customer=BENEDIKT)).json()
    hang(world.omneo)
    world.clock.advance(15)
    # More than there are slots, so that everything that can wait for Omneo does.
    hanging = [asyncio.create_task(get(world, "/v1/rewards", customer)) for customer in range(9000, 9040)]
    async with asyncio.timeout(20):
        while world.omneo.calls.total() < 16:
            await asyncio.sleep(0.02)
    world.buy(first["code"])

    async def told() -> bool:
        return bool(world.shopify.deliveries.log) and world.shopify.deliveries.pending == 0

    await world.eventually(told)
    assert {attempt.status for attempt in world.shopify.deliveries.log} == {200}
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await world.http.get(path)).status_code == 200
    released = await world.http.delete(f"/v1/pos/redemptions/{at_tills['id']}", headers=at(world, None, "pos"))
    assert released.json()["state"] == "releasing", released.text
    # All of it while Omneo has answered nobody.
    assert not [task for task in hanging if task.done() and task.result().status_code == 200]
    for task in hanging:
        task.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


@pytest.mark.parametrize("how", ["drop_before", "server_error"])
async def test_a_redemption_while_omneo_is_down_holds_nothing(world: World, how: str) -> None:
    await get(world, "/v1/rewards")
    world.omneo.faults.add(Fault("*", how, times=None))
    world.clock.advance(15)
    assert_problem(await world.redeem("5.00", key="k"), 503, "upstream_unavailable", retryable=True)
    rows = LedgerRows(world.settings.database_url)
    assert (rows.redemptions, [row.held_minor for row in rows.allowances if row.held_minor]) == ({}, [])
    assert world.shopify.state.discounts == {}
    world.omneo.faults.clear()
    world.clock.advance(15)
    assert (await world.redeem("5.00", key="k")).status_code == 201


@pytest.mark.parametrize("how", ["drop_before", "drop_after", "server_error", "server_error_after"])
async def test_a_redemption_while_shopify_is_down_is_held_for_its_key(world: World, how: str) -> None:
    world.shopify.faults.add(Fault("graphql *", how, times=None))
    assert_problem(await world.redeem("5.00", key="k"), 503, "outcome_pending", retryable=True)
    assert (await get(world, "/v1/rewards")).json()["balance"]["held"] == aud("5.00")
    # Another wish of the same customer finds it held, and reads go on.
    assert (await world.redeem("5.00", key="other")).json()["retryable"] is True
    world.shopify.faults.clear()
    # What waited for Shopify's word may have been put off to when it was thought to be up again.
    world.clock.advance(6)
    answer = await world.redeem("5.00", key="k")
    assert answer.status_code == 201, answer.text
    assert [d.code for d in world.shopify.state.discounts.values()] == [answer.json()["code"]]
    assert len(LedgerRows(world.settings.database_url).redemptions) == 1


async def test_when_omneo_stays_down_it_is_left_alone_and_asked_by_one_when_it_may_be_back(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url, breaker_failures=3, breaker_cool_down_s=30) as world:
        world.omneo.faults.add(Fault("*", "server_error", times=None))
        await get(world, "/v1/rewards")
        asked = world.omneo.calls.total()
        for customer in range(9000, 9020):
            assert_problem(await get(world, "/v1/rewards", customer), 503, "upstream_unavailable", retryable=True)
        assert world.omneo.calls.total() == asked, "nothing is sent while it is open"
        world.omneo.faults.clear()
        world.clock.advance(31)
        assert (await get(world, "/v1/rewards")).status_code == 200


async def test_a_database_that_hangs_leaves_health_and_metrics_answering(databases: Databases, tmp_path: Path) -> None:
    around = Standstill(1)
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), around=around) as world:
        metrics = await world.http.get("/metrics", headers={"X-Request-Id": MARKED})
        assert (around.reached.is_set(), metrics.status_code) == (True, 200)
        assert "proxy_request_seconds" in metrics.text
        around.calls.clear()
        ready = await world.http.get("/readyz", headers={"X-Request-Id": MARKED})
        assert ready.json()["checks"] == {"database": "unavailable"}
        assert (await world.http.get("/healthz")).status_code == 200
