"""Run the machine: for the suite always the same examples, for the proof others by seed."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from proxy.app import ShopParts
from tests.model.machine import ServiceMachine
from tests.model.people import CUSTOMERS
from tests.model.till_machine import TillMachine
from tests.model.weather import Climate
from tests.prove.tally import Tally

Url = Callable[[], str]


def run_machine(
    url_for: Url,
    *,
    examples: int,
    steps: int,
    build: Callable[..., ShopParts] = ShopParts,
    seeded: int | None = None,
    shrink: bool = True,
    climate: Climate | None = None,
    customers: tuple[int, ...] = CUSTOMERS,
    **overrides: Any,
) -> Tally:
    """Run so many examples of so many steps each; gives what they counted, or raises what they found."""
    counted = Tally()

    kind = TillMachine if (climate or Climate()).approvals else ServiceMachine

    class Machine(kind):  # type: ignore[valid-type,misc]
        tally = counted

        def fresh_url(self) -> str:
            return url_for()

    Machine.build, Machine.overrides, Machine.climate = build, overrides, climate or Climate()
    Machine.customers = customers
    machine = Machine if seeded is None else seed(seeded)(Machine)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=seeded is None,
            database=None,
            phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return counted
