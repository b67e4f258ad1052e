"""Omneo's paths on our address: its clients read what Omneo says, of their own customer, and change nothing."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import jwt
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.web.questions import assert_problem, said, token_of, transient
from tests.world.databases import Databases
from tests.world.shops import Shops, open_shops
from tests.world.world import ADA, BENEDIKT, CHLOE, PATIENCE_S, TRANSIENT_KEY, World, open_world

pytestmark = pytest.mark.anyio

ME = "/id/api/v1/profiles/me"
LISTS = ("rewards", "benefits", "transactions", "redemptions", "ledgers")
LISTED = ("", "/balances", "/tiers", "/aggregations", "/identities", *(f"/{name}" for name in LISTS))
WRITES = [
    ("POST", "/redeem"),
    ("POST", "/redemptions"),
    ("POST", "/benefits/5/redeem"),
    ("POST", "/benefits/claim"),
    ("POST", "/benefits/claim-redeem"),
    ("POST", "/credits/5/redeem"),
    ("POST", "/identities"),
    ("PUT", ""),
    ("PUT", "/rewards/5"),
    ("PATCH", ""),
    ("DELETE", ""),
    ("DELETE", "/purge"),
    ("DELETE", "/rewards/5"),
]


async def theme(world: World, customer: int | None = ADA) -> dict[str, str]:
    return {"Authorization": f"Bearer {await transient(world, customer)}"}


async def omneos(world: World, rest: str, customer: int = ADA) -> httpx.Response:
    """What Omneo itself answers about the customer's profile."""
    return await world.omneo_api("GET", f"/profiles/{world.omneo_profile(customer)}{rest}")


@pytest.mark.parametrize("rest", [*LISTED, "/rewards?page[size]=1&page[number]=2", "/transactions?sort=total"])
async def test_what_is_listed_reads_as_omneo_wrote_it_to_the_byte(shared_world: World, rest: str) -> None:
    answer = await shared_world.http.get(ME + rest, headers=await theme(shared_world))
    assert answer.status_code == 200, answer.text
    truth = await omneos(shared_world, rest)
    assert truth.status_code == 200
    assert answer.content == truth.content
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_one_thing_is_read_by_its_number_and_an_identity_by_its_handle(sqlite_world: World) -> None:
    redemption = await sqlite_world.omneo_api("POST", f"/profiles/{seed.ADA.profile_id}/redeem", {"amount": 1})
    assert redemption.status_code < 300
    headers = await theme(sqlite_world)
    for name in LISTS:
        number = (await omneos(sqlite_world, f"/{name}")).json()["data"][0]["id"]
        answer = await sqlite_world.http.get(f"{ME}/{name}/{number}", headers=headers)
        assert answer.content == (await omneos(sqlite_world, f"/{name}/{number}")).content, name
        assert answer.json()["data"]["id"] == number
    identity = (await omneos(sqlite_world, "/identities")).json()["data"][0]
    for rest in (f"/identities/{identity['handle']}", f"/identities/id/{identity['id']}"):
        assert (await sqlite_world.http.get(ME + rest, headers=headers)).json()["data"]["id"] == identity["id"]


async def test_another_customers_things_are_not_there(shared_world: World) -> None:
    headers = await theme(shared_world, BENEDIKT)
    for name in ("rewards", "benefits", "transactions", "ledgers"):
        number = (await omneos(shared_world, f"/{name}")).json()["data"][0]["id"]
        answer = await shared_world.http.get(f"{ME}/{name}/{number}", headers=headers)
        assert_problem(answer, 404, "not_found")
    identity = (await omneos(shared_world, "/identities")).json()["data"][0]["id"]
    assert_problem(await shared_world.http.get(f"{ME}/identities/id/{identity}", headers=headers), 404, "not_found")
    mine = (await shared_world.http.get(ME, headers=headers)).json()["data"]
    assert mine["id"] == seed.BENEDIKT.profile_id


async def test_held_value_is_still_in_omneos_balance(sqlite_world: World) -> None:
    await sqlite_world.redeemed("12.50")
    answer = await sqlite_world.http.get(f"{ME}/balances", headers=await theme(sqlite_world))
    assert answer.json()["data"]["reward_balance"] == 25
    assert (await sqlite_world.rewards())["balance"]["available"]["amount"] == "12.50"


