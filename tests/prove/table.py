"""The one table that a proof ends with."""

from collections.abc import Iterable

from rich.box import SIMPLE
from rich.table import Column, Table

from tests.prove.chunks import ENGINES
from tests.prove.kept import Result
from tests.prove.tally import Tally


def counted(results: Iterable[Result]) -> dict[str, Tally]:
    """Sum by engine, and over both.

    Only processes that died by SIGKILL count as kills: the state machine's restarts drop their work inside of one.
    """
    sums = {name: Tally() for name in (*ENGINES, "both")}
    for result in results:
        tally = Tally.from_json(result.tally.to_json())
        if result.chunk.kind == "steps":
            tally.faults["restart"] += tally.kills
            tally.kills = 0
        sums[result.chunk.engine].add(tally)
        sums["both"].add(tally)
    return sums


def table(sums: dict[str, Tally]) -> Table:
    """Show what was done, and what came of it."""
    right = ("steps", "kills", "duplicates", "lost value", "doubled value", "stuck", "reviews")
    columns = [Column(name, justify="right", no_wrap=True) for name in right]
    shown = Table("engine", columns[0], Column("faults", no_wrap=True), *columns[1:], box=SIMPLE)
    for name, tally in sums.items():
        shown.add_row(
            name,
            f"{tally.steps:,}",
            "\n".join(f"{kind} {number:,}" for kind, number in sorted(tally.faults.items())),
            f"{tally.kills:,}",
            f"{tally.duplicates:,}",
            _money(tally.lost_minor),
            _money(tally.doubled_minor),
            str(tally.stuck),
            f"{tally.reviews:,}",
        )
    return shown


def spotless(sums: dict[str, Tally]) -> bool:
    """Tell whether nothing was lost, doubled or stuck."""
    return not any(tally.lost_minor or tally.doubled_minor or tally.stuck for tally in sums.values())


def _money(minor: int) -> str:
    return f"{minor // 100:,}.{minor % 100:02}"
