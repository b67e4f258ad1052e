"""`proxy reconcile`: say where Shopify, the ledger and Omneo differ, and mend what is safe to mend."""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from proxy.app import Comparison, SchemaMismatchError, comparing, real_world
from proxy.domain.drift import Cure, Report, Treated
from proxy.domain.errors import ProxyError
from proxy.domain.ids import ShopDomain
from proxy.services.compare_orders import Watch
from proxy.settings import Settings, load_settings
from proxy.telemetry import LogAndMetrics

_DRIFT, _UNREAD, _INTERRUPTED = 1, 2, 130
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def _moment(text: str) -> datetime:
    """Read `7d`, `12h`, `90m` as that long ago, or an ISO 8601 time, which is UTC unless it says otherwise."""
    span = re.fullmatch(r"([0-9]{1,5})([dhm])", text)
    if span is not None:
        return datetime.now(UTC) - timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("is a span such as 7d, 12h or 90m, or an ISO 8601 time") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


Since = Annotated[datetime, typer.Option(parser=_moment, metavar="7d|ISO", help="Compare what happened since.")]
Fix = Annotated[bool, typer.Option("--fix", help="Mend what is safe to mend; put the rest before a person.")]
Only = Annotated[str | None, typer.Option("--shop", metavar="DOMAIN", help="Compare this shop only.")]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for pipes.")]


@dataclass(frozen=True, slots=True)
class _Compared:
    """One shop's report, and what came of each finding."""

    shop: ShopDomain
    report: Report
    treated: tuple[Treated, ...]

    @property
    def remaining(self) -> int:
        return sum(not one.cure.mended for one in self.treated)


def reconcile(since: Since = "7d", fix: Fix = False, shop: Only = None, as_json: Json = False) -> None:  # type: ignore[assignment]
    """Compare Shopify's orders, the ledger and Omneo's redemptions. Ends with 0: no drift, 1: drift, 2: not read."""
    try:
        compared, unread = asyncio.run(_compare(load_settings(), since, shop, fix=fix))
    except KeyboardInterrupt:
        raise typer.Exit(_INTERRUPTED) from None
    except (ProxyError, SchemaMismatchError, SQLAlchemyError) as error:
        print(f"Could not read everything: {_reason(error)}", file=sys.stderr)  # noqa: T201
        raise typer.Exit(_UNREAD) from None
    if as_json and compared:
        print(json.dumps(_plain(since, compared)))  # noqa: T201
    elif compared:
        _show(since, compared)
    for domain, why in unread.items():
        print(f"Could not read everything of {domain}: {_reason(why)}", file=sys.stderr)  # noqa: T201
    if unread:
        raise typer.Exit(_UNREAD)
    if any(one.remaining for one in compared):
        raise typer.Exit(_DRIFT)


async def _compare(
    settings: Settings, since: datetime, only: str | None, *, fix: bool
) -> tuple[list[_Compared], dict[ShopDomain, ProxyError]]:
    """Give what was compared, and by shop why it was not: one that has removed the app hides no other's drift."""
    if only is not None and only not in {shop.shop_domain for shop in settings.shops.values()}:
        raise typer.BadParameter("is not the domain of a shop in the settings", param_hint="--shop")
    # The log goes where it does not mix with what pipes read.
    telemetry = LogAndMetrics(level="error", stream=sys.stderr)
    compared: list[_Compared] = []
    unread: dict[ShopDomain, ProxyError] = {}
    with _watching() as watch:
        async with comparing(settings, telemetry, real_world()) as comparisons:
            for one in comparisons:
                if only not in (None, one.shop.domain):
                    continue
                try:
                    compared.append(await _of(one, since, watch, fix=fix))
                except ProxyError as error:
                    unread[one.shop.domain] = error
    return compared, unread


async def _of(comparison: Comparison, since: datetime, watch: Watch, *, fix: bool) -> _Compared:
    report = await comparison.report(since, watch)
    treated = []
    for finding in report.findings:
        treated.append(Treated(finding, await comparison.mend(finding) if fix else Cure.REPORTED))
        watch("findings", 1)
    return _Compared(comparison.shop.domain, report, tuple(treated))


@contextmanager
def _watching() -> Iterator[Watch]:
    """Show on a terminal how much of each side was read; nobody knows how much there is."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:.0f}"))
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        shown: dict[str, Any] = {}

        def watch(what: str, more: int) -> None:
            if what not in shown:
                shown[what] = bars.add_task(what, total=None)
            bars.advance(shown[what], more)

        yield watch


def _plain(since: datetime, compared: list[_Compared]) -> dict[str, object]:
    return {
        "since": since.isoformat(timespec="seconds"),
        "shops": [one.shop for one in compared],
        "read": {
            "orders": sum(one.report.orders for one in compared),
            "captures": sum(one.report.captures for one in compared),
            "omneo_redemptions": sum(one.report.omneo_redemptions for one in compared),
        },
        "findings": [
            {
                "shop": of.shop,
                "code": one.finding.drift,
                "says": one.finding.says,
                "redemptions": list(one.finding.redemptions),
                "order": one.finding.order,
                "facts": dict(one.finding.facts),
                "cure": one.cure,
            }
            for of in compared
            for one in of.treated
        ],
        "drift": sum(len(one.treated) for one in compared),
        "remaining": sum(one.remaining for one in compared),
    }


def _show(since: datetime, compared: list[_Compared]) -> None:
    console = Console()
    for of in compared:
        if of.treated:
            table = Table("what", "redemption", "order", "facts", "done", title=of.shop if len(compared) > 1 else None)
            for one in of.treated:
                found = one.finding
                facts = " ".join(f"{name}={value}" for name, value in found.facts.items() if value)
                table.add_row(
                    f"{found.drift}\n[dim]{found.says}[/]", "\n".join(found.redemptions), found.order, facts, one.cure
                )
            console.print(table)
        report, where = of.report, f"{of.shop}: " if len(compared) > 1 else ""
        console.print(
            f"{where}Since {since.isoformat(timespec='seconds')}: {report.orders} orders, {report.captures} captures, "
            f"{report.omneo_redemptions} redemptions in Omneo. Drift: {len(of.treated)}, left for a person: "
            f"{of.remaining}."
        )


def _reason(error: Exception) -> str:
    if not isinstance(error, ProxyError):
        return str(error).splitlines()[0]
    known = [str(error.details[name]) for name in ("upstream", "operation", "reason") if name in error.details]
    return " ".join(known) or error.text