@pytest.mark.parametrize(("method", "rest"), WRITES)
async def test_nothing_is_written_and_a_redeem_is_told_where_to_go(shared_world: World, method: str, rest: str) -> None:
    headers = await theme(shared_world)
    await shared_world.http.get(ME, headers=headers)
    before = list(shared_world.omneo.requests)
    answer = await shared_world.http.request(method, ME + rest, headers=headers, json={"amount": 5})
    body = assert_problem(answer, 403, "read_only")
    assert "/v1/redemptions" in body["message"]
    assert list(shared_world.omneo.requests) == before
    assert said(shared_world, answer, "request.refused")["code"] == "read_only"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"])
async def test_no_header_makes_another_method_of_it(shared_world: World, header: str) -> None:
    headers = await theme(shared_world)
    assert (await shared_world.http.get(ME, headers=headers | {header: "DELETE"})).status_code == 200
    assert shared_world.omneo.requests[-1] == f"GET /api/v3/profiles/{seed.ADA.profile_id}"
    answer = await shared_world.http.post(f"{ME}/redeem", headers=headers | {header: "GET"})
    assert_problem(answer, 403, "read_only")


async def test_nothing_of_the_request_but_its_listed_parameters_reaches_omneo(shared_world: World) -> None:
    headers = await theme(shared_world)
    path = "/rewards?filter[value_remaining][gt]=0&page[size]=2"
    await shared_world.http.request("GET", ME + path, headers=headers | {"X-Omneo-Profile": "x"}, content=b"body")
    query = "filter%5Bvalue_remaining%5D%5Bgt%5D=0&page%5Bsize%5D=2"
    assert shared_world.omneo.requests[-1] == f"GET /api/v3/profiles/{seed.ADA.profile_id}/rewards?{query}"
    before = list(shared_world.omneo.requests)
    for wrong in (
        "include=profile",
        "filter[profile_id]=x",
        "page[size]=1&page[size]=2",
        "a=%ff",
        "&".join(["a=b"] * 99),
    ):
        answer = await shared_world.http.get(f"{ME}/rewards?{wrong}", headers=headers)
        assert_problem(answer, 400, "invalid_request")
    token = headers["Authorization"].removeprefix("Bearer ")
    for query in (f"token={token}", token, f"{token}={token}"):
        assert_problem(await shared_world.http.get(f"{ME}/rewards?{query}", headers=headers), 400, "invalid_request")
    assert token[:40] not in shared_world.log.getvalue()
    assert list(shared_world.omneo.requests) == before


async def test_an_anonymous_token_has_no_profile(shared_world: World) -> None:
    before = list(shared_world.omneo.requests)
    for rest in LISTED:
        answer = await shared_world.http.get(ME + rest, headers=await theme(shared_world, None))
        assert assert_problem(answer, 404, "not_found")["message"]
    assert list(shared_world.omneo.requests) == before


async def test_a_customer_whom_omneo_does_not_know_yet_has_none_until_it_does(sqlite_world: World) -> None:
    headers = await theme(sqlite_world, CHLOE)
    assert_problem(await sqlite_world.http.get(ME, headers=headers), 404, "not_found")
    chloe = {"first_name": "Chloe", "last_name": "Daly", "email": "chloe@example.com"}
    made = await sqlite_world.omneo_api("POST", "/profiles", chloe)
    identity = {"handle": seed.IDENTITY_HANDLE, "identifier": str(CHLOE)}
    await sqlite_world.omneo_api("POST", f"/profiles/{made.json()['data']['id']}/identities", identity)
    sqlite_world.clock.advance(6)  # that nobody was there is remembered for so long
    assert (await sqlite_world.http.get(ME, headers=headers)).json()["data"]["email"] == "chloe@example.com"


