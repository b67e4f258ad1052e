"""What whoever runs it relies on: health, metrics, request ids, and a log without secrets."""

import asyncio
import json
import re
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from proxy.domain.happening import Happening
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from tests.web.questions import assert_problem, at, proxied, routes, spoil, till, transient
from tests.world.world import BENEDIKT, TRANSIENT_KEY, World

pytestmark = pytest.mark.anyio


async def test_it_is_healthy_as_long_as_it_answers_and_ready_as_long_as_its_database_does(sqlite_world: World) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await sqlite_world.http.get(path)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    spoil(sqlite_world, "ALTER TABLE tasks RENAME TO gone")
    ready = await sqlite_world.http.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "checks": {"database": "unavailable"}})
    assert (await sqlite_world.http.get("/healthz")).status_code == 200
    spoil(sqlite_world, "ALTER TABLE gone RENAME TO tasks")
    assert (await sqlite_world.http.get("/readyz")).status_code == 200


async def test_it_stays_ready_while_both_upstreams_are_down(sqlite_world: World) -> None:
    sqlite_world.omneo.faults.add(Fault("*", "drop_before", times=None))
    sqlite_world.shopify.faults.add(Fault("*", "drop_before", times=None))
    await sqlite_world.http.get("/v1/rewards", headers=at(sqlite_world))
    assert (await sqlite_world.http.get("/readyz")).status_code == 200


async def test_metrics_are_given_also_while_the_database_is_gone(sqlite_world: World) -> None:
    spoil(sqlite_world, "ALTER TABLE tasks RENAME TO gone")
    answer = await sqlite_world.http.get("/metrics")
    assert answer.status_code == 200
    assert "proxy_request_seconds" in answer.text


async def test_metrics_tell_requests_upstream_calls_happenings_and_work(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    sqlite_world.buy(redemption["code"])
    await sqlite_world.reaches(redemption["id"], "recorded")
    await sqlite_world.http.get("/no/such/route/of-4711")
    answer = await sqlite_world.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {f.name: f for f in text_string_to_metric_families(answer.text)}
    assert {"proxy_happenings", "proxy_request_seconds", "proxy_upstream_seconds", "proxy_tasks"} <= set(families)
    counted = {s.labels["happening"] for s in families["proxy_happenings"].samples}
    assert {"redemption.held", "redemption.issued", "redemption.captured", "redemption.recorded"} <= counted
    asked = {s.labels["route"] for s in families["proxy_request_seconds"].samples}
    assert "/v1/redemptions/{id}" in asked
    assert "unmatched" in asked
    assert asked <= {path for _, path in routes(sqlite_world)} | {"unmatched"}
    called = {(s.labels["upstream"], s.labels["operation"]) for s in families["proxy_upstream_seconds"].samples}
    assert ("shopify", "CodeCreate") in called
    assert {upstream for upstream, _ in called} == {"omneo", "shopify"}
    # Neither ids nor paths of callers: each would be a time series of its own, for ever.
    assert "of-4711" not in answer.text
    assert redemption["id"] not in answer.text
    assert redemption["code"] not in answer.text


async def test_every_label_of_a_request_is_one_of_a_few(sqlite_world: World) -> None:
    for number in range(5):
        await sqlite_world.http.get(f"/nope/{number}")
        await sqlite_world.http.request("PROPFIND", f"/v1/redemptions/{number}")
        await sqlite_world.http.get(f"/storefront?x={number}")
    text = (await sqlite_world.http.get("/metrics")).text
    labels = set(re.findall(r'proxy_request_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\}', text))
    assert labels == {("GET", "unmatched", "404"), ("PROPFIND", "/v1/redemptions/{id}", "405")} | {
        ("GET", "/storefront", "401")
    }


@pytest.mark.parametrize("given", ["abcdefgh", "0123456789abcdef", "a.b_c-d.e", "a" * 64])
async def test_a_well_formed_request_id_is_kept(shared_world: World, given: str) -> None:
    for path in ("/healthz", "/v1/rewards", "/nope"):
        answer = await shared_world.http.get(path, headers={"X-Request-Id": given})
        assert answer.headers.get_list("x-request-id") == [given]
    assert any(e.get("request_id") == given for e in shared_world.events())


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "abc defgh", 'abcdefgh"', "abcdefgh<script>", "äbcdefghi"])
async def test_another_request_id_is_replaced(shared_world: World, given: str) -> None:
    headers = [(b"x-request-id", given.encode("latin-1"))]
    answer = await shared_world.http.get("/v1/rewards", headers=headers)
    (made,) = answer.headers.get_list("x-request-id")
    assert made != given
    assert re.fullmatch(r"[0-9a-f-]{8,64}", made)
    assert not given or f'"{given}"' not in shared_world.log.getvalue()


