"""Which sale in Omneo is an order's, and which merely looks like it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from proxy.domain.ids import OmneoRedemptionId, OrderId, ProfileId, ShopDomain, TransactionId
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.standing_sale import StandingSale, check_template, choose, formed, is_unmistakable, names_in, wanted

SHOP = ShopDomain("one.myshopify.com")
AT = datetime(2026, 11, 21, 1, tzinfo=UTC)
ME = ProfileId("p-1")
OURS = OmneoRedemptionId(7)
TEMPLATES = ("{order_id}", "{order_name}", "{shop}/{order_number}")
ORDER = Order(
    id=OrderId("6024113000001"),
    name="#1001",
    test=False,
    created_at=AT,
    processed_at=AT,
    updated_at=AT,
    cancelled=False,
    source_name="web",
    financial_status="PAID",
    currency="AUD",
    customer=None,
    location=None,
    codes=(),
    lines=(),
    total=Money.parse("91.50", "AUD"),
    total_original=Money.parse("104.00", "AUD"),
)
LIKE = StandingSale(
    id=TransactionId(1),
    external_id="till-1",
    order_number=None,
    receipt_ref="1001",
    profile=ME,
    redemption=None,
    total=Decimal("91.5"),
    transacted_at=AT + timedelta(hours=1),
    void=False,
    order=None,
)


def chosen(*sales: StandingSale, redemption: OmneoRedemptionId | None = OURS, profile: ProfileId | None = ME) -> Any:
    found = choose(sales, wanted(TEMPLATES, SHOP, ORDER, profile), redemption)
    return found.id if found else None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"receipt_ref": "#1001"},
        {"receipt_ref": None, "order_number": "1001"},
        {"receipt_ref": None, "external_id": "#1001"},
        {"total": Decimal("104.00")},
        {"redemption": OURS},
        {"transacted_at": AT + timedelta(hours=38)},
        {"transacted_at": AT - timedelta(hours=38)},
    ],
)
def test_a_sale_with_the_orders_number_that_fits_in_all_is_the_orders(changes: dict[str, Any]) -> None:
    assert chosen(replace(LIKE, **changes)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"receipt_ref": "10010"},
        {"receipt_ref": None},
        {"receipt_ref": None, "external_id": "60241130000010"},
        {"profile": None},
        {"profile": ProfileId("p-2")},
        {"total": Decimal("91.51")},
        {"transacted_at": None},
        {"transacted_at": AT - timedelta(hours=38, seconds=1)},
        {"void": True},
        {"redemption": OmneoRedemptionId(8)},
        {"order": (SHOP, OrderId("6024113000002"))},
    ],
)
def test_a_sale_that_differs_in_anything_is_not(changes: dict[str, Any]) -> None:
    assert chosen(replace(LIKE, **changes)) is None


@pytest.mark.parametrize(
    "certain", [{"external_id": ORDER.id}, {"external_id": f"{SHOP}/1001"}, {"order": (SHOP, ORDER.id)}]
)
def test_what_can_be_no_other_orders_needs_nothing_else(certain: dict[str, Any]) -> None:
    bare = {"receipt_ref": None, "profile": None, "total": Decimal(0), "transacted_at": None, "void": True}
    other = {"redemption": OmneoRedemptionId(8)}
    assert chosen(replace(LIKE, id=TransactionId(5)), replace(LIKE, **bare | other | certain)) == 1


def test_of_two_that_fit_neither_is_chosen_and_the_same_one_twice_is_one() -> None:
    assert chosen(LIKE, replace(LIKE, id=TransactionId(2))) is None
    assert chosen(LIKE, LIKE) == 1


def test_a_guests_sale_is_nobodys() -> None:
    assert chosen(replace(LIKE, profile=None), profile=None) == 1
    assert chosen(LIKE, profile=None) is None


@pytest.mark.parametrize(
    ("name", "number"), [("#1001", "1001"), ("AU-1001", "1001"), ("S2#1001", "1001"), ("festive", "festive")]
)
def test_the_number_is_the_last_run_of_digits_of_the_name(name: str, number: str) -> None:
    assert formed("{order_number}", SHOP, replace(ORDER, name=name)) == number


def test_a_template_is_filled_with_what_names_the_order() -> None:
    every = "{order_id} {order_gid} {order_name} {order_number} {shop}"
    gid = "gid://shopify/Order/6024113000001"
    assert formed(every, SHOP, ORDER) == f"6024113000001 {gid} #1001 1001 one.myshopify.com"
    padded = "{order_id}/{order_number:0>8}"
    assert [check_template(each) for each in (every, padded)] == [every, padded]


def test_a_name_is_looked_for_with_its_sign_without_it_and_as_its_number() -> None:
    assert wanted(TEMPLATES, SHOP, replace(ORDER, name="#AU-1001-B"), ME).numbers == ("#AU-1001-B", "AU-1001-B", "1001")
    assert wanted(TEMPLATES, SHOP, replace(ORDER, name="1001#"), ME).numbers == ("1001#", "1001")
    assert wanted(TEMPLATES, SHOP, replace(ORDER, name="XL-1001"), ME).numbers == ("XL-1001", "1001")


def test_every_form_is_looked_for_once_and_under_its_own_shop() -> None:
    of = wanted(("{shop}/{order_number}", "{order_name}", "{order_name}"), SHOP, ORDER, ME)
    assert of.external_ids == ("one.myshopify.com/1001", "#1001")


@pytest.mark.parametrize(
    ("template", "sure"),
    [
        ("{order_id}", True),
        ("{order_gid}", True),
        ("{order_name}", False),
        ("{order_number}", False),
        ("{shop}", False),
        ("{shop}-{order_name}", True),
        ("{shop}-{order_number}", True),
    ],
)
def test_names_are_sure_only_beside_their_shop(template: str, sure: bool) -> None:
    assert is_unmistakable(template) is sure


def test_a_template_that_is_refused_says_what_it_may_use() -> None:
    with pytest.raises(ValueError, match=r"^must name the order, or every sale would be the same one$"):
        check_template("{shop}")
    with pytest.raises(ValueError, match=r"^may use \{order_id\}, \{order_name\} and \{shop\} only$"):
        check_template("{customer}", ("order_id", "order_name", "shop"))


@pytest.mark.parametrize("template", ["", "fixed", "{shop}", "{order_id", "{0}", "{order_id.x}", "{customer}"])
def test_a_template_that_names_no_order_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="order"):
        check_template(template)


def test_a_hint_holds_ids_and_names_in_any_clothing() -> None:
    assert {"6024113000001", "#1001", "1001"} <= names_in("shopify-6024113000001", "1001", None)
    assert names_in(None, "") == frozenset()
