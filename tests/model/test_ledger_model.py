"""Any order of wishes, orders, releases and foreign tills: the ledger's invariants hold on both databases.

The model knows only amounts: what Omneo has, and what each redemption may still do. It is told what the ledger
answered and checks that the answer was one that keeps every promise.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from proxy.domain.caller import Surface
from proxy.domain.capture import CaptureState, Taken
from proxy.domain.hold import Held, Moved, Occupied, Short
from proxy.domain.ids import CaptureId, DiscountId, OmneoRedemptionId, OrderId, RedemptionId
from proxy.domain.redemption import CAPTURABLE, OPEN, Place, Redemption, State
from tests.stores.ledger import PROFILE, TENANT, Ledger, aud, open_ledger, order_of
from tests.world.databases import Databases, PostgresServer

MINOR = st.integers(min_value=1, max_value=3000)
CARTS = st.sampled_from(["cart-1", "cart-2"])


class LedgerMachine(RuleBasedStateMachine):
    """One profile with 30.00, several carts, orders and a till that knows nothing of us."""

    url: str
    rows = Bundle("rows")
    readings = Bundle("readings")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.opened = open_ledger(self.fresh_url())
        self.ledger: Ledger = self.run(self.opened.__aenter__())
        self.balance = 3000
        self.orders = 0
        self.spent = 0
        self.known: list[RedemptionId] = []

    def fresh_url(self) -> str:
        raise NotImplementedError

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.runner.close()

    def now(self, redemption: RedemptionId) -> Redemption:
        found = self.run(self.ledger.redemptions.get(redemption))
        assert found is not None
        return found

    @rule(target=readings)
    def read(self) -> Any:
        """A reading is the balance, with the epoch from before."""
        return self.run(self.ledger.holds.epoch(TENANT, PROFILE)), self.balance

    @rule(target=rows, reading=readings, minor=MINOR, cart=CARTS, take_over=st.booleans())
    def wish(self, reading: tuple[int, int], minor: int, cart: str, take_over: bool) -> Any:
        epoch, balance = reading
        before = self.run(self.ledger.standing())
        result = self.run(
            self.ledger.hold(minor, balance, epoch=epoch, place=Place(Surface.CHECKOUT, cart), take_over=take_over)
        )
        after = self.run(self.ledger.standing())
        if isinstance(result, Held):
            assert epoch == self.run(self.ledger.holds.epoch(TENANT, PROFILE)), "granted from an old reading"
            assert after <= max(balance, before), "granted beyond the reading"
            self.known.append(result.redemption.id)
            return result.redemption.id
        assert isinstance(result, Moved | Short | Occupied)
        assert after == before, "a refusal took something"
        return multiple()

    @rule(row=rows)
    def issue(self, row: RedemptionId) -> None:
        was = self.now(row)
        moved = self.run(self.ledger.redemptions.issued(was, DiscountId(f"gid://d/{row}")))
        assert moved == (was.state is State.HELD)

    @rule(row=rows)
    def refuse_discount(self, row: RedemptionId) -> None:
        was = self.now(row)
        if was.parent is None:
            assert self.run(self.ledger.redemptions.drop(row, "discount_refused")) == (was.state is State.HELD)

    @rule(row=rows)
    def begin_release(self, row: RedemptionId) -> None:
        was = self.now(row)
        assert self.run(self.ledger.redemptions.begin_release(was, "removed")) == (was.state in OPEN)

    @rule(row=rows, used=st.integers(min_value=0, max_value=1))
    def deactivate(self, row: RedemptionId, used: int) -> None:
        was = self.now(row)
        moved = self.run(self.ledger.redemptions.deactivated(was, grace_ms=0, used=used))
        assert moved == (was.state is State.RELEASING)

    @rule(row=rows)
    def let_go(self, row: RedemptionId) -> None:
        was = self.now(row)
        assert self.run(self.ledger.redemptions.let_go(was)) == (was.state is State.RELEASING)

    @rule(row=rows, minor=MINOR)
    def order_comes(self, row: RedemptionId, minor: int) -> None:
        was = self.now(row)
        self.orders += 1
        capture = CaptureId(f"cap_{self.orders:032x}")
        begun = self.run(self.ledger.captures.begin(capture, order_of(str(self.orders)), PROFILE, [(was, aud(minor))]))
        assert begun == (was.state in CAPTURABLE)

    @rule(target=rows, row=rows, minor=MINOR)
    def order_comes_beyond_its_hold(self, row: RedemptionId, minor: int) -> Any:
        was = self.now(row)
        if was.state in CAPTURABLE or was.parent is not None:
            return multiple()
        self.orders += 1
        child = RedemptionId(f"rdm_{'f' * 8}{self.orders:024x}")
        amount = min(minor, was.amount.minor)
        order = OrderId(str(self.orders))
        assert self.run(self.ledger.captures.extend(child, was, order, aud(amount), "late"))
        assert not self.run(self.ledger.captures.extend(child, was, order, aud(amount), "late"))
        self.known.append(child)
        return child

    @rule(row=rows)
    def omneo_answers(self, row: RedemptionId) -> None:
        """Omneo takes what is there, never more than it was asked for."""
        capture = self.run(self.ledger.captures.of_redemption(row))
        if capture is None or capture.state not in (CaptureState.INTENDED, CaptureState.SENT):
            return
        total = min(self.balance, capture.asked.minor)
        if total == 0:
            assert self.run(self.ledger.captures.give_up(capture, "shortfall"))
            return
        self.balance -= total
        self.spent += total
        omneo = OmneoRedemptionId(self.orders)
        assert self.run(self.ledger.captures.done(capture, omneo, Taken(aud(total), ceiling=(self.balance, 30_000))))
        assert not self.run(self.ledger.captures.done(capture, omneo, Taken(aud(total)))), "ended twice"

    @precondition(lambda self: self.balance > 0)
    @rule(share=st.integers(min_value=1, max_value=3000))
    def another_till_spends(self, share: int) -> None:
        self.balance -= min(share, self.balance)

    @rule(reading=consumes(readings))
    def forget(self, reading: Any) -> None:
        """Readings come and go."""

    @invariant()
    def the_allowance_is_the_sum_of_its_rows(self) -> None:
        assert self.run(self.ledger.standing()) == self.run(self.ledger.sum_of_holds())

    @invariant()
    def no_row_promises_more_than_it_may(self) -> None:
        captured = 0
        for row in self.known:
            r = self.now(row)
            captured += r.captured.minor
            assert 0 <= r.captured.minor + r.shortfall.minor <= r.amount.minor
            assert r.held.minor <= r.amount.minor
            if r.state in (State.RELEASED, State.CAPTURED, State.RECORDED):
                assert r.held.minor == 0, "an ended row still holds"
        assert captured == self.spent, "what was spent is not what the rows say"

    @invariant()
    def the_journal_ends_where_the_rows_stand(self) -> None:
        for row in self.known:
            r, last = self.now(row), self.run(self.ledger.last_entry(row))
            assert (last.held_minor, last.captured_minor) == (r.held.minor, r.captured.minor)
            assert (last.returned_minor, last.shortfall_minor) == (r.returned.minor, r.shortfall.minor)
            assert (last.state, last.order_id) == (r.state, r.order)

    @invariant()
    def at_most_one_redemption_is_open(self) -> None:
        states = [self.now(row) for row in self.known]
        assert sum(r.state in OPEN and r.parent is None for r in states) <= 1


def run_machine(make_url: Any, examples: int, steps: int) -> None:
    class Machine(LedgerMachine):
        def fresh_url(self) -> str:
            return str(make_url())

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_invariants_hold_on_sqlite(databases: Databases, tmp_path: Path) -> None:
    numbers = iter(range(10_000))
    run_machine(lambda: databases.sqlite(tmp_path / f"{next(numbers)}.db"), examples=60, steps=40)


def test_the_invariants_hold_on_postgresql(databases: Databases, postgres: PostgresServer) -> None:
    run_machine(lambda: databases.postgres(postgres), examples=15, steps=30)


@pytest.mark.parametrize("state", [State.CAPTURED, State.RECORDED, State.RELEASED])
def test_what_has_ended_is_never_opened_again(state: State) -> None:
    from proxy.domain.redemption import MOVES

    assert not MOVES[state] & {*OPEN, State.CAPTURING}
