"""One move as finance reads it: who, where and why, what it changed, and the ids under which others know it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final

from proxy.domain.money import Money

# What a spreadsheet takes for a formula. Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One entry of the journal, its columns in this order; amounts in units of the currency, changes with their sign.

    Everything is as it was known at that move, so that the same export says the same whenever it is made. Changes are
    none for moves from before amounts were kept with them. Of a `benefit`, every amount counts uses, in `XXX`.
    """

    entry: int
    time: str
    shop: str
    tenant: str
    redemption: str
    parent: str | None
    profile: str
    customer: str
    surface: str
    location: str | None
    staff: str | None
    device: str | None
    actor: str
    move: str
    cause: str
    currency: str
    amount: Decimal
    held_change: Decimal | None
    captured_change: Decimal | None
    returned_change: Decimal | None
    shortfall_change: Decimal | None
    order: str | None
    capture: str | None
    omneo_redemption: int | None
    transaction: int | None
    benefit: str | None

    def plain(self) -> dict[str, str | int | None]:
        """Write it for machines; amounts are text, so that nobody reads them as floats."""
        values = ((name, getattr(self, name)) for name in COLUMNS)
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in values}

    def cells(self) -> list[str]:
        """Write it for a spreadsheet: empty where there is nothing, and no text that begins like a formula."""
        return [_cell(getattr(self, name)) for name in COLUMNS]


COLUMNS: Final = tuple(field.name for field in fields(LedgerLine))


def _cell(value: str | int | Decimal | None) -> str:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class Period:
    """Which entries are wanted: from a moment on, before another, of one shop or of all."""

    since_ms: int | None
    until_ms: int | None
    shop: str | None


@dataclass(slots=True)
class Moved:
    """What a shop's moves in one currency and month add up to."""

    entries: int = 0
    captured: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    shortfall: Decimal = Decimal(0)


Totals = dict[tuple[str, str, str], Moved]


def add_up(totals: Totals, lines: Iterable[LedgerLine]) -> None:
    """Add lines to the totals by shop, currency and month (`2026-11`, in UTC)."""
    for line in lines:
        moved = totals.setdefault((line.shop, line.currency, line.time[:7]), Moved())
        moved.entries += 1
        moved.captured += _known(line.captured_change)
        moved.returned += _known(line.returned_change)
        moved.shortfall += _known(line.shortfall_change)


def _known(change: Decimal | None) -> Decimal:
    return Decimal(0) if change is None else change


@dataclass(frozen=True, slots=True)
class Outstanding:
    """What a shop has outstanding now: value that is set aside, and what waits for a person."""

    shop: str
    held: Money
    in_review: int
    review: Money
