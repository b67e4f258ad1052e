"""Every send ends in one of three outcomes, and never wrongly in Refused."""

import asyncio
import gzip

import pytest
from byte_server import CUT, HOLD, ByteServer, answer
from upstreams_rig import Wired

from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.upstreams.breaker import Breaker
from proxy.upstreams.http import Call, Limits, Timeouts

pytestmark = pytest.mark.anyio

POST = Call("redeem", "POST", "/redeem", body=b"{}")


async def test_any_status_that_arrives_whole_is_answered(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"a": 1}), answer({"b": 2}, 500), answer(None, 204)]
    upstream = await wired.upstream(server.url)
    statuses = [outcome.value.status for _ in range(3) if isinstance(outcome := await upstream.send(POST), Answered)]
    assert statuses == [200, 500, 204]
    assert wired.observed == [("omneo", "redeem", "2xx"), ("omneo", "redeem", "5xx"), ("omneo", "redeem", "2xx")]


async def test_a_connection_that_was_never_made_is_refused_and_may_be_tried_again(
    unused_url: str, wired: Wired
) -> None:
    upstream = await wired.upstream(unused_url)
    assert await upstream.send(POST) == Refused("not_connected", transient=True)


async def test_a_host_that_does_not_resolve_is_refused(wired: Wired) -> None:
    upstream = await wired.upstream("http://nowhere.invalid")
    assert await upstream.send(POST) == Refused("not_connected", transient=True)


async def test_a_connection_cut_after_sending_is_unknown(server: ByteServer, wired: Wired) -> None:
    server.script = [CUT]
    upstream = await wired.upstream(server.url)
    assert await upstream.send(POST) == Unknown("cut")


