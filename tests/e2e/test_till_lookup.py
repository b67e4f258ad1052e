"""A member's code at the sandbox's till: whose it is goes on the cart, and what is wrong with it is said."""

import pytest
from playwright.sync_api import expect

from tests.e2e.demo import Demo
from tests.e2e.till_page import PATIENCE_MS, TillPage


def test_a_scanned_code_puts_its_member_on_the_cart(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.scan("  M-1001 ")

    expect(till.loyalty.get_by_role("heading", name="Ada Marsh")).to_be_visible(timeout=PATIENCE_MS)
    till.shows_available("25.00")
    till.redeem("7.35")
    (cart,) = [c for c in demo.state(demo.shopify)["till_carts"] if c["lines"]]
    assert cart["customer_id"] == 1001


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("M-9999", "Nobody carries that code. (profile_unknown)"),
        ("1001", "Nobody carries that code. (profile_unknown)"),
        ("9" * 300, "(invalid_request)"),
    ],
)
def test_a_code_of_nobody_says_so_and_puts_nobody_on_the_cart(till: TillPage, code: str, said: str) -> None:
    till.scan(code)

    expect(till.loyalty.locator("#lookup-message")).to_contain_text(said, timeout=PATIENCE_MS)
    expect(till.loyalty.get_by_role("heading", name="Who is at the till?")).to_be_visible()


def test_without_a_connection_a_code_says_why(till: TillPage, demo: Demo) -> None:
    till.page.route(f"{demo.proxy}/**", lambda route: route.abort("internetdisconnected"))
    till.scan("M-1001")

    expect(till.loyalty.locator("#lookup-message")).to_have_text("Rewards need a connection.", timeout=PATIENCE_MS)
