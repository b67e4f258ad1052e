"""One key, one redemption, over the wire."""

import asyncio
import json
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox.faults import Fault
from proxy.web.wire import MoneyIn
from proxy.web.wire_redemption import RedeemIn
from tests.web.questions import assert_problem, at, aud, till, till_wish, wish
from tests.world.world import ADA, BENEDIKT, World

pytestmark = pytest.mark.anyio

CREATE = "graphql CodeCreate"


async def _post(world: World, key: str | bytes | None, body: object = None, customer: int = ADA) -> httpx.Response:
    given = wish() if body is None else body
    content = given if isinstance(given, bytes) else json.dumps(given).encode()
    keyed = [] if key is None else [(b"idempotency-key", key if isinstance(key, bytes) else key.encode())]
    headers = [(k.encode(), v.encode()) for k, v in at(world, customer).items()] + keyed
    return await world.http.post("/v1/redemptions", headers=headers, content=content)


def _codes(world: World) -> list[str]:
    return [d.code for d in world.shopify.state.discounts.values()]


async def test_a_wish_without_a_key_is_refused_and_nothing_happens(sqlite_world: World) -> None:
    assert_problem(await _post(sqlite_world, None), 400, "idempotency_key_missing")
    headers = {"Authorization": f"Bearer {sqlite_world.token(None, 'pos')}"}
    till_answer = await sqlite_world.http.post("/v1/pos/redemptions", headers=headers, json=till_wish())
    assert_problem(till_answer, 400, "idempotency_key_missing")
    assert _codes(sqlite_world) == []


@pytest.mark.parametrize("key", ["", '""', "a b", "a\tb", "é".encode("latin-1"), "k" * 256])
async def test_a_key_that_is_no_key_is_refused(shared_world: World, key: str | bytes) -> None:
    body = assert_problem(await _post(shared_world, key), 400, "invalid_request")
    assert body["field"] == "Idempotency-Key"


async def test_a_repeated_wish_replays_the_same_redemption(sqlite_world: World) -> None:
    first = await _post(sqlite_world, "key-1")
    again = await _post(sqlite_world, "key-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert _codes(sqlite_world) == [first.json()["code"]]
    assert sqlite_world.shopify.calls[CREATE] == 1
    assert (await sqlite_world.rewards())["balance"]["available"]["amount"] == "20.00"


async def test_a_quoted_key_is_the_same_key(sqlite_world: World) -> None:
    first = await _post(sqlite_world, '"key-1"')
    again = await _post(sqlite_world, "key-1")
    assert again.json()["id"] == first.json()["id"]
    assert again.headers["idempotency-replayed"] == "true"


async def test_spacing_order_and_defaults_make_no_other_wish(sqlite_world: World) -> None:
    first = await _post(sqlite_world, "key-1", b'{"amount":{"amount":"5.00","currencyCode":"AUD"},"cart":"cart-1"}')
    spaced = b'{ "take_over": false,\n "cart": "cart-1", "amount": {"currencyCode": "AUD", "amount": "5.00"} }'
    again = await _post(sqlite_world, "key-1", spaced)
    assert again.headers.get("idempotency-replayed") == "true", again.text
    assert again.json()["id"] == first.json()["id"]


async def test_the_same_key_with_another_wish_is_refused(sqlite_world: World) -> None:
    first = await _post(sqlite_world, "key-1")
    for other in (wish("6.00"), wish(cart="cart-2"), wish(take_over=True), {"amount": aud("5.00")}):
        assert_problem(await _post(sqlite_world, "key-1", other), 422, "idempotency_key_reused")
    assert _codes(sqlite_world) == [first.json()["code"]]


async def test_wishes_at_the_same_time_with_one_key_make_one_redemption(sqlite_world: World) -> None:
    sqlite_world.shopify.faults.add(Fault(CREATE, "latency", latency_ms=100))
    answers = await asyncio.gather(*(_post(sqlite_world, "key-1") for _ in range(8)))
    made = [a for a in answers if a.status_code == 201]
    assert made
    assert len({a.json()["id"] for a in made}) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "in_flight", retryable=True)
    assert len(_codes(sqlite_world)) == 1
    assert (await sqlite_world.rewards())["balance"]["held"]["amount"] == "5.00"


async def test_a_final_refusal_replays_although_things_have_changed(sqlite_world: World) -> None:
    first = assert_problem(await _post(sqlite_world, "key-1", wish("25.01")), 409, "insufficient_balance")
    assert first["available"] == aud("25.00")
    await sqlite_world.redeemed("5.00")
    again = assert_problem(await _post(sqlite_world, "key-1", wish("25.01")), 409, "insufficient_balance")
    assert again == first
    assert_problem(await _post(sqlite_world, "key-1", wish("1.00")), 422, "idempotency_key_reused")
    below = await _post(sqlite_world, "key-2", wish("0.10"))
    assert (await _post(sqlite_world, "key-2", wish("0.10"))).json() == below.json()


async def test_what_could_not_be_read_claims_no_key(sqlite_world: World) -> None:
    assert_problem(await _post(sqlite_world, "key-1", wish("five")), 400, "invalid_request")
    assert (await _post(sqlite_world, "key-1")).status_code == 201


