"""Interleavings that a hostile reader thought of, forced on the ledger and the services alone."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from proxy.domain.caller import Surface
from proxy.domain.capture import CaptureState, Taken
from proxy.domain.hold import Held, Short
from proxy.domain.ids import OmneoRedemptionId, OrderId
from proxy.domain.order import Allocation
from proxy.domain.outcome import Answered
from proxy.domain.redemption import Place, State
from proxy.services.release import Release
from proxy.services.uses import Uses
from proxy.stores import schema as t
from proxy.stores import tasks as task_store
from proxy.stores.database import Unit
from tests.stores.ledger import SHOP, Ledger, aud, order_of

pytestmark = pytest.mark.anyio
ORDER = OrderId("6024113000001")


async def capture_of(ledger: Ledger, minor: int = 2000, order: str = "1", **more: Any) -> Any:
    redemption = await ledger.issued(minor, **more)
    await ledger.capturing(redemption, order)
    return (await ledger.captures.of_order(SHOP, OrderId(order)))[-1]


async def test_a_wish_that_meets_a_finish_half_way_is_not_lost(postgres_ledger: Ledger) -> None:
    """READ COMMITTED: ON CONFLICT sees the row, the worker deletes it, the UPDATE finds nothing; 200 was answered."""
    ledger = postgres_ledger
    await ledger.events.wish_order(SHOP, ORDER)
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    loop = asyncio.get_running_loop()

    class HalfWay(Unit):
        def insert_new(self, table: sa.Table, values: dict[str, object]) -> bool:
            new = Unit.insert_new(self, table, values)
            if not new and table is t.tasks:
                asyncio.run_coroutine_threadsafe(ledger.tasks.finish(task), loop).result(5)
            return new

    def work(unit: Unit) -> None:
        task_store.wish(HalfWay(unit.conn, unit.now_ms), "order", SHOP, ORDER)

    await ledger.database.write(work)
    assert [x.subject for x in await ledger.tasks.lease("b", 60_000, 10)] == [ORDER]


async def test_a_wish_that_comes_while_the_work_runs_is_not_parked_away(ledger: Ledger) -> None:
    await ledger.events.wish_order(SHOP, ORDER)
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    assert await ledger.events.receive(SHOP, "orders/paid", "w-2", ORDER)
    await ledger.tasks.park(task, "order_unreadable")
    assert len(await ledger.tasks.lease("b", 60_000, 10)) == 1


async def test_a_release_revives_its_parked_work(ledger: Ledger) -> None:
    redemption = await ledger.issued(1000)
    ledger.moved = timedelta(hours=1)
    (task,) = await ledger.tasks.lease("a", 60_000, 10)
    await ledger.tasks.park(task, "KeyError")
    assert await ledger.redemptions.begin_release(redemption, "removed")
    ledger.moved += timedelta(seconds=6)
    assert len(await ledger.tasks.lease("b", 60_000, 10)) == 1


async def test_a_late_refusal_of_an_older_send_does_not_hide_a_newer_one(ledger: Ledger) -> None:
    """Worker A stalls; B looks, sends; A's refusal comes back: B's send is forgotten and the next one sends blindly."""
    first = await capture_of(ledger)
    assert await ledger.captures.sending(first, first.asked)
    (second,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert await ledger.captures.sending(second, second.asked)
    assert not await ledger.captures.refused(first, final=True)
    (now,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    assert now.state is CaptureState.SENT


async def test_an_undeclared_cart_is_nobodys(ledger: Ledger) -> None:
    nowhere = Place(Surface.CHECKOUT, None)
    await ledger.deactivated(await ledger.issued(2500, 2500, place=nowhere))
    assert isinstance(await ledger.hold(2500, 2500, place=nowhere), Short)


async def test_an_older_answer_that_commits_later_does_not_raise_the_ceiling(ledger: Ledger) -> None:
    one = await capture_of(ledger, 1000, "1", spendable=2500)
    two = await capture_of(ledger, 1000, "2", spendable=2500)
    assert await ledger.captures.done(two, OmneoRedemptionId(2), Taken(aud(1000), ceiling=(500, 30_000)))
    assert await ledger.captures.done(one, OmneoRedemptionId(1), Taken(aud(1000), ceiling=(1500, 30_000)))
    assert isinstance(await ledger.hold(1500, 2500), Short)


async def test_a_redeem_that_a_look_found_does_not_lift_the_ceiling(ledger: Ledger) -> None:
    one = await capture_of(ledger, 1000, "1", spendable=2500)
    two = await capture_of(ledger, 1000, "2", spendable=2500)
    assert await ledger.captures.done(one, OmneoRedemptionId(1), Taken(aud(1000), ceiling=(1500, 30_000)))
    assert await ledger.captures.done(two, OmneoRedemptionId(2), Taken(aud(1000)))
    assert isinstance(await ledger.hold(2500, 2500), Short)


async def test_a_claim_resumed_after_its_redemption_ended_is_finished(ledger: Ledger) -> None:
    """Crash between `issued` and `finish`: the first replay answers 201 and the second one 409 in_flight."""
    from proxy.domain.hold import Wish
    from proxy.services.redeem import Redeem

    wish = await ledger.wish(500, 100_000)
    held = await ledger.holds.hold(wish)
    assert isinstance(held, Held)
    assert await ledger.redemptions.issued(held.redemption, "gid://d/1")
    ledger.moved = timedelta(seconds=21)
    nothing: Any = None
    redeem = Redeem(
        holds=ledger.holds,
        redemptions=ledger.redemptions,
        customers=nothing,
        staff=nothing,
        offers=nothing,
        follow=nothing,
        issue=nothing,
        early=nothing,
        release=nothing,
        ids=nothing,
        display=nothing,
        telemetry=nothing,
    )
    asked = Wish(wish.customer, wish.actor, wish.place, wish.amount, wish.claim, wish.body_hash)
    for _ in range(2):
        assert (await redeem(SimpleNamespace(domain=SHOP), asked)).redemption.id == wish.id  # type: ignore[arg-type]


class Shopify:
    """A shop in which one order used the code; it may be unreadable."""

    def __init__(self, order: Any, codes: tuple[str, ...]) -> None:
        self._order, self.codes = order, codes

    async def sightings(self, since: datetime, customer: Any = None) -> Any:
        return [SimpleNamespace(id=OrderId("9"), codes=self.codes, updated_at=datetime.now(UTC))]

    async def order(self, order: OrderId) -> Any:
        return self._order

    async def delete(self, discount: Any) -> Any:
        return Answered(None)


class Silent:
    def tell(self, *_: Any, **__: Any) -> None: ...
    def changed(self, *_: Any) -> None: ...


class At:
    def __init__(self, by: timedelta = timedelta(0)) -> None:
        self.by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self.by


def release_of(ledger: Ledger, shopify: Any) -> Release:
    return Release(
        shopify=shopify,
        redemptions=ledger.redemptions,
        events=ledger.events,
        early=Silent(),  # type: ignore[arg-type]
        display=Silent(),  # type: ignore[arg-type]
        telemetry=Silent(),
    )


async def test_a_sighted_order_that_cannot_be_read_is_not_no_order(ledger: Ledger) -> None:
    redemption = await ledger.deactivated(await ledger.issued(1000))
    ledger.moved = timedelta(minutes=3)
    release = release_of(ledger, Shopify(None, (redemption.code,)))
    await release.step(SimpleNamespace(domain=SHOP), redemption.id)  # type: ignore[arg-type]
    assert (await ledger.now(redemption)).state is State.RELEASING


async def test_a_machine_clock_that_is_ahead_does_not_shorten_the_grace(postgres_ledger: Ledger) -> None:
    ledger = postgres_ledger
    redemption = await ledger.deactivated(await ledger.issued(1000))
    release = release_of(ledger, Shopify(None, ()))
    await release.step(SimpleNamespace(domain=SHOP), redemption.id)  # type: ignore[arg-type]
    assert (await ledger.now(redemption)).state is State.RELEASING


async def test_a_release_that_ends_while_the_order_is_settled_does_not_swallow_the_use(ledger: Ledger) -> None:
    """Settle reads RELEASING, the release lets go, `begin` wins nothing: the discount is given, nothing is spent."""
    from proxy.services.settle import Settle

    redemption = await ledger.deactivated(await ledger.issued(1000))
    order = replace(order_of("9"), codes=(redemption.code,), financial_status="PENDING")

    class Racing:
        async def by_codes(self, *a: Any) -> Any:
            found = await ledger.redemptions.by_codes(*a)
            await ledger.redemptions.let_go(redemption)
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(ledger.redemptions, name)

    class OneOrder:
        async def order(self, _: OrderId) -> Any:
            line = order_line(redemption.code)
            return replace(order, lines=(line,))

    async def nothing(*_: Any, **__: Any) -> Any:
        from proxy.domain.work import Finished

        return Finished()

    import inspect

    from proxy.identifiers import RandomIds

    given: dict[str, Any] = {
        "shopify": OneOrder(),
        "redemptions": Racing(),
        "captures": ledger.captures,
        "spend": nothing,
        "record": nothing,
        "ids": RandomIds(),
        "display": Silent(),
        "telemetry": Silent(),
        "events": ledger.events,
        "undo_surplus": nothing,
        "give_back": nothing,
        "cross_check": nothing,
    }
    settle = Settle(**{k: v for k, v in given.items() if k in inspect.signature(Settle.__init__).parameters})
    shop: Any = SimpleNamespace(domain=SHOP, test_shop=False, currency="AUD")
    verdict = await settle(shop, OrderId("9"))
    begun = await ledger.captures.of_order(SHOP, OrderId("9"))
    assert begun or type(verdict).__name__ == "Again", (verdict, (await ledger.now(redemption)).state)


def order_line(code: str) -> Any:
    from proxy.domain.order import OrderLine

    return OrderLine("1", "Shirt", None, None, 1, 1, aud(5000), aud(0), (Allocation(code, None, aud(1000)),))


async def test_a_lock_that_is_never_let_go_does_not_stop_the_ledger(postgres_ledger: Ledger) -> None:
    """A session that hangs with the allowance locked: no statement or lock has a deadline."""
    ledger = postgres_ledger
    await ledger.issued(100)
    url = ledger.database._engine.url.render_as_string(hide_password=False)  # type: ignore[attr-defined]
    with psycopg.connect(url.replace("postgresql+psycopg", "postgresql")) as other:
        other.execute("SELECT * FROM allowances FOR UPDATE")
        wish = await ledger.wish(100, 1000, place=Place(Surface.CHECKOUT, "z"))
        (first,) = await ledger.redemptions.open_of(wish.shop, wish.customer)
        await ledger.redemptions.begin_release(first, "removed")
        hanging = asyncio.create_task(ledger.holds.hold(wish))
        done, _ = await asyncio.wait([hanging], timeout=15)
        ended = bool(done)
        other.rollback()
    await asyncio.gather(hanging, return_exceptions=True)
    assert ended, "still waiting after 15 s"


async def test_a_key_that_is_freed_between_conflict_and_look_is_claimed_or_told(postgres_ledger: Ledger) -> None:
    """B meets A's claim, A frees it, B looks: an AssertionError, a 500 to the shopper."""
    from proxy.stores import holds

    ledger = postgres_ledger
    wish = await ledger.wish(500, 100_000)
    first = await ledger.holds.hold(wish)
    assert isinstance(first, Held)
    loop = asyncio.get_running_loop()

    class HalfWay(Unit):
        def insert_new(self, table: sa.Table, values: dict[str, object]) -> bool:
            new = Unit.insert_new(self, table, values)
            if not new and table is t.claims:
                asyncio.run_coroutine_threadsafe(ledger.holds.free(wish.claim), loop).result(5)
            return new

    again = replace(wish, id="rdm_" + "d" * 32, code="RWZZZZ")
    with pytest.raises(holds._TakenBackError):  # the first redemption is still open
        await ledger.database.write(lambda unit: holds._hold(HalfWay(unit.conn, unit.now_ms), again))


