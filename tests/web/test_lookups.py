"""Whose code was scanned or typed at a till: who is told, what it says, and what it does not open."""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo.config import OmneoConfig
from tests.web.questions import assert_problem, at, forged, said, till_wish, token_of
from tests.web.test_overview import overview, retyped
from tests.world.databases import Databases
from tests.world.rows import places
from tests.world.shops import open_shops
from tests.world.valkey import ValkeyServer
from tests.world.world import ADA, BENEDIKT, World, open_world, second_door

pytestmark = pytest.mark.anyio

PATH = "/v1/pos/lookups"
CODE = str(seed.ADA.member_code)
SEARCH = "POST /api/v3/profiles/search-id"


async def ask(world: World, code: Any = CODE, user: int = 42, **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {world.shopify.id_token('pos', user_id=user, offset_s=world.clock.offset_s)}"}
    return await world.http.post(PATH, headers=headers, json={"code": code, **more})


async def found(world: World, code: str = CODE, **more: Any) -> dict[str, Any]:
    answer = await ask(world, code, **more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def known(world: World, handle: str, identifier: str, customer: int = ADA) -> None:
    """Have Omneo know the customer's profile by this as well."""
    body = {"handle": handle, "identifier": identifier}
    assert (await world.omneo_api("POST", f"/profiles/{world.omneo_profile(customer)}/identities", body)).is_success


async def store_member(world: World, code: str) -> None:
    """Make somebody whom Omneo knows and Shopify does not."""
    body = {
        "first_name": "Ella",
        "last_name": "Novak",
        "email": f"{uuid4().hex}@example.com",
        "identities": [{"handle": seed.MEMBER_HANDLE, "identifier": code}],
    }
    assert (await world.omneo_api("POST", "/profiles", body)).is_success


async def test_a_code_tells_who_it_is_and_which_customer_to_put_on_the_cart(sqlite_world: World) -> None:
    answer = await ask(sqlite_world)
    assert answer.headers["cache-control"] == "private, no-store"
    body = answer.json()
    assert set(body) == {"status", "customer_id", "profile"}
    assert (body["status"], body["customer_id"]) == ("active", str(ADA))
    assert set(body["profile"]) == {"first_name", "last_name", "type", "tier", "joined_at"}
    assert (body["profile"]["first_name"], body["profile"]["tier"]) == ("Ada", "gold")
    assert sqlite_world.omneo.calls == Counter({SEARCH: 1})


async def test_what_the_scanner_adds_makes_no_difference(shared_world: World) -> None:
    expected = await found(shared_world)
    for scanned in (f"{CODE}\r\n", f"]C1{CODE}", f"\x02{CODE}\x03", " M - 1001 "):
        assert await found(shared_world, scanned) == expected


async def test_after_a_lookup_the_customer_on_the_cart_is_not_searched_again(sqlite_world: World) -> None:
    customer = int((await found(sqlite_world))["customer_id"])
    assert (await overview(sqlite_world, customer))["profile"]["first_name"] == "Ada"
    assert sqlite_world.omneo.calls[SEARCH] == 1


async def test_an_answer_without_identities_is_completed_from_their_list(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault(SEARCH, "omit", times=None, fields=("identities",)))
    assert (await found(sqlite_world))["customer_id"] == str(ADA)
    assert sqlite_world.omneo.calls == Counter({SEARCH: 1, "GET /api/v3/profiles/{id}/identities": 1})


async def test_a_member_who_is_no_customer_of_the_shop_is_told_as_that(sqlite_world: World) -> None:
    await store_member(sqlite_world, "M-7001")
    body = await found(sqlite_world, "M-7001")
    assert (body["status"], body["customer_id"], body["profile"]["first_name"]) == ("no_customer", None, "Ella")


async def test_of_several_customers_the_newest_is_put_on_the_cart(sqlite_world: World) -> None:
    sqlite_world.clock.advance(60)
    await known(sqlite_world, "shopify", "5001")
    sqlite_world.clock.advance(60)
    await known(sqlite_world, "shopify", "gid://shopify/Customer/5002")
    assert (await found(sqlite_world))["customer_id"] == "5001"


@pytest.mark.parametrize("code", ["M-9999", "m-1001", "1001", seed.ADA.profile_id, seed.ADA.email])
async def test_a_code_that_nobody_carries_is_unknown_and_told_without_it(sqlite_world: World, code: str) -> None:
    answer = await ask(sqlite_world, code)
    assert answer.json() == {"status": "profile_unknown", "customer_id": None, "profile": None}
    line = said(sqlite_world, answer, "lookup.unknown")
    assert (line["shop"], line["actor"]) == (seed.SHOP_DOMAIN, "staff:42")


async def test_a_code_of_a_merged_profile_finds_the_one_that_was_kept(sqlite_world: World) -> None:
    gone, kept = sqlite_world.omneo_profile(ADA), sqlite_world.omneo_profile(BENEDIKT)
    body = {"source_profile_id": gone, "destination_profile_id": kept}
    assert (await sqlite_world.omneo_api("POST", "/profiles/merge", body)).is_success
    told = await found(sqlite_world)
    assert (told["status"], told["profile"]["first_name"]) == ("active", "Benedikt")
    assert told["customer_id"] in (str(ADA), str(BENEDIKT))  # both are this profile by now
    assert (await overview(sqlite_world, int(told["customer_id"])))["profile"]["first_name"] == "Benedikt"


async def test_of_a_deleted_profile_nothing_is_told(sqlite_world: World) -> None:
    await retyped(sqlite_world, "deleted")
    assert await found(sqlite_world) == {"status": "profile_deleted", "customer_id": None, "profile": None}


async def test_a_profile_that_may_not_redeem_is_told_with_its_type(sqlite_world: World) -> None:
    await retyped(sqlite_world, "incomplete")
    body = await found(sqlite_world)
    assert (body["status"], body["profile"]["type"], body["customer_id"]) == (
        "profile_inactive",
        "incomplete",
        str(ADA),
    )


async def test_handles_are_tried_in_their_order_and_one_that_is_named_alone(
    databases: Databases, tmp_path: Path
) -> None:
    handles = ["old_card", seed.MEMBER_HANDLE]
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), lookup_handles=handles) as world:
        assert (await found(world))["customer_id"] == str(ADA)
        assert world.omneo.calls[SEARCH] == 2
        await known(world, "old_card", CODE, BENEDIKT)
        assert (await found(world))["customer_id"] == str(BENEDIKT)
        assert (await found(world, handle=seed.MEMBER_HANDLE))["customer_id"] == str(ADA)
        assert (await found(world, "M-1002", handle="old_card"))["status"] == "profile_unknown"