async def test_a_profile_that_was_merged_is_read_where_it_is_now(sqlite_world: World) -> None:
    headers = await theme(sqlite_world)
    assert (await sqlite_world.http.get(ME, headers=headers)).json()["data"]["id"] == seed.ADA.profile_id
    merge = {"source_profile_id": seed.ADA.profile_id, "destination_profile_id": seed.BENEDIKT.profile_id}
    assert (await sqlite_world.omneo_api("POST", "/profiles/merge", merge)).status_code < 300
    answer = await sqlite_world.http.get(ME, headers=headers)
    assert answer.json()["data"]["id"] == seed.BENEDIKT.profile_id
    assert (await sqlite_world.http.get(f"{ME}/rewards", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "kind",
    [
        "checkout",
        "customer_account",
        "pos",
        "guest",
        "expired checkout",
        "foreign secret",
        "foreign transient",
        "garbage",
        "none",
    ],
)
async def test_only_tokens_of_our_own_get_in(shared_world: World, kind: str) -> None:
    token = await token_of(shared_world, kind)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for method, rest in [("GET", r) for r in LISTED] + WRITES + [("GET", "/nothing"), ("GET", "/..%2fx")]:
        answer = await shared_world.http.request(method, ME + rest, headers=headers)
        body = assert_problem(answer, 401, "unauthenticated")
        assert body["message"] == body["title"]
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_token_gets_in_until_its_time_is_over(sqlite_world: World) -> None:
    headers = await theme(sqlite_world)
    assert (await sqlite_world.http.get(ME, headers=headers)).status_code == 200
    sqlite_world.clock.advance(911)
    assert_problem(await sqlite_world.http.get(ME, headers=headers), 401, "unauthenticated")


async def test_the_profile_that_a_token_names_says_nothing(shared_world: World) -> None:
    """Omneo's clients read `pid`; we do not, or a stale one would be believed."""
    claims = jwt.decode(await transient(shared_world), options={"verify_signature": False})
    head = jwt.get_unverified_header(await transient(shared_world))
    other = jwt.encode(claims | {"pid": seed.BENEDIKT.profile_id}, TRANSIENT_KEY, "HS256", headers={"kid": head["kid"]})
    answer = await shared_world.http.get(ME, headers={"Authorization": f"Bearer {other}"})
    assert answer.json()["data"]["id"] == seed.ADA.profile_id


async def test_trouble_of_omneos_is_told_without_its_words(sqlite_world: World) -> None:
    headers = await theme(sqlite_world)
    await sqlite_world.http.get(ME, headers=headers)
    for fault, status, code in (
        (Fault("GET */rewards", "server_error", times=None), 503, "upstream_unavailable"),
        (Fault("GET */rewards", "rate_limited", times=None), 503, "upstream_unavailable"),
        (Fault("GET */rewards", "server_error", times=None, status=422), 400, "invalid_request"),
        (Fault("GET */rewards", "server_error", times=None, status=403), 503, "upstream_unavailable"),
    ):
        sqlite_world.omneo.faults.clear()
        sqlite_world.omneo.faults.add(fault)
        answer = await sqlite_world.http.get(f"{ME}/rewards", headers=headers)
        body = assert_problem(answer, status, code, retryable=status == 503)
        assert "Server Error" not in answer.text
        assert body["message"] == body["title"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "GET"])
async def test_a_browser_may_ask_whatever_omneos_clients_ask_to_be_told_why_not(
    shared_world: World, method: str
) -> None:
    headers = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "accept,authorization,content-type",
    }
    answer = await shared_world.http.options(ME, headers=headers)
    assert answer.status_code == 204
    assert method in [m.strip() for m in answer.headers["access-control-allow-methods"].split(",")]


async def test_browsers_that_ask_without_end_keep_no_redemption_waiting(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url, upstream_in_flight=4, upstream_total_s=PATIENCE_S) as world:
        headers = await theme(world)
        hanging = Fault("GET */ledgers", "latency", times=None, latency_ms=int(PATIENCE_S * 1000))
        world.omneo.faults.add(hanging)
        asking = [asyncio.create_task(world.http.get(f"{ME}/ledgers", headers=headers)) for _ in range(12)]

        async def hangs() -> bool:
            return world.omneo.calls["GET /api/v3/profiles/{id}/ledgers"] > 0

        await world.eventually(hangs)
        assert (await world.redeem("5.00")).status_code == 201
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


@pytest.fixture
async def shops(databases: Databases, tmp_path: Path) -> AsyncIterator[Shops]:
    async with open_shops(databases.sqlite(tmp_path / "proxy.db")) as opened:
        yield opened


async def test_a_token_reads_from_the_tenant_of_its_own_shop(shops: Shops) -> None:
    for world in shops:
        before = [len(other.omneo.requests) for other in shops if other.omneo is not world.omneo]
        assert (await world.http.get(ME, headers=await theme(world))).status_code == 200
        assert [len(other.omneo.requests) for other in shops if other.omneo is not world.omneo] == before
        assert world.omneo.requests[-1].startswith("GET /api/v3/profiles/")


async def test_reads_count_as_the_callers_requests(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), limit_caller_per_min=5) as world:
        headers = await theme(world)
        answers = [await world.http.get(ME, headers=headers) for _ in range(12)]
        assert answers[0].status_code == 200
        body = assert_problem(answers[-1], 429, "rate_limited", retryable=True)
        assert body["message"] == body["title"]
        assert world.omneo.calls["GET /api/v3/profiles/{id}"] < 12
