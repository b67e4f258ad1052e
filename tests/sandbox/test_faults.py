"""Every fault, as a client sees it over a real socket, and the control endpoint that switches it."""

import asyncio
import time

import httpx
import pytest

from proxy.sandbox.faults import Fault, Faults, normalised

pytestmark = pytest.mark.anyio

REDEEM = "POST /api/v3/profiles/*/redeem"


async def arm(omneo, kind, route=REDEEM, **more):
    answer = await omneo.call("POST", "/_sandbox/faults", {"route": route, "kind": kind, **more})
    assert answer.status_code == 200, answer.text


async def balance(omneo):
    return (await omneo.get(f"/profiles/{omneo.ada}/balances"))["reward_balance"]


async def test_latency_delays_and_nothing_else(served_omneo):
    await arm(served_omneo, "latency", latency_ms=80)
    started = time.monotonic()
    assert (await served_omneo.redeem(served_omneo.ada, amount=1)).is_success
    assert time.monotonic() - started >= 0.08


async def test_a_caller_that_gives_up_waiting_is_served_all_the_same(served_omneo):
    await arm(served_omneo, "latency", latency_ms=150)
    with pytest.raises(httpx.ReadTimeout):
        await served_omneo.http.post(f"/api/v3/profiles/{served_omneo.ada}/redeem", json={"amount": 1}, timeout=0.05)
    async with asyncio.timeout(3):
        while await balance(served_omneo) == 25:
            pass
    assert await balance(served_omneo) == 24


async def test_drop_before_cuts_the_connection_and_nothing_happened(served_omneo):
    await arm(served_omneo, "drop_before")
    with pytest.raises(httpx.TransportError):
        await served_omneo.redeem(served_omneo.ada, amount=1)
    assert await balance(served_omneo) == 25


async def test_drop_after_cuts_the_connection_though_the_value_is_spent(served_omneo):
    await arm(served_omneo, "drop_after")
    with pytest.raises(httpx.TransportError):
        await served_omneo.redeem(served_omneo.ada, amount=1)
    assert await balance(served_omneo) == 24


@pytest.mark.parametrize(("retry_after_s", "header"), [(None, None), (2, "2"), (0.5, "0.5")])
async def test_rate_limited_is_429_with_or_without_retry_after(served_omneo, retry_after_s, header):
    await arm(served_omneo, "rate_limited", retry_after_s=retry_after_s)
    answer = await served_omneo.redeem(served_omneo.ada, amount=1)
    assert answer.status_code == 429
    assert answer.headers.get("retry-after") == header
    assert await balance(served_omneo) == 25


async def test_server_errors_before_and_after_the_commit(served_omneo):
    await arm(served_omneo, "server_error", status=502)
    assert (await served_omneo.redeem(served_omneo.ada, amount=1)).status_code == 502
    assert await balance(served_omneo) == 25
    await arm(served_omneo, "server_error_after", status=500)
    assert (await served_omneo.redeem(served_omneo.ada, amount=1)).status_code == 500
    assert await balance(served_omneo) == 24


async def test_stringly_turns_numbers_into_text(served_omneo):
    route = "GET /api/v3/profiles/*/balances"
    await arm(served_omneo, "stringly", route)
    body = await served_omneo.get(f"/profiles/{served_omneo.ada}/balances")
    assert body["reward_balance"] == "25.00"
    assert body["point_balance"] == "1500"
    await arm(served_omneo, "stringly", route, fields=["reward_balance"])
    body = await served_omneo.get(f"/profiles/{served_omneo.ada}/balances")
    assert body["reward_balance"] == "25.00"
    assert body["point_balance"] == 1500


async def test_omit_leaves_optional_or_named_fields_out(served_omneo):
    route = "GET /api/v3/profiles/*/balances"
    await arm(served_omneo, "omit", route)
    body = await served_omneo.get(f"/profiles/{served_omneo.ada}/balances")
    assert "credit_balance" not in body
    assert "localised" not in body
    assert body["reward_balance"] == 25
    await arm(served_omneo, "omit", route, fields=["reward_balance"])
    assert "reward_balance" not in await served_omneo.get(f"/profiles/{served_omneo.ada}/balances")


@pytest.mark.parametrize("route", [REDEEM, "GET /api/v3/profiles/*/redemptions"])
async def test_a_fresh_redemption_can_be_late_in_lists(served_omneo, route):
    await arm(served_omneo, "delayed_visibility", route, visible_after_s=30, times=None)
    made = (await served_omneo.redeem(served_omneo.ada, amount=1)).json()["data"]["id"]
    path = f"/profiles/{served_omneo.ada}/redemptions"
    assert await served_omneo.get(path) == []
    assert (await served_omneo.get(f"/redemptions/{made}"))["id"] == made
    served_omneo.sandbox.clock.advance(31)
    assert [r["id"] for r in await served_omneo.get(path)] == [made]


