"""Many requests under one timer: each is cut at its own time, and none that has ended."""

import asyncio

import pytest

from proxy.web.deadline import Deadlines

pytestmark = pytest.mark.anyio

PATIENCE_S = 20


async def served(deadlines: Deadlines, work: "asyncio.Future[None]") -> str:
    request = deadlines.begin()
    try:
        await work
    except asyncio.CancelledError:
        if not deadlines.passed(request):
            raise
        return "cut"
    finally:
        deadlines.end(request)
    # An answer can still be sent: nothing of a cancellation is left on the task.
    await asyncio.sleep(0)
    return "answered"


def never() -> "asyncio.Future[None]":
    return asyncio.get_running_loop().create_future()


async def test_those_that_go_on_are_cut_and_those_that_ended_are_not() -> None:
    deadlines = Deadlines(0.2)
    works = [never() for _ in range(50)]
    requests = [asyncio.create_task(served(deadlines, work)) for work in works]
    await asyncio.sleep(0)
    for work in works[::2]:
        work.set_result(None)
    async with asyncio.timeout(PATIENCE_S):
        assert await asyncio.gather(*requests) == ["answered", "cut"] * 25


async def test_it_goes_on_after_a_rest_without_requests() -> None:
    deadlines = Deadlines(0.1)
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(3):
            assert await served(deadlines, never()) == "cut"


async def test_later_ones_are_cut_in_their_order_and_not_with_the_first() -> None:
    deadlines, order = Deadlines(0.3), []

    async def one(number: int) -> None:
        assert await served(deadlines, never()) == "cut"
        order.append(number)

    async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as requests:
        for number in range(5):
            requests.create_task(one(number))
            await asyncio.sleep(0.02)
    assert order == [0, 1, 2, 3, 4]


async def test_whoever_else_cancels_a_request_is_heard() -> None:
    deadlines = Deadlines(PATIENCE_S)
    request = asyncio.create_task(served(deadlines, never()))
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request


async def test_a_task_that_was_cut_can_wait_again() -> None:
    deadlines = Deadlines(0.1)
    async with asyncio.timeout(PATIENCE_S):
        assert await served(deadlines, never()) == "cut"
        task = asyncio.current_task()
        assert task is not None
        assert task.cancelling() == 0
