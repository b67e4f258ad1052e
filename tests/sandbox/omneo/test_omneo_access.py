"""Tokens: server tokens and their scopes, and the ID proxy's tokens for one customer."""

import jwt
import pytest

from proxy.sandbox import seed
from proxy.sandbox.omneo import ApiToken, OmneoConfig, OmneoSandbox

pytestmark = pytest.mark.anyio


async def id_token(omneo, **body):
    return (await omneo.call("POST", "/id/api/v1/auth/token", body)).json()["data"]


async def as_customer(omneo, token, method, path, body=None):
    headers = {"Authorization": f"Bearer {token}"}
    return await omneo.http.request(method, f"/id/api/v1{path}", json=body, headers=headers)


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic eDp5", "Bearer "])
async def test_a_missing_or_unknown_bearer_is_unauthenticated(omneo, header):
    for path in ("/auth/verify", "/profiles", "/profiles/nobody/balances"):
        answer = await omneo.http.get("/api/v3" + path, headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.json() == {"message": "Unauthenticated."}


async def test_verify_and_health_answer_200_without_json(omneo):
    verified = await omneo.call("GET", "/auth/verify")
    assert (verified.status_code, verified.content) == (200, b"")
    health = await omneo.http.get("/api/health", headers={"Authorization": ""})
    assert (health.status_code, health.text) == (200, "OK")


async def test_a_token_without_the_scope_is_forbidden(omneo):
    body = {"name": "reader", "scopes": ["read-profiles", "read-rewards"]}
    made = (await omneo.call("POST", "/auth/api-tokens", body)).json()
    headers = {"Authorization": f"Bearer {made['accessToken']}"}
    path = f"/api/v3/profiles/{omneo.ada}"
    assert (await omneo.http.get(path, headers=headers)).status_code == 200
    refused = await omneo.http.post(path + "/redeem", json={"amount": 1}, headers=headers)
    assert refused.status_code == 403
    assert refused.json()["message"]
    assert await omneo.remaining(omneo.ada) == [10, 15]
    deleted = await omneo.call("DELETE", "/auth/api-tokens/reader")
    assert deleted.status_code == 204
    assert (await omneo.http.get(path, headers=headers)).status_code == 401


async def test_an_id_token_names_the_profile_and_its_expiry(omneo):
    data = await id_token(omneo, id="1001", id_handle="shopify")
    claims = jwt.decode(data["token"], options={"verify_signature": False})
    assert claims == {"pid": omneo.ada, "exp": data["exp"]}
    me = await as_customer(omneo, data["token"], "GET", "/profiles/me")
    assert me.json()["data"]["id"] == omneo.ada


async def test_me_mirrors_what_belongs_to_the_profile(omneo):
    token = (await id_token(omneo, id=omneo.ada))["token"]
    for name in ("balances", "rewards", "benefits", "redemptions", "transactions", "tiers", "points"):
        answer = await as_customer(omneo, token, "GET", f"/profiles/me/{name}")
        assert answer.status_code == 200, name
    spent = await as_customer(omneo, token, "POST", "/profiles/me/redeem", {"amount": 5})
    assert spent.json()["data"]["balances"]["reward_balance"] == 20
    identity = {"handle": "card", "identifier": "9"}
    made = await as_customer(omneo, token, "POST", "/profiles/me/identities", identity)
    assert made.json()["data"]["profile_id"] == omneo.ada


async def test_an_anonymous_token_has_no_me(omneo):
    token = (await id_token(omneo, id=""))["token"]
    assert jwt.decode(token, options={"verify_signature": False})["pid"] == "null"
    assert (await as_customer(omneo, token, "GET", "/profiles/me")).status_code == 404


async def test_an_expired_or_forged_id_token_is_unauthenticated(omneo):
    token = (await id_token(omneo, id=omneo.ada))["token"]
    forged = jwt.encode({"pid": omneo.ada, "exp": 4102444800}, "x" * 32, algorithm="HS256")
    assert (await as_customer(omneo, forged, "GET", "/profiles/me")).status_code == 401
    omneo.sandbox.clock.advance(3601)
    assert (await as_customer(omneo, token, "GET", "/profiles/me")).status_code == 401


async def test_minting_needs_a_server_token_and_a_known_identity(omneo):
    unknown = await omneo.call("POST", "/id/api/v1/auth/token", {"id": "1003", "id_handle": "shopify"})
    assert unknown.status_code == 404
    handle_only = await omneo.call("POST", "/id/api/v1/auth/token", {"id": "", "id_handle": "shopify"})
    assert handle_only.status_code == 422
    bare = await omneo.http.post("/id/api/v1/auth/token", json={}, headers={"Authorization": ""})
    assert bare.status_code == 401


async def test_settings_change_what_the_tenant_supports(omneo):
    config = OmneoConfig(guide_paths=True, strict_supported=False, tokens=(ApiToken(seed.OMNEO_TOKEN, "t"),))
    other = OmneoSandbox(omneo.sandbox.clock, config)
    omneo.http._transport.app = other.app
    answer = await omneo.call("POST", f"/profiles/{omneo.ada}/redemptions", {"amount": 99, "strict": True})
    assert answer.json()["data"]["total"] == 40
    found = await omneo.get("/identities/search", handle="shopify", identifier="1001")
    assert found["profile_id"] == omneo.ada
