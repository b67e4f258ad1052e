"""The service as a process: what it does with clients that send without end, or hardly at all."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.world.databases import Databases
from tests.world.process import free_port, serving_process
from tests.world.world import PATIENCE_S, settings_for

pytestmark = pytest.mark.anyio

ARRIVAL_S = 0.5
MOST_BYTES = 2 * (8192 + 32_768)  # twice what a URL and headers may have
NOBODY = "http://127.0.0.1:9"
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(scope="module")
async def port(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    folder: Path = tmp_path_factory.mktemp("process")
    url = databases.sqlite(folder / "proxy.db")
    settings = settings_for(NOBODY, NOBODY, url, arrival_deadline_s=ARRIVAL_S, request_deadline_s=20)
    opened = free_port()
    async with serving_process(settings, opened, folder / "log"):
        yield opened


class Client:
    """A connection that sends what no proper client would."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def to(cls, port: int) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def keeps_sending(self, data: bytes, pause_s: float = 0.0) -> int:
        """Send the same again and again until the other side ends it; tells how many bytes went out.

        Whoever goes on sending may miss the answer: the end of the connection is what is waited for.
        """
        sent = 0
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE_S):
                while not self._reader.at_eof():
                    await self.send(data)
                    sent += len(data)
                    await asyncio.sleep(pause_s)
        return sent

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(PATIENCE_S):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await self._reader.readexactly(int(headers["content-length"]))
        return int(head[0].split()[1]), headers, body

    async def rest(self) -> bytes:
        """Give what still comes until the other side closes."""
        async with asyncio.timeout(PATIENCE_S):
            return await self._reader.read()

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
async def client(port: int) -> AsyncIterator[Client]:
    client = await Client.to(port)
    yield client
    client.close()


async def assert_refused(client: Client, status: int, code: str) -> None:
    """A problem that any origin may read, and then the end of the connection."""
    answered, headers, body = await client.answer()
    assert (answered, json.loads(body)["code"]) == (status, code)
    assert headers["content-type"] == "application/problem+json"
    assert headers["access-control-allow-origin"] == "*"
    assert "retry-after" in headers["access-control-expose-headers"]
    assert headers["connection"] == "close"
    assert await client.rest() == b""


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"GET /healthz HTTP/1.1\r\nX: ", b"a" * 100),
        (b"GET /healthz HTTP/1.1\r\n", b"a: b\r\n" * 10),
        (b"GET /", b"a" * 100),
        (b"GET /healthz HTTP/1.1\r\nX", b"a" * 100),
    ],
    ids=["value", "headers", "url", "name"],
)
async def test_a_head_without_end_is_refused_long_before_memory_is(
    client: Client, port: int, beginning: bytes, more: bytes
) -> None:
    await client.send((beginning + more * 2000)[: MOST_BYTES + 1])
    await assert_refused(client, 431, "headers_too_large")
    deaf = await Client.to(port)
    await deaf.send(beginning)
    # What the systems between us keep is theirs; it is of a few MB.
    assert await deaf.keeps_sending(more * 100) < 50_000_000
    deaf.close()


async def test_a_head_that_is_whole_but_too_long_is_refused_by_its_exact_size(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
        for size, status in ((7000, 200), (9000, 414)):
            assert (await http.get(f"/healthz?{'x' * size}")).status_code == status
        for size, status in ((30_000, 200), (34_000, 431)):
            assert (await http.get("/healthz", headers={"X": "x" * size})).status_code == status


async def test_a_head_that_does_not_come_to_an_end_is_given_up(client: Client) -> None:
    await client.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: ")
    await assert_refused(client, 408, "arrived_too_slowly")


async def test_a_byte_now_and_then_keeps_nothing_open(client: Client) -> None:
    await client.send(b"GET /healthz HTTP/1.1\r\nX: ")
    await client.keeps_sending(b"a", 0.05)


async def test_who_says_nothing_at_all_is_not_waited_for(client: Client) -> None:
    assert await client.rest() == b""


async def test_a_body_that_trickles_on_after_the_answer_keeps_nothing_open(client: Client) -> None:
    await client.send(b"POST /v1/redemptions HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n")
    assert (await client.answer())[0] == 401
    await client.keeps_sending(b"a", 0.05)


async def test_bytes_that_are_not_http_are_a_problem_too(client: Client) -> None:
    await client.send(b"\x16\x03\x01 hello\r\n\r\n")
    await assert_refused(client, 400, "invalid_request")


async def test_a_connection_that_is_used_outlives_the_time_of_one_arrival(client: Client) -> None:
    loop = asyncio.get_running_loop()
    until, answered = loop.time() + 3 * ARRIVAL_S, 0
    while loop.time() < until:
        # In two pieces: each request is waited for anew.
        await client.send(GET[:20])
        await asyncio.sleep(0)
        await client.send(GET[20:])
        assert (await client.answer())[0] == 200
        answered += 1
    assert answered > 1


async def test_requests_in_one_piece_are_answered_in_their_order(client: Client) -> None:
    await client.send(GET + GET.replace(b"healthz", b"nowhere") + GET)
    assert [(await client.answer())[0] for _ in range(3)] == [200, 404, 200]


async def test_an_answer_that_has_begun_is_not_torn_by_what_follows_it(client: Client, port: int) -> None:
    await client.send(GET + b"GET / HTTP/1.1\r\nX: ")
    assert (await client.answer())[0] == 200
    await client.keeps_sending(b"a", 0.05)
    other = await Client.to(port)
    await other.send(GET)
    assert (await other.answer())[0] == 200, "and everybody else is served"
    other.close()