async def test_a_handle_that_could_not_be_asked_is_not_passed_over_for_the_next(
    databases: Databases, tmp_path: Path
) -> None:
    """The next might know somebody else by that code."""
    handles = ["old_card", seed.MEMBER_HANDLE]
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), lookup_handles=handles) as world:
        world.omneo.faults.add(Fault(SEARCH, "server_error", times=3))
        assert_problem(await ask(world), 503, "upstream_unavailable", retryable=True)


@pytest.mark.parametrize("handle", ["shopify", "profile_id", "email", "Member_code", "", "é", "a" * 65])
async def test_no_other_handle_than_the_shops_is_looked_under(shared_world: World, handle: str) -> None:
    body = assert_problem(await ask(shared_world, handle=handle), 400, "invalid_request")
    assert body["field"] == "handle"


async def test_a_shop_that_names_no_handle_looks_nobody_up(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), lookup_handles=[]) as world:
        assert_problem(await ask(world), 404, "not_found")
        assert not world.omneo.calls


@pytest.mark.parametrize(
    "code", ["", " ", "\r\n", "é", "M-1001\u0416", "1" * 65, "1" * 10_000_000, 1001, None, ["M"], {}]
)
async def test_nonsense_is_refused_by_name_before_omneo_is_asked(sqlite_world: World, code: Any) -> None:
    answer = await ask(sqlite_world, code)
    if answer.status_code != 413:
        assert assert_problem(answer, 400, "invalid_request")["field"] == "code"
    assert len(answer.content) < 1000
    assert not sqlite_world.omneo.calls


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"M-1001"', b"{", b'{"code":"M-1001","customer_id":"1001"}'])
async def test_a_body_of_another_shape_is_refused(shared_world: World, body: bytes) -> None:
    answer = await shared_world.http.post(PATH, headers=at(shared_world, None, "pos"), content=body)
    assert_problem(answer, 400, "invalid_request")


async def test_while_omneo_is_down_nobody_is_made_unknown(sqlite_world: World) -> None:
    await found(sqlite_world)
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    assert_problem(await ask(sqlite_world), 503, "upstream_unavailable", retryable=True)


async def test_nobody_is_called_no_customer_because_the_list_could_not_be_read(sqlite_world: World) -> None:
    await store_member(sqlite_world, "M-7001")
    sqlite_world.omneo.faults.add(Fault("GET */identities", "server_error", times=None))
    assert_problem(await ask(sqlite_world, "M-7001"), 503, "upstream_unavailable", retryable=True)


async def test_a_lookup_writes_nothing_anywhere(sqlite_world: World) -> None:
    await asyncio.gather(*(found(sqlite_world) for _ in range(5)))
    assert places(sqlite_world.settings.database_url, CODE, str(ADA), sqlite_world.omneo_profile()) == []
    assert not sqlite_world.shopify.calls
    assert set(sqlite_world.omneo.calls) == {SEARCH}


async def test_a_code_redeems_nothing(sqlite_world: World) -> None:
    """What is redeemed is bound to the customer on the cart: a body that names a code is refused."""
    await found(sqlite_world)
    headers = at(sqlite_world, None, "pos")
    for body in (till_wish(code=CODE), {**till_wish(), "customer_id": CODE}):
        answer = await sqlite_world.http.post(
            "/v1/pos/redemptions", headers=headers | {"Idempotency-Key": uuid4().hex}, json=body
        )
        assert_problem(answer, 400, "invalid_request")
    assert sqlite_world.shopify.state.discounts == {}


