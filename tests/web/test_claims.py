"""Claiming a benefit: once for each key, whatever becomes of the answer, and for nobody but whom it is for."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox.faults import Fault
from tests.web.questions import ask, assert_problem, at, said, transient
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, CHLOE, World, open_world, second_door

pytestmark = pytest.mark.anyio

CLAIM = "POST /api/v3/profiles/{id}/benefits/claim"
ROUTE = "POST */benefits/claim"
TOTE = "welcome-tote"
LEASE_S = 181  # what is sent under a key is looked for so long before it is sent again


async def claim(
    world: World, key: str | None = None, definition: str = TOTE, customer: int = ADA, **headers: str
) -> httpx.Response:
    sent = at(world, customer) | {"Idempotency-Key": key or uuid4().hex} | headers
    return await world.http.post("/v1/benefits/claims", headers=sent, json={"definition": definition})


async def at_till(world: World, key: str, customer: int = ADA, user: int = 42, **body: Any) -> httpx.Response:
    token = world.shopify.id_token("pos", user_id=user, offset_s=world.clock.offset_s)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
    path = f"/v1/pos/customers/{customer}/benefits/claims"
    return await world.http.post(path, headers=headers, json={"definition": TOTE, **body})


def totes(world: World, customer: int = ADA) -> list[Any]:
    """What the customer really has in Omneo."""
    state = world.omneo.state
    definition = state.entry_by("benefit_definitions", "handle", TOTE)
    assert definition is not None
    return [b for b in state.benefits_of(world.omneo_profile(customer)) if b.definition_id == definition.id]


async def reclaimable(world: World) -> None:
    """Let everybody have as many as they ask for, so that only we stand between a key and a second one."""
    definition = world.omneo.state.entry_by("benefit_definitions", "handle", TOTE)
    assert definition is not None
    definition.fields["is_reclaimable"] = True


async def test_a_claim_gives_the_benefit_and_shows_it_at_once(sqlite_world: World) -> None:
    before = (await sqlite_world.http.get("/v1/benefits", headers=at(sqlite_world))).json()
    answer = await claim(sqlite_world)
    assert answer.status_code == 201, answer.text
    assert "idempotency-replayed" not in answer.headers
    (mine,) = totes(sqlite_world)
    benefit = answer.json()["benefit"]
    assert (benefit["id"], benefit["handle"], benefit["remaining"]) == (mine.id, TOTE, 1)
    after = (await sqlite_world.http.get("/v1/benefits", headers=at(sqlite_world))).json()
    assert [each["handle"] for each in before["claimable"]] == [TOTE]
    assert after["claimable"] == []
    assert benefit in after["benefits"]


async def test_the_same_key_gives_the_same_benefit(sqlite_world: World) -> None:
    await reclaimable(sqlite_world)
    first, again = await claim(sqlite_world, "key-1"), await claim(sqlite_world, "key-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert len(totes(sqlite_world)) == 1
    other = await claim(sqlite_world, "key-2")
    assert other.json()["benefit"]["id"] != first.json()["benefit"]["id"]


async def test_a_replay_shows_the_benefit_as_it_is_now_and_none_that_is_gone(sqlite_world: World) -> None:
    await claim(sqlite_world, "key-1")
    (mine,) = totes(sqlite_world)
    mine.redemptions_remaining = 0
    assert (await claim(sqlite_world, "key-1")).json()["benefit"]["remaining"] == 0
    del sqlite_world.omneo.state.benefits[mine.id]
    assert_problem(await claim(sqlite_world, "key-1"), 404, "not_found")
    assert totes(sqlite_world) == []


async def test_the_same_key_for_another_benefit_is_refused(sqlite_world: World) -> None:
    await claim(sqlite_world, "key-1")
    assert_problem(await claim(sqlite_world, "key-1", "birthday-gift"), 422, "idempotency_key_reused")


@pytest.mark.parametrize("definition", ["birthday-gift", "no-such-thing"])
async def test_what_is_not_on_offer_is_refused_and_the_reason_is_for_the_log(
    sqlite_world: World, definition: str
) -> None:
    answer = await claim(sqlite_world, "key-1", definition)
    body = assert_problem(answer, 409, "not_claimable")
    assert "validation" not in str(body)
    assert said(sqlite_world, answer, "request.refused")["details"]["reason"] == "validation"
    assert_problem(await claim(sqlite_world, "key-1", definition), 409, "not_claimable")
    assert sqlite_world.omneo.calls[CLAIM] == 1


async def test_a_refusal_stays_with_its_key_and_with_no_other(sqlite_world: World) -> None:
    await claim(sqlite_world, "key-1")
    assert_problem(await claim(sqlite_world, "key-2"), 409, "not_claimable")
    del sqlite_world.omneo.state.benefits[totes(sqlite_world)[0].id]
    assert_problem(await claim(sqlite_world, "key-2"), 409, "not_claimable")
    assert (await claim(sqlite_world, "key-3")).status_code == 201


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_a_lost_answer_is_found_by_its_label(sqlite_world: World, kind: str) -> None:
    await reclaimable(sqlite_world)
    sqlite_world.omneo.faults.add(Fault(ROUTE, kind))
    answer = await claim(sqlite_world, "key-1")
    assert answer.status_code == 201, answer.text
    assert answer.json()["benefit"]["id"] == totes(sqlite_world)[0].id
    again = await claim(sqlite_world, "key-1")
    assert (again.json(), again.headers["idempotency-replayed"]) == (answer.json(), "true")
    assert (len(totes(sqlite_world)), sqlite_world.omneo.calls[CLAIM]) == (1, 1)


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_a_lost_answer_that_cannot_be_looked_for_is_found_by_the_same_key_later(
    sqlite_world: World, kind: str
) -> None:
    await reclaimable(sqlite_world)
    sqlite_world.omneo.faults.add(Fault(ROUTE, kind))
    sqlite_world.omneo.faults.add(Fault("GET */benefits", "server_error", times=None))
    assert_problem(await claim(sqlite_world, "key-1"), 503, "outcome_pending", retryable=True)
    assert_problem(await claim(sqlite_world, "key-1"), 503, "upstream_unavailable", retryable=True)
    sqlite_world.omneo.faults.clear()
    answer = await claim(sqlite_world, "key-1")
    assert (answer.status_code, answer.headers["idempotency-replayed"]) == (201, "true")
    assert [answer.json()["benefit"]["id"]] == [b.id for b in totes(sqlite_world)]
    assert sqlite_world.omneo.calls[CLAIM] == 1


@pytest.mark.parametrize("kind", ["drop_before", "server_error"])
async def test_what_may_not_have_arrived_is_sent_again_only_when_it_would_have_shown(
    sqlite_world: World, kind: str
) -> None:
    sqlite_world.omneo.faults.add(Fault(ROUTE, kind))
    assert_problem(await claim(sqlite_world, "key-1"), 503, "outcome_pending", retryable=True)
    assert_problem(await claim(sqlite_world, "key-1"), 409, "in_flight", retryable=True)
    sqlite_world.clock.advance(LEASE_S - 10)
    assert_problem(await claim(sqlite_world, "key-1"), 409, "in_flight", retryable=True)
    assert (sqlite_world.omneo.calls[CLAIM], totes(sqlite_world)) == (1, [])
    sqlite_world.clock.advance(10)
    answer = await claim(sqlite_world, "key-1")
    assert answer.status_code == 201, answer.text
    assert (sqlite_world.omneo.calls[CLAIM], len(totes(sqlite_world))) == (2, 1)


async def test_a_second_sending_whose_answer_is_lost_too_is_still_one_benefit(sqlite_world: World) -> None:
    await reclaimable(sqlite_world)
    sqlite_world.omneo.faults.add(Fault(ROUTE, "drop_before"))
    await claim(sqlite_world, "key-1")
    sqlite_world.clock.advance(LEASE_S)
    sqlite_world.omneo.faults.add(Fault(ROUTE, "drop_after"))
    answer = await claim(sqlite_world, "key-1")
    assert answer.status_code == 201, answer.text
    assert (sqlite_world.omneo.calls[CLAIM], len(totes(sqlite_world))) == (2, 1)


async def test_of_identical_requests_at_once_one_claims(sqlite_world: World) -> None:
    await reclaimable(sqlite_world)
    sqlite_world.omneo.faults.add(Fault(ROUTE, "latency", latency_ms=100))
    answers = await asyncio.gather(*(claim(sqlite_world, "key-1") for _ in range(8)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert made
    assert {answer.json()["benefit"]["id"] for answer in made} == {b.id for b in totes(sqlite_world)}
    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "in_flight", retryable=True)
    assert (len(totes(sqlite_world)), sqlite_world.omneo.calls[CLAIM]) == (1, 1)


async def test_identical_requests_through_two_processes_on_either_database_claim_once(world: World) -> None:
    await reclaimable(world)
    async with second_door(world) as other:
        answers = await asyncio.gather(*(claim(door, "key-1") for door in (world, other) * 4))
        again = await claim(other, "key-1")
    assert again.status_code == 201, again.text
    assert {a.json()["benefit"]["id"] for a in answers if a.status_code == 201} <= {again.json()["benefit"]["id"]}
    assert (len(totes(world)), world.omneo.calls[CLAIM]) == (1, 1)


async def test_a_request_that_was_refused_before_it_was_sent_frees_its_key(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault(ROUTE, "rate_limited", times=None))
    assert_problem(await claim(sqlite_world, "key-1"), 503, "upstream_unavailable", retryable=True)
    sqlite_world.omneo.faults.clear()
    answer = await claim(sqlite_world, "key-1")
    assert answer.status_code == 201, answer.text
    assert "idempotency-replayed" not in answer.headers


async def test_a_key_belongs_to_its_customer(sqlite_world: World) -> None:
    adas, benedikts = await claim(sqlite_world, "key-1"), await claim(sqlite_world, "key-1", customer=BENEDIKT)
    assert (adas.status_code, benedikts.status_code) == (201, 201)
    assert adas.json()["benefit"]["id"] != benedikts.json()["benefit"]["id"]
    labels = {b.external_id for customer in (ADA, BENEDIKT) for b in totes(sqlite_world, customer)}
    assert len(labels) == 2
    assert not any("key-1" in label or str(ADA) in label for label in labels)


async def test_at_a_till_a_key_belongs_to_login_and_device_and_means_one_customer(sqlite_world: World) -> None:
    await reclaimable(sqlite_world)
    first = await at_till(sqlite_world, "key-1", device_id="till-1")
    assert first.status_code == 201, first.text
    assert (await at_till(sqlite_world, "key-1", device_id="till-1")).json() == first.json()
    other_customer = await at_till(sqlite_world, "key-1", BENEDIKT, device_id="till-1")
    assert_problem(other_customer, 422, "idempotency_key_reused")
    assert totes(sqlite_world, BENEDIKT) == []
    for other in (
        await at_till(sqlite_world, "key-1", device_id="till-2"),
        await at_till(sqlite_world, "key-1", user=43, device_id="till-1"),
        await claim(sqlite_world, "key-1"),
    ):
        assert other.json()["benefit"]["id"] != first.json()["benefit"]["id"]
    assert len(totes(sqlite_world)) == 4


async def test_a_customer_claims_for_nobody_else(sqlite_world: World) -> None:
    for surface in ("checkout", "customer_account"):
        headers = at(sqlite_world, ADA, surface) | {"Idempotency-Key": "key-1"}
        path = f"/v1/pos/customers/{BENEDIKT}/benefits/claims"
        assert_problem(
            await sqlite_world.http.post(path, headers=headers, json={"definition": TOTE}), 401, "unauthenticated"
        )
    guest = await claim(sqlite_world, customer=None)  # type: ignore[arg-type]
    assert_problem(guest, 403, "login_required")
    for extra in ({"customer_id": str(BENEDIKT)}, {"profile_id": "x"}):
        headers = at(sqlite_world) | {"Idempotency-Key": "key-1"}
        sent = await sqlite_world.http.post("/v1/benefits/claims", headers=headers, json={"definition": TOTE} | extra)
        assert_problem(sent, 400, "invalid_request")
    assert totes(sqlite_world, BENEDIKT) == []


async def test_a_theme_claims_with_its_token(sqlite_world: World) -> None:
    token = await transient(sqlite_world)
    answer = await ask(sqlite_world, "POST", "/v1/benefits/claims", token)
    assert answer.status_code == 201, answer.text
    assert len(totes(sqlite_world)) == 1


async def test_without_a_key_nothing_is_claimed(sqlite_world: World) -> None:
    answer = await sqlite_world.http.post("/v1/benefits/claims", headers=at(sqlite_world), json={"definition": TOTE})
    assert_problem(answer, 400, "idempotency_key_missing")
    assert totes(sqlite_world) == []


@pytest.mark.parametrize("definition", ["", "é", "x" * 129, 7, None, ["welcome-tote"]])
async def test_what_is_no_handle_is_not_asked_for(sqlite_world: World, definition: Any) -> None:
    assert_problem(await claim(sqlite_world, definition=definition), 400, "invalid_request")
    assert sqlite_world.omneo.calls[CLAIM] == 0


async def test_a_customer_whom_omneo_does_not_know_may_try_again_with_the_same_key(sqlite_world: World) -> None:
    assert_problem(await claim(sqlite_world, "key-1", customer=CHLOE), 409, "pending_profile", retryable=True)
    assert sqlite_world.omneo.calls[CLAIM] == 0


async def test_a_profile_that_is_not_active_claims_nothing_and_the_key_keeps_that(sqlite_world: World) -> None:
    profile = sqlite_world.omneo.state.profiles[sqlite_world.omneo_profile()]
    profile.fields["profile_type"] = "deleted"
    assert_problem(await claim(sqlite_world, "key-1"), 409, "profile_inactive")
    profile.fields["profile_type"] = "active"
    assert_problem(await claim(sqlite_world, "key-1"), 409, "profile_inactive")
    assert totes(sqlite_world) == []


async def merged_into_benedikt(world: World) -> None:
    """Have Omneo make one profile of Ada's and Benedikt's, of which nobody tells us."""
    merge = {"source_profile_id": world.omneo_profile(), "destination_profile_id": world.omneo_profile(BENEDIKT)}
    assert (await world.omneo_api("POST", "/profiles/merge", merge)).is_success


async def test_a_customer_whose_profile_was_merged_claims_for_the_one_that_was_kept(sqlite_world: World) -> None:
    await sqlite_world.rewards()
    await merged_into_benedikt(sqlite_world)
    answer = await claim(sqlite_world, "key-1")
    assert answer.status_code == 201, answer.text
    assert [answer.json()["benefit"]["id"]] == [b.id for b in totes(sqlite_world, BENEDIKT)]


async def test_what_was_claimed_before_a_merge_is_found_after_it(sqlite_world: World) -> None:
    await reclaimable(sqlite_world)
    first = await claim(sqlite_world, "key-1")
    await merged_into_benedikt(sqlite_world)
    assert (await claim(sqlite_world, "key-1")).json() == first.json()
    assert len(totes(sqlite_world, BENEDIKT)) == 1


async def test_claims_count_as_writes_and_one_too_many_claims_no_key(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), limit_customer_writes_per_min=1) as world:
        assert (await claim(world, "key-1")).status_code == 201
        assert_problem(await at_till(world, "key-2"), 429, "rate_limited", retryable=True)
        world.clock.advance(61)
        assert_problem(await at_till(world, "key-2"), 409, "not_claimable")
