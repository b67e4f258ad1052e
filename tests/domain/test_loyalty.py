from decimal import Decimal

import pytest

from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import Profile, Transaction, TransactionItem


def sale(total: str, *returned: bool) -> Transaction:
    items = tuple(TransactionItem("Socks", None, Decimal(-1 if each else 1), Decimal(5), each) for each in returned)
    return Transaction(1, None, None, None, None, None, (), Decimal(total), "AUD", (), (), False, items)


@pytest.mark.parametrize(
    ("total", "returned", "expected"),
    [
        ("5.00", [False], False),
        ("0.00", [False], False),
        ("-0.01", [], True),
        ("-5.00", [True, False], True),
        ("0.00", [True, True], True),
        ("0.00", [True, False], False),
        ("0.00", [], False),
    ],
)
def test_a_return_is_what_costs_less_than_nothing_or_has_no_line_that_went(
    total: str, returned: list[bool], expected: bool
) -> None:
    assert sale(total, *returned).returned is expected


@pytest.mark.parametrize(
    ("type_", "redeems", "deleted"),
    [
        ("active", True, False),
        ("pending", True, False),
        ("", True, False),
        ("temporary", False, False),
        ("deleted", False, True),
    ],
)
def test_the_type_of_a_profile_says_who_may_redeem_and_who_is_gone(type_: str, redeems: bool, deleted: bool) -> None:
    profile = Profile(ProfileId("p-1"), "Ada", "Marsh", type_, None, None)
    assert (profile.may_redeem, profile.deleted) == (redeems, deleted)
