"""The machine's part of the proof: as many steps as asked for, from a seed that repeats them."""

from collections.abc import Callable

from tests.model.people import CUSTOMERS
from tests.model.running import run_machine
from tests.model.weather import LOSSES, REDEEM, RETURN, REVERSAL, Climate
from tests.prove.tally import Tally

_STEPS = 50  # of one example at most
_AT_ONCE = 20  # examples at most before what they counted is looked at
_CLIMATES = (
    Climate(),
    Climate(working=(REDEEM, REVERSAL, RETURN, "GET */redemptions"), kinds=LOSSES),
    Climate(asking=(REDEEM, REVERSAL, "graphql CodeCreate", "graphql CodeDeactivate"), kinds=LOSSES),
)


def run_chunk(engine: str, seed: int, steps: int, url_for: Callable[[], str]) -> Tally:
    """Run at least so many steps on databases that `url_for` makes; the same seed runs the same.

    Raises AssertionError with the seed, the shortest steps that lead there and what was told meanwhile.
    """
    counted = Tally()
    part = 0
    while counted.steps < steps:
        climate = _CLIMATES[part % len(_CLIMATES)]
        # One customer alone meets himself more often.
        customers = CUSTOMERS[: 1 + part % 2]
        part += 1
        examples = max(2, min(_AT_ONCE, -(-(steps - counted.steps) // _STEPS)))
        try:
            counted.add(
                run_machine(
                    url_for,
                    examples=examples,
                    steps=_STEPS,
                    seeded=seed * 10_000 + part,
                    climate=climate,
                    customers=customers,
                )
            )
        except Exception as error:
            steps_there = "\n".join(getattr(error, "__notes__", []))
            raise AssertionError(f"{engine}, seed {seed}, part {part}: {error}\n{steps_there}") from error
    return counted