async def test_half_an_answer_is_unknown(server: ByteServer, wired: Wired) -> None:
    server.script = [b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf", CUT]
    upstream = await wired.upstream(server.url, timeouts=Timeouts(read_s=0.05))
    assert await upstream.send(POST) == Unknown("timeout")


async def test_bytes_that_are_not_http_are_unknown(server: ByteServer, wired: Wired) -> None:
    server.script = [b"garbage\r\n\r\n"]
    upstream = await wired.upstream(server.url)
    assert await upstream.send(POST) == Unknown("cut")


async def test_silence_beyond_the_read_deadline_is_unknown(server: ByteServer, wired: Wired) -> None:
    server.script = [HOLD]
    upstream = await wired.upstream(server.url, timeouts=Timeouts(read_s=0.05))
    assert await upstream.send(POST) == Unknown("timeout")


async def test_silence_beyond_the_total_deadline_is_unknown(server: ByteServer, wired: Wired) -> None:
    server.script = [HOLD]
    upstream = await wired.upstream(server.url)
    assert await upstream.send(POST, within_s=0.05) == Unknown("deadline")


async def test_silence_during_the_tls_handshake_is_refused(server: ByteServer, wired: Wired) -> None:
    server.script = [HOLD]
    upstream = await wired.upstream(server.url.replace("http:", "https:"), timeouts=Timeouts(connect_s=0.1))
    assert await upstream.send(POST) == Refused("not_connected", transient=True)
    assert server.requests == []


async def test_waiting_too_long_for_a_slot_is_refused_and_sends_nothing(server: ByteServer, wired: Wired) -> None:
    server.script = [HOLD]
    timeouts = Timeouts(wait_s=0.05, total_s=5)
    upstream = await wired.upstream(server.url, timeouts=timeouts, limits=Limits(in_flight=1))
    first = asyncio.create_task(upstream.send(POST))
    await server.requested.wait()
    assert await upstream.send(POST) == Refused("busy", transient=True)
    assert len(server.requests) == 1
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    server.script = [answer({})]
    assert isinstance(await upstream.send(POST), Answered)
    assert wired.observed[1] == ("omneo", "redeem", "cancelled")


async def test_an_oversized_body_is_unknown_even_when_it_was_small_on_the_wire(
    server: ByteServer, wired: Wired
) -> None:
    packed = gzip.compress(b"[" + b" " * 100_000 + b"]")
    server.script = [answer(packed, content_encoding="gzip"), answer(b"x" * 10_001)]
    upstream = await wired.upstream(server.url, limits=Limits(body_bytes=10_000))
    assert await upstream.send(POST) == Unknown("answer_too_large")
    assert await upstream.send(POST) == Unknown("answer_too_large")


async def test_redirects_are_not_followed(server: ByteServer, wired: Wired) -> None:
    server.script = [answer(None, 307, location="/elsewhere")]
    upstream = await wired.upstream(server.url)
    outcome = await upstream.send(POST)
    assert isinstance(outcome, Answered)
    assert outcome.value.status == 307
    assert len(server.requests) == 1


async def test_a_header_that_cannot_be_sent_is_refused_for_good(server: ByteServer, wired: Wired) -> None:
    upstream = await wired.upstream(server.url)
    call = Call("redeem", "POST", "/redeem", headers={"Authorization": "Bearer a\nb"}, body=b"{}")
    assert await upstream.send(call) == Refused("unsendable")
    assert server.requests == []


class Time:
    """A clock that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_an_open_breaker_sends_nothing_until_a_probe_succeeds(server: ByteServer, wired: Wired) -> None:
    at = Time()
    server.script = [CUT, answer(None, 503), answer({})]
    upstream = await wired.upstream(server.url, breaker=Breaker(2, 10.0, at))
    assert await upstream.send(POST) == Unknown("cut")
    assert isinstance(await upstream.send(POST), Answered)
    assert await upstream.send(POST) == Refused("breaker_open", transient=True)
    assert len(server.requests) == 2
    at.now += 10.0
    assert isinstance(await upstream.send(POST), Answered)
    assert isinstance(await upstream.send(POST), Answered)


async def test_of_many_at_once_after_the_cool_down_one_is_the_probe(server: ByteServer, wired: Wired) -> None:
    at = Time()
    server.script = [CUT, HOLD]
    upstream = await wired.upstream(server.url, breaker=Breaker(1, 10.0, at))
    assert await upstream.send(POST) == Unknown("cut")
    at.now += 10.0
    server.requested.clear()
    probe = asyncio.create_task(upstream.send(POST))
    await server.requested.wait()
    at.now += 1000.0  # however long it takes
    others = await asyncio.gather(*(upstream.send(POST) for _ in range(20)))
    assert others == [Refused("breaker_open", transient=True)] * 20
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    server.script = [answer({})]
    assert isinstance(await upstream.send(POST), Answered), "whoever asks next is the probe that went away"


@pytest.mark.parametrize("status", [400, 401, 404, 409, 422, 429])
async def test_what_answers_is_not_down_whatever_it_says(server: ByteServer, wired: Wired, status: int) -> None:
    """A 429 too: who limits us is up, says when to come back, and is asked no sooner by the retries."""
    server.script = [answer(None, 503), answer(None, status), answer(None, 503), answer({})]
    upstream = await wired.upstream(server.url, breaker=Breaker(2, 10.0, Time()))
    assert [isinstance(await upstream.send(POST), Answered) for _ in range(4)] == [True] * 4


async def test_when_too_many_wait_the_next_is_refused_at_once(server: ByteServer, wired: Wired) -> None:
    server.script = [HOLD]
    timeouts, limits = Timeouts(wait_s=20, total_s=20), Limits(in_flight=1, waiting=2)
    upstream = await wired.upstream(server.url, timeouts=timeouts, limits=limits)
    first = asyncio.create_task(upstream.send(POST))
    await server.requested.wait()
    waiting = [asyncio.create_task(upstream.send(POST)) for _ in range(2)]
    await asyncio.sleep(0)
    assert await upstream.send(POST) == Refused("busy", transient=True)
    assert not [task for task in (first, *waiting) if task.done()], "it was told while all the others still wait"
    server.script = [answer({})]
    first.cancel()
    assert [isinstance(await task, Answered) for task in waiting] == [True, True], "who waited gets the turn"
    await asyncio.gather(first, return_exceptions=True)
    assert isinstance(await upstream.send(POST), Answered)


async def test_without_a_queue_a_free_slot_is_still_given(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({})]
    upstream = await wired.upstream(server.url, limits=Limits(in_flight=1, waiting=0))
    for _ in range(3):
        assert isinstance(await upstream.send(POST), Answered)
