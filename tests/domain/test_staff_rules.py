"""What a till may do, and what an order says differently from it."""

from dataclasses import replace
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.contradiction import Contradiction, contradiction
from proxy.domain.errors import InvalidRequest
from proxy.domain.ids import LocationId, StaffId
from proxy.domain.redemption import Place
from proxy.domain.refusals import AboveStaffMaximum, DeviceRequired, ReasonRequired
from proxy.domain.staff import StaffRules, parse_approval
from tests.stores.ledger import aud, order_of

TILL = Place(Surface.POS, "till-1", "8801", "77", "device-1")


class Row:
    """What of a redemption is compared."""

    def __init__(self, place: Place = TILL, login: str | None = "42") -> None:
        self.place, self.login = place, login


def said(row: Row, rang_up: str | None = None, **order: Any) -> Contradiction | None:
    facts = {"source_name": "pos", "location": LocationId("8801"), **order}
    return contradiction(row, replace(order_of("1"), **facts), StaffId(rang_up) if rang_up else None)  # type: ignore[arg-type]


def test_each_bound_is_kept_from_the_next_cent_on() -> None:
    rules = StaffRules(maximum=aud(1000), device_daily=aud(1), reason_above=aud(500), approval_above=aud(800))
    rules.check(aud(1000), "device-1")
    with pytest.raises(AboveStaffMaximum) as above:
        rules.check(aud(1001), "device-1")
    assert above.value.facts() == {"maximum": aud(1000).wire()}
    with pytest.raises(DeviceRequired):
        rules.check(aud(1), None)
    rules.needs_reason(aud(500), None)
    rules.needs_reason(aud(501), "a torn seam")
    with pytest.raises(ReasonRequired) as reasonless:
        rules.needs_reason(aud(501), None)
    assert reasonless.value.facts() == {"above": aud(500).wire()}
    assert (rules.needs_approval(aud(800)), rules.needs_approval(aud(801))) == (False, True)


def test_without_rules_a_till_may_do_what_a_customer_may() -> None:
    rules = StaffRules()
    rules.check(aud(10**9), None)
    rules.needs_reason(aud(10**9), None)
    assert not rules.needs_approval(aud(10**9))


@pytest.mark.parametrize(
    "text", ["", "apr_", "apr_" + "g" * 32, "rdm_" + "0" * 32, "apr_" + "0" * 33, "apr_" + "٠" * 32]
)
def test_what_is_no_approvals_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_approval(text)


@pytest.mark.parametrize(
    ("row", "rang_up", "order"),
    [
        (Row(), None, {}),
        (Row(), "77", {}),
        (Row(), "42", {}),
        (Row(), None, {"location": None}),
        (Row(), None, {"source_name": None}),
        (Row(replace(TILL, location=None)), None, {"location": LocationId("1")}),
        (Row(replace(TILL, location="gid://shopify/Location/8801")), None, {}),
        (Row(replace(TILL, staff="gid://shopify/StaffMember/77")), "77", {}),
        (Row(replace(TILL, staff=None)), "99", {}),
        (Row(replace(TILL, surface=Surface.CHECKOUT)), "99", {"source_name": "web", "location": None}),
    ],
)
def test_what_either_side_does_not_name_contradicts_nothing(row: Row, rang_up: str | None, order: Any) -> None:
    assert said(row, rang_up, **order) is None


@pytest.mark.parametrize(
    ("rang_up", "order", "expected"),
    [
        (None, {"source_name": "web", "location": None}, Contradiction("not_a_pos_sale", "pos", "web")),
        (None, {"location": LocationId("8802")}, Contradiction("location_mismatch", "8801", "8802")),
        ("99", {}, Contradiction("staff_mismatch", "77", "99")),
    ],
)
def test_what_both_name_differently_is_a_contradiction(
    rang_up: str | None, order: Any, expected: Contradiction
) -> None:
    assert said(Row(), rang_up, **order) == expected