async def test_a_refusal_that_trying_again_may_mend_frees_the_key_and_the_value(sqlite_world: World) -> None:
    # Without an access token nothing can have been sent.
    sqlite_world.shopify.faults.add(Fault("POST /admin/oauth/access_token", "server_error", times=None))
    assert_problem(await _post(sqlite_world, "key-1"), 503, "upstream_unavailable", retryable=True)
    assert (await sqlite_world.rewards())["balance"]["available"]["amount"] == "25.00"
    sqlite_world.shopify.faults.clear()
    answer = await _post(sqlite_world, "key-1")
    assert answer.status_code == 201, answer.text
    assert "idempotency-replayed" not in answer.headers
    assert _codes(sqlite_world) == [answer.json()["code"]]


async def test_a_busy_upstream_before_the_hold_frees_the_key(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault("*", "server_error", times=None))
    assert_problem(await _post(sqlite_world, "key-1"), 503, "upstream_unavailable", retryable=True)
    sqlite_world.omneo.faults.clear()
    assert (await _post(sqlite_world, "key-1")).status_code == 201


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_after_an_unknown_outcome_the_key_resumes_the_same_redemption(sqlite_world: World, kind: str) -> None:
    sqlite_world.shopify.faults.add(Fault(CREATE, kind, times=None))
    assert_problem(await _post(sqlite_world, "key-1"), 503, "outcome_pending", retryable=True)
    pending = [e["redemption"] for e in sqlite_world.events() if e["event"] == "redemption.held"]
    assert_problem(await _post(sqlite_world, "key-1"), 503, "outcome_pending", retryable=True)
    assert_problem(await _post(sqlite_world, "key-1", wish("6.00")), 422, "idempotency_key_reused")
    sqlite_world.shopify.faults.clear()
    answer = await _post(sqlite_world, "key-1")
    assert answer.status_code == 201, answer.text
    assert [answer.json()["id"]] == pending
    assert answer.json()["state"] == "issued"
    assert _codes(sqlite_world) == [answer.json()["code"]]
    assert (await sqlite_world.rewards())["balance"]["held"]["amount"] == "5.00"


async def test_while_the_outcome_is_unknown_the_value_is_not_offered_again(sqlite_world: World) -> None:
    assert (await sqlite_world.rewards())["balance"]["available"]["amount"] == "25.00"
    sqlite_world.shopify.faults.add(Fault(CREATE, "drop_after", times=None))
    assert_problem(await _post(sqlite_world, "key-1"), 503, "outcome_pending", retryable=True)
    assert (await sqlite_world.rewards())["balance"]["available"]["amount"] == "20.00"
    sqlite_world.shopify.faults.clear()


async def test_a_replay_after_the_release_shows_where_it_is_and_no_code(sqlite_world: World) -> None:
    first = (await _post(sqlite_world, "key-1")).json()
    await sqlite_world.http.delete(f"/v1/redemptions/{first['id']}", headers=at(sqlite_world))
    releasing = await _post(sqlite_world, "key-1")
    assert (releasing.status_code, releasing.headers["idempotency-replayed"]) == (201, "true")
    assert releasing.json()["id"] == first["id"]
    assert releasing.json()["state"] == "releasing"
    assert releasing.json()["code"] is None
    sqlite_world.clock.advance(130)
    await sqlite_world.eventually(lambda: _is(sqlite_world, first["id"], "released"))
    released = (await _post(sqlite_world, "key-1")).json()
    assert (released["id"], released["state"], released["code"]) == (first["id"], "released", None)


async def _is(world: World, redemption: str, state: str) -> bool:
    answer = await world.http.get(f"/v1/redemptions/{redemption}", headers=at(world))
    return bool(answer.json()["state"] == state)


async def test_a_key_belongs_to_its_customer(sqlite_world: World) -> None:
    adas = await _post(sqlite_world, "key-1")
    benedikts = await _post(sqlite_world, "key-1", customer=BENEDIKT)
    assert (adas.status_code, benedikts.status_code) == (201, 201)
    assert adas.json()["id"] != benedikts.json()["id"]
    assert "idempotency-replayed" not in benedikts.headers


async def test_at_a_till_a_key_belongs_to_login_and_device(sqlite_world: World) -> None:
    first = await till(sqlite_world, key="key-1")
    assert first.status_code == 201, first.text
    assert (await till(sqlite_world, key="key-1")).headers["idempotency-replayed"] == "true"
    # The same device with the same key cannot mean another customer.
    assert_problem(await till(sqlite_world, key="key-1", customer=BENEDIKT), 422, "idempotency_key_reused")
    other_device = await till(sqlite_world, key="key-1", customer=BENEDIKT, device_id="till-2")
    assert other_device.status_code == 201, other_device.text
    # For the other login the key is new; so the till's open redemption of the same cart is replaced.
    other_login = await till(sqlite_world, key="key-1", user=43)
    assert other_login.status_code == 201, other_login.text
    assert "idempotency-replayed" not in other_login.headers
    assert other_login.json()["id"] != first.json()["id"]


async def test_a_customers_key_is_not_a_tills(sqlite_world: World) -> None:
    key = uuid4().hex
    assert (await _post(sqlite_world, key)).status_code == 201
    answer = await till(sqlite_world, key=key)
    assert_problem(answer, 409, "held_elsewhere")


async def test_a_field_that_an_older_release_did_not_know_changes_nothing_where_it_is_empty() -> None:
    """The hash stands in the ledger: a request that is repeated while releases change is the same request."""
    said = RedeemIn(amount=MoneyIn(amount="5.00", currencyCode="AUD"), cart=None).said()
    assert said == {"amount": {"amount": "5.00", "currencyCode": "AUD"}, "cart": None, "take_over": False}
