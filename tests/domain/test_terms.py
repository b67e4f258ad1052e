"""What the policy allows, for any policy, any cart and any balance."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.domain.basket import Basket, BasketLine
from proxy.domain.errors import BelowMinimum, CurrencyMismatch, ProxyError
from proxy.domain.money import Money
from proxy.domain.refusals import AboveMaximum, AboveShare, BelowMinimumSpend, NotAStep
from proxy.domain.shop import Policy
from proxy.domain.terms import check, most, smallest

MINOR = st.integers(1, 100_000)
CURRENCIES = st.sampled_from(["AUD", "JPY", "KWD"])


def of(minor: int | None, currency: str = "AUD") -> Money | None:
    return None if minor is None else Money(minor, currency)


def aud(minor: int) -> Money:
    return Money(minor, "AUD")


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    currency = draw(CURRENCIES)
    minimum = draw(MINOR)
    return Policy(
        Money(minimum, currency),
        minimum_spend=of(draw(st.none() | MINOR), currency),
        maximum=of(draw(st.none() | MINOR), currency),
        step=of(draw(st.none() | st.integers(1, 5000)), currency),
        max_share_percent=draw(st.integers(1, 100)),
    )


def allowed(policy: Policy, amount: Money, eligible: Money | None) -> bool:
    try:
        check(policy, policy.minimum.currency, amount, eligible)
    except ProxyError:
        return False
    return True


@given(policies(), MINOR, st.none() | st.integers(0, 200_000))
def test_the_most_is_allowed_and_nothing_above_it_is(policy: Policy, balance: int, cart: int | None) -> None:
    currency = policy.minimum.currency
    within, eligible = Money(balance, currency), of(cart, currency)
    found = most(policy, within, eligible)
    assert found.minor <= balance
    if eligible is not None:
        assert found.minor * 100 <= eligible.minor * policy.max_share_percent
    if policy.maximum is not None:
        assert found.minor <= policy.maximum.minor
    if policy.step is not None:
        assert found.minor % policy.step.minor == 0
    if found:
        assert allowed(policy, found, eligible)
    step = policy.step.minor if policy.step is not None else 1
    above = Money(found.minor + step if found else smallest(policy).minor, currency)
    assert above.minor > balance or not allowed(policy, above, eligible)


@given(policies(), MINOR, st.integers(0, 200_000))
def test_what_refuses_the_smallest_amount_refuses_every_other(policy: Policy, amount: int, cart: int) -> None:
    currency = policy.minimum.currency
    if not allowed(policy, smallest(policy), Money(cart, currency)):
        assert not allowed(policy, Money(amount, currency), Money(cart, currency))


@given(policies(), MINOR, st.integers(0, 200_000))
def test_shopify_is_asked_for_a_subtotal_at_which_the_share_is_kept(policy: Policy, amount: int, cart: int) -> None:
    """The discount applies from this subtotal on: at any cart that reaches it the amount is within the share."""
    currency = policy.minimum.currency
    least = policy.effect(Money(amount, currency)).minimum_spend
    if policy.max_share_percent == 100:
        assert least == policy.minimum_spend
        return
    assert least is not None
    reaches = cart >= least.minor
    within = amount * 100 <= cart * policy.max_share_percent
    spent = policy.minimum_spend is None or cart >= policy.minimum_spend.minor
    assert reaches == (within and spent)


@pytest.mark.parametrize(
    ("amount", "cart", "kind", "facts"),
    [
        (400, 10_000, BelowMinimum, {"minimum": aud(500).wire()}),
        (510, 10_000, NotAStep, {"step": aud(250).wire()}),
        (4250, 100_000, AboveMaximum, {"maximum": aud(4000).wire()}),
        (1000, 1900, BelowMinimumSpend, {"minimum_spend": aud(2000).wire(), "eligible_subtotal": aud(1900).wire()}),
        (
            1500,
            2800,
            AboveShare,
            {"share_percent": 50, "eligible_subtotal": aud(2800).wire(), "maximum": aud(1400).wire()},
        ),
    ],
)
def test_each_refusal_has_the_numbers_behind_it(
    amount: int, cart: int, kind: type[ProxyError], facts: dict[str, object]
) -> None:
    policy = Policy(aud(500), minimum_spend=aud(2000), maximum=aud(4000), step=aud(250), max_share_percent=50)
    with pytest.raises(kind) as refused:
        check(policy, "AUD", aud(amount), aud(cart))
    assert refused.value.facts() == facts
    assert not refused.value.retryable


def test_at_the_bounds_themselves_it_is_allowed() -> None:
    policy = Policy(aud(500), minimum_spend=aud(2000), maximum=aud(4000), step=aud(250), max_share_percent=50)
    check(policy, "AUD", aud(500), aud(2000))
    check(policy, "AUD", aud(1000), aud(2000))
    check(policy, "AUD", aud(4000), aud(8000))


def test_without_a_declared_cart_only_the_amount_itself_is_judged() -> None:
    policy = Policy(aud(500), minimum_spend=aud(2000), max_share_percent=50)
    check(policy, "AUD", aud(99_999))
    with pytest.raises(CurrencyMismatch):
        check(policy, "AUD", Money(1000, "NZD"))


def test_the_smallest_amount_is_the_minimum_rounded_up_to_a_step() -> None:
    assert smallest(Policy(aud(100))) == aud(100)
    assert smallest(Policy(aud(100), step=aud(250))) == aud(250)
    assert smallest(Policy(aud(500), step=aud(250))) == aud(500)


def test_gift_cards_excluded_products_and_shipping_are_not_paid_for_with_rewards() -> None:
    lines = (
        BasketLine("1", 2, aud(1000)),
        BasketLine("2", 1, aud(5000)),
        BasketLine(None, 1, aud(300)),
        BasketLine("3", 1, aud(7000), gift_card=True),
    )
    assert Basket(lines, aud(900)).eligible("AUD", frozenset({"2"})) == aud(2300)


@pytest.mark.parametrize(
    "basket", [Basket((BasketLine("1", 1, Money(1, "NZD")),)), Basket((), Money(1, "NZD"))], ids=["line", "shipping"]
)
def test_a_cart_in_another_currency_is_no_sum_of_ours(basket: Basket) -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        basket.eligible("AUD", ())
    assert refused.value.details == {"ours": "AUD", "theirs": "NZD"}


def test_a_share_that_is_no_whole_minor_unit_is_rounded_against_the_rewards() -> None:
    policy = Policy(Money(1, "JPY"), max_share_percent=33)
    assert most(policy, Money(1000, "JPY"), Money(10, "JPY")) == Money(3, "JPY")
    assert policy.effect(Money(3, "JPY")).minimum_spend == Money(10, "JPY")
    assert Money(10, "JPY").decimal == Decimal(10)
