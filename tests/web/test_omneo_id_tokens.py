"""Where a shop hands out Omneo's own tokens: Omneo's clients use them at Omneo, and ours lies beside them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo.config import OmneoConfig
from tests.web.questions import proxied
from tests.world.databases import Databases
from tests.world.valkey import ValkeyServer
from tests.world.world import ADA, BENEDIKT, CHLOE, World, open_world

pytestmark = pytest.mark.anyio

MINT = "POST /id/api/v1/auth/token"
ID_ME = "/id/api/v1/profiles/me"


@pytest.fixture
async def id_world(databases: Databases, tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), omneo_id_tokens=True) as opened:
        yield opened


async def given(world: World, customer: int | None = ADA) -> httpx.Response:
    at_s = int(world.clock.now().timestamp())
    answer = await world.http.get(f"/storefront?{proxied(world, customer, at_s=at_s)}")
    assert answer.status_code == 200, answer.text
    return answer


def claims(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


async def test_the_token_is_omneos_and_ours_is_beside_it(id_world: World) -> None:
    answer = await given(id_world)
    body = answer.json()
    assert set(body) == {"token", "expiry", "proxy_token", "proxy_expiry"}
    assert claims(body["token"]) == {"pid": seed.ADA.profile_id, "exp": body["expiry"]}
    assert answer.headers["x-omneo-is-anon"] == "false"
    assert answer.headers["cache-control"] == "private, no-store"
    headers = {"Authorization": f"Bearer {body['token']}"}
    at_omneo = await id_world.http.get(id_world.urls["omneo"] + ID_ME, headers=headers)
    assert at_omneo.json()["data"]["id"] == seed.ADA.profile_id
    ours = {"Authorization": f"Bearer {body['proxy_token']}"}
    assert (await id_world.http.get("/v1/rewards", headers=ours)).status_code == 200
    for path in ("/v1/rewards", ID_ME):
        assert (await id_world.http.get(path, headers=headers)).status_code == 401


async def test_its_holder_can_redeem_past_our_holds_as_the_readme_says(id_world: World) -> None:
    await id_world.redeemed("20.00")
    headers = {"Authorization": f"Bearer {(await given(id_world)).json()['token']}"}
    url = f"{id_world.urls['omneo']}{ID_ME}/redeem"
    spent = await id_world.http.post(url, headers=headers, json={"amount": 25, "strategies": ["rewards"]})
    assert spent.json()["data"]["balances"]["reward_balance"] == 0


async def test_a_visitor_gets_an_anonymous_one(id_world: World) -> None:
    answer = await given(id_world, None)
    assert claims(answer.json()["token"])["pid"] == "null"
    assert claims(answer.json()["proxy_token"])["pid"] == "null"
    assert answer.headers["x-omneo-is-anon"] == "true"


async def test_one_is_minted_for_each_and_kept_until_shortly_before_it_ends(id_world: World) -> None:
    first = (await given(id_world)).json()
    answers = await asyncio.gather(*(given(id_world) for _ in range(5)))
    assert {answer.json()["token"] for answer in answers} == {first["token"]}
    assert id_world.omneo.calls[MINT] == 1
    assert (await given(id_world, BENEDIKT)).json()["token"] != first["token"]
    assert id_world.omneo.calls[MINT] == 2
    id_world.clock.advance(3600 - 70)
    assert (await given(id_world)).json()["token"] == first["token"]
    id_world.clock.advance(20)
    again = (await given(id_world)).json()
    assert again["token"] != first["token"]
    assert again["expiry"] > first["expiry"]


async def test_when_omneo_mints_none_the_customer_has_ours_and_nothing_in_its_place(id_world: World) -> None:
    id_world.omneo.faults.add(Fault(MINT, "server_error", times=None))
    body = (await given(id_world)).json()
    assert (body["token"], body["expiry"]) == (None, None)
    ours = {"Authorization": f"Bearer {body['proxy_token']}"}
    assert (await id_world.http.get("/v1/rewards", headers=ours)).status_code == 200
    (line,) = [e for e in id_world.events() if e["event"] == "id_token.missing"]
    assert (line["level"], line["reason"]) == ("warning", "status_503")
    id_world.omneo.faults.clear()
    assert (await given(id_world)).json()["token"]


async def test_what_was_minted_is_given_while_omneo_is_down_but_not_after_its_end(
    databases: Databases, tmp_path: Path
) -> None:
    url, tenant = databases.sqlite(tmp_path / "proxy.db"), OmneoConfig(id_token_lifetime_s=600)
    async with open_world(url, tenant=tenant, omneo_id_tokens=True) as world:
        first = (await given(world)).json()
        world.omneo.faults.add(Fault(MINT, "server_error", times=None))
        world.clock.advance(600 - 30)
        assert (await given(world)).json()["token"] == first["token"]
        world.clock.advance(40)
        assert (await given(world)).json()["token"] is None
        assert [e["reason"] for e in world.events() if e["event"] == "id_token.missing"] == ["expired"]


async def test_a_customer_whom_omneo_does_not_know_yet_gets_none_that_could_make_a_second_profile(
    id_world: World,
) -> None:
    answer = await given(id_world, CHLOE)
    assert answer.json()["token"] is None
    assert answer.headers["x-omneo-is-anon"] == "false"
    assert id_world.omneo.calls[MINT] == 0


async def test_that_it_is_on_is_told_at_the_start_and_no_token_ever(id_world: World) -> None:
    body = (await given(id_world)).json()
    (line,) = [e for e in id_world.events() if e["event"] == "risk.taken"]
    assert (line["level"], line["shop"], line["setting"]) == ("warning", seed.SHOP_DOMAIN, "OMNEO_ID_TOKENS")
    for token in (body["token"], body["proxy_token"]):
        assert token not in id_world.log.getvalue()
        assert token.split(".")[2] not in id_world.log.getvalue()


async def test_no_token_is_put_where_other_processes_look(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with (
        ValkeyServer.started(tmp_path) as server,
        open_world(url, omneo_id_tokens=True, cache_url=server.url, cache_deadline_s=5) as world,
    ):
        body = (await given(world)).json()
        await world.rewards()
        names = [line for line in (await server.command("KEYS", "*")).decode().split("\r\n") if "proxy:" in line]
        kept = b"".join([await server.command("GET", name) for name in names])
        assert b"Ada" in kept, "nothing is shared, so nothing was tested"
        for token in (body["token"], body["proxy_token"]):
            assert token.encode() not in kept


async def test_the_id_api_may_be_elsewhere(databases: Databases, tmp_path: Path, id_world: World) -> None:
    base = f"{id_world.urls['omneo']}/id/api/v1"
    url = databases.sqlite(tmp_path / "elsewhere.db")
    async with open_world(url, omneo_id_tokens=True, omneo_id_base_url=base) as world:
        assert claims((await given(world)).json()["token"])["pid"] == seed.ADA.profile_id
        assert world.omneo.calls[MINT] == 0
    assert id_world.omneo.calls[MINT] == 1


async def test_off_it_is_never_asked_for(sqlite_world: World) -> None:
    assert set((await given(sqlite_world)).json()) == {"token", "expiry"}
    assert sqlite_world.omneo.calls[MINT] == 0
