"""Both kinds of buckets keep the same contract; those in Valkey are one for all processes."""

import asyncio
import io
import selectors
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from proxy.domain.rate import Bound, Drained, Draw, Rate
from proxy.ports import Buckets
from proxy.stores.buckets import LocalBuckets
from proxy.stores.shared_buckets import SharedBuckets
from proxy.stores.valkey import Valkey
from proxy.telemetry import LogAndMetrics
from tests.stores.sides import PATIENCE_S, Side, happens, side
from tests.world.valkey import ValkeyServer

pytestmark = pytest.mark.anyio

HOUR_US = 3_600_000_000
FIVE = Rate(5, HOUR_US)  # nothing comes back while a test runs


def shared(of: Side) -> SharedBuckets:
    return SharedBuckets(of.valkey, LocalBuckets(100, time.monotonic))


def of(who: str, rate: Rate = FIVE, bound: Bound = Bound.CALLER) -> Draw:
    return bound, (bound, who), rate


@pytest.fixture(params=["local", "shared"])
async def buckets(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Buckets]:
    if request.param == "local":
        yield LocalBuckets(100, time.monotonic)
        return
    async with ValkeyServer.started(tmp_path) as server, side(server) as one:
        await one.joined()
        yield shared(one)


async def passed(buckets: Buckets, times: int, *draws: Draw) -> int:
    """Draw so often at once; tell how often there was a token."""
    return (await asyncio.gather(*(buckets.take(*draws) for _ in range(times)))).count(None)


async def test_of_many_at_once_as_many_pass_as_the_bucket_holds(buckets: Buckets) -> None:
    assert await passed(buckets, 60, of("ada")) == 5
    assert await passed(buckets, 60, of("ben")) == 5


async def test_who_is_refused_hears_whose_bucket_it_is_and_how_long_it_takes(buckets: Buckets) -> None:
    await passed(buckets, 5, of("ada"))
    drained = await buckets.take(of("ada"), of("shop", Rate(9, HOUR_US), Bound.SHOP))
    assert drained is not None
    assert drained.bound is Bound.CALLER
    assert 3590 < drained.wait_s <= 3600


async def test_a_refusal_takes_from_no_bucket(buckets: Buckets) -> None:
    small, big = of("ada", Rate(1, HOUR_US)), of("shop", FIVE, Bound.SHOP)
    assert await passed(buckets, 20, small, big) == 1
    assert await passed(buckets, 20, big) == 4


async def test_the_longest_wait_is_the_one_that_is_told(buckets: Buckets) -> None:
    quick, slow = of("ada", Rate(1, 1_000_000_000)), of("shop", Rate(1, HOUR_US), Bound.SHOP)
    for draws in ((quick, slow), (slow, quick)):
        await buckets.take(*draws)
        drained = await buckets.take(*draws)
        assert drained is not None
        assert (drained.bound, drained.wait_s > 3000) == (Bound.SHOP, True)


async def test_a_token_comes_back_by_itself(buckets: Buckets) -> None:
    draw = of("ada", Rate(1, 200_000))
    assert await buckets.take(draw) is None
    async with asyncio.timeout(PATIENCE_S):
        while (drained := await buckets.take(draw)) is not None:
            await asyncio.sleep(drained.wait_s)


async def test_a_key_is_not_another_with_the_same_letters(buckets: Buckets) -> None:
    one = Rate(1, HOUR_US)
    keys = [("a", "bc"), ("ab", "c"), ("a,b", "c"), ("a", "b", "c"), ("é",), ("e",)]
    assert [await buckets.take((Bound.CALLER, key, one)) for key in keys] == [None] * len(keys)


async def test_processes_share_one_bucket(two: tuple[Side, Side]) -> None:
    one, other = map(shared, two)
    both = await asyncio.gather(passed(one, 30, of("ada")), passed(other, 30, of("ada")))
    assert sum(both) == 5


async def test_what_is_kept_for_nobody_is_gone_when_the_bucket_is_full(
    two: tuple[Side, Side], server: ValkeyServer
) -> None:
    await shared(two[0]).take(of("ada", Rate(5, 60_000_000)))
    (key,) = [k for k in (await server.command("KEYS", "*:bucket:*")).decode().split("\r\n") if k.startswith("proxy")]
    left_ms = int((await server.command("PTTL", key)).strip(b":\r\n"))
    assert 0 < left_ms <= 60_000


async def test_a_clock_that_was_set_back_locks_nobody_out(two: tuple[Side, Side], server: ValkeyServer) -> None:
    buckets = shared(two[0])
    in_a_year_us = int((time.time() + 31_536_000) * 1_000_000)
    await server.command("SET", two[0].valkey.key("bucket", "", of("ada")[1]), str(in_a_year_us))
    assert await passed(buckets, 20, of("ada")) == 5


async def test_without_its_server_a_process_counts_for_itself(hasty: tuple[Side, Side], server: ValkeyServer) -> None:
    one, other = map(shared, hasty)
    server.hang()
    try:
        assert [await passed(buckets, 20, of("ada")) for buckets in (one, other)] == [5, 5]
        await happens(lambda: "cache.lost" in hasty[0].events())
    finally:
        server.go_on()


class NoWaiting(asyncio.SelectorEventLoop):
    """A loop without a machine's time: where it would sleep it is later at once."""

    def __init__(self) -> None:
        self._late_s = 0.0
        loop = self

        class Skips(selectors.DefaultSelector):
            def select(self, timeout: float | None = None) -> Any:
                loop._late_s += max(timeout or 0.0, 0.0)
                return super().select(0)

        super().__init__(Skips())

    def time(self) -> float:
        return self._late_s


class Hangs:
    """A server that takes every question and answers none."""

    def __init__(self) -> None:
        self.asked = 0

    async def eval(self, *_: object) -> None:
        self.asked += 1
        await asyncio.Event().wait()


def test_who_waits_behind_another_for_the_server_waits_no_longer() -> None:
    """One connection, answers in turn: the queue in front of a server that hangs counts too."""
    hangs = Hangs()

    async def forty() -> tuple[int, float]:
        valkey = Valkey(hangs, "proxy:test", 0.3, LogAndMetrics(stream=io.StringIO()))  # type: ignore[arg-type]
        valkey._arrive()
        began_s = asyncio.get_running_loop().time()
        got = await passed(SharedBuckets(valkey, LocalBuckets(100, time.monotonic)), 40, of("ada"))
        return got, asyncio.get_running_loop().time() - began_s

    with asyncio.Runner(loop_factory=NoWaiting) as runner:
        assert runner.run(forty()) == (5, pytest.approx(0.3))
    assert hangs.asked == 1  # with a time of its own each would have been asked for until the server counts as lost


def test_the_buckets_in_memory_are_bounded_and_those_in_use_stay() -> None:
    buckets = LocalBuckets(10, lambda: 0.0)
    one = Rate(1, HOUR_US)
    for number in range(1000):
        buckets.take_here(of("ada", one))
        assert buckets.take_here(of(str(number), one)) is None
    assert buckets.take_here(of("ada", one)) == Drained(Bound.CALLER, 3600.0)
    assert buckets.take_here(of("0", one)) is None


def test_a_read_is_counted_without_waiting_and_in_this_process() -> None:
    class Gone:
        """A server that nobody may ask here."""

    buckets = SharedBuckets(Gone(), LocalBuckets(10, lambda: 0.0))  # type: ignore[arg-type]
    assert [buckets.take_here(of("ada")) for _ in range(5)] == [None] * 5
    assert buckets.take_here(of("ada")) == Drained(Bound.CALLER, 3600.0)
