"""The story on the demo page, in a real browser, with and without accidents."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.demo import Demo, eventually
from tests.e2e.shop_page import ShopPage

REDEEM = "POST /api/v3/profiles/*/redeem"
ROAD = ["held", "issued", "capturing", "captured", "recorded"]


def ends_recorded(shop: ShopPage, demo: Demo) -> None:
    """What every way of the story ends in: on the page, in the ledger and in Omneo."""
    shop.reaches("recorded")
    assert shop.road() == ROAD
    shop.shows_available("12.50")
    profile = demo.profile()
    assert profile["balances"]["reward_balance"] == "12.50"
    (redemption,) = profile["redemptions"]
    assert (redemption["type"], redemption["total"]) == ("redeem", "12.50")
    (order,) = demo.state(demo.shopify)["orders"]
    (sale,) = [t for t in profile["transactions"] if t["external_id"] == str(order["id"])]
    assert sale["redemption_id"] == redemption["id"]
    eventually(lambda: bool(shop.rows("Omneo sandbox", "Redemptions")), demo.said)
    assert [row[:3] for row in shop.rows("Omneo sandbox", "Redemptions")] == [
        [f"#{redemption['id']}", "redeem", "$12.50"]
    ]
    expected = [[str(order["id"]), "$126.50", f"#{redemption['id']}"]]
    # The page reads each list by itself.
    eventually(
        lambda: [r[1:] for r in shop.rows("Omneo sandbox", "Transactions") if r[3] != "–"] == expected, demo.said
    )


def test_twelve_fifty_of_twenty_five_is_applied_ordered_and_recorded(shop: ShopPage, demo: Demo) -> None:
    shop.shows_available("25.00")
    expect(shop.snippet.get_by_label("Amount to use")).to_have_value("25.00")
    expect(shop.snippet.get_by_text("Next to expire: $10.00")).to_be_visible()
    before = shop.total()
    shop.apply("12.50")
    assert before - shop.total() == 12.5
    shop.shows_available("12.50")

    shop.place_order()

    ends_recorded(shop, demo)
    expect(shop.page.get_by_test_id("omneo-balance")).to_have_text("$12.50")
    if directory := os.environ.get("DEMO_SCREENSHOTS"):
        shop.page.screenshot(path=Path(directory) / "screenshot.png", full_page=True)


def test_an_order_that_is_not_paid_yet_is_captured_and_recorded_once_it_is_paid(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    shop.page.get_by_label("Payment pending").check()
    shop.place_order()
    shop.reaches("captured")

    shop.page.get_by_role("button", name="Mark paid").click()

    ends_recorded(shop, demo)


def test_removed_value_can_be_applied_again_in_the_same_cart_at_once(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    shop.remove()
    shop.shows_available("25.00")
    expect(shop.page.get_by_test_id("total")).to_have_text("$139.00")

    shop.apply("20.00")

    shop.shows_available("5.00")
    active = [code for code in demo.state(demo.shopify)["codes"] if code["status"] == "ACTIVE"]
    assert [code["amount"] for code in active] == ["20.00"]


def test_a_removed_redemption_is_released_after_its_grace_and_its_code_is_deleted(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    shop.remove()

    shop.reaches("released")

    assert shop.road() == ["held", "issued", "releasing", "released"]
    shop.shows_available("25.00")
    assert demo.state(demo.shopify)["codes"] == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Nobody (guest)", "Sign in to use your rewards."),
        ("Chloe Daly", "Your rewards account is being set up. Please try again in a moment."),
        ("Dev Iyer", "You have no rewards at the moment."),
    ],
)
def test_who_has_no_rewards_reads_why(shop: ShopPage, name: str, text: str) -> None:
    shop.sign_in(name)

    expect(shop.snippet.get_by_text(text)).to_be_visible()
    expect(shop.apply_button).to_be_hidden()


def test_more_than_the_balance_is_refused_in_words_and_takes_nothing(shop: ShopPage, demo: Demo) -> None:
    shop.enter("25.01")
    shop.apply_button.click()

    expect(shop.snippet.get_by_text("You do not have that much left to redeem. Available: $25.00.")).to_be_visible()
    assert demo.state(demo.shopify)["codes"] == []


def test_a_double_click_on_apply_makes_one_redemption(shop: ShopPage, demo: Demo) -> None:
    shop.enter("12.50")
    shop.apply_button.dblclick()

    shop.shows_applied("12.50")
    assert [code["amount"] for code in demo.state(demo.shopify)["codes"]] == ["12.50"]
    shop.place_order()
    ends_recorded(shop, demo)


def test_a_reload_of_the_page_keeps_what_is_applied(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    shop.page.reload()

    shop.shows_applied("12.50")
    shop.place_order()
    ends_recorded(shop, demo)


def test_webhooks_that_come_twice_change_nothing(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    shop.page.get_by_role("switch", name="Every webhook comes twice").check()
    eventually(lambda: demo.deliveries_now()["duplicate"], demo.said)

    shop.place_order()

    ends_recorded(shop, demo)
    eventually(lambda: demo.deliveries_now()["pending"] == 0, demo.said)
    labels = [attempt["label"] for attempt in demo.deliveries_now()["log"]]
    assert (labels.count("orders/create"), labels.count("orders/paid")) == (2, 2)
    ends_recorded(shop, demo)


def test_a_lost_answer_of_omneo_is_looked_up_and_never_spent_twice(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    switch = shop.page.get_by_role("switch", name="Lose Omneo’s next answer to a redeem")
    switch.check()
    expect(switch).to_be_checked()
    eventually(lambda: bool(demo.faults(demo.omneo)), demo.said)

    shop.place_order()

    ends_recorded(shop, demo)
    assert demo.faults(demo.omneo) == []
    expect(switch).not_to_be_checked()


def test_a_proxy_killed_between_apply_and_place_order_ends_the_same(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    dead = demo.kill_proxy()
    shop.place_order()

    demo.recovers_from(dead)

    ends_recorded(shop, demo)


def test_a_proxy_killed_before_it_hears_of_the_order_ends_the_same(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    demo.deliveries(hold=True)
    shop.place_order()
    dead = demo.kill_proxy()
    demo.deliveries(hold=False, release=True)

    demo.recovers_from(dead)

    ends_recorded(shop, demo)
    assert "failed" in {attempt["outcome"] for attempt in demo.deliveries_now()["log"]}


def test_a_proxy_killed_right_after_place_order_ends_the_same(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    shop.place_order()
    dead = demo.kill_proxy()

    demo.recovers_from(dead)

    ends_recorded(shop, demo)


def test_a_proxy_killed_while_omneo_spends_finds_what_was_spent_and_ends_the_same(shop: ShopPage, demo: Demo) -> None:
    shop.apply("12.50")
    demo.break_omneo(route=REDEEM, kind="latency", latency_ms=1000)
    shop.place_order()
    eventually(lambda: demo.redeems() == 1, demo.said)
    assert demo.profile()["redemptions"] == []
    dead = demo.kill_proxy()

    demo.recovers_from(dead)

    ends_recorded(shop, demo)
    assert demo.redeems() == 1


def test_an_apply_during_which_the_proxy_dies_is_carried_through_with_the_same_key(shop: ShopPage, demo: Demo) -> None:
    shop.shows_available("25.00")
    dead = demo.kill_proxy()
    shop.enter("12.50")
    shop.apply_button.click()

    demo.recovers_from(dead)

    shop.shows_applied("12.50")
    assert [code["amount"] for code in demo.state(demo.shopify)["codes"]] == ["12.50"]
