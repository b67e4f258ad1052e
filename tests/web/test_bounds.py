"""How large a request may be and how long it may take; every answer to that is a problem that is readable anywhere."""

import asyncio
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from proxy.sandbox.faults import Fault
from tests.web.questions import assert_open, assert_problem, at, routes
from tests.world.databases import Databases
from tests.world.rows import LedgerRows
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio

LONG_MS = 60_000


@pytest.mark.parametrize("path", ["/v1/rewards", "/healthz", "/nope"])
async def test_a_url_beyond_its_limit_is_a_414_and_one_at_it_is_served(shared_world: World, path: str) -> None:
    room = 8192 - len(path)
    beyond = await shared_world.http.get(f"{path}?{'q' * (room + 1)}")
    assert_problem(beyond, 414, "url_too_long")
    within = await shared_world.http.get(f"{path}?{'q' * room}")
    assert within.status_code in (200, 401, 404)
    assert_open(within)


async def test_headers_beyond_their_limit_are_a_431_by_size_and_by_number(shared_world: World) -> None:
    for headers in ({"X-Long": "x" * 33_000}, {f"X-{number}": "x" for number in range(101)}):
        for method, path in routes(shared_world):
            answer = await shared_world.http.request(method, path, headers=headers)
            assert_problem(answer, 431, "headers_too_large")
    fits = {"X-Long": "x" * 30_000} | {f"X-{number}": "x" for number in range(80)}
    assert (await shared_world.http.get("/healthz", headers=fits)).status_code == 200


@pytest.mark.parametrize("kind", ["customer", "till"])
async def test_a_read_that_takes_too_long_is_a_503_that_says_to_try_again(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    url = databases.sqlite(tmp_path_factory.mktemp("world") / "proxy.db")
    async with open_world(url, request_deadline_s=0.3, upstream_total_s=20) as world:
        world.omneo.faults.add(Fault("*", "latency", times=None, latency_ms=LONG_MS))
        path, surface = ("/v1/rewards", "checkout") if kind == "customer" else ("/v1/pos/customers/1001", "pos")
        answer = await world.http.get(path, headers=at(world, surface=surface))
        assert answer.json()["code"] in ("deadline_passed", "upstream_unavailable")
        assert_problem(answer, 503, answer.json()["code"], retryable=True)
        assert (await world.http.get("/healthz")).status_code == 200


async def test_a_body_that_does_not_arrive_is_a_408_and_holds_nothing(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), request_deadline_s=0.3) as world:
        address = urlsplit(world.urls["proxy"])
        for path in ("/v1/redemptions", "/webhooks/shopify/orders"):
            reader, writer = await asyncio.open_connection(address.hostname, address.port)
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {at(world)['Authorization']}\r\n"
            writer.write(f"{head}Idempotency-Key: k\r\nContent-Length: 100\r\n\r\n{{".encode())
            async with asyncio.timeout(20):
                got = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                body = json.loads(await reader.readuntil(b"}"))
            assert got.startswith("http/1.1 408")
            assert "access-control-allow-origin: *" in got
            assert "retry-after: 2" in got
            assert (body["code"], body["retryable"]) == ("arrived_too_slowly", True)
            writer.close()
        assert LedgerRows(world.settings.database_url).redemptions == {}
