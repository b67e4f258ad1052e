"""Identifiers come in as text, and leave parsed or refused with the name of the field."""

from collections.abc import Callable

import pytest

from proxy.domain.actor import customer_actor, operator_actor, staff_actor
from proxy.domain.caller import Caller, Surface
from proxy.domain.errors import InvalidRequest, LoginRequired
from proxy.domain.ids import (
    CustomerId,
    ShopDomain,
    StaffId,
    capture_of,
    fold,
    gid,
    parse_customer,
    parse_location,
    parse_order,
    parse_redemption,
    parse_shop,
)

REDEMPTION, CAPTURE = "rdm_" + "0a" * 16, "cap_" + "0a" * 16


@pytest.mark.parametrize(
    ("parse", "kind", "field"),
    [
        (parse_customer, "Customer", "customer"),
        (parse_order, "Order", "order"),
        (parse_location, "Location", "location"),
    ],
)
def test_a_number_is_read_from_its_own_gid_only(parse: Callable[[str], str], kind: str, field: str) -> None:
    assert parse("6432187489345") == parse(gid(kind, "6432187489345")) == "6432187489345"
    with pytest.raises(InvalidRequest, match=f"^That is not a Shopify {kind} id.$") as refused:
        parse("gid://shopify/Product/6432187489345")
    assert refused.value.facts() == {"field": field}


def test_a_shop_and_a_redemption_are_read_as_they_are() -> None:
    assert parse_shop("https://a-b.myshopify.com") == "a-b.myshopify.com"
    assert parse_redemption(REDEMPTION) == REDEMPTION


@pytest.mark.parametrize(
    ("parse", "field", "text"),
    [
        (parse_shop, "shop", "That is not a myshopify.com domain."),
        (parse_redemption, "redemption", "That is not a redemption id."),
    ],
)
def test_what_is_refused_names_its_field(parse: Callable[[str], str], field: str, text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse("elsewhere")
    assert (refused.value.facts(), refused.value.text) == ({"field": field}, text)


def test_a_label_names_a_capture_only_in_the_form_that_we_mint() -> None:
    assert capture_of(CAPTURE) == CAPTURE
    for label in ("", "6024113000001", REDEMPTION, CAPTURE.upper(), f"{CAPTURE} "):
        assert capture_of(label) is None


def test_codes_are_compared_without_case_and_without_what_stands_around_them() -> None:
    assert fold(" RWTeST\n") == "rwtest"
    assert fold("RWSTRASSE") == fold("rwstraße")


def test_the_journal_names_who_asked() -> None:
    shop = ShopDomain("a.myshopify.com")
    assert (
        Caller(shop, Surface.CHECKOUT, CustomerId("1001")).actor
        == customer_actor(CustomerId("1001"))
        == "customer:1001"
    )
    assert Caller(shop, Surface.POS, staff=StaffId("7")).actor == staff_actor(StaffId("7")) == "staff:7"
    assert Caller(shop, Surface.POS, CustomerId("1001"), StaffId("7")).actor == "staff:7"
    assert Caller(shop, Surface.CHECKOUT).actor == "service"
    assert operator_actor("ada") == "operator:ada"
    assert operator_actor("a" * 90) == "operator:" + "a" * 55


def test_a_guest_is_asked_to_sign_in() -> None:
    assert Caller(ShopDomain("a.myshopify.com"), Surface.CHECKOUT, CustomerId("1001")).signed_in() == "1001"
    with pytest.raises(LoginRequired):
        Caller(ShopDomain("a.myshopify.com"), Surface.CHECKOUT).signed_in()
