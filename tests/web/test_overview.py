"""The customer on the cart at a glance: what it costs, who it is by now, and what is shown when something is away."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo.config import OmneoConfig
from tests.web.questions import assert_problem, at, aud
from tests.world.databases import Databases
from tests.world.meeting import Meeting
from tests.world.world import ADA, BENEDIKT, CHLOE, DEV, World, open_world

pytestmark = pytest.mark.anyio

PARTS = ("balance", "rewards", "tier", "benefits")
ONCE = Counter(
    {
        "POST /api/v3/profiles/search-id": 1,
        "GET /api/v3/profiles/{id}/balances": 1,
        "GET /api/v3/profiles/{id}/rewards": 1,
        "GET /api/v3/profiles/{id}/tiers": 1,
        "GET /api/v3/profiles/{id}/redeemable_benefits": 1,
    }
)


async def look(world: World, customer: int = ADA) -> httpx.Response:
    return await world.http.get(f"/v1/pos/customers/{customer}", headers=at(world, None, "pos"))


async def overview(world: World, customer: int = ADA) -> dict[str, Any]:
    answer = await look(world, customer)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def retyped(world: World, type_: str, customer: int = ADA) -> None:
    """Give the profile another type, as somebody at Omneo would."""
    body = {"profile_type": type_}
    assert (await world.omneo_api("PUT", f"/profiles/{world.omneo_profile(customer)}", body)).is_success


async def test_a_cold_overview_asks_for_each_part_once_and_a_warm_one_for_none(sqlite_world: World) -> None:
    cold = await overview(sqlite_world)
    assert sqlite_world.omneo.calls == ONCE
    warm = [await overview(sqlite_world) for _ in range(5)]
    assert sqlite_world.omneo.calls == ONCE
    assert not sqlite_world.shopify.calls
    assert warm == [cold] * 5


async def test_what_an_account_has_just_read_is_not_read_again_for_the_till(sqlite_world: World) -> None:
    await sqlite_world.rewards()
    await sqlite_world.http.get("/v1/benefits", headers=at(sqlite_world))
    await overview(sqlite_world)
    # What is on offer is asked for with the benefits, and is no part of the overview.
    assert sqlite_world.omneo.calls == ONCE + Counter({"GET /api/v3/profiles/{id}/benefits/claimable": 1})


async def test_the_parts_are_asked_for_at_the_same_time(databases: Databases, tmp_path: Path) -> None:
    """Each waits for the others: asked one after another, the first would wait until it is given up."""
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), around=Meeting(*PARTS)) as world:
        shown = await overview(world)
        assert shown["missing"] == []
        assert world.omneo.calls == ONCE


async def test_the_tier_says_what_leads_to_the_next_and_what_keeps_the_present_one(sqlite_world: World) -> None:
    gold = (await overview(sqlite_world))["tier"]
    assert (gold["current"], gold["next"], gold["progress"], gold["remaining"]) == ("Gold", None, None, None)
    assert (gold["current_progress"], gold["current_remaining"]) == ("126", "0")
    without = (await overview(sqlite_world, BENEDIKT))["tier"]
    assert (without["current"], without["next"]) == (None, "Bronze")
    sqlite_world.omneo.state.profiles[sqlite_world.omneo_profile(DEV)].tier = "bronze"
    bronze = (await overview(sqlite_world, DEV))["tier"]
    assert (bronze["current"], bronze["next"], bronze["progress"], bronze["remaining"]) == (
        "Bronze",
        "Silver",
        "0",
        "300",
    )


async def test_a_customer_is_shown_the_same_tier_as_the_till_for_one_call_more(sqlite_world: World) -> None:
    for customer in (ADA, BENEDIKT):
        own = await sqlite_world.http.get("/v1/tier", headers=at(sqlite_world, customer))
        till = await overview(sqlite_world, customer)
        assert own.json() == {"status": "active", "tier": till["tier"], "stale": False}
    assert sqlite_world.omneo.calls == ONCE + ONCE
    await sqlite_world.http.get("/v1/tier", headers=at(sqlite_world))
    assert sqlite_world.omneo.calls == ONCE + ONCE


@pytest.mark.parametrize("kind", ["stringly", "omit"])
async def test_a_tier_in_any_form_is_no_reason_to_show_less(sqlite_world: World, kind: str) -> None:
    fields = ("current_progress", "next_progress", "next_remain", "next_tier") if kind == "omit" else ()
    sqlite_world.omneo.faults.add(Fault("GET */tiers", kind, times=None, fields=fields))
    shown = await overview(sqlite_world)
    assert (shown["missing"], shown["tier"]["current"]) == ([], "Gold")


async def test_the_balance_says_when_it_was_read_however_often_it_is_shown(sqlite_world: World) -> None:
    fresh = await overview(sqlite_world)
    sqlite_world.clock.advance(5)
    assert (await overview(sqlite_world))["as_of"] == fresh["as_of"]
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    sqlite_world.clock.advance(15)
    old = await overview(sqlite_world)
    assert (old["as_of"], old["stale"], old["balance"]) == (fresh["as_of"], True, fresh["balance"])
    sqlite_world.omneo.faults.clear()
    for _ in range(2):  # the breaker lets one call of the first through
        sqlite_world.clock.advance(15)
        anew = await overview(sqlite_world)
    assert anew["stale"] is False
    assert anew["as_of"] > fresh["as_of"]


async def test_a_part_that_is_old_makes_the_whole_stale(sqlite_world: World) -> None:
    await overview(sqlite_world)
    sqlite_world.omneo.faults.add(Fault("GET */tiers", "server_error", times=None))
    sqlite_world.clock.advance(15)
    shown = await overview(sqlite_world)
    assert (shown["tier"]["current"], shown["missing"], shown["stale"]) == ("Gold", [], True)


async def test_a_remembered_profile_is_shown_while_nobody_can_be_looked_up(sqlite_world: World) -> None:
    fresh = await overview(sqlite_world)
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    sqlite_world.clock.advance(310)  # longer than a profile is taken for the present one
    old = await overview(sqlite_world)
    assert old == fresh | {"stale": True}


async def test_with_nothing_remembered_and_omneo_down_the_reason_is_told(sqlite_world: World) -> None:
    await overview(sqlite_world, BENEDIKT)
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    assert_problem(await look(sqlite_world), 503, "upstream_unavailable", retryable=True)


async def test_a_name_without_a_balance_is_shown_and_asked_for_again_at_once(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault("GET */balances", "server_error", times=None))
    shown = await overview(sqlite_world)
    assert (shown["missing"], shown["balance"], shown["as_of"]) == (["balance"], None, None)
    assert shown["profile"]["first_name"] == "Ada"
    sqlite_world.omneo.faults.clear()
    assert (await overview(sqlite_world))["balance"]["total"] == aud("25.00")


async def test_a_balance_in_another_currency_is_missing_and_not_all_of_it(databases: Databases, tmp_path: Path) -> None:
    tenant = OmneoConfig(currency="NZD")
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), tenant=tenant) as world:
        shown = await overview(world)
        assert (shown["missing"], shown["tier"]["current"]) == (["balance"], "Gold")
        assert_problem(await world.redeem("5.00"), 409, "currency_mismatch")


async def test_a_customer_whose_profile_was_merged_is_shown_as_the_one_that_was_kept(sqlite_world: World) -> None:
    assert (await overview(sqlite_world))["profile"]["first_name"] == "Ada"
    gone, kept = sqlite_world.omneo_profile(ADA), sqlite_world.omneo_profile(BENEDIKT)
    body = {"source_profile_id": gone, "destination_profile_id": kept}
    assert (await sqlite_world.omneo_api("POST", "/profiles/merge", body)).is_success
    sqlite_world.clock.advance(11)  # nobody told: what is remembered of a balance has to be over
    shown = await overview(sqlite_world)
    assert (shown["status"], shown["profile"]["first_name"], shown["missing"]) == ("active", "Benedikt", [])
    assert (shown["balance"]["total"], shown["benefits"]) == (aud("75.00"), 8)


async def test_a_customer_whose_profile_is_gone_is_pending_again(sqlite_world: World) -> None:
    await overview(sqlite_world)
    gone = await sqlite_world.omneo_api("DELETE", f"/profiles/{sqlite_world.omneo_profile()}")
    assert gone.status_code == 204
    sqlite_world.clock.advance(11)
    shown = await overview(sqlite_world)
    assert (shown["status"], shown["profile"], shown["balance"]) == ("pending_profile", None, None)
    for path in ("/v1/rewards", "/v1/benefits", "/v1/tier", "/v1/history"):
        answer = await sqlite_world.http.get(path, headers=at(sqlite_world))
        assert (answer.status_code, answer.json()["status"]) == (200, "pending_profile")


async def test_nothing_is_shown_or_read_of_a_profile_that_was_deleted(sqlite_world: World) -> None:
    await retyped(sqlite_world, "deleted")
    sqlite_world.omneo.calls.clear()
    shown = await overview(sqlite_world)
    assert shown == {
        **dict.fromkeys(("profile", "tier", "balance", "expiring_next", "benefits", "redemption", "as_of")),
        "status": "profile_deleted",
        "redemptions": [],
        "missing": [],
        "stale": False,
    }
    assert sqlite_world.omneo.calls == Counter({"POST /api/v3/profiles/search-id": 1})


@pytest.mark.parametrize("type_", ["temporary", "dependant", "incomplete", "system"])
async def test_a_profile_that_may_not_redeem_says_so_and_why(sqlite_world: World, type_: str) -> None:
    await retyped(sqlite_world, type_)
    shown = await overview(sqlite_world)
    assert (shown["status"], shown["profile"]["type"]) == ("profile_inactive", type_)
    assert shown["balance"]["total"] == aud("25.00")
    assert_problem(await sqlite_world.redeem("5.00"), 409, "profile_inactive")


async def test_customers_are_not_mixed_up_at_one_till(sqlite_world: World) -> None:
    asked = [ADA, BENEDIKT, CHLOE, DEV] * 5
    shown = await asyncio.gather(*(overview(sqlite_world, customer) for customer in asked))
    names = {ADA: "Ada", BENEDIKT: "Benedikt", DEV: "Dev"}
    for customer, one in zip(asked, shown, strict=True):
        assert (one["profile"] and one["profile"]["first_name"]) == names.get(customer)
