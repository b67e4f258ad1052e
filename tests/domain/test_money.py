"""Money is exact, and says so when it cannot be."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.domain.errors import CurrencyMismatch, InvalidRequest
from proxy.domain.money import Money, exponent

CURRENCIES = st.sampled_from(["AUD", "USD", "JPY", "KRW", "KWD", "BHD", "EUR"])


@settings(deadline=None)
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


@pytest.mark.parametrize(
    ("amount", "currency", "field", "text"),
    [
        ("1", "aud", "currencyCode", "currencyCode must be an ISO 4217 code."),
        ("abc", "AUD", "amount", "The amount is not a decimal number."),
        ("1e15", "AUD", "amount", "The amount is out of range."),
        ("12.505", "AUD", "amount", "AUD amounts have at most 2 decimals."),
        ("1.5", "JPY", "amount", "JPY amounts have at most 0 decimals."),
    ],
)
def test_what_is_refused_names_the_field_and_what_is_wrong_with_it(
    amount: str, currency: str, field: str, text: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        Money.parse(amount, currency)
    assert (refused.value.facts(), refused.value.text) == ({"field": field}, text)


def test_the_largest_amount_has_fifteen_digits_of_minor_units() -> None:
    assert Money.parse("9999999999999.99", "AUD").minor == 10**15 - 1
    with pytest.raises(InvalidRequest):
        Money.parse("10000000000000.00", "AUD")


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=10**10, places=4), CURRENCIES)
def test_a_balance_is_never_rounded_up_and_is_a_whole_number(balance: Decimal, currency: str) -> None:
    floored = Money.floor(balance, currency)
    assert type(floored.minor) is int
    assert floored.decimal <= balance < floored.decimal + Money(1, currency).decimal


def test_a_balance_of_many_digits_is_floored_exactly() -> None:
    """Beyond 2^53 a division would lose the last digit."""
    assert Money.floor(Decimal("90071992547409.939"), "AUD") == Money(9007199254740993, "AUD")
    assert Money.floor(Decimal("-0.001"), "AUD") == Money(0, "AUD")


def test_a_balance_with_more_decimals_than_money_is_spendable_below_them() -> None:
    assert Money.floor(Decimal("10.999"), "AUD") == Money(1099, "AUD")
    assert Money.floor(Decimal("10.999"), "JPY") == Money(10, "JPY")


def test_amounts_of_two_currencies_never_meet() -> None:
    for meet in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__):
        with pytest.raises(CurrencyMismatch) as refused:
            meet(Money(1, "AUD"), Money(1, "NZD"))
        assert refused.value.details == {"ours": "AUD", "theirs": "NZD"}
    assert exponent("XYZ") == 2


def test_equal_amounts_are_neither_less_nor_more_and_nothing_is_false() -> None:
    one, same, two = Money(1, "AUD"), Money(1, "AUD"), Money(2, "AUD")
    assert [one < same, one <= same, one < two, two <= one] == [False, True, True, False]
    assert [bool(Money.zero("AUD")), bool(one), bool(Money(-1, "AUD"))] == [False, True, True]
