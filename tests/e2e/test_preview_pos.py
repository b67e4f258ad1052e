"""The POS extensions themselves, on stand-in elements, against the real proxy."""

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.demo import Demo, eventually
from tests.e2e.preview_page import PATIENCE_MS, PreviewPage, apply, shows

TILE = "pos.home.tile.render"
BLOCK = "pos.customer-details.block.render"


def balance(demo: Demo) -> str:
    return str(demo.profile()["balances"]["reward_balance"])


def with_ada(preview: PreviewPage) -> None:
    preview.open("pos.html")
    # What is still to come would move what is tapped.
    for extension in ("pos-benefits", "pos-customer", "pos-history", "pos-redeem"):
        expect(preview.part(TILE, extension).get_by_role("button")).to_be_visible(timeout=PATIENCE_MS)
    preview.page.get_by_role("button", name="Linen shirt").click()
    preview.choose("Customer on the cart", "Ada Marsh")
    preview.shows("total", "$79.00")


def redeem(preview: PreviewPage) -> Locator:
    preview.part(TILE, "pos-redeem").get_by_role("button").click()
    modal = preview.modal()
    shows(modal, "available")
    return modal


def test_rewards_pay_a_part_of_a_sale_and_come_back_with_its_return(preview: PreviewPage, demo: Demo) -> None:
    with_ada(preview)
    modal = redeem(preview)
    apply(modal, "12.50", "Amount")
    shows(modal, "$12.50 of rewards applied.")
    preview.picture("pos-redeem")
    preview.tap("Close")
    preview.shows("discount", "−$12.50")
    for shown in (preview.part(TILE, "pos-redeem"), preview.part(BLOCK)):
        shows(shown, "$12.50 available")
    preview.picture("pos")

    preview.tap("Charge")
    shows(preview.page.get_by_role("main"), "$66.50 paid.")
    eventually(lambda: balance(demo) == "12.50", demo.said)

    preview.tap("Return everything")
    eventually(lambda: balance(demo) == "25.00", demo.said)
    assert demo.redeems() == 1


def test_another_customer_on_the_cart_never_pays_with_the_first_ones_rewards(preview: PreviewPage, demo: Demo) -> None:
    with_ada(preview)
    modal = redeem(preview)
    apply(modal, "12.50", "Amount")
    shows(modal, "$12.50 of rewards applied.")
    preview.tap("Close")

    preview.choose("Customer on the cart", "Dev Iyer")
    preview.shows("total", "$79.00")
    preview.tap("Charge")

    shows(preview.page.get_by_role("main"), "$79.00 paid.")
    assert balance(demo) == "25.00"


def test_two_taps_at_the_till_make_one_code(preview: PreviewPage, demo: Demo) -> None:
    with_ada(preview)
    modal = redeem(preview)

    modal.get_by_role("button", name="Use all $25.00").evaluate("button => { button.click(); button.click(); }")
    button = modal.get_by_role("button", name="Apply $25.00")
    if button.count():
        button.evaluate("button => { button.click(); button.click(); }")

    shows(modal, "$25.00 of rewards applied.")
    assert len(demo.state(demo.shopify)["codes"]) == 1


def test_offline_nothing_is_redeemed_and_the_till_says_why(preview: PreviewPage, demo: Demo) -> None:
    with_ada(preview)
    shows(preview.part(TILE, "pos-redeem"), "$25.00 available")
    preview.switch("Offline")
    preview.part(TILE, "pos-redeem").get_by_role("button").click()

    shows(preview.modal(), "Rewards need a connection.")
    shows(preview.modal(), "Last known")
    assert demo.state(demo.shopify)["codes"] == []


def test_a_login_that_may_not_use_the_app_reads_so(preview: PreviewPage) -> None:
    preview.open("pos.html")
    preview.switch("The login may not use the app")
    preview.choose("Customer on the cart", "Ada Marsh")
    preview.part(TILE, "pos-redeem").get_by_role("button").click()

    shows(preview.modal(), "This login may not use the rewards app.")


@pytest.mark.parametrize(
    ("extension", "text"),
    [("pos-customer", "Gold"), ("pos-history", "$35.00"), ("pos-benefits", "Free alterations")],
)
def test_each_tile_opens_what_it_is_named_for(preview: PreviewPage, extension: str, text: str) -> None:
    with_ada(preview)
    tile = preview.part(TILE, extension).get_by_role("button")
    expect(tile).to_be_enabled(timeout=PATIENCE_MS)
    tile.click()

    shows(preview.modal(), text)


def test_the_customers_screen_shows_the_balance(preview: PreviewPage) -> None:
    with_ada(preview)

    shows(preview.part(BLOCK), "$25.00 available")
