"""Extensions run at an origin of nobody: every answer must be readable there."""

import pytest

from tests.web.questions import NOBODYS, ask, assert_open, assert_problem, at, proxied, routes, said, spoil, wish
from tests.world.world import World

pytestmark = pytest.mark.anyio

ORIGIN = "https://extensions.example"


async def test_a_preflight_of_any_route_is_204_for_everyone(shared_world: World) -> None:
    headers = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    for _, path in [*routes(shared_world), ("", "/no/such/route")]:
        answer = await shared_world.http.options(path.replace("{id}", NOBODYS), headers=headers)
        assert answer.status_code == 204, path
        assert answer.content == b""
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        methods = {m.strip() for m in answer.headers["access-control-allow-methods"].split(",")}
        assert {"GET", "POST", "DELETE"} <= methods
        allowed = {h.strip().lower() for h in answer.headers["access-control-allow-headers"].split(",")}
        assert {"authorization", "content-type", "idempotency-key"} <= allowed
        assert answer.headers["access-control-max-age"] == "7200"
        assert ORIGIN not in str(answer.headers)


async def test_every_route_answers_to_any_origin_and_echoes_none(shared_world: World) -> None:
    for method, path in routes(shared_world):
        answer = await ask(shared_world, method, path, None)
        assert_open(answer)
    for headers in (at(shared_world), {}):
        answer = await shared_world.http.get("/v1/rewards", headers=headers | {"Origin": ORIGIN})
        assert_open(answer)
        assert ORIGIN not in str(answer.headers)
    answer = await shared_world.http.get(f"/storefront?{proxied(shared_world)}", headers={"Origin": ORIGIN})
    assert_open(answer)


async def test_what_a_client_needs_to_read_is_exposed_to_it(shared_world: World) -> None:
    answer = await shared_world.http.get("/v1/rewards")
    exposed = {h.strip().lower() for h in answer.headers["access-control-expose-headers"].split(",")}
    assert {"idempotency-replayed", "retry-after", "x-request-id", "x-omneo-tenant", "x-omneo-is-anon"} <= exposed


async def test_an_unknown_path_is_a_problem_too(shared_world: World) -> None:
    for path in ("/", "/v1", "/v1/rewards/", "/v1//rewards", "/storefront/token/", "/nope", "/webhooks/shopify"):
        assert_problem(await shared_world.http.get(path), 404, "not_found")


async def test_a_wrong_method_is_a_problem_that_names_the_right_ones(shared_world: World) -> None:
    redemption = await shared_world.http.put(f"/v1/redemptions/{NOBODYS}")
    assert_problem(redemption, 405, "method_not_allowed")
    assert {m.strip() for m in redemption.headers["allow"].split(",")} == {"GET", "HEAD", "DELETE"}
    assert_problem(await shared_world.http.get("/v1/redemptions"), 405, "method_not_allowed")
    assert_problem(await shared_world.http.get("/webhooks/shopify/orders"), 405, "method_not_allowed")
    assert_problem(await shared_world.http.post("/v1/rewards"), 405, "method_not_allowed")


async def _in_pieces(size: int) -> object:
    for _ in range(size // 100_000):
        yield b"x" * 100_000


async def test_a_body_beyond_the_limit_is_a_413_problem_declared_or_not(shared_world: World) -> None:
    key = at(shared_world) | {"Idempotency-Key": "k"}
    declared = await shared_world.http.post("/v1/redemptions", headers=key, content=b"x" * 10_000_000)
    assert_problem(declared, 413, "too_large")
    chunked = await shared_world.http.post("/v1/redemptions", headers=key, content=_in_pieces(10_000_000))
    assert_problem(chunked, 413, "too_large")
    webhook = await shared_world.http.post("/webhooks/shopify/orders", content=b"x" * 10_000_000)
    assert_problem(webhook, 413, "too_large")


async def test_a_refusal_by_the_rules_is_readable_from_any_origin(shared_world: World) -> None:
    headers = at(shared_world) | {"Idempotency-Key": "k"}
    answer = await shared_world.http.post("/v1/redemptions", headers=headers, json=wish("0.10"))
    assert_problem(answer, 422, "below_minimum")


async def test_a_fault_of_our_own_is_a_500_problem_without_a_word_about_it(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    spoil(sqlite_world, "UPDATE redemptions SET state = 'no-such-state'")
    answer = await sqlite_world.http.get(f"/v1/redemptions/{redemption['id']}", headers=at(sqlite_world))
    body = assert_problem(answer, 500, "internal")
    assert set(body) == {"type", "title", "status", "code", "retryable"}
    assert "no-such-state" not in answer.text
    assert "no-such-state" in said(sqlite_world, answer, "request.failed")["exception"]
