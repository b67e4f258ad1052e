"""Money is exact, and says so when it cannot be."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.domain.errors import CurrencyMismatch, InvalidRequest
from proxy.domain.money import Money, exponent

CURRENCIES = st.sampled_from(["AUD", "USD", "JPY", "KRW", "KWD", "BHD", "EUR"])


@given(minor=st.integers(-(10**14), 10**14), currency=CURRENCIES)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    written = money.wire()
    assert Money.parse(written["amount"], written["currencyCode"]) == money


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("12.5", "AUD", 1250), ("12.50", "AUD", 1250), ("5.0", "JPY", 5), ("1.234", "KWD", 1234), ("0.1", "AUD", 10)],
)
def test_decimals_follow_the_currency(amount: str, currency: str, minor: int) -> None:
    assert Money.parse(amount, currency).minor == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("12.505", "AUD"),
        ("1.5", "JPY"),
        ("abc", "AUD"),
        ("NaN", "AUD"),
        ("Infinity", "AUD"),
        ("1e999999", "AUD"),
        ("1", "aud"),
        ("1", "AUDX"),
        ("1", "ÄUD"),
    ],
)
def test_what_is_not_exactly_an_amount_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(InvalidRequest):
        Money.parse(amount, currency)


def test_a_balance_with_more_decimals_than_money_is_spendable_below_them() -> None:
    assert Money.floor(Decimal("10.999"), "AUD") == Money(1099, "AUD")
    assert Money.floor(Decimal("10.999"), "JPY") == Money(10, "JPY")


def test_amounts_of_two_currencies_never_meet() -> None:
    for meet in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(CurrencyMismatch):
            meet(Money(1, "AUD"), Money(1, "NZD"))
    assert exponent("XYZ") == 2
