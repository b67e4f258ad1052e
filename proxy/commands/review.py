"""`proxy redemptions review` and `resolve`: what waits for a person, and the person's decision."""

import asyncio
import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from proxy.app import deciding, looking, real_world
from proxy.commands.operator import operator
from proxy.domain.ids import parse_redemption
from proxy.domain.redemption import JournalEntry, Redemption, State, iso
from proxy.domain.resolution import TARGETS, explain
from proxy.settings import load_settings

_FAILED = 1
_REASON_LIMIT = 500

Limit = Annotated[int, typer.Option(min=1, max=1000)]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for pipes.")]
Target = Annotated[State, typer.Option("--as", help=f"One of {', '.join(TARGETS)}.", metavar="STATE")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in the journal.")]


def list_review(limit: Limit = 100, as_json: Json = False) -> None:
    """List what waits for a person, with the reason and the facts."""

    async def read() -> list[tuple[Redemption, JournalEntry | None]]:
        async with looking(load_settings()) as ledger:
            found = await ledger.latest(limit, State.REVIEW)
            return [(r, _last(await ledger.journal(r.id))) for r in found]

    found = asyncio.run(read())
    if as_json:
        print(json.dumps([_plain(r, entry) for r, entry in found]))  # noqa: T201
        return
    table = Table("redemption", "why", "facts", "amount", "captured", "held", "order", "since")
    for r, entry in found:
        facts = " ".join(f"{name}={value}" for name, value in (entry.facts if entry else {}).items())
        why = f"{r.reason}\n[dim]{explain(r.reason)}[/]"
        table.add_row(r.id, why, facts, str(r.amount), str(r.captured), str(r.held), r.order, iso(r.updated_ms))
    Console().print(table)


def resolve(
    redemption_id: Annotated[str, typer.Argument(metavar="ID")],
    to: Target,
    reason: Reason,
) -> None:
    """Decide about a redemption in review. Change the other side first: this moves the ledger alone."""
    wanted, why = parse_redemption(redemption_id), reason.strip()
    if to not in TARGETS:
        raise typer.BadParameter(f"is one of {', '.join(TARGETS)}", param_hint="--as")
    if not 0 < len(why) <= _REASON_LIMIT:
        raise typer.BadParameter(f"has 1 to {_REASON_LIMIT} characters", param_hint="--reason")

    async def decide() -> str | None:
        async with deciding(load_settings(), real_world()) as ledger:
            return await ledger.resolve(wanted, to, why, operator())

    refusal = asyncio.run(decide())
    if refusal is not None:
        print(refusal, file=sys.stderr)  # noqa: T201
        raise typer.Exit(_FAILED)
    Console().print(f"{wanted} is {to} now.")


def _last(journal: tuple[JournalEntry, ...]) -> JournalEntry | None:
    return next((entry for entry in reversed(journal) if entry.state is State.REVIEW), None)


def _plain(r: Redemption, entry: JournalEntry | None) -> dict[str, object]:
    return {
        "id": r.id,
        "reason": r.reason,
        "says": explain(r.reason),
        "facts": entry.facts if entry else {},
        "amount": str(r.amount),
        "captured": str(r.captured),
        "held": str(r.held),
        "customer": r.customer,
        "order": r.order,
        "since": iso(r.updated_ms),
    }