async def test_request_ids_differ(shared_world: World) -> None:
    answers = await asyncio.gather(*(shared_world.http.get("/healthz") for _ in range(20)))
    assert len({a.headers["x-request-id"] for a in answers}) == 20


async def test_a_client_that_goes_away_in_the_middle_of_its_body_is_no_fault_of_ours(sqlite_world: World) -> None:
    address = urlsplit(sqlite_world.urls["proxy"])
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = f"POST /v1/redemptions HTTP/1.1\r\nHost: x\r\nAuthorization: {at(sqlite_world)['Authorization']}\r\n"
    writer.write(f"{head}Idempotency-Key: k\r\nContent-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await reader.read() == b""

    async def counted() -> bool:
        return 'route="/v1/redemptions",status="499"' in (await sqlite_world.http.get("/metrics")).text

    await sqlite_world.eventually(counted, sqlite_world.log.getvalue)
    assert not [e for e in sqlite_world.events() if e["event"] == "request.failed"]


async def test_a_whole_story_leaves_no_secret_in_the_log(sqlite_world: World) -> None:
    world = sqlite_world
    theme = await transient(world)
    spoken = [theme, world.token(), world.token(None, "pos"), *proxied(world).split("signature=")[1:]]
    await world.http.get(f"/storefront?{proxied(world)}x")
    for token in spoken:
        await world.http.get(f"/v1/rewards?note=the-visitors-own-words&token={token}", headers={"Authorization": token})
        await world.http.get("/v1/rewards", headers={"Authorization": f"Bearer {token}x"})
        await world.http.post("/v1/redemptions", headers={"Authorization": f"Bearer {token}"}, content=token)
    bodies = ['{"amount": "the-callers-own-words"}', '{"the-callers-own-words": 1}', "the-callers-own-words"]
    for body in bodies[::2]:
        answer = await world.http.post("/v1/redemptions", headers=at(world) | {"Idempotency-Key": "k"}, content=body)
        assert_problem(answer, 400, "invalid_request")
    redemption = await world.redeemed("5.00")
    world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    at_till = (await till(world, customer=BENEDIKT)).json()
    await world.http.get("/v1/pos/customers/1002", headers=at(world, None, "pos"))
    spoil(world, "UPDATE redemptions SET state = 'no-such-state'")
    await world.http.get(f"/v1/redemptions/{redemption['id']}", headers=at(world))
    spoil(world, "ALTER TABLE claims RENAME TO gone")
    await world.redeem("3.00", key="a-key-of-the-client")
    log = world.log.getvalue()
    assert '"request.failed"' in log
    forbidden = {
        "tokens": spoken,
        "secrets": [seed.CLIENT_SECRET, seed.OMNEO_TOKEN, TRANSIENT_KEY, "shpat_", "Bearer "],
        "queries": ["signature=", "the-visitors-own-words", "token="],
        "bodies": ["the-callers-own-words"],
        "people": [c.email for c in seed.CUSTOMERS] + [c.phone for c in seed.CUSTOMERS] + ["Marsh", "Åstr"],
        "codes": [redemption["code"], at_till["code"]],
        "keys": ["a-key-of-the-client"],
    }
    found = {kind: text for kind, texts in forbidden.items() for text in texts if text and text in log}
    assert not found, [line for line in log.splitlines() if any(text in line for text in found.values())]


async def test_every_log_line_is_json_with_a_known_name_and_a_time(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    sqlite_world.buy(redemption["code"])
    await sqlite_world.reaches(redemption["id"], "recorded")

    async def told() -> bool:
        return any(e["event"] == "redemption.recorded" for e in sqlite_world.events())

    await sqlite_world.eventually(told)
    lines = [json.loads(line) for line in sqlite_world.log.getvalue().splitlines()]
    assert {line["event"] for line in lines} <= set(Happening)
    assert all(line["timestamp"].endswith("Z") and line["level"] for line in lines)
    followed = [line["event"] for line in lines if redemption["id"] in str(line)]
    assert followed[:2] == ["redemption.held", "redemption.issued"]
    assert {"redemption.capturing", "redemption.captured", "redemption.recorded"} <= set(followed)


async def test_connections_are_kept_alive_after_a_refusal(shared_world: World) -> None:
    async with httpx.AsyncClient(base_url=shared_world.urls["proxy"], trust_env=False) as client:
        for _ in range(3):
            answer = await client.get("/v1/rewards")
            assert answer.headers.get("connection", "keep-alive") == "keep-alive"
