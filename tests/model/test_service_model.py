"""Any order of whatever may happen: no value is lost, spent twice or stuck; and what is wrong on purpose is seen."""

import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.model import wrong
from tests.model.promises import BrokenPromiseError
from tests.model.running import run_machine
from tests.model.weather import REDEEM, REVERSAL, Climate
from tests.world.databases import Databases, PostgresServer
from tests.world.world import ADA

# Each wrong variant in the climate in which it does harm, some from a seed that shows it soon: no more is arranged.
WRONG: dict[str, tuple[type[Any], Climate, dict[str, Any]]] = {
    "unknown treated as refused": (
        wrong.UnknownIsRefused,
        Climate(working=(REDEEM,), kinds=("drop_after", "late"), merges=False, benefits=False, approvals=False),
        {},
    ),
    "sum, then insert": (
        wrong.SumsThenInserts,
        Climate(kinds=("slow",), merges=False, benefits=False, approvals=False),
        {"seeded": 4},
    ),
    "hold without epoch": (
        wrong.IgnoresTheEpoch,
        Climate(kinds=("slow",), merges=False, approvals=False),
        {"seeded": 4, "ceiling_s": 0, "cache_ttl_s": 300},
    ),
    "uses without what is held": (
        wrong.ForgetsUsesThatAreHeld,
        Climate(kinds=("slow",), merges=False, approvals=False),
        {},
    ),
    "uses not found again": (
        wrong.UsesAreNotFoundAgain,
        Climate(working=(REDEEM,), kinds=("drop_after", "late"), merges=False, approvals=False),
        {},
    ),
    "approval used again": (wrong.ApprovesForGood, Climate(kinds=("slow",), merges=False, benefits=False), {}),
    "reversal answered 4xx, then return": (
        wrong.ReturnsAfterTheUnknown,
        Climate(working=(REVERSAL,), kinds=("hidden",), merges=False, benefits=False, approvals=False),
        {},
    ),
}


def test_the_three_sides_agree_on_sqlite(databases: Databases, tmp_path: Path) -> None:
    numbers = itertools.count()
    run_machine(lambda: databases.sqlite(tmp_path / f"{next(numbers)}.db"), examples=30, steps=40)


def test_the_three_sides_agree_on_postgresql(databases: Databases, postgres: PostgresServer) -> None:
    run_machine(lambda: databases.postgres(postgres), examples=20, steps=40)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_variant_is_seen(name: str, databases: Databases, tmp_path: Path) -> None:
    build, climate, overrides = WRONG[name]
    numbers = itertools.count()
    with pytest.raises(BrokenPromiseError):
        run_machine(
            lambda: databases.sqlite(tmp_path / f"{next(numbers)}.db"),
            examples=400,
            steps=40,
            build=build,
            climate=climate,
            customers=(ADA,),
            shrink=False,
            **overrides,
        )
