"""What comes back for what is returned: exact, cumulative, never more than was captured."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.domain.capture import Capture, CaptureLine, CaptureState
from proxy.domain.give_back import due
from proxy.domain.ids import (
    CaptureId,
    Code,
    OmneoRedemptionId,
    OrderId,
    ProfileId,
    RedemptionId,
    ShopDomain,
    TenantName,
)
from proxy.domain.money import Money
from proxy.domain.order import Allocation, Order, OrderLine
from proxy.domain.shop import GiveBackPolicy
from tests.stores.ledger import order_of, redemption_of

CODE = Code("RWTEST")
ROW = RedemptionId("rdm_1")
REDEMPTION = redemption_of(ROW, CODE)
PRO_RATA, FULL_ONLY, NONE = GiveBackPolicy.PRO_RATA, GiveBackPolicy.FULL_ONLY, GiveBackPolicy.NONE


def aud(minor: int) -> Money:
    return Money(minor, "AUD")


def order(*lines: tuple[int, int, int], **changes: object) -> Order:
    """Each line is (ordered, still there, taken off by our code)."""
    made = [
        OrderLine(
            id=str(number),
            name="Thing",
            sku=None,
            variant=None,
            quantity=ordered,
            current_quantity=current,
            unit_price=aud(5000),
            tax=aud(0),
            allocations=(Allocation(CODE.lower(), None, aud(taken)), Allocation("OTHER", None, aud(77))),
        )
        for number, (ordered, current, taken) in enumerate(lines)
    ]
    return replace(order_of("1"), lines=tuple(made), codes=(CODE,), **changes)  # type: ignore[arg-type]


def capture(captured: int, *, asked: int | None = None, returned: int = 0) -> Capture:
    line = CaptureLine(ROW, aud(captured if asked is None else asked), aud(captured), aud(returned))
    return Capture(
        id=CaptureId("cap_1"),
        shop=ShopDomain("s.myshopify.com"),
        tenant=TenantName("t"),
        profile=ProfileId("p"),
        order=OrderId("1"),
        order_name="#1",
        location=None,
        state=CaptureState.DONE,
        asked=line.asked,
        captured=line.captured,
        returned=line.returned,
        sends=1,
        sent_ms=0,
        refusals=0,
        final_refusals=0,
        refused_ms=None,
        omneo_redemption=OmneoRedemptionId(1),
        lines=(line,),
    )


def owed(order: Order, of: Capture, policy: GiveBackPolicy = PRO_RATA) -> int:
    return due(order, of, {ROW: REDEMPTION}, policy).get(ROW, aud(0)).minor


def test_fifty_dollars_over_four_lines_come_back_line_by_line() -> None:
    """50.00 over 65/115/25/45 is 13/23/5/9; returning the second and the fourth gives 32.00."""
    lines = [(1, 1, 1300), (1, 1, 2300), (1, 1, 500), (1, 1, 900)]
    assert owed(order(*lines), capture(5000)) == 0
    lines[1] = (1, 0, 2300)
    assert owed(order(*lines), capture(5000)) == 2300
    lines[3] = (1, 0, 900)
    assert owed(order(*lines), capture(5000)) == 3200
    assert owed(order(*lines), capture(5000, returned=2300)) == 900


def test_one_of_three_units_gives_a_third_and_the_last_gives_the_remainder() -> None:
    """10.00 on three units: 3.33, then 3.33, then 3.34."""
    assert owed(order((3, 2, 1000)), capture(1000)) == 333
    assert owed(order((3, 1, 1000)), capture(1000, returned=333)) == 333
    assert owed(order((3, 0, 1000)), capture(1000, returned=666)) == 334


def test_a_shipping_refund_gives_nothing() -> None:
    assert owed(order((1, 1, 1000)), capture(1000)) == 0


def test_a_shortfall_comes_back_in_proportion() -> None:
    """15.00 were discounted, 6.00 could be spent: half of the goods returned gives 3.00."""
    assert owed(order((1, 0, 750), (1, 1, 750)), capture(600, asked=1500)) == 300


def test_a_share_that_does_not_divide_is_rounded_for_what_stays() -> None:
    """1.00 of 3.00 was captured; with one of three units back 0.67 stay and 0.33 come back."""
    assert owed(order((3, 2, 300)), capture(100, asked=300)) == 33


def test_each_line_is_rounded_by_itself() -> None:
    """Three lines of 10.00 on three units, one of each back: three times 3.33."""
    assert owed(order(*[(3, 2, 1000)] * 3), capture(3000)) == 999


def test_every_part_is_a_whole_number_and_what_owes_nothing_is_left_out() -> None:
    back = due(order((3, 2, 1000)), capture(1000), {ROW: REDEMPTION}, PRO_RATA)
    assert [type(part.minor) for part in back.values()] == [int]
    assert due(order((1, 1, 1000)), capture(1000), {ROW: REDEMPTION}, PRO_RATA) == {}


def test_a_line_of_no_quantity_keeps_its_discount() -> None:
    """A line of 5.00 on nothing and a returned one of 5.00: half comes back."""
    assert owed(order((0, 0, 500), (1, 0, 500), (1, 1, 0)), capture(1000)) == 500


def test_more_discount_than_was_held_comes_back_in_proportion() -> None:
    """The code was edited to 20.00 and 10.00 was captured: half of the goods returned gives 5.00."""
    assert owed(order((1, 0, 1000), (1, 1, 1000)), capture(1000)) == 500


def test_an_edit_that_discounts_less_gives_the_difference_back() -> None:
    assert owed(order((1, 1, 400)), capture(1000)) == 600


def test_a_cancelled_or_voided_order_gives_everything_back() -> None:
    assert owed(order((1, 1, 1000), cancelled=True), capture(1000)) == 1000
    assert owed(order((1, 1, 1000), financial_status="VOIDED"), capture(1000, returned=400)) == 600


def test_what_was_captured_early_and_not_used_comes_back_under_every_policy() -> None:
    """20.00 were captured early, the order used 12.00 on two lines; one of 8.00 is returned."""
    kept = order((1, 1, 800), (1, 1, 400))
    some = order((1, 0, 800), (1, 1, 400))
    early = capture(2000, asked=1200)
    assert [owed(kept, early, policy) for policy in (PRO_RATA, FULL_ONLY, NONE)] == [800, 800, 800]
    assert [owed(some, early, policy) for policy in (PRO_RATA, FULL_ONLY, NONE)] == [1600, 800, 800]
    gone = order((1, 0, 800), (1, 0, 400))
    assert [owed(gone, early, policy) for policy in (PRO_RATA, FULL_ONLY, NONE)] == [2000, 2000, 800]


def test_the_policy_decides() -> None:
    part, whole = order((2, 1, 1000)), order((2, 0, 1000))
    assert [owed(part, capture(1000), policy) for policy in (PRO_RATA, FULL_ONLY, NONE)] == [500, 0, 0]
    assert [owed(whole, capture(1000), policy) for policy in (PRO_RATA, FULL_ONLY, NONE)] == [1000, 1000, 0]
    cancelled = order((2, 2, 1000), cancelled=True)
    assert [owed(cancelled, capture(1000), policy) for policy in (PRO_RATA, FULL_ONLY, NONE)] == [1000, 1000, 0]


LINES = st.lists(
    st.integers(1, 9).flatmap(lambda q: st.tuples(st.just(q), st.integers(0, q), st.integers(0, 5000))),
    min_size=1,
    max_size=6,
)


@settings(deadline=None, max_examples=300)
@given(lines=LINES, captured=st.integers(1, 20_000), returned=st.integers(0, 20_000))
def test_never_more_than_was_captured_and_never_less_than_nothing(
    lines: list[tuple[int, int, int]], captured: int, returned: int
) -> None:
    already = min(returned, captured)
    owes = owed(order(*lines), capture(captured, returned=already))
    assert 0 <= owes <= captured - already


@settings(deadline=None, max_examples=300)
@given(lines=LINES, data=st.data())
def test_returns_in_any_steps_end_at_the_same_sum(lines: list[tuple[int, int, int]], data: st.DataObject) -> None:
    """What is returned one by one comes to what is returned at once, and everything returned is everything captured."""
    total = sum(taken for _, _, taken in lines)
    if total == 0:
        return
    present = [(ordered, ordered, taken) for ordered, _, taken in lines]
    given_back = 0
    for number, (ordered, final, taken) in enumerate(lines):
        step = data.draw(st.integers(final, ordered))
        for current in (step, final):
            present[number] = (ordered, current, taken)
            given_back += owed(order(*present), capture(total, returned=given_back))
    assert given_back == owed(order(*present), capture(total))
    everything = [(ordered, 0, taken) for ordered, _, taken in lines]
    assert given_back + owed(order(*everything), capture(total, returned=given_back)) == total
