"""Numbers keep their digits on both ways."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.upstreams import exact_json


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_an_amount_keeps_its_digits(amount: Decimal) -> None:
    written = exact_json.write({"amount": amount})
    assert written == b'{"amount":' + format(amount, "f").encode() + b"}"
    assert Decimal(exact_json.read(written)["amount"]) == amount


def test_text_is_utf_8_and_escaped() -> None:
    written = exact_json.write({'é"': ["\u2028", "\ud83d", True, None, 1, (Decimal("12.10"),)]})
    assert exact_json.read(written) == {'é"': ["\u2028", "\ud83d", True, None, 1, [Decimal("12.10")]]}


@pytest.mark.parametrize("body", [b"NaN", b"[Infinity]", b"", b"\xff", b"[" * 100_000, b"{"])
def test_what_is_not_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        exact_json.read(body)


@pytest.mark.parametrize("number", [0.1, Decimal("NaN"), Decimal("Infinity")])
def test_an_inexact_number_is_never_written(number: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        exact_json.write({"amount": number})
