"""Who gets in where."""

import pytest

from tests.web.questions import ASKING, ask, assert_problem, proxied, routes, said, token_of
from tests.world.world import ADA, World

pytestmark = pytest.mark.anyio

CUSTOMERS = ("checkout", "customer_account", "transient")
GUESTS = ("guest", "anonymous")
STRANGERS = (
    "expired checkout",
    "expired pos",
    "foreign audience",
    "foreign shop",
    "foreign pos",
    "foreign secret",
    "foreign transient",
    "garbage",
    "none",
)


def _doors(world: World, staff: bool) -> list[tuple[str, str]]:
    return [(m, p) for m, p in routes(world) if p.startswith("/v1/") and p.startswith("/v1/pos/") is staff]


@pytest.mark.parametrize("kind", CUSTOMERS)
async def test_a_customer_gets_in_at_the_customers_routes(sqlite_world: World, kind: str) -> None:
    token = await token_of(sqlite_world, kind)
    for method, path in _doors(sqlite_world, staff=False):
        answer = await ask(sqlite_world, method, path, token)
        made = method == "POST" and path not in ASKING
        expected = 404 if "{id}" in path else 201 if made else 200
        assert answer.status_code == expected, (method, path, answer.text)


async def test_staff_gets_in_at_the_tills_routes(sqlite_world: World) -> None:
    token = await token_of(sqlite_world, "pos")
    for method, path in _doors(sqlite_world, staff=True):
        answer = await ask(sqlite_world, method, path, token)
        made = method == "POST" and path not in ASKING
        nobodys = "redemptions/{id}" in path or "approvals/{id}" in path
        expected = 404 if nobodys else 201 if made else 200
        assert answer.status_code == expected, (method, path, answer.text)


@pytest.mark.parametrize("kind", GUESTS)
async def test_a_guest_is_asked_to_sign_in(shared_world: World, kind: str) -> None:
    token = await token_of(shared_world, kind)
    for method, path in _doors(shared_world, staff=False):
        answer = await ask(shared_world, method, path, token)
        assert_problem(answer, 403, "login_required")
        assert said(shared_world, answer, "request.refused")["code"] == "login_required"


@pytest.mark.parametrize("kind", [*STRANGERS, "pos"])
async def test_nobody_else_gets_in_at_the_customers_routes(shared_world: World, kind: str) -> None:
    await _refused_at(shared_world, kind, staff=False)


@pytest.mark.parametrize("kind", [*STRANGERS, *CUSTOMERS, *GUESTS])
async def test_nobody_but_staff_gets_in_at_the_tills_routes(shared_world: World, kind: str) -> None:
    await _refused_at(shared_world, kind, staff=True)


async def _refused_at(world: World, kind: str, *, staff: bool) -> None:
    token = await token_of(world, kind)
    for method, path in _doors(world, staff):
        answer = await ask(world, method, path, token)
        body = assert_problem(answer, 401, "unauthenticated")
        # What exactly was wrong would only help whoever forges.
        assert set(body) == {"type", "title", "status", "code", "retryable"}
        assert token is None or token not in answer.text + str(answer.headers)
        line = said(world, answer, "caller.refused")
        assert line["reason"]
        assert line["route"] == path
        assert token is None or token not in str(line)


async def test_a_refusal_of_the_caller_comes_before_anything_else_is_read(shared_world: World) -> None:
    for path in ("/v1/redemptions", "/v1/pos/redemptions"):
        answer = await shared_world.http.post(path, content=b"not json")
        assert_problem(answer, 401, "unauthenticated")
    answer = await shared_world.http.get("/v1/redemptions/not-an-id")
    assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("kind", [*CUSTOMERS, "pos", "garbage", "none"])
async def test_a_bearer_token_opens_neither_the_storefront_nor_the_webhooks(shared_world: World, kind: str) -> None:
    token = await token_of(shared_world, kind)
    for path in ("/storefront", "/storefront/", "/storefront/token"):
        assert_problem(await ask(shared_world, "GET", path, token), 401, "unauthenticated")
    assert_problem(await ask(shared_world, "POST", "/webhooks/shopify/{group}", token), 401, "unauthenticated")


async def test_a_signed_storefront_query_opens_no_other_route(shared_world: World) -> None:
    for method, path in [*_doors(shared_world, staff=False), *_doors(shared_world, staff=True)]:
        answer = await ask(shared_world, method, f"{path}?{proxied(shared_world)}", None)
        assert_problem(answer, 401, "unauthenticated")


async def test_what_operators_ask_needs_no_caller_and_is_not_disturbed_by_a_bad_one(shared_world: World) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        for kind in ("none", "garbage", "checkout"):
            answer = await ask(shared_world, "GET", path, await token_of(shared_world, kind))
            assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Basic YTpi", "Bearer a b", "Bearer " + "a" * 9000, "Bearer é".encode("latin-1")],
)
async def test_a_malformed_authorization_header_is_a_401_and_never_a_500(
    shared_world: World, header: str | bytes
) -> None:
    raw = header.encode() if isinstance(header, str) else header
    answer = await shared_world.http.get("/v1/rewards", headers=[(b"authorization", raw)])
    assert_problem(answer, 401, "unauthenticated")


async def test_the_customer_is_whom_the_token_proves_whatever_the_request_says(shared_world: World) -> None:
    answer = await shared_world.http.get(
        "/v1/rewards?customer_id=1002&logged_in_customer_id=1002",
        headers=shared_world.bearer(ADA) | {"X-Shopify-Customer-Id": "1002"},
    )
    assert answer.json()["balance"]["total"]["amount"] == "25.00"


async def test_a_token_ends_when_its_time_is_over_although_it_was_proven_before(sqlite_world: World) -> None:
    token = sqlite_world.bearer()
    assert (await sqlite_world.http.get("/v1/rewards", headers=token)).status_code == 200
    sqlite_world.clock.advance(311)
    assert_problem(await sqlite_world.http.get("/v1/rewards", headers=token), 401, "unauthenticated")
