"""The older way in: a customer's id and Liquid's signature for a token that reads."""

import hmac
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest

from proxy.sandbox import seed
from tests.web.questions import assert_problem, said, wish
from tests.world.databases import Databases
from tests.world.shops import open_shops
from tests.world.world import ADA, BENEDIKT, CHLOE, World, open_world

pytestmark = pytest.mark.anyio

PATH = "/shopify/api/v1/auth/token"
ME = "/id/api/v1/profiles/me"
SECRET = "a-secret-in-a-shops-metafield"


def signed(customer: int | str, secret: str = SECRET) -> dict[str, Any]:
    return {"id": customer, "signature": hmac.new(secret.encode(), str(customer).encode(), sha256).hexdigest()}


async def exchange(world: World, body: Any) -> httpx.Response:
    return await world.http.post(PATH, json=body)


@pytest.fixture(scope="module")
async def signing_world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    path = tmp_path_factory.mktemp("signing") / "proxy.db"
    async with open_world(databases.sqlite(path), omneo_id_secret=SECRET) as opened:
        yield opened


@pytest.mark.parametrize("customer", [ADA, str(ADA)])
async def test_a_signed_customer_gets_a_token_where_both_of_omneos_readings_look(
    signing_world: World, customer: int | str
) -> None:
    answer = await exchange(signing_world, signed(customer))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["token"] == body["data"]["token"]
    assert answer.headers["cache-control"] == "private, no-store"
    claims = jwt.decode(body["token"], options={"verify_signature": False})
    assert claims["exp"] == body["data"]["exp"]
    assert claims["pid"] == seed.ADA.profile_id
    me = await signing_world.http.get(ME, headers={"Authorization": f"Bearer {body['token']}"})
    assert me.json()["data"]["id"] == seed.ADA.profile_id


async def test_that_token_opens_no_other_door(signing_world: World) -> None:
    token = (await exchange(signing_world, signed(ADA))).json()["token"]
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}
    assert_problem(
        await signing_world.http.post("/v1/redemptions", headers=headers, json=wish()), 401, "unauthenticated"
    )
    for path in ("/v1/rewards", "/v1/benefits", "/v1/history", "/v1/pos/customers/1001"):
        assert_problem(await signing_world.http.get(path, headers=headers), 401, "unauthenticated")
    assert_problem(await signing_world.http.post(f"{ME}/redeem", headers=headers), 403, "read_only")
    assert signing_world.omneo_redemptions() == []


async def test_a_customer_whom_omneo_does_not_know_yet_gets_a_token_without_a_profile(signing_world: World) -> None:
    token = (await exchange(signing_world, signed(CHLOE))).json()["token"]
    assert jwt.decode(token, options={"verify_signature": False})["pid"] == "null"


@pytest.mark.parametrize(
    "body",
    [
        signed(ADA) | {"id": str(BENEDIKT)},
        signed(ADA, "a-secret-that-somebody-guessed"),
        signed(ADA, seed.CLIENT_SECRET),
        signed(ADA) | {"signature": signed(ADA)["signature"].upper()},
        signed(f"gid://shopify/{ADA}"),
        signed(0),
    ],
)
async def test_what_is_not_signed_is_refused_and_says_no_more(signing_world: World, body: dict[str, Any]) -> None:
    answer = await exchange(signing_world, body)
    problem = assert_problem(answer, 401, "unauthenticated")
    assert problem["message"]
    assert str(body["signature"]) not in answer.text
    line = said(signing_world, answer, "caller.refused")
    assert line["reason"].startswith("customer_signature_")
    assert str(body["signature"]) not in signing_world.log.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"id": ADA},
        {"signature": signed(ADA)["signature"]},
        signed(ADA) | {"shop": "x"},
        signed(ADA) | {"id": True},
        signed(ADA) | {"id": None},
        signed(ADA) | {"id": [ADA]},
        signed(ADA) | {"signature": 5e300},
        signed(ADA) | {"id": "1" * 400},
    ],
)
async def test_what_is_not_understood_is_a_400(signing_world: World, body: Any) -> None:
    assert_problem(await exchange(signing_world, body), 400, "invalid_request")


async def test_a_body_of_megabytes_is_not_read(signing_world: World) -> None:
    answer = await signing_world.http.post(PATH, content=b"x" * 10_000_000)
    assert_problem(answer, 413, "too_large")


async def test_a_signature_never_counts_in_a_query(signing_world: World) -> None:
    body = signed(ADA)
    answer = await signing_world.http.post(f"{PATH}?id={body['id']}&signature={body['signature']}")
    assert_problem(answer, 400, "invalid_request")
    assert body["signature"] not in signing_world.log.getvalue()
    assert_problem(await signing_world.http.get(PATH), 405, "method_not_allowed")


async def test_without_a_secret_there_is_no_such_way(shared_world: World) -> None:
    for body in (signed(ADA), signed(ADA, ""), {}):
        assert_problem(await exchange(shared_world, body), 404, "not_found")


async def test_that_it_is_on_is_told_at_the_start(signing_world: World, shared_world: World) -> None:
    (line,) = [e for e in signing_world.events() if e["event"] == "risk.taken"]
    assert (line["level"], line["shop"], line["setting"]) == ("warning", seed.SHOP_DOMAIN, "OMNEO_ID_SECRET")
    assert SECRET not in signing_world.log.getvalue()
    assert [e for e in shared_world.events() if e["event"] == "risk.taken"] == []


async def test_of_several_shops_it_is_the_one_whose_secret_signed(databases: Databases, tmp_path: Path) -> None:
    own = {"north": {"omneo_id_secret": "the-secret-of-north"}, "east": {"omneo_id_secret": "the-secret-of-east"}}
    async with open_shops(databases.sqlite(tmp_path / "proxy.db"), own) as shops:
        for world, name in ((shops.north, "north"), (shops.east, "east")):
            answer = await exchange(world, signed(ADA, f"the-secret-of-{name}"))
            token = answer.json()["token"]
            assert jwt.decode(token, options={"verify_signature": False})["aud"] == world.shop.shop_domain
            others = [other.omneo.requests.copy() for other in shops if other.omneo is not world.omneo]
            assert (await world.http.get(ME, headers={"Authorization": f"Bearer {token}"})).status_code == 200
            assert [o.omneo.requests for o in shops if o.omneo is not world.omneo] == others
        assert_problem(await exchange(shops.south, signed(ADA, "the-secret-of-south")), 401, "unauthenticated")