async def test_codes_are_in_no_log_no_metric_and_no_answer(sqlite_world: World) -> None:
    await store_member(sqlite_world, "M-SECRET-1")
    answers = [await ask(sqlite_world, code) for code in ("M-SECRET-1", "M-SECRET-2", "M-SECRET-é")]
    answers.append(await ask(sqlite_world, "M-SECRET-1", handle="M-SECRET-4"))
    sqlite_world.omneo.faults.add(Fault("*", "server_error", times=None))
    answers.append(await ask(sqlite_world, "M-SECRET-5"))
    assert [answer.status_code for answer in answers] == [200, 200, 400, 400, 503]
    metrics = (await sqlite_world.http.get("/metrics")).text
    told = sqlite_world.log.getvalue() + metrics + "".join(f"{a.text}{a.headers}" for a in answers)
    assert "lookup.unknown" in told
    assert "SECRET" not in told
    assert "SECRET" not in "".join(sqlite_world.omneo.requests)


@pytest.mark.parametrize("kind", ["checkout", "transient", "guest", "foreign shop", "none"])
async def test_nobody_but_staff_is_told_whose_code_it_is(shared_world: World, kind: str) -> None:
    token = await token_of(shared_world, kind)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = await shared_world.http.post(PATH, headers=headers, json={"code": CODE})
    assert_problem(answer, 401, "unauthenticated")
    assert "Ada" not in answer.text


async def test_who_tries_codes_one_after_another_is_slowed_down_and_nobody_else_is(
    databases: Databases, tmp_path: Path
) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), limit_caller_lookups_per_min=5) as world:
        tried = [await ask(world, f"M-{number}") for number in range(990, 1010)]
        assert Counter(answer.status_code for answer in tried) == {200: 5, 429: 15}
        assert "Ada" not in "".join(answer.text for answer in tried)
        assert world.omneo.calls[SEARCH] == 5
        limited = await ask(world)
        assert_problem(limited, 429, "rate_limited", retryable=True)
        assert 1 <= int(limited.headers["retry-after"]) <= 12
        assert said(world, limited, "request.limited")["limit"] == "caller"
        # Another form of the same token is the same login, and a till that claims to be another one is too.
        claimed = forged(world, "pos", sub="42", device_id="till-9", jti="another")
        again = await world.http.post(PATH, headers={"Authorization": f"Bearer {claimed}"}, json={"code": CODE})
        assert again.status_code == 429
        assert (await ask(world, user=43)).status_code == 200
        assert (await overview(world))["status"] == "active"
        world.clock.advance(12)
        assert (await ask(world)).status_code == 200


async def test_many_logins_together_are_slowed_down_as_a_shop(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), limit_shop_lookups_per_min=3) as world:
        tried = await asyncio.gather(*(ask(world, f"M-{user}", user=user) for user in range(40, 50)))
        assert Counter(answer.status_code for answer in tried) == {200: 3, 429: 7}


async def test_processes_with_one_cache_count_lookups_together(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with ValkeyServer.started(tmp_path) as server:
        options = {"cache_url": server.url, "cache_deadline_s": 5, "limit_caller_lookups_per_min": 4}
        async with open_world(url, **options) as world, second_door(world) as other:
            await world.eventually(lambda: _counted(server, world, 100))
            await world.eventually(lambda: _counted(server, other, 200))
            answers = await asyncio.gather(*(ask(w, f"M-{n}") for n in range(6) for w in (world, other)))
            assert Counter(answer.status_code for answer in answers) == {200: 4, 429: 8}


async def _counted(server: ValkeyServer, door: World, user: int) -> bool:
    """Tell whether this door has found its server: a lookup is counted there."""
    before = await server.command("DBSIZE")
    await ask(door, user=user)
    return bool(await server.command("DBSIZE") != before)


async def test_each_shop_puts_its_own_customer_on_the_cart(databases: Databases, tmp_path: Path) -> None:
    """South keeps its customers under a handle of its own, on the same tenant; east has another tenant."""
    own = {"south": {"identity_handle": "south"}, "east": {"lookup_handles": []}}
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_shops(url, own, lookup_handles=[seed.MEMBER_HANDLE]) as shops:
        await known(shops.north, "south", "6001")
        assert (await found(shops.north))["customer_id"] == str(ADA)
        assert (await found(shops.south))["customer_id"] == "6001"
        assert (await found(shops.south, "M-1002"))["status"] == "no_customer"
        assert_problem(await ask(shops.east), 404, "not_found")


@pytest.mark.parametrize("lookup", ["identities-filter", "identities-search"])
async def test_tenants_that_are_searched_in_other_ways_are_asked_in_those(
    databases: Databases, tmp_path: Path, lookup: str
) -> None:
    tenant = OmneoConfig(guide_paths=True)
    options = {"tenant": tenant, "omneo_identity_lookups": [lookup]}
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), **options) as world:
        assert (await found(world))["customer_id"] == str(ADA)
        assert (await found(world, "M-9999"))["status"] == "profile_unknown"
        assert json.loads((await ask(world)).text)["profile"]["first_name"] == "Ada"
