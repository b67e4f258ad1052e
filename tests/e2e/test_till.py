"""The sandbox's till in a real browser: look up, redeem, sell, take back, and what goes wrong on the way."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Route, expect

from tests.e2e.demo import Demo, eventually
from tests.e2e.till_page import PATIENCE_MS, TillPage

BENEDIKT = 1002


def redemptions(demo: Demo, customer: int = 1001) -> list[tuple[str, Decimal]]:
    """Return what Omneo knows, oldest first."""
    return [(r["type"], Decimal(r["total"])) for r in demo.profile(customer)["redemptions"]]


def active_codes(demo: Demo) -> list[str]:
    return [code["amount"] for code in demo.state(demo.shopify)["codes"] if code["status"] == "ACTIVE"]


def codes_made(demo: Demo) -> int:
    """Count how often Shopify was asked for a code, also for one that is gone by now."""
    calls = demo.http.get(f"{demo.shopify}/_sandbox/calls").json()["calls"]
    return sum(count for name, count in calls.items() if name.startswith("graphql") and "Create" in name)


def order(demo: Demo) -> dict[str, Any]:
    (found,) = demo.state(demo.shopify)["orders"]
    return dict(demo.http.get(f"{demo.shopify}/_sandbox/orders/{found['id']}").json())


def test_a_customer_is_served_from_look_up_to_the_share_of_what_comes_back(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.shows_available("25.00")
    expect(till.loyalty.get_by_text("gold")).to_be_visible()
    expect(till.loyalty.locator("#expiring-figure")).to_contain_text("$10.00")
    till.loyalty.get_by_label("Amount").click()
    till.press("7.35")
    till.redeem_button.click()
    till.shows_off("7.35")
    till.shows_total("131.65")
    till.shows_available("17.65")
    if directory := os.environ.get("DEMO_SCREENSHOTS"):
        till.page.screenshot(path=Path(directory) / "till.png")

    till.charge()

    till.reaches("recorded")
    assert redemptions(demo) == [("redeem", Decimal("7.35"))]
    sold = order(demo)
    (sale,) = [t for t in demo.profile()["transactions"] if t["external_id"] == str(sold["id"])]
    assert sale["redemption_id"] == demo.profile()["redemptions"][0]["id"]

    till.take_back(Wool_socks=2, Canvas_tote=1)

    # Of 7.35 over 79.00, 25.00 and 35.00, the two lines that came back had 1.32 and 1.85.
    till.shows_available("20.82")
    expect(till.cart.get_by_text("The share of what came back was given back.")).to_be_visible(timeout=PATIENCE_MS)
    assert redemptions(demo) == [("redeem", Decimal("7.35")), ("return", Decimal("3.17"))]
    newest = till.tab("History").get_by_role("listitem").first
    expect(newest).to_contain_text("Redeemed: $7.35 Loyalty reward", timeout=PATIENCE_MS)
    expect(newest).to_contain_text("$131.65")


def test_the_till_shows_benefits_and_the_sales_of_all_channels(till: TillPage) -> None:
    till.choose("Ada Marsh")

    benefits = till.tab("Benefits")
    expect(benefits.get_by_role("listitem")).to_contain_text(["Free alterations", "Birthday gift"])
    expect(benefits.get_by_role("listitem").first).to_contain_text("2 uses left")

    history = till.tab("History").get_by_role("listitem")
    expect(history).to_have_count(3)
    expect(history.first).to_contain_text("Canvas tote")
    expect(history.first).to_contain_text("$35.00")


def test_where_who_and_on_what_is_declared_and_is_on_the_order(till: TillPage, demo: Demo) -> None:
    till.stand("Sandbox Pitt St", "Tom Ellery", "Till 2")
    till.fill_cart()
    till.choose("Ada Marsh")
    till.redeem("5.00")
    till.charge()
    till.reaches("recorded")

    sold = order(demo)
    where = {name: sold[name] for name in ("source_name", "location_id", "user_id", "device_id")}
    assert where == {"source_name": "pos", "location_id": 8803, "user_id": 43, "device_id": 8}
    assert redemptions(demo) == [("redeem", Decimal("5.00"))]


def test_a_double_tap_on_redeem_makes_one_redemption(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.shows_available("25.00")
    till.enter("7.35")
    till.redeem_button.dblclick()

    till.shows_off("7.35")
    assert codes_made(demo) == 1
    till.charge()
    till.reaches("recorded")
    assert redemptions(demo) == [("redeem", Decimal("7.35"))]


def test_another_amount_on_the_same_cart_replaces_the_first(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.redeem("7.35")

    till.redeem("20.00")

    till.shows_total("119.00")
    assert active_codes(demo) == ["20.00"]


def test_what_is_removed_comes_off_the_cart_and_is_free_again(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.redeem("7.35")

    till.on_cart.get_by_role("button", name="Remove").click()

    till.shows_total("139.00")
    expect(till.on_cart).to_have_count(0)
    till.shows_available("25.00")
    assert active_codes(demo) == []
    assert redemptions(demo) == []


def test_another_customer_on_the_cart_uses_nothing_of_the_first_ones(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.redeem("7.35")

    till.change()
    till.choose("Benedikt Åström")

    till.shows_available("50.00")
    till.shows_total("139.00")
    assert active_codes(demo) == []
    till.redeem("10.00")
    till.charge()
    till.reaches("recorded")
    assert redemptions(demo) == []
    assert redemptions(demo, BENEDIKT) == [("redeem", Decimal("10.00"))]


def test_a_parked_cart_is_taken_up_again_with_what_was_redeemed_on_it(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.redeem("7.35")
    till.cart.get_by_role("button", name="Park").click()
    till.shows_total("0.00")

    till.cart.get_by_role("button", name="Parked: Ada Marsh, $131.65").click()

    till.shows_total("131.65")
    till.shows_off("7.35")
    till.charge()
    till.reaches("recorded")
    assert redemptions(demo) == [("redeem", Decimal("7.35"))]


def test_more_than_the_balance_is_refused_in_words_with_the_code(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.enter("25.01")
    till.redeem_button.click()

    expect(till.message).to_contain_text(
        "You do not have that much left to redeem. (insufficient_balance) Available: $25.00."
    )
    assert active_codes(demo) == []
    till.shows_total("139.00")


def test_all_is_as_much_as_the_proxy_quotes_for_this_cart(till: TillPage, demo: Demo) -> None:
    till.add("Gift card", "Wool socks")
    till.shows_total("62.50")
    till.choose("Benedikt Åström")
    till.shows_available("50.00")
    expect(till.loyalty.get_by_label("Amount")).to_have_value("50.00", timeout=PATIENCE_MS)

    till.loyalty.get_by_role("button", name="All", exact=True).click()

    # Gift cards are not paid with rewards.
    expect(till.loyalty.get_by_label("Amount")).to_have_value("12.50", timeout=PATIENCE_MS)
    assert demo.state(demo.shopify)["codes"] == []


def test_value_that_a_checkout_holds_is_used_at_the_till_only_when_asked_for(till: TillPage, demo: Demo) -> None:
    token = demo.http.get(f"{demo.shopify}/_sandbox/tokens?surface=checkout&customer_id=1001").json()["token"]
    body = {"amount": {"amount": "20.00", "currencyCode": "AUD"}, "cart": "web-1"}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "web-1-a"}
    assert demo.http.post(f"{demo.proxy}/v1/redemptions", json=body, headers=headers).status_code == 201
    till.fill_cart()
    till.choose("Ada Marsh")
    till.shows_available("5.00")
    till.enter("4.00")
    till.redeem_button.click()
    expect(till.message).to_contain_text("(held_elsewhere)")

    till.loyalty.get_by_role("button", name="Use them here instead").click()

    till.shows_off("4.00")
    assert active_codes(demo) == ["4.00"]


def test_without_a_connection_the_till_says_why_with_the_last_known_balance(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.shows_available("25.00")

    def cut(route: Route) -> None:
        route.abort("internetdisconnected")

    till.page.route(f"{demo.proxy}/**", cut)

    expect(till.notice).to_contain_text("Rewards need a connection. Last known: $25.00,", timeout=PATIENCE_MS)
    expect(till.page.get_by_text("No connection to rewards")).to_be_visible()
    till.shows_available("25.00")
    till.enter("7.35")
    till.redeem_button.click()
    expect(till.message).to_have_text("Rewards need a connection.", timeout=PATIENCE_MS)
    assert demo.state(demo.shopify)["codes"] == []

    till.page.unroute(f"{demo.proxy}/**", cut)

    expect(till.notice).to_be_hidden(timeout=PATIENCE_MS)
    till.redeem("7.35")


def test_while_omneo_is_down_the_till_shows_the_age_of_what_it_knows_and_redeems_nothing(
    till: TillPage, demo: Demo
) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.shows_available("25.00")
    demo.break_omneo(route="* /api/*", kind="server_error", status=503, times=None)
    expect(till.notice).to_contain_text("Omneo cannot be reached. Last known: $25.00,", timeout=PATIENCE_MS)
    expect(till.loyalty.locator("#available-label")).to_contain_text("ago")

    till.enter("7.35")
    till.redeem_button.click()

    expect(till.message).to_contain_text("(upstream_unavailable)", timeout=PATIENCE_MS)
    till.shows_available("25.00")
    assert active_codes(demo) == []


def test_a_sale_of_before_is_found_again_for_a_return(till: TillPage, demo: Demo) -> None:
    till.fill_cart()
    till.choose("Ada Marsh")
    till.redeem("7.35")
    till.charge()
    till.reaches("recorded")
    till.cart.get_by_role("button", name="New sale").click()
    till.shows_total("0.00")
    till.cart.get_by_role("button", name="Sales").click()
    till.cart.get_by_role("list", name="Sales").get_by_role("button").click()

    till.take_back(Linen_shirt=1, Wool_socks=2, Canvas_tote=1)

    eventually(lambda: demo.profile()["balances"]["reward_balance"] == "25.00", demo.said)
    assert redemptions(demo) == [("redeem", Decimal("7.35")), ("reversal", Decimal("7.35"))]


def test_who_is_not_in_omneo_yet_is_told_to_the_cashier(till: TillPage) -> None:
    till.choose("Chloe Daly")

    text = "The rewards account is being set up. Please try again in a moment."
    expect(till.notice).to_have_text(text, timeout=PATIENCE_MS)
