"""What a customer and a cashier are shown, what it costs, and what is shown when Omneo is away."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.web.questions import assert_problem, at, aud
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, CHLOE, DEV, World, open_world

pytestmark = pytest.mark.anyio

LOOKUP = "POST /api/v3/profiles/search-id"
BALANCES = "GET /api/v3/profiles/{id}/balances"
REWARDS = "GET /api/v3/profiles/{id}/rewards"


async def _get(world: World, path: str, customer: int = ADA) -> httpx.Response:
    return await world.http.get(path, headers=at(world, customer))


async def _at_till(world: World, customer: int = ADA, view: str = "") -> httpx.Response:
    return await world.http.get(f"/v1/pos/customers/{customer}{view}", headers=at(world, None, "pos"))


async def test_rewards_say_balance_rewards_policy_and_when_they_were_read(sqlite_world: World) -> None:
    answer = await _get(sqlite_world, "/v1/rewards")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-store"
    body = answer.json()
    assert body["status"] == "active"
    assert body["balance"] == {"available": aud("25.00"), "held": aud("0.00"), "total": aud("25.00")}
    assert [(r["remaining"], r["initial"], r["state"]) for r in body["rewards"]] == [
        (aud("10.00"), aud("10.00"), "active"),
        (aud("15.00"), aud("15.00"), "active"),
    ]
    assert body["expiring_next"] == {"amount": aud("10.00"), "expires_at": body["rewards"][0]["expires_at"]}
    assert body["policy"] == {"minimum": aud("1.00"), "minimum_spend": None}
    assert (body["redemption"], body["redemptions"]) == (None, [])
    assert body["stale"] is False
    assert abs(datetime.fromisoformat(body["as_of"]) - sqlite_world.clock.now()) < timedelta(seconds=5)


async def test_rewards_that_end_at_the_same_moment_are_lost_together(sqlite_world: World) -> None:
    rewards = sqlite_world.omneo.state.rewards_of(sqlite_world.omneo_profile())
    rewards[1].expires_at = rewards[0].expires_at
    assert (await _get(sqlite_world, "/v1/rewards")).json()["expiring_next"]["amount"] == aud("25.00")
    assert (await _at_till(sqlite_world)).json()["expiring_next"]["amount"] == aud("25.00")


async def test_a_customer_without_rewards_has_a_balance_of_nothing(shared_world: World) -> None:
    body = (await _get(shared_world, "/v1/rewards", DEV)).json()
    assert body["status"] == "active"
    assert body["balance"] == {"available": aud("0.00"), "held": aud("0.00"), "total": aud("0.00")}
    assert body["rewards"] == []
    assert body["expiring_next"] is None


async def test_a_customer_whom_omneo_does_not_know_is_pending_everywhere(shared_world: World) -> None:
    rewards = (await _get(shared_world, "/v1/rewards", CHLOE)).json()
    assert (rewards["status"], rewards["balance"], rewards["rewards"]) == ("pending_profile", None, [])
    assert rewards["retry_after_s"] > 0
    for path in ("/v1/benefits", "/v1/tier", "/v1/history"):
        assert (await _get(shared_world, path, CHLOE)).json()["status"] == "pending_profile"
    for view in ("", "/benefits", "/history"):
        answer = await _at_till(shared_world, CHLOE, view)
        assert (answer.status_code, answer.json()["status"]) == (200, "pending_profile")


async def test_a_pending_customer_is_found_as_soon_as_asking_again_was_advised(sqlite_world: World) -> None:
    advised = (await _get(sqlite_world, "/v1/rewards", CHLOE)).json()["retry_after_s"]
    async with httpx.AsyncClient(base_url=sqlite_world.urls["omneo"], trust_env=False) as omneo:
        made = await omneo.post(
            "/api/v3/profiles",
            headers={"Authorization": f"Bearer {seed.OMNEO_TOKEN}"},
            json={
                "first_name": "Chloe",
                "last_name": "Daly",
                "email": "chloe@example.com",
                "identities": [{"handle": "shopify", "identifier": str(CHLOE)}],
            },
        )
    assert made.status_code in (200, 201), made.text
    sqlite_world.clock.advance(advised)
    assert (await _get(sqlite_world, "/v1/rewards", CHLOE)).json()["status"] == "active"


async def test_a_name_with_letters_of_other_alphabets_survives(shared_world: World) -> None:
    profile = (await _at_till(shared_world, BENEDIKT)).json()["profile"]
    assert (profile["first_name"], profile["last_name"]) == ("Benedikt", "Åström")


async def test_benefits_say_what_they_are_and_how_often_they_are_left(shared_world: World) -> None:
    body = (await _get(shared_world, "/v1/benefits")).json()
    assert body["status"] == "active"
    assert {b["handle"]: b["remaining"] for b in body["benefits"]} == {"birthday-gift": 1, "free-alterations": 2}
    assert (await _at_till(shared_world, ADA, "/benefits")).json() == body


async def test_history_is_paged_newest_first(shared_world: World) -> None:
    seen: list[str] = []
    for page, more in ((1, True), (2, False)):
        body = (await _get(shared_world, f"/v1/history?page={page}&size=2")).json()
        assert (body["page"], body["size"], body["total"], body["more"]) == (page, 2, 3, more)
        seen += [sale["external_id"] for sale in body["transactions"]]
    assert seen == ["earlier-3", "earlier-2", "earlier-1"]
    beyond = (await _get(shared_world, "/v1/history?page=3&size=2")).json()
    assert (beyond["transactions"], beyond["more"]) == ([], False)
    sale = (await _at_till(shared_world, ADA, "/history?size=1")).json()["transactions"][0]
    assert (sale["currency"], sale["channels"], sale["void"]) == ("AUD", ["web"], False)
    assert float(sale["total"]) == 35
    assert sale["items"][0]["name"] == "Canvas tote"


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=1001", "page=01", "page=x", "page=", "size=0", "size=51", "size=1.5", "page=٣"]
)
async def test_a_page_out_of_bounds_is_refused_by_name(shared_world: World, query: str) -> None:
    body = assert_problem(await _get(shared_world, f"/v1/history?{query}"), 400, "invalid_request")
    assert body["field"] == query.partition("=")[0]


async def test_the_overview_tells_a_cashier_everything_at_a_glance(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    body = (await _at_till(sqlite_world)).json()
    assert body["status"] == "active"
    assert set(body["profile"]) == {"first_name", "last_name", "type", "tier", "joined_at"}
    assert body["profile"]["first_name"] == "Ada"
    assert body["tier"]["current"] == "Gold"
    assert body["balance"] == {"available": aud("20.00"), "held": aud("5.00"), "total": aud("25.00")}
    assert body["expiring_next"]["amount"] == aud("10.00")
    assert body["benefits"] == 2
    assert body["redemption"]["id"] == redemption["id"]
    assert body["redemptions"] == [body["redemption"]]
    assert (body["missing"], body["stale"]) == ([], False)
    assert "example.com" not in str(body)
    assert "+614" not in str(body)


@pytest.mark.parametrize(
    ("broken", "missing"),
    [("GET */tiers", ["tier"]), ("GET */redeemable_benefits", ["benefits"]), ("GET */balances", ["balance"])],
)
async def test_a_part_that_cannot_be_read_is_named_and_the_rest_is_shown(
    sqlite_world: World, broken: str, missing: list[str]
) -> None:
    sqlite_world.omneo.faults.add(Fault(broken, "server_error", times=None))
    body = (await _at_till(sqlite_world)).json()
    assert body["missing"] == missing
    assert body["profile"]["first_name"] == "Ada"
    for part in ("tier", "benefits", "balance"):
        assert (body[part] is None) is (part in missing)


async def test_a_hundred_reads_at_once_cost_one_upstream_call_of_each_kind_and_warm_ones_none(
    sqlite_world: World,
) -> None:
    sqlite_world.omneo.faults.add(Fault("*", "latency", times=None, latency_ms=50))
    headers = at(sqlite_world)
    answers = await asyncio.gather(*(sqlite_world.http.get("/v1/rewards", headers=headers) for _ in range(100)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.content for a in answers}) == 1
    once = Counter({LOOKUP: 1, BALANCES: 1, REWARDS: 1})
    assert sqlite_world.omneo.calls == once
    await asyncio.gather(*(_get(sqlite_world, "/v1/rewards") for _ in range(20)))
    assert sqlite_world.omneo.calls == once
    assert not sqlite_world.shopify.calls


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/v1/benefits", ("redeemable_benefits", "benefits/claimable")),
        ("/v1/tier", ("tiers",)),
        ("/v1/history", ("transactions",)),
    ],
)
async def test_the_other_reads_are_asked_once_too(sqlite_world: World, path: str, kinds: tuple[str, ...]) -> None:
    await asyncio.gather(*(_get(sqlite_world, path) for _ in range(30)))
    assert sqlite_world.omneo.calls == Counter([LOOKUP, *(f"GET /api/v3/profiles/{{id}}/{kind}" for kind in kinds)])


async def test_a_hundred_tills_at_once_cost_one_upstream_call_of_each_kind(sqlite_world: World) -> None:
    await asyncio.gather(*(_at_till(sqlite_world) for _ in range(100)))
    assert set(sqlite_world.omneo.calls.values()) == {1}


async def test_customers_are_not_mixed_up_when_they_ask_at_the_same_time(sqlite_world: World) -> None:
    asked = [ADA, BENEDIKT, DEV, CHLOE] * 10
    answers = await asyncio.gather(*(_get(sqlite_world, "/v1/rewards", customer) for customer in asked))
    totals = {ADA: "25.00", BENEDIKT: "50.00", DEV: "0.00"}
    for customer, answer in zip(asked, answers, strict=True):
        balance = answer.json()["balance"]
        assert (balance and balance["total"]["amount"]) == totals.get(customer)


async def test_the_balance_is_shown_minus_what_is_held_from_the_moment_that_it_is(sqlite_world: World) -> None:
    async def shown() -> tuple[Any, Any, Any]:
        own = (await _get(sqlite_world, "/v1/rewards")).json()["balance"]
        till = (await _at_till(sqlite_world)).json()["balance"]
        assert own == till
        return own["available"]["amount"], own["held"]["amount"], own["total"]["amount"]

    assert await shown() == ("25.00", "0.00", "25.00")
    redemption = await sqlite_world.redeemed("7.77")
    assert await shown() == ("17.23", "7.77", "25.00")
    await sqlite_world.http.delete(f"/v1/redemptions/{redemption['id']}", headers=at(sqlite_world))
    assert await shown() == ("17.23", "7.77", "25.00")
    sqlite_world.clock.advance(130)

    async def released() -> bool:
        answer = await _get(sqlite_world, f"/v1/redemptions/{redemption['id']}")
        return bool(answer.json()["state"] == "released")

    await sqlite_world.eventually(released)
    assert await shown() == ("25.00", "0.00", "25.00")


async def test_a_first_read_while_omneo_is_down_says_that_trying_again_helps(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault("*", "server_error", times=None))
    for path in ("/v1/rewards", "/v1/benefits", "/v1/tier", "/v1/history"):
        assert_problem(await _get(sqlite_world, path), 503, "upstream_unavailable", retryable=True)
    assert_problem(await _at_till(sqlite_world), 503, "upstream_unavailable", retryable=True)
    sqlite_world.omneo.faults.clear()
    # The breaker may be open by now: it lets one through after its cool-down.
    sqlite_world.clock.advance(6)
    assert (await _get(sqlite_world, "/v1/rewards")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/rewards", "/v1/benefits", "/v1/tier", "/v1/history"])
async def test_while_omneo_is_down_an_old_answer_is_shown_and_marked(sqlite_world: World, path: str) -> None:
    fresh = (await _get(sqlite_world, path)).json()
    assert fresh["stale"] is False
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    sqlite_world.clock.advance(15)
    stale = (await _get(sqlite_world, path)).json()
    assert stale == fresh | {"stale": True}
    sqlite_world.omneo.faults.clear()
    sqlite_world.clock.advance(15)
    assert (await _get(sqlite_world, path)).json()["stale"] is False


async def test_a_stale_balance_still_has_the_holds_taken_off(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    sqlite_world.clock.advance(15)
    body = (await _get(sqlite_world, "/v1/rewards")).json()
    assert (body["stale"], body["balance"]["available"]) == (True, aud("20.00"))
    overview = (await _at_till(sqlite_world)).json()
    assert (overview["stale"], overview["balance"]["available"]) == (True, aud("20.00"))
    assert body["redemption"]["id"] == redemption["id"]


async def test_no_hold_is_granted_from_a_stale_balance(sqlite_world: World) -> None:
    await _get(sqlite_world, "/v1/rewards")
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    sqlite_world.clock.advance(15)
    answer = await sqlite_world.redeem("5.00")
    assert_problem(answer, 503, "upstream_unavailable", retryable=True)
    assert sqlite_world.shopify.state.discounts == {}


async def test_what_is_older_than_the_longest_staleness_is_never_shown_as_fresh(
    databases: Databases, tmp_path: Path
) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), cache_stale_s=60) as world:
        await _at_till(world)
        # Shown from a balance that is some seconds old already.
        world.clock.advance(8)
        assert (await _get(world, "/v1/rewards")).json()["stale"] is False
        world.omneo.faults.add(Fault("*", "drop_before", times=None))
        world.clock.advance(55)
        answer = await _get(world, "/v1/rewards")
        assert answer.status_code == 503 or answer.json()["stale"] is True, answer.text
