"""A redemption cut short at any of its waits, by our deadline or by a client who goes: nothing comes of it twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from proxy.domain.redemption import State
from tests.failure.steps import WHEN, When
from tests.world.databases import Databases, PostgresServer, database_kinds
from tests.world.rows import LedgerRows
from tests.world.standstill import MARKED, Standstill
from tests.world.world import PATIENCE_S, World, open_world

pytestmark = pytest.mark.anyio

KEY = "the-same-key"
BODY = b'{"amount": {"amount": "5.00", "currencyCode": "AUD"}, "cart": "cart-1"}'
LEASE_S = 21  # of a key that was claimed: after it the next attempt goes on with what the first began

NewUrl = Callable[[], str]


@pytest.fixture(params=database_kinds())
def new_url(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> NewUrl:
    """Makes a fresh database each time."""
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        return lambda: databases.postgres(server)
    numbers = iter(range(1000))
    return lambda: databases.sqlite(tmp_path / f"{next(numbers)}.db")


@asynccontextmanager
async def opened(url: str, around: Standstill, deadline_s: float) -> AsyncIterator[World]:
    async with open_world(url, around=around, request_deadline_s=deadline_s, database_pool=2) as world:
        try:
            yield world
        finally:
            around.over.set()


async def post(world: World, mark: str = "an-id-like-any-other") -> httpx.Response:
    headers = world.bearer() | {"Idempotency-Key": KEY, "X-Request-Id": mark, "Content-Type": "application/json"}
    return await world.http.post("/v1/redemptions", headers=headers, content=BODY)


async def waits(url: str) -> int:
    """Count where a redemption waits for something."""
    around = Standstill()
    async with opened(url, around, PATIENCE_S) as world:
        assert (await post(world, MARKED)).status_code == 201
    assert {"read", "write", "find_profile", "balance", "rewards", "create_discount"} <= set(around.calls)
    return len(around.calls)


async def until_answered(world: World) -> httpx.Response:
    """Ask again with the same key for as long as the answer says that this helps, as a client does."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            answer = await post(world)
            if answer.status_code < 400 or not answer.json()["retryable"]:
                return answer
            if answer.json()["code"] == "in_flight" and not world.clock.offset_s:
                world.clock.advance(LEASE_S)
            await asyncio.sleep(0.02)


async def assert_one_of_everything(world: World, answer: httpx.Response, where: str) -> None:
    assert answer.status_code == 201, (where, answer.text)
    assert answer.json()["code"], where
    assert [d.code for d in world.shopify.state.discounts.values()] == [answer.json()["code"]], where
    rows = LedgerRows(world.settings.database_url)
    assert [(row.id, row.state) for row in rows.redemptions.values()] == [(answer.json()["id"], State.ISSUED)], where
    assert [row.held_minor for row in rows.allowances] == [500], where
    # What was planned in case that nobody comes back finds somebody who did.
    world.clock.advance(60)
    await world.http.get("/v1/rewards", headers=world.bearer())
    assert (await world.redemption(answer.json()["id"]))["state"] == "issued", where


async def cut(url: str, nth: int, when: When) -> None:
    around = Standstill(nth, when)
    async with opened(url, around, 3.0) as world:
        first = await post(world, MARKED)
        # A slow machine may cut it before; that is a cut as well.
        where = f"{when} wait {nth}, {around.calls[-1:]}"
        assert first.status_code == 503, (where, first.text)
        assert first.json()["retryable"] is True, where
        assert first.headers["access-control-allow-origin"] == "*", where
        around.over.set()
        await assert_one_of_everything(world, await until_answered(world), where)


@pytest.mark.parametrize("when", WHEN)
async def test_a_deadline_at_any_wait_and_the_same_key_again_make_one_redemption(new_url: NewUrl, when: When) -> None:
    count = await waits(new_url())
    async with asyncio.TaskGroup() as cuts:
        for nth in range(1, count + 1):
            cuts.create_task(cut(new_url(), nth, when))


async def leave(url: str, nth: int) -> None:
    around = Standstill(nth, "after")
    async with opened(url, around, PATIENCE_S) as world:
        address = urlsplit(world.urls["proxy"])
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        headers = world.bearer() | {"Host": "x", "Idempotency-Key": KEY, "X-Request-Id": MARKED}
        lines = [f"{name}: {value}" for name, value in (headers | {"Content-Length": str(len(BODY))}).items()]
        writer.write("\r\n".join(["POST /v1/redemptions HTTP/1.1", *lines, "", ""]).encode() + BODY)
        async with asyncio.timeout(PATIENCE_S):
            await around.reached.wait()
        writer.close()
        await writer.wait_closed()
        around.over.set()
        await assert_one_of_everything(world, await until_answered(world), f"wait {nth}, {around.calls[-1]}")


async def test_a_client_who_goes_at_any_wait_and_comes_back_has_one_redemption(new_url: NewUrl) -> None:
    count = await waits(new_url())
    async with asyncio.TaskGroup() as leaving:
        for nth in range(1, count + 1):
            leaving.create_task(leave(new_url(), nth))
