"""`proxy ledger export`: every move for finance and auditors, or what they add up to."""

import asyncio
import csv
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Annotated, TextIO

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from rich.table import Column, Table
from sqlalchemy.exc import SQLAlchemyError

from proxy.app import SchemaMismatchError, exporting, real_world
from proxy.commands.output import STDOUT, opened
from proxy.domain.errors import ProxyError
from proxy.domain.ids import parse_shop
from proxy.domain.ledger_line import COLUMNS, LedgerLine, Outstanding, Period, Totals, add_up
from proxy.settings import Settings, load_settings
from proxy.stores.exports import Exports

_FAILED, _INTERRUPTED = 1, 130
_PAGE = 1000
_DAY = timedelta(days=1)


def _moment(text: str, *, end: bool) -> datetime:
    """Read a day in UTC, which `--until` includes, or an ISO 8601 time, which is UTC unless it says otherwise."""
    try:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            at = datetime.fromisoformat(text)
            return at if at.tzinfo else at.replace(tzinfo=UTC)
        return datetime.combine(day, time(), UTC) + (_DAY if end else timedelta())
    except (ValueError, OverflowError):
        raise typer.BadParameter("is a day such as 2026-11-30, or an ISO 8601 time") from None


def _from(text: str) -> datetime:
    return _moment(text, end=False)


def _to(text: str) -> datetime:
    return _moment(text, end=True)


Since = Annotated[datetime | None, typer.Option(parser=_from, metavar="DAY|ISO", help="Only moves from then on.")]
Until = Annotated[datetime | None, typer.Option(parser=_to, metavar="DAY|ISO", help="Only moves until that day's end.")]
Shop = Annotated[str | None, typer.Option(help="Only this shop's moves.")]
Csv = Annotated[str | None, typer.Option("--csv", metavar="FILE|-", help="Write every move as CSV.")]
Json = Annotated[bool, typer.Option("--json", help="Write every move as a line of JSON, for pipes.")]
Watch = Callable[[int, int], None]


def export(
    since: Since = None,
    until: Until = None,
    shop: Shop = None,
    csv_file: Csv = None,
    as_json: Json = False,
) -> None:
    """Write the journal of every move, or without --csv and --json show what it adds up to."""
    if csv_file is not None and as_json:
        raise typer.BadParameter("is one of --csv and --json", param_hint="--csv")
    if since is not None and until is not None and since >= until:
        raise typer.BadParameter("is later than --since", param_hint="--until")
    period = Period(_ms(since), _ms(until), parse_shop(shop) if shop is not None else None)
    try:
        asyncio.run(_export(load_settings(), period, csv_file, as_json=as_json))
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read has seen enough; Python must not complain about it again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(_FAILED) from None
    except (ProxyError, SchemaMismatchError, SQLAlchemyError) as error:
        _stop(f"The ledger cannot be read: {_reason(error)}")
    except OSError as error:
        _stop(f"The file cannot be written: {error.strerror}")


async def _export(settings: Settings, period: Period, csv_file: str | None, *, as_json: bool) -> None:
    totals: Totals = {}
    async with exporting(settings, real_world()) as ledger:
        with _watching(hidden=as_json or csv_file == STDOUT) as watch:
            pages = _pages(ledger, period, watch)
            if csv_file is not None:
                with opened(csv_file) as out:
                    await _write_csv(out, pages)
            elif as_json:
                async for page in pages:
                    print(*(json.dumps(line.plain()) for line in page), sep="\n", flush=True)  # noqa: T201
            else:
                async for page in pages:
                    add_up(totals, page)
        if csv_file is None and not as_json:
            _show(totals, await ledger.outstanding(period.shop))


async def _pages(ledger: Exports, period: Period, watch: Watch) -> AsyncIterator[list[LedgerLine]]:
    last = await ledger.last()
    for after in range(0, last, _PAGE):
        upto = min(after + _PAGE, last)
        page = await ledger.between(after, upto, period)
        if page:
            yield page
        watch(upto, last)


async def _write_csv(out: TextIO, pages: AsyncIterator[list[LedgerLine]]) -> None:
    # RFC 4180: lines end with CRLF, and quotes stand only where they are needed.
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    async for page in pages:
        writer.writerows(line.cells() for line in page)


@contextmanager
def _watching(*, hidden: bool) -> Iterator[Watch]:
    """Show on a terminal how much of the journal was read."""
    console = Console(stderr=True)
    columns = (TextColumn("journal"), BarColumn(), TaskProgressColumn())
    with Progress(*columns, console=console, transient=True, disable=hidden or not console.is_terminal) as bars:
        bar = bars.add_task("journal")
        yield lambda done, total: bars.update(bar, completed=done, total=total)


def _show(totals: Totals, outstanding: list[Outstanding]) -> None:
    console = Console()
    if not totals:
        console.print("Nothing moved.")
    for shop, months in groupby(sorted(totals.items()), key=lambda item: item[0][0]):
        table = _table(f"Moved at {shop}", "month", "moves", "captured", "returned", "net", "shortfall")
        for (_, currency, month), moved in months:
            sums = (moved.captured, moved.returned, moved.captured - moved.returned, moved.shortfall)
            table.add_row(month, currency, str(moved.entries), *(str(amount) for amount in sums))
        console.print(table)
    table = _table("Outstanding now", "shop", "held", "in review", "their amount")
    for row in outstanding:
        amounts = (str(row.held.decimal), str(row.in_review), str(row.review.decimal))
        table.add_row(row.shop, row.held.currency, *amounts)
    console.print(table)


def _table(title: str, first: str, *amounts: str) -> Table:
    # A terminal that is too narrow may cut anything but a number.
    numbers = [Column(name, justify="right", no_wrap=True) for name in amounts]
    return Table(first, Column("currency", no_wrap=True), *numbers, title=title, title_justify="left", box=SIMPLE)


def _ms(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp() * 1000)


def _reason(error: Exception) -> str:
    if isinstance(error, ProxyError):
        return str(error.details.get("reason", error.text))
    return str(error).splitlines()[0]


def _stop(message: str) -> None:
    print(message, file=sys.stderr)  # noqa: T201
    raise typer.Exit(_FAILED)
