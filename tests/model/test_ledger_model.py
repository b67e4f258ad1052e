"""The ledger's invariants hold on both databases in any order of what may happen to it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from proxy.domain.redemption import MOVES, OPEN, State
from tests.model.ledger_machine import LedgerMachine
from tests.world.databases import Databases, PostgresServer


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
    assert not MOVES[state] & {*OPEN, State.CAPTURING}
