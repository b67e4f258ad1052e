"""The theme extension itself, on a storefront's cart page: the shop's own origin, Ajax cart and app proxy."""

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.demo import Demo, eventually
from tests.e2e.preview_page import PATIENCE_MS, PreviewPage, hides, shows

OTHER = {
    "code": "SPRING",
    "title": "Spring",
    "startsAt": "2026-01-01T00:00:00Z",
    "context": {"all": "ALL"},
    "customerGets": {
        "value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}},
        "items": {"all": True},
    },
    "combinesWith": {"orderDiscounts": True, "productDiscounts": True, "shippingDiscounts": True},
}


def balance(demo: Demo) -> str:
    return str(demo.profile()["balances"]["reward_balance"])


def block(preview: PreviewPage) -> Locator:
    return preview.page.locator(".block rewards-balance")


def opened(preview: PreviewPage, demo: Demo, query: str = "") -> Locator:
    preview.page.context.add_cookies([{"name": "sandbox_customer", "value": "1001", "url": demo.shopify}])
    preview.page.goto(f"{demo.shopify}/cart{query}")
    shows(block(preview), "$25.00 available")
    return block(preview)


def redeem(rewards: Locator, amount: str) -> None:
    rewards.get_by_label("Amount").fill(amount)
    rewards.get_by_role("button", name="Apply", exact=True).click()
    shows(rewards, f"${amount} of rewards applied.")


def codes(preview: PreviewPage) -> list[str]:
    return preview.page.get_by_role("list", name="Discount codes").get_by_role("listitem").all_inner_texts()


def shop_code(preview: PreviewPage, demo: Demo) -> None:
    """Put a code of the shop's own on the cart, as a buyer types it into the theme's form."""
    assert demo.http.post(f"{demo.shopify}/_sandbox/discounts", json=OTHER).status_code == 201
    preview.page.get_by_label("Another code").fill(str(OTHER["code"]))
    preview.tap("Add it")
    preview.shows("total", "$134.00")


@pytest.mark.parametrize("query", ["", "?actions=none"])
def test_rewards_join_another_code_on_the_cart_and_leave_it_there(preview: PreviewPage, demo: Demo, query: str) -> None:
    rewards = opened(preview, demo, query)
    shop_code(preview, demo)

    redeem(rewards, "12.50")
    preview.shows("total", "$121.50")
    preview.picture("cart")
    first, ours = codes(preview)
    assert first == OTHER["code"]

    rewards.get_by_role("button", name="Remove").click()
    preview.shows("total", "$134.00")
    assert codes(preview) == [OTHER["code"]]
    assert ours not in codes(preview)


def test_what_is_redeemed_in_the_cart_is_captured_with_the_order(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview, demo)
    redeem(rewards, "12.50")

    preview.tap("Check out and pay")

    expect(preview.page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)
    eventually(lambda: balance(demo) == "12.50", demo.said)
    assert demo.redeems() == 1


def test_two_taps_in_one_moment_make_one_code(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview, demo)

    rewards.get_by_role("button", name="Use all $25.00").evaluate("button => { button.click(); button.click(); }")

    shows(rewards, "$25.00 of rewards applied.")
    assert len(demo.state(demo.shopify)["codes"]) == 1


def test_two_blocks_on_a_page_say_the_same(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview, demo)
    preview.page.locator(".rewards-embed summary").click()
    embed = preview.page.locator(".rewards-embed rewards-balance")

    redeem(rewards, "12.50")

    shows(embed, "$12.50 of rewards applied.")
    expect(embed.get_by_role("button", name="Remove")).to_be_visible()


def test_a_guest_reads_one_sentence_with_a_way_to_sign_in(preview: PreviewPage, demo: Demo) -> None:
    preview.page.goto(f"{demo.shopify}/cart")
    guest = preview.page.locator(".block")

    expect(guest.get_by_role("link")).to_have_count(1, timeout=PATIENCE_MS)
    expect(guest.get_by_role("button")).to_have_count(0)
    guest.get_by_role("link").click()

    shows(block(preview), "$25.00 available")


def test_a_proxy_that_is_down_leaves_the_cart_as_it_is(preview: PreviewPage, demo: Demo) -> None:
    preview.page.route(f"{demo.proxy}/**", lambda route: route.abort())
    preview.page.context.add_cookies([{"name": "sandbox_customer", "value": "1001", "url": demo.shopify}])
    preview.page.goto(f"{demo.shopify}/cart")

    preview.shows("total", "$139.00")
    expect(block(preview)).to_have_attribute("aria-busy", "false", timeout=PATIENCE_MS)
    hides(block(preview), "$25.00")
    preview.tap("Check out and pay")
    expect(preview.page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)


def test_without_javascript_the_place_says_so_and_no_form_changes_anything(browser: Browser, demo: Demo) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "sandbox_customer", "value": "1001", "url": demo.shopify}])
    page = context.new_page()
    page.goto(f"{demo.shopify}/cart")

    expect(page.locator(".block noscript, .block .rewards").last).to_be_visible()
    assert page.locator("form").count() == 0
    context.close()


def test_the_cart_page_keeps_nobody_out(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview, demo)
    preview.page.locator(".rewards-embed summary").click()
    redeem(rewards, "12.50")

    assert preview.grave_faults() == []
