"""What finance reads: text that no spreadsheet takes for a formula, and sums by shop, currency and month."""

from dataclasses import replace
from decimal import Decimal

import pytest

from proxy.domain.ledger_line import COLUMNS, LedgerLine, Moved, Totals, add_up

LINE = LedgerLine(
    entry=7,
    time="2026-11-21T00:00:00Z",
    shop="one.myshopify.com",
    tenant="t",
    redemption="rdm_1",
    parent=None,
    profile="p-1",
    customer="1001",
    surface="checkout",
    location=None,
    staff=None,
    device=None,
    actor="service",
    move="captured",
    cause="capture",
    currency="AUD",
    amount=Decimal("12.50"),
    held_change=Decimal("-12.50"),
    captured_change=Decimal("12.50"),
    returned_change=None,
    shortfall_change=None,
    order="1",
    capture="cap_1",
    omneo_redemption=5,
    transaction=None,
    benefit=None,
)


def test_amounts_are_text_for_machines_and_numbers_and_gaps_stay_what_they_are() -> None:
    plain = LINE.plain()
    assert tuple(plain) == COLUMNS
    assert (plain["entry"], plain["amount"], plain["held_change"], plain["returned_change"]) == (
        7,
        "12.50",
        "-12.50",
        None,
    )
    assert (plain["shop"], plain["omneo_redemption"], plain["parent"]) == ("one.myshopify.com", 5, None)


def test_cells_are_empty_where_there_is_nothing_and_negative_amounts_stay_numbers() -> None:
    cells = dict(zip(COLUMNS, LINE.cells(), strict=True))
    assert (cells["entry"], cells["parent"], cells["held_change"], cells["profile"]) == ("7", "", "-12.50", "p-1")


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_that_begins_like_a_formula_is_quoted(formula: str) -> None:
    cells = dict(zip(COLUMNS, replace(LINE, staff=formula).cells(), strict=True))
    assert cells["staff"] == f"'{formula}"


def test_lines_add_up_by_shop_currency_and_month() -> None:
    """12.50 captured and 2.50 of it back in November, 4.00 short in December: two months, three entries."""
    back = replace(LINE, captured_change=None, returned_change=Decimal("2.50"))
    short = replace(
        LINE, time="2026-12-01T00:00:00Z", captured_change=Decimal("1.00"), shortfall_change=Decimal("4.00")
    )
    totals: Totals = {}
    add_up(totals, [LINE, back])
    add_up(totals, [short])
    shop = ("one.myshopify.com", "AUD")
    assert totals == {
        (*shop, "2026-11"): Moved(2, Decimal("12.50"), Decimal("2.50"), Decimal(0)),
        (*shop, "2026-12"): Moved(1, Decimal("1.00"), Decimal(0), Decimal("4.00")),
    }


def test_months_go_on_adding_where_they_were() -> None:
    totals: Totals = {}
    moved = replace(LINE, returned_change=Decimal("1.00"), shortfall_change=Decimal("0.25"))
    for _ in range(3):
        add_up(totals, [moved])
    assert list(totals.values()) == [Moved(3, Decimal("37.50"), Decimal("3.00"), Decimal("0.75"))]
