"""What an order says of a code: how much it took off, and whether it did anything at all."""

from dataclasses import replace

import pytest

from proxy.domain.money import Money
from proxy.domain.order import Allocation, Order
from tests.services.scripts import bought
from tests.stores.ledger import aud

CODE = "RW-Ä1"


def freed(minor: int, code: str | None = CODE) -> tuple[Allocation, ...]:
    return (Allocation(code, None, Money(minor, "AUD")),)


@pytest.mark.parametrize(
    ("order", "taken", "applied"),
    [
        (bought("1", (2, 2, 1000), (1, 1, 500), code=CODE), 1500, True),
        (bought("1", (2, 2, 1000), code="OTHER"), 0, False),
        (bought("1", (2, 2, 0), code=CODE), 0, False),
        (replace(bought("1", (1, 1, 0), code=CODE), shipping_discounts=freed(995)), 0, True),
        (replace(bought("1", (1, 1, 0), code=CODE), shipping_discounts=freed(0)), 0, False),
        (replace(bought("1", (1, 1, 0), code=CODE), shipping_discounts=freed(995, "OTHER")), 0, False),
        (replace(bought("1", (1, 1, 0), code=CODE), shipping_discounts=freed(995, None)), 0, False),
    ],
)
def test_a_code_was_applied_if_it_took_anything_off_lines_or_shipping(order: Order, taken: int, applied: bool) -> None:
    for written in (CODE, CODE.lower(), f" {CODE}"):
        assert order.discounted(written) == aud(taken)
        assert order.applied(written) is applied