async def test_a_machine_clock_that_is_ahead_does_not_shorten_the_settling_time(postgres_ledger: Ledger) -> None:
    """`sent_ms` is the database's clock, `_since_sent` the machine's: a redeem just sent is sent again at once."""
    from proxy.domain.shop import Timing
    from proxy.services.capture import SpendCapture

    ledger = postgres_ledger
    capture = await capture_of(ledger)
    assert await ledger.captures.sending(capture, capture.asked)
    (sent,) = await ledger.captures.of_order(SHOP, OrderId("1"))
    redeems: list[Any] = []

    class Omneo:
        async def redemptions(self, *_: Any) -> Any:
            return ()

        async def redeem(self, wish: Any) -> Any:
            from proxy.domain.outcome import Unknown

            redeems.append(wish)
            return Unknown("cut")

    nothing: Any = Silent()
    spend = SpendCapture(
        omneo=Omneo(),
        captures=ledger.captures,
        redemptions=ledger.redemptions,
        readings=nothing,  # type: ignore[arg-type]
        uses=Uses(nothing, ledger.redemptions, nothing),
        follow=nothing,
        telemetry=nothing,  # type: ignore[arg-type]
    )
    shop: Any = SimpleNamespace(
        timing=Timing(), policy=SimpleNamespace(spendable=SimpleNamespace(strategies=["rewards"])), currency="AUD"
    )
    await spend(shop, sent)
    assert redeems == []


