"""Which of the orders that a sweep saw have still to be settled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from proxy.domain.ids import OrderId, RedemptionId
from proxy.domain.order import OrderSighting
from proxy.domain.shop import Shop, TransactionMode
from proxy.domain.sweep import Known, counts
from tests.services.alone import shop_of

AT = datetime(2026, 11, 21, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SKEW = timedelta(minutes=5)
ROW = RedemptionId("rdm_1")
ORDER = OrderId("1")
SEEN = OrderSighting(ORDER, ("SUMMER", " RWtest"), AT, AT, test=False, cancelled=False, financial_status="PAID")
OURS = Known(ours={"rwtest": ROW}, decided={}, recorded=frozenset())


def decided(at: datetime) -> Known:
    return replace(OURS, decided={(ROW, ORDER): at})


def test_our_codes_are_found_among_others_whatever_their_case() -> None:
    assert OURS.redemptions(SEEN) == OURS.uncaptured(SEEN) == (ROW,)
    assert OURS.redemptions(replace(SEEN, codes=("SUMMER",))) == ()


def test_a_cancelled_order_and_one_that_captured_have_nothing_left_to_capture() -> None:
    assert OURS.uncaptured(replace(SEEN, cancelled=True)) == ()
    assert decided(AT).uncaptured(SEEN) == ()
    assert decided(AT).uncaptured(replace(SEEN, id=OrderId("2"))) == (ROW,)


def test_an_order_that_changed_since_it_was_looked_at_is_looked_at_again() -> None:
    assert decided(AT - SECOND).changed(SEEN)
    assert not decided(AT).changed(SEEN)
    assert not OURS.changed(SEEN)


def test_what_an_order_captured_without_a_code_of_ours_is_looked_at_again_too() -> None:
    """A benefit that is handed over, or whose code everybody has: a lost webhook must not keep its use."""
    refunded = replace(SEEN, codes=("SUMMER",), financial_status="REFUNDED")
    assert decided(AT).changed(refunded)
    assert not decided(AT).changed(replace(refunded, id=OrderId("2")))


@pytest.mark.parametrize(
    "undone",
    [
        {"cancelled": True},
        {"financial_status": "REFUNDED"},
        {"financial_status": "PARTIALLY_REFUNDED"},
        {"financial_status": "VOIDED"},
    ],
)
def test_where_value_may_be_owed_the_clocks_may_differ_by_five_minutes(undone: dict[str, object]) -> None:
    seen = replace(SEEN, **undone)  # type: ignore[arg-type]
    assert decided(AT + SKEW - SECOND).changed(seen)
    assert not decided(AT + SKEW).changed(seen)


def own(mode: TransactionMode = TransactionMode.OWN) -> Shop:
    return replace(shop_of(), transaction_mode=mode)


def test_a_paid_order_without_a_record_is_ours_to_write_from_the_first_sweep_on() -> None:
    assert OURS.unrecorded(SEEN, own(), AT)
    assert not OURS.unrecorded(SEEN, own(), AT + SECOND)
    assert not replace(OURS, recorded=frozenset({ORDER})).unrecorded(SEEN, own(), AT)


@pytest.mark.parametrize("mode", [TransactionMode.ATTACH, TransactionMode.NONE])
def test_what_somebody_else_writes_is_not_ours(mode: TransactionMode) -> None:
    assert not OURS.unrecorded(SEEN, own(mode), AT)


@pytest.mark.parametrize("changes", [{"financial_status": "PENDING"}, {"cancelled": True}])
def test_an_order_that_is_not_paid_or_is_cancelled_is_no_sale(changes: dict[str, object]) -> None:
    assert not OURS.unrecorded(replace(SEEN, **changes), own(), AT)  # type: ignore[arg-type]


def test_test_orders_count_in_test_shops_only() -> None:
    test, shop = replace(SEEN, test=True), shop_of()
    assert [counts(test, shop), counts(test, replace(shop, test_shop=True)), counts(SEEN, shop)] == [False, True, True]
