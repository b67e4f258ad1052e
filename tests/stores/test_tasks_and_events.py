"""Durable work and the inbox."""

import asyncio
from datetime import timedelta

import pytest

from proxy.domain.ids import OrderId
from tests.stores.ledger import SHOP, Ledger

pytestmark = pytest.mark.anyio

ORDER = OrderId("6024113000001")


async def test_an_event_is_stored_once_and_wished_for_once(ledger: Ledger) -> None:
    stored = await asyncio.gather(*(ledger.events.receive(SHOP, "orders/create", "w-1", ORDER) for _ in range(20)))
    assert sum(stored) == 1
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    assert (task.kind, task.subject, task.wishes) == ("order", ORDER, 1)


async def test_several_events_of_one_order_are_one_piece_of_work(ledger: Ledger) -> None:
    for number, topic in enumerate(["orders/create", "orders/paid", "orders/updated"]):
        assert await ledger.events.receive(SHOP, topic, f"w-{number}", ORDER)
    assert len(await ledger.tasks.lease("a", 60_000, 10)) == 1


async def test_a_kind_that_a_worker_does_not_know_is_left_to_others(ledger: Ledger) -> None:
    await ledger.events.receive(SHOP, "orders/create", "w-1", OrderId("1"))
    assert await ledger.tasks.lease("old", 60_000, 10, ["redemption"]) == []
    assert len(await ledger.tasks.lease("new", 60_000, 10, ["redemption", "order"])) == 1


async def test_no_two_workers_have_the_same_work(ledger: Ledger) -> None:
    for number in range(40):
        await ledger.events.wish_order(SHOP, OrderId(str(number + 1)))
    leased = await asyncio.gather(*(ledger.tasks.lease(f"worker-{n}", 60_000, 7) for n in range(12)))
    subjects = [task.subject for tasks in leased for task in tasks]
    assert len(subjects) == len(set(subjects)) == 40


async def test_a_lease_that_ran_out_is_taken_by_another_and_the_first_can_no_longer_end_it(ledger: Ledger) -> None:
    await ledger.events.wish_order(SHOP, ORDER)
    (first,) = await ledger.tasks.lease("a", 60_000, 10)
    assert await ledger.tasks.lease("b", 60_000, 10) == []
    ledger.moved = timedelta(seconds=61)
    (second,) = await ledger.tasks.lease("b", 60_000, 10)
    await ledger.tasks.finish(first)
    await ledger.tasks.put_off(first, 1, "late")
    ledger.moved = timedelta(seconds=122)
    (third,) = await ledger.tasks.lease("c", 60_000, 10)
    assert third.id == second.id


async def test_a_wish_that_comes_while_the_work_runs_makes_it_run_again(ledger: Ledger) -> None:
    await ledger.events.wish_order(SHOP, ORDER)
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    await ledger.events.wish_order(SHOP, ORDER)
    await ledger.tasks.finish(task)
    (again,) = await ledger.tasks.lease("a", 60_000, 10)
    await ledger.tasks.finish(again)
    assert await ledger.tasks.lease("a", 60_000, 10) == []


async def test_a_wish_that_comes_while_the_work_runs_is_not_put_off(ledger: Ledger) -> None:
    await ledger.events.wish_order(SHOP, ORDER)
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    await ledger.events.wish_order(SHOP, ORDER)
    await ledger.tasks.put_off(task, 3_600_000, None)
    assert len(await ledger.tasks.lease("a", 60_000, 10)) == 1


async def test_work_that_is_put_off_is_due_then_and_counts_its_failures(ledger: Ledger) -> None:
    await ledger.events.wish_order(SHOP, ORDER)
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    await ledger.tasks.put_off(task, 30_000, "omneo down")
    assert await ledger.tasks.lease("a", 60_000, 10) == []
    ledger.moved = timedelta(seconds=31)
    (again,) = await ledger.tasks.lease("a", 60_000, 10)
    assert again.attempts == 1


async def test_parked_work_waits_for_a_new_wish_and_stops_nobody_else(ledger: Ledger) -> None:
    await ledger.events.wish_order(SHOP, ORDER)
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    await ledger.tasks.park(task, "order_unreadable")
    ledger.moved = timedelta(days=2)
    await ledger.events.wish_order(SHOP, OrderId("2"))
    (other,) = await ledger.tasks.lease("a", 60_000, 10)
    assert other.subject == "2"
    assert (await ledger.tasks.counts())["parked"] == 1
    await ledger.events.wish_order(SHOP, ORDER)
    (back,) = await ledger.tasks.lease("a", 60_000, 10)
    assert back.subject == ORDER


async def test_events_are_forgotten_after_their_time(ledger: Ledger) -> None:
    await ledger.events.receive(SHOP, "orders/create", "w-1", ORDER)
    ledger.moved = timedelta(days=31)
    assert await ledger.events.forget(30 * 86_400_000) == 1
    assert await ledger.events.receive(SHOP, "orders/create", "w-1", ORDER)
