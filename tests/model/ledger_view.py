"""The whole ledger as one reading."""

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from proxy.stores import schema as t
from proxy.stores.database import Unit

Rows = list[Any]


@dataclass(frozen=True, slots=True)
class LedgerView:
    """Every table that value stands in, as raw rows."""

    allowances: Rows
    redemptions: dict[str, Any]
    captures: dict[str, Any]
    lines: dict[str, Rows]
    give_backs: dict[str, Rows]
    records: Rows
    tasks: Rows
    moves: int
    passed_on: dict[str, int]
    holds: dict[str, dict[str, Any]]

    def line_of(self, redemption: str) -> Any | None:
        return next((line for lines in self.lines.values() for line in lines if line.redemption_id == redemption), None)


def read_ledger(unit: Unit) -> LedgerView:
    """Read it in one unit, so that nothing is half-way."""
    lines: dict[str, Rows] = defaultdict(list)
    for line in _all(unit, t.capture_lines):
        lines[line.capture_id].append(line)
    backs: dict[str, Rows] = defaultdict(list)
    for back in _all(unit, t.give_backs):
        backs[back.capture_id].append(back)
    return LedgerView(
        allowances=_all(unit, t.allowances),
        redemptions={row.id: row for row in _all(unit, t.redemptions)},
        captures={row.id: row for row in _all(unit, t.captures)},
        lines=lines,
        give_backs=backs,
        records=_all(unit, t.records),
        tasks=_all(unit, t.tasks),
        moves=int(unit.conn.scalar(sa.select(sa.func.count()).select_from(t.journal)) or 0),
        passed_on=_passed_on(unit),
        holds=_holds(unit),
    )


def read_journal(unit: Unit) -> dict[str, list[tuple[str, str]]]:
    """Read every move as (state, note), oldest first."""
    moves: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in unit.run(t.journal.select().order_by(t.journal.c.id)):
        moves[row.redemption_id].append((row.state, row.note))
    return moves


def _all(unit: Unit, table: sa.Table) -> Rows:
    return list(unit.run(table.select()))


def _passed_on(unit: Unit) -> dict[str, int]:
    """Sum what successors took over of each redemption whose code an order may still have used just before."""
    j = t.journal.c
    query = sa.select(j.redemption_id, j.facts).where(j.note == "passed_on")
    found: dict[str, int] = defaultdict(int)
    for row in unit.run(query):
        found[row.redemption_id] += int(json.loads(row.facts)["minor"])
    return found


def _holds(unit: Unit) -> dict[str, dict[str, Any]]:
    """Read what the journal says of each redemption's hold."""
    j = t.journal.c
    query = sa.select(j.redemption_id, j.facts).where(j.note == "hold")
    return {row.redemption_id: json.loads(row.facts) for row in unit.run(query)}