async def test_a_hold_that_is_issued_at_this_moment_is_not_abandoned(ledger: Ledger) -> None:
    """The task reads HELD, the discount is issued and its code answered, the task takes it back."""
    redemption = await ledger.held(1000)

    class Racing:
        first = True

        async def get(self, redemption_id: Any) -> Any:
            found = await ledger.redemptions.get(redemption_id)
            if self.first:
                self.first = False
                assert await ledger.redemptions.issued(redemption, "gid://d/1")  # type: ignore[arg-type]
            return found

        def __getattr__(self, name: str) -> Any:
            return getattr(ledger.redemptions, name)

    class Deactivating(Shopify):
        async def deactivate(self, _: Any) -> Any:
            return Answered(0)

    release = Release(
        shopify=Deactivating(None, ()),
        redemptions=Racing(),
        events=ledger.events,
        early=Silent(),  # type: ignore[arg-type]
        display=Silent(),  # type: ignore[arg-type]
        telemetry=Silent(),
    )
    from proxy.domain.shop import Timing

    await release.step(SimpleNamespace(domain=SHOP, timing=Timing()), redemption.id)  # type: ignore[arg-type]
    assert (await ledger.now(redemption)).state is State.ISSUED


async def test_a_use_once_seen_stays_seen(ledger: Ledger) -> None:
    """The route and the task deactivate at once; the second answer is `gone`, which counts as 0."""
    used = await ledger.deactivated(await ledger.issued(2500, 2500), used=1)
    assert await ledger.redemptions.deactivated(used, grace_ms=120_000, used=0)
    assert isinstance(await ledger.hold(2500, 2500), Short)


async def test_a_second_deactivation_does_not_restart_the_grace(ledger: Ledger) -> None:
    """`begin_release` makes the task due at once, so route and worker both deactivate; the later one counts."""
    once = await ledger.deactivated(await ledger.issued(1000))
    ledger.moved = timedelta(seconds=121)
    await ledger.redemptions.deactivated(once, grace_ms=120_000, used=0)
    assert (await ledger.now(once)).grace_until_ms == once.grace_until_ms
