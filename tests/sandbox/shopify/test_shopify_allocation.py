"""Money is spread over lines to the cent."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.sandbox.shopify.money import spread

AMOUNTS = st.decimals(min_value=0, max_value=100_000, places=2)


def test_the_official_sample_is_spread_as_published():
    assert spread(Decimal("10.00"), [Decimal("199.00")] * 3) == [Decimal("3.34"), Decimal("3.33"), Decimal("3.33")]


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, st.lists(AMOUNTS, max_size=12))
def test_the_parts_sum_exactly_and_none_exceeds_its_line(amount, lines):
    parts = spread(amount, lines)
    assert sum(parts) == min(amount, sum(lines))
    assert all(0 <= part <= line for part, line in zip(parts, lines, strict=True))


@settings(max_examples=200, deadline=None)
@given(AMOUNTS, st.lists(AMOUNTS, min_size=1, max_size=12))
def test_no_part_is_a_cent_away_from_its_proportion(amount, lines):
    whole = sum(lines)
    if whole:
        capped = min(amount, whole)
        for part, line in zip(spread(amount, lines), lines, strict=True):
            assert abs(part - capped * line / whole) < Decimal("0.01")
