"""`proxy reconcile` and the decisions of a person, run as operators run them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.test_commands import environment, run
from tests.world.databases import Databases
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio

STRANGE = "cap_" + "0" * 32


@asynccontextmanager
async def shop(databases: Databases, folder: Path, **settings: Any) -> AsyncIterator[tuple[World, dict[str, str]]]:
    url = databases.sqlite(folder / "proxy.db")
    async with open_world(url, **settings) as world:
        upstreams = {"OMNEO_BASE_URL": f"{world.urls['omneo']}/api/v3", "SHOPIFY_BASE_URL": world.urls["shopify"]}
        yield world, environment(url, **upstreams, RECONCILE_QUIET_S="0")


async def redeem_as_us(world: World, label: str) -> None:
    body = {"amount": 1.0, "strategies": ["rewards"], "transaction_external_id": label, "meta": {"capture_id": label}}
    assert (await world.omneo_api("POST", f"/profiles/{world.omneo_profile()}/redeem", body)).is_success


async def test_without_drift_it_ends_with_0(databases: Databases, tmp_path: Path) -> None:
    async with shop(databases, tmp_path) as (world, env):
        redemption = await world.redeemed("5.00")
        world.buy(redemption["code"])
        await world.reaches(redemption["id"], "recorded")
        people, pipes = await run(env, "reconcile"), await run(env, "reconcile", "--json", "--since", "12h")
    assert (people.status, people.err) == (0, "")
    assert "1 orders, 1 captures, 1 redemptions in Omneo. Drift: 0" in " ".join(people.out.split())
    said = json.loads(pipes.out)
    assert (pipes.status, said["findings"], said["drift"], said["remaining"]) == (0, [], 0, 0)
    assert said["read"] == {"orders": 1, "captures": 1, "omneo_redemptions": 1}


async def test_drift_ends_with_1_and_so_does_what_only_a_person_can_mend(databases: Databases, tmp_path: Path) -> None:
    async with shop(databases, tmp_path) as (world, env):
        await redeem_as_us(world, STRANGE)
        people, pipes = await run(env, "reconcile"), await run(env, "reconcile", "--fix", "--json")
    assert (people.status, pipes.status) == (1, 1)
    assert "capture_unknown" in people.out
    (finding,) = json.loads(pipes.out)["findings"]
    assert set(finding) == {"shop", "code", "says", "redemptions", "order", "facts", "cure"}
    assert (finding["code"], finding["cure"]) == ("capture_unknown", "left")
    assert finding["facts"]["capture"] == STRANGE


async def test_what_it_mends_ends_with_0(databases: Databases, tmp_path: Path) -> None:
    async with shop(databases, tmp_path) as (world, env):
        redemption = await world.redeemed("5.00")
        world.shopify.deliveries.lose = True
        world.buy(redemption["code"])
        seen, mended = await run(env, "reconcile", "--json"), await run(env, "reconcile", "--json", "--fix")
        await world.reaches(redemption["id"], "recorded")
        after = await run(env, "reconcile")
    assert (seen.status, mended.status, after.status) == (1, 0, 0)
    (finding,) = json.loads(mended.out)["findings"]
    assert (finding["code"], finding["cure"]) == ("order_not_captured", "wished")
    assert finding["redemptions"] == [redemption["id"]]


async def test_what_cannot_be_read_ends_with_2(databases: Databases, tmp_path: Path) -> None:
    nowhere = await run(environment(databases.sqlite(tmp_path / "proxy.db")), "reconcile")
    bare = await run(environment(f"sqlite:///{tmp_path}/bare.db"), "reconcile")
    for result in (nowhere, bare):
        assert result.status == 2
        assert result.out == ""
        assert "Traceback" not in result.err
    assert "shopify" in nowhere.err
    assert "proxy migrate" in bare.err


@pytest.mark.parametrize("since", ["yesterday", "7", "1w", "2026-13-01"])
async def test_a_since_that_is_no_time_is_a_usage_error(databases: Databases, tmp_path: Path, since: str) -> None:
    result = await run(environment(databases.sqlite(tmp_path / "proxy.db")), "reconcile", "--since", since)
    assert result.status == 2
    assert "7d, 12h or 90m" in " ".join(result.err.replace("│", " ").split())


async def test_what_waits_for_a_person_is_explained_and_resolved(databases: Databases, tmp_path: Path) -> None:
    async with shop(databases, tmp_path) as (world, env):
        redemption = await world.redeemed("20.00")
        body = {"amount": 25.0, "strategies": ["rewards"]}
        await world.omneo_api("POST", f"/profiles/{world.omneo_profile()}/redeem", body)
        world.buy(redemption["code"])
        await world.reaches(redemption["id"], "review")
        people, pipes = await run(env, "redemptions", "review"), await run(env, "redemptions", "review", "--json")
        wrong = await run(env, "redemptions", "resolve", redemption["id"], "--as", "captured", "--reason", "x")
        silent = await run(env, "redemptions", "resolve", redemption["id"], "--as", "released", "--reason", " ")
        odd = await run(env, "redemptions", "resolve", redemption["id"], "--as", "held", "--reason", "x")
        done = await run(env, "redemptions", "resolve", redemption["id"], "--as", "released", "--reason", "we pay")
        again = await run(env, "redemptions", "resolve", redemption["id"], "--as", "released", "--reason", "we pay")
        shown = await run(env, "redemptions", "show", redemption["id"], "--json")
        after = await run(env, "redemptions", "review", "--json")
    assert redemption["id"] in people.out
    (row,) = json.loads(pipes.out)
    assert (row["reason"], row["held"]) == ("shortfall", "20.00 AUD")
    assert "less to spend" in row["says"]
    assert (wrong.status, "only released" in wrong.err) == (1, True)
    assert (silent.status, odd.status) == (2, 2)
    assert (done.status, done.err) == (0, "")
    assert (again.status, "in review" in again.err) == (1, True)
    last = json.loads(shown.out)["journal"][-1]
    assert (last["state"], last["facts"]["by_hand"]) == ("released", "we pay")
    assert json.loads(after.out) == []
    for result in (people, pipes, wrong, done, shown):
        assert redemption["code"] not in result.out + result.err
