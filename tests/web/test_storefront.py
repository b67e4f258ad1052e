"""The app proxy: a theme asks on its own domain, Shopify signs, we answer with a transient token."""

import time
from urllib.parse import parse_qsl, urlencode

import httpx
import jwt
import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.web.questions import assert_problem, proxied, said
from tests.world.world import ADA, BENEDIKT, CHLOE, World

pytestmark = pytest.mark.anyio


async def _shop(world: World, path: str, customer: int | None) -> httpx.Response:
    """Ask as a visitor of the shop does: on its domain, through Shopify."""
    headers = {"X-Sandbox-Customer": str(customer)} if customer else {}
    async with httpx.AsyncClient(base_url=world.urls["shopify"], trust_env=False) as visitor:
        return await visitor.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/apps/rewards", "/apps/rewards/", "/apps/rewards/token", "/apps/rewards?x=1&y=a+b"])
async def test_a_customer_gets_a_token_that_works(shared_world: World, path: str) -> None:
    answer = await _shop(shared_world, path, ADA)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"token", "expiry"}
    assert answer.headers["x-omneo-tenant"] == seed.OMNEO_TENANT
    assert answer.headers["x-omneo-is-anon"] == "false"
    assert "no-store" in answer.headers["cache-control"]
    assert 0 < answer.json()["expiry"] - time.time() <= 900
    claims = jwt.decode(answer.json()["token"], options={"verify_signature": False})
    assert claims["sub"] == str(ADA)
    assert claims["pid"] == seed.ADA.profile_id
    assert claims["exp"] == answer.json()["expiry"]
    rewards = await shared_world.http.get("/v1/rewards", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert rewards.json()["balance"]["total"]["amount"] == "25.00"


async def test_a_visitor_gets_an_anonymous_token_that_opens_nothing(shared_world: World) -> None:
    answer = await _shop(shared_world, "/apps/rewards", None)
    assert answer.status_code == 200
    assert answer.headers["x-omneo-is-anon"] == "true"
    token = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert_problem(await shared_world.http.get("/v1/rewards", headers=token), 403, "login_required")


async def test_a_customer_whom_omneo_does_not_know_yet_gets_a_token_all_the_same(shared_world: World) -> None:
    answer = await _shop(shared_world, "/apps/rewards", CHLOE)
    assert answer.headers["x-omneo-is-anon"] == "false"
    token = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert (await shared_world.http.get("/v1/rewards", headers=token)).json()["status"] == "pending_profile"


async def test_a_token_is_given_while_omneo_is_down(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault("*", "server_error", times=None))
    answer = await _shop(sqlite_world, "/apps/rewards", ADA)
    assert (answer.status_code, answer.headers["x-omneo-is-anon"]) == (200, "false")


async def test_a_theme_redeems_with_its_token(sqlite_world: World) -> None:
    token = (await _shop(sqlite_world, "/apps/rewards", ADA)).json()["token"]
    answer = await sqlite_world.http.post(
        "/v1/redemptions",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"},
        json={"amount": {"amount": "5.00", "currencyCode": "AUD"}, "cart": "c"},
    )
    assert answer.status_code == 201, answer.text
    assert answer.json()["surface"] == "storefront"
    taken_back = await sqlite_world.http.delete(
        f"/v1/redemptions/{answer.json()['id']}", headers={"Authorization": f"Bearer {token}"}
    )
    assert taken_back.json()["state"] == "releasing"


async def test_a_transient_token_ends_with_its_lifetime(sqlite_world: World) -> None:
    token = (await sqlite_world.http.get(f"/storefront?{proxied(sqlite_world)}")).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await sqlite_world.http.get("/v1/rewards", headers=headers)).status_code == 200
    sqlite_world.clock.advance(911)
    assert_problem(await sqlite_world.http.get("/v1/rewards", headers=headers), 401, "unauthenticated")


async def test_no_path_is_answered_with_a_redirect_that_would_carry_the_query(shared_world: World) -> None:
    query = proxied(shared_world)
    for path in (
        "/storefront",
        "/storefront/",
        "/storefront/token",
        "/storefront/token/",
        "/storefront//",
        "/v1/rewards/",
    ):
        answer = await shared_world.http.get(f"{path}?{query}")
        assert answer.status_code in (200, 404), path
        assert "location" not in answer.headers
        assert "signature=" not in answer.text + str(answer.headers)


def _changed(query: str, **values: str | None) -> str:
    pairs = [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if k not in values]
    return urlencode([*pairs, *((k, v) for k, v in values.items() if v is not None)])


async def _refused(world: World, query: str) -> str:
    answer = await world.http.get(f"/storefront?{query}")
    assert_problem(answer, 401, "unauthenticated")
    return str(said(world, answer, "caller.refused")["reason"])


async def test_a_query_that_shopify_did_not_sign_is_refused(shared_world: World) -> None:
    good = proxied(shared_world)
    refusals = [
        _changed(good, logged_in_customer_id=str(BENEDIKT)),
        _changed(good, extra="1"),
        _changed(good, signature="0" * 64),
        _changed(good, signature=None),
        _changed(good, signature="é" * 64),
        _changed(good, shop="other-shop.myshopify.com"),
        _changed(good, timestamp=None),
        good + "&logged_in_customer_id=" + str(BENEDIKT),
        good + "&" + good,
        "",
        "&&&",
        "%",
    ]
    for query in refusals:
        assert await _refused(shared_world, query)


async def test_a_stale_signature_is_refused_in_both_directions(shared_world: World) -> None:
    now = int(time.time())
    for seconds in (-120, 120):
        assert await _refused(shared_world, proxied(shared_world, at_s=now + seconds)) == "timestamp_outside_window"
    assert (await shared_world.http.get(f"/storefront?{proxied(shared_world, at_s=now - 60)}")).status_code == 200


async def test_a_query_cut_anew_makes_nobody_another_customer(shared_world: World) -> None:
    """One signature fits every way to cut the signed text into parameters; the visitor wrote a part of that text."""
    now = str(int(time.time()))
    hidden = f"logged_in_customer_id={BENEDIKT}path_prefix=/apps/rewardsshop={seed.SHOP_DOMAIN}timestamp={now}"
    # Shopify refuses nothing of this: it signs what a logged-in customer asked for.
    signed = dict(parse_qsl(proxied(shared_world, ADA, urlencode({"a": "", "z": hidden})), keep_blank_values=True))
    before = f"logged_in_customer_id={ADA}path_prefix={signed['path_prefix']}shop={signed['shop']}"
    recut = {
        "a": f"{before}timestamp={signed['timestamp']}z=",
        "logged_in_customer_id": str(BENEDIKT),
        "path_prefix": "/apps/rewards",
        "shop": seed.SHOP_DOMAIN,
        "timestamp": now,
        "signature": signed["signature"],
    }
    assert await _refused(shared_world, urlencode(recut)) == "query_ambiguous"


async def test_the_query_and_its_signature_are_never_logged(shared_world: World) -> None:
    good = proxied(shared_world, query="campaign=summer-of-visitors")
    await shared_world.http.get(f"/storefront?{good}")
    await _refused(shared_world, _changed(good, timestamp="1"))
    await _refused(shared_world, good + "&x=1")
    log = shared_world.log.getvalue()
    signature = dict(parse_qsl(good))["signature"]
    for secret in (signature, "signature=", "summer-of-visitors", "path_prefix="):
        assert secret not in log