async def test_a_fault_strikes_as_often_as_told_after_skipping(served_omneo):
    await arm(served_omneo, "server_error", skip=1, times=2)
    seen = [(await served_omneo.redeem(served_omneo.ada, amount=1)).status_code for _ in range(4)]
    assert seen == [201, 503, 503, 201]
    assert (await served_omneo.call("GET", "/_sandbox/faults")).json() == {"faults": []}


async def test_cleared_faults_strike_no_more(served_omneo):
    await arm(served_omneo, "server_error", times=None)
    assert (await served_omneo.call("DELETE", "/_sandbox/faults")).json() == {"faults": []}
    assert (await served_omneo.redeem(served_omneo.ada, amount=1)).is_success


async def test_calls_are_counted_by_their_name_without_ids(served_omneo):
    await served_omneo.redeem(served_omneo.ada, amount=1)
    await served_omneo.redeem(served_omneo.dev, amount=1)
    await served_omneo.call("GET", "/_sandbox/state")
    calls = (await served_omneo.call("GET", "/_sandbox/calls")).json()["calls"]
    assert calls == {"POST /api/v3/profiles/{id}/redeem": 2}
    assert (await served_omneo.call("DELETE", "/_sandbox/calls")).json() == {"calls": {}}


async def test_simultaneous_redemptions_never_spend_more_than_there_is(served_omneo):
    async with httpx.AsyncClient(base_url=str(served_omneo.http.base_url), headers=served_omneo.http.headers) as http:
        path = f"/api/v3/profiles/{served_omneo.ada}/redeem"
        body = {"amount": 2, "strategies": ["rewards"], "strict": True}
        answers = await asyncio.gather(*(http.post(path, json=body) for _ in range(20)))
    assert sum(a.is_success for a in answers) == 12
    assert await balance(served_omneo) == 1


async def test_an_unknown_kind_is_refused_by_the_control_endpoint(omneo):
    for body in ({"route": "*", "kind": "gremlins"}, {"kind": "latency"}, []):
        assert (await omneo.call("POST", "/_sandbox/faults", body)).status_code == 422


async def test_the_clock_is_moved_and_set(omneo):
    moved = await omneo.call("POST", "/_sandbox/clock", {"advance_s": 3600})
    assert moved.json()["offset_s"] == pytest.approx(3600)
    back = await omneo.call("POST", "/_sandbox/clock", {"offset_s": 0})
    assert back.json()["offset_s"] == pytest.approx(0)
    at = await omneo.call("POST", "/_sandbox/clock", {"set": "2030-01-01T00:00:00+00:00"})
    assert at.json()["now"].startswith("2030-01-01T00:00:0")
    assert (await omneo.call("POST", "/_sandbox/clock", {"set": "2030-01-01"})).status_code == 422
    assert (await omneo.call("GET", "/_sandbox/clock")).json()["now"].startswith("2030-01-01")


async def test_the_state_is_readable_and_a_reset_restores_the_seed(omneo):
    before = (await omneo.call("GET", "/_sandbox/state")).json()
    await omneo.redeem(omneo.ada, amount=12.5, strategies=["rewards"])
    ada = (await omneo.call("GET", "/_sandbox/state")).json()["profiles"][0]
    assert ada["balances"]["reward_balance"] == "12.50"
    assert ada["redemptions"][0]["total"] == "12.50"
    assert [r["value_remaining"] for r in ada["rewards"]] == ["0.00", "12.50"]
    assert (await omneo.call("POST", "/_sandbox/reset")).status_code == 200
    after = (await omneo.call("GET", "/_sandbox/state")).json()
    assert after["profiles"][0]["balances"] == before["profiles"][0]["balances"]
    assert after["profiles"][0]["redemptions"] == []


async def test_pages_of_any_origin_may_use_the_control_endpoint(omneo):
    origin = {"Origin": "http://127.0.0.1:8400"}
    answer = await omneo.http.get("/_sandbox/state", headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    asked = origin | {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    assert (await omneo.http.options("/_sandbox/faults", headers=asked)).status_code == 200


async def test_a_fault_can_be_named_by_operation():
    faults = Faults()
    faults.add(Fault("graphql CodeCreate", "throttled"))
    assert faults.take("POST /admin/api/graphql.json") == []
    assert len(faults.take("POST /admin/api/graphql.json", "graphql CodeCreate")) == 1
    assert faults.active() == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v3/profiles/1c8f6a52-0d3b-4f0e-9a51-0000000a1001/redeem", "/api/v3/profiles/{id}/redeem"),
        ("/api/v3/redemptions/17/benefit/return", "/api/v3/redemptions/{id}/benefit/return"),
        ("/api/v3/transactions/external/order-5", "/api/v3/transactions/external/{id}"),
        ("/", "/"),
    ],
)
async def test_names_of_calls_have_no_ids(path, name):
    assert normalised("GET", path) == f"GET {name}"
