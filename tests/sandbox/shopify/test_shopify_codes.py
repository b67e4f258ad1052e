"""Codes apply to carts by Shopify's rules."""

from datetime import timedelta

import pytest
from shopify_documents import code_input

from proxy.sandbox.shopify import ShopifySandbox
from proxy.sandbox.shopify.checkout import Refused

SHIRT, SOCKS, TOTE, GIFT_CARD = 50101, 50102, 50103, 50104
AT_LEAST = {"subtotal": {"greaterThanOrEqualToSubtotal": "79.01"}}
TWO_PIECES = {"quantity": {"greaterThanOrEqualToQuantity": "2"}}
EVERYONE = {"context": {"all": "ALL"}, "usageLimit": None}


@pytest.fixture
def shop():
    return ShopifySandbox()


def priced(shop, lines, codes, customer_id=1001):
    cart = shop.open_cart(lines, customer_id)
    return shop.checkout.set_codes(cart, codes)


def reasons(quote):
    return [code.reason for code in quote.codes]


def test_a_code_is_found_whatever_its_case(shop):
    shop.staff_create(code_input("REWARD-1"))
    quote = priced(shop, [(SHIRT, 1)], [" reward-1 "])
    assert (quote.codes[0].applicable, str(quote.discount)) == (True, "12.50")


def test_an_unknown_code_is_shown_as_not_applicable(shop):
    assert reasons(priced(shop, [(SHIRT, 1)], ["NOPE"])) == ["not_found"]


def test_a_fixed_amount_is_capped_at_the_cart(shop):
    shop.staff_create(code_input(amount="500"))
    quote = priced(shop, [(SOCKS, 2), (TOTE, 1)], ["REWARD-1"])
    assert (quote.discount, quote.subtotal) == (60, 60)


def test_a_percentage_takes_its_part_of_the_cart(shop):
    gets = {"value": {"percentage": 0.1}, "items": {"all": True}}
    shop.staff_create(code_input("TEN", customerGets=gets, **EVERYONE))
    quote = priced(shop, [(SHIRT, 1), (SOCKS, 1)], ["TEN"])
    assert str(quote.discount) == "9.15"
    assert (quote.applications[0].value_type, quote.applications[0].value) == ("percentage", 10)


@pytest.mark.parametrize(
    ("changed", "customer", "reason"),
    [
        ({}, 1002, "customer_not_eligible"),
        ({}, None, "customer_missing"),
        ({"startsAt": "2099-01-01T00:00:00Z"}, 1001, "not_started"),
        ({"endsAt": "2026-01-02T00:00:00Z"}, 1001, "expired"),
        (
            {"minimumRequirement": AT_LEAST},
            1001,
            "minimum_subtotal_not_met",
        ),
        ({"minimumRequirement": TWO_PIECES}, 1001, "minimum_quantity_not_met"),
    ],
)
def test_a_code_that_may_not_be_used_says_why(shop, changed, customer, reason):
    shop.staff_create(code_input(**changed))
    assert reasons(priced(shop, [(SHIRT, 1)], ["REWARD-1"], customer)) == [reason]


def test_two_codes_combine_only_when_both_sides_allow_it(shop):
    alone = {"combinesWith": {"orderDiscounts": False}}
    shop.staff_create(code_input("A", "5"))
    shop.staff_create(code_input("B", "5"))
    shop.staff_create(code_input("C", "5", **alone))
    assert reasons(priced(shop, [(SHIRT, 1)], ["A", "B"])) == [None, None]
    assert reasons(priced(shop, [(SHIRT, 1)], ["A", "C"])) == [None, "not_combinable"]
    assert reasons(priced(shop, [(SHIRT, 1)], ["C", "A"])) == [None, "not_combinable"]


def test_a_sixth_code_is_one_too_many(shop):
    for n in range(6):
        shop.staff_create(code_input(f"C{n}", "1"))
    assert reasons(priced(shop, [(SHIRT, 1)], [f"C{n}" for n in range(6)]))[5] == "too_many_codes"


def test_a_product_discount_comes_first_and_touches_its_product_only(shop):
    gets = {
        "value": {"discountAmount": {"amount": "10", "appliesOnEachItem": False}},
        "items": {"products": {"productsToAdd": ["gid://shopify/Product/40101"]}},
    }
    shop.staff_create(code_input("SHIRTS", customerGets=gets))
    shop.staff_create(code_input("ALL", "200"))
    quote = priced(shop, [(SHIRT, 1), (SOCKS, 1)], ["ALL", "SHIRTS"])
    assert [a.label for a in quote.applications] == ["SHIRTS", "ALL"]
    assert [str(share.get(0, 0)) for share in quote.allocations] == ["10.00", "0"]
    assert quote.discount == quote.subtotal


def test_a_discount_on_all_items_includes_gift_cards(shop):
    shop.staff_create(code_input(amount="50"))
    assert priced(shop, [(GIFT_CARD, 1)], ["REWARD-1"]).discount == 50


def test_a_limited_code_is_used_up_by_an_order_and_stays_so_when_it_is_cancelled(shop):
    shop.staff_create(code_input())
    cart = shop.open_cart([(SHIRT, 1)], 1001)
    shop.checkout.set_codes(cart, ["REWARD-1"])
    order = shop.place_order(cart)
    shop.cancel(order.id)
    assert reasons(priced(shop, [(SHIRT, 1)], ["REWARD-1"])) == ["usage_limit_reached"]


def test_a_buyer_who_was_shown_a_discount_that_is_gone_must_agree_to_the_new_price(shop):
    shop.staff_create(code_input())
    cart = shop.open_cart([(SHIRT, 1)], 1001)
    shop.checkout.set_codes(cart, ["REWARD-1"])
    shop.staff_delete("REWARD-1")
    with pytest.raises(Refused, match="no longer applicable"):
        shop.place_order(cart)
    assert shop.place_order(cart).codes == []


def test_a_checkout_opened_before_the_code_ended_may_be_let_through(shop):
    shop.staff_create(code_input(endsAt=(shop.clock.now() + timedelta(minutes=30)).isoformat()))
    carts = [shop.open_cart([(SHIRT, 1)], 1001) for _ in range(2)]
    for cart in carts:
        shop.checkout.set_codes(cart, ["REWARD-1"])
    shop.clock.advance(3600)
    orders = [shop.place_order(cart, honour=True) for cart in carts]
    assert [str(order.discounts) for order in orders] == ["12.50", "12.50"]
