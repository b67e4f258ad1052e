"""What of a balance may be held, and which orders used what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from proxy.domain.allowance import Balance, Reading, Reward, Standing
from proxy.domain.errors import CurrencyMismatch, InvalidRequest
from proxy.domain.ids import parse_customer, parse_order, parse_redemption, parse_shop
from proxy.domain.money import Money
from proxy.domain.order import Allocation
from proxy.domain.redemption import MOVES, OPEN, State, sources
from proxy.domain.shop import Spendable
from tests.domain.test_give_back import order

NOW = datetime(2026, 11, 21, tzinfo=UTC)
REWARDS, BOTH = Spendable.REWARDS, Spendable.REWARDS_AND_POINTS


def reward(amount: str, days: int | None, *, active: bool = True, expired: bool = False) -> Reward:
    expires = None if days is None else NOW + timedelta(days=days)
    return Reward(1, "Reward", Decimal(amount), Decimal(amount), NOW, expires, active, expired)


def reading(*rewards: Reward, total: str, combined: str = "0", currency: str | None = None) -> Reading:
    balance = Balance(Decimal(total), Decimal(0), Decimal(0), Decimal(combined), currency)
    return Reading(balance, rewards, 1, NOW)


def test_rewards_that_may_be_gone_when_the_order_comes_are_not_counted() -> None:
    read = reading(reward("10", 1), reward("15", 60), reward("5", None), total="30")
    assert read.spendable(REWARDS, "AUD", NOW + timedelta(days=2)) == Money(2000, "AUD")
    assert read.spendable(REWARDS, "AUD", NOW + timedelta(hours=1)) == Money(3000, "AUD")
    assert read.spendable(REWARDS, "AUD", NOW + timedelta(days=1)) == Money(2000, "AUD")


def test_used_and_expired_rewards_take_nothing_off() -> None:
    read = reading(reward("10", 1, active=False), reward("9", -3, expired=True), reward("15", 60), total="15")
    assert read.spendable(REWARDS, "AUD", NOW + timedelta(days=2)) == Money(1500, "AUD")


def test_points_count_where_the_policy_says_so() -> None:
    read = reading(reward("10", 60), total="10", combined="25.5")
    assert read.total(REWARDS, "AUD") == Money(1000, "AUD")
    assert read.total(BOTH, "AUD") == Money(2550, "AUD")
    assert (REWARDS.strategies, BOTH.strategies) == (["rewards"], ["rewards", "points"])


def test_a_balance_in_another_currency_is_refused_and_one_without_is_the_shops() -> None:
    assert reading(total="10").total(REWARDS, "AUD") == Money(1000, "AUD")
    assert reading(total="10", currency="AUD").total(REWARDS, "AUD") == Money(1000, "AUD")
    with pytest.raises(CurrencyMismatch) as refused:
        reading(total="10", currency="NZD").total(REWARDS, "AUD")
    assert refused.value.details == {"ours": "AUD", "theirs": "NZD"}


def test_a_balance_is_counted_in_the_currencys_own_decimals() -> None:
    read = reading(reward("10", 1), reward("15", 60), total="25")
    assert read.spendable(REWARDS, "JPY", NOW + timedelta(days=2)) == Money(15, "JPY")
    assert reading(total="10", currency="AUD").spendable(REWARDS, "AUD", NOW) == Money(1000, "AUD")


def test_a_negative_balance_is_nothing() -> None:
    assert reading(total="-3").spendable(REWARDS, "AUD", NOW) == Money(0, "AUD")


def test_holds_and_the_last_captures_answer_bound_what_is_left() -> None:
    assert Standing(500, None).left(Money(2000, "AUD")) == Money(1500, "AUD")
    assert Standing(500, 800).left(Money(2000, "AUD")) == Money(300, "AUD")
    assert Standing(900, 800).left(Money(2000, "AUD")) == Money(0, "AUD")


def test_a_code_is_found_on_an_order_whatever_its_case_and_beside_others() -> None:
    placed = order((1, 1, 300), (2, 2, 700))
    assert placed.discounted("rwtest") == placed.discounted("RWTEST") == Money(1000, "AUD")
    assert placed.discounted("OTHER") == Money(154, "AUD")
    manual = replace(placed.lines[0], allocations=(Allocation(None, "Staff", Money(50, "AUD")),))
    assert replace(placed, lines=(manual,)).discounted("RWTEST") == Money(0, "AUD")


def test_every_move_is_known_from_both_sides_and_an_end_is_an_end() -> None:
    assert set(MOVES) == set(State)
    for state, targets in MOVES.items():
        assert all(state in sources(target) for target in targets)
    for end in (State.RELEASED, State.RETURNED):
        assert MOVES[end] <= {State.REVIEW}
    assert frozenset({State.HELD, State.ISSUED}) == OPEN


@pytest.mark.parametrize("text", ["", "0", "01", "abc", "1; DROP", "gid://shopify/Order/1", "1" * 21, "１２"])
def test_malformed_customer_ids_are_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_customer(text)


def test_ids_are_read_in_both_of_their_forms() -> None:
    assert parse_customer("gid://shopify/Customer/6432187489345") == parse_customer("6432187489345")
    assert parse_order("gid://shopify/Order/99999999999999999") == "99999999999999999"
    assert parse_shop("https://a-b.myshopify.com") == parse_shop("a-b.myshopify.com")
    for bad in ("rdm_1", "rdm_" + "g" * 32, "rdm_" + "A" * 32):
        with pytest.raises(InvalidRequest):
            parse_redemption(bad)
    for bad in ("a.myshopify.com.evil.example", "A.myshopify.com", "http://a.myshopify.com", "-a.myshopify.com"):
        with pytest.raises(InvalidRequest):
            parse_shop(bad)
