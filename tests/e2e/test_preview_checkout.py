"""The checkout extension itself, on stand-in elements, against the real proxy."""

from playwright.sync_api import Locator, expect

from tests.e2e.demo import Demo, eventually
from tests.e2e.preview_page import BLOCK, PATIENCE_MS, THANKS, PreviewPage, apply, hides, shows

SHOWN = "$25.00 available"


def live_codes(demo: Demo) -> list[str]:
    return [code["amount"] for code in demo.state(demo.shopify)["codes"] if code["status"] == "ACTIVE"]


def made_codes(demo: Demo) -> int:
    return len(demo.state(demo.shopify)["codes"])


def opened(preview: PreviewPage) -> Locator:
    rewards = preview.open("checkout.html").checkout()
    shows(rewards, SHOWN)
    return rewards


def orders(preview: PreviewPage) -> None:
    preview.tap("Pay now")
    expect(preview.page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)


def balance(demo: Demo) -> str:
    return str(demo.profile()["balances"]["reward_balance"])


def test_half_of_the_rewards_is_applied_paid_with_and_thanked_for(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview)

    apply(rewards, "12.50")
    shows(rewards, "$12.50 of rewards applied.")
    preview.shows("total", "$126.50")
    preview.picture("checkout")
    orders(preview)

    shows(preview.part(THANKS), "You used $12.50 of your rewards on this order.")
    shows(preview.part(THANKS), "You have $12.50 left.")
    preview.picture("thank-you")
    eventually(lambda: balance(demo) == "12.50", demo.said)
    assert demo.redeems() == 1


def test_two_taps_in_one_moment_make_one_code(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview)
    button = rewards.get_by_role("button", name="Use all $25.00")
    asked: list[str] = []
    preview.page.on("request", lambda one: asked.append(f"{one.method} {one.url}"))

    button.evaluate("button => { button.click(); button.click(); }")

    shows(rewards, "$25.00 of rewards applied.")
    preview.shows("total", "$114.00")
    assert made_codes(demo) == 1
    assert asked.count(f"POST {demo.proxy}/v1/redemptions") == 1


def test_a_lost_answer_is_asked_for_again_and_makes_no_second_code(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview)
    preview.choose("Accident", "The next answer to a redemption is lost")

    apply(rewards, "12.50")
    rewards.get_by_role("button", name="Try again").click()

    shows(rewards, "$12.50 of rewards applied.")
    preview.shows("total", "$126.50")
    assert made_codes(demo) == 1


def test_a_lost_answer_is_asked_for_again_even_after_the_page_was_loaded_anew(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview)
    preview.choose("Accident", "The next answer to a redemption is lost")
    apply(rewards, "12.50")
    expect(rewards.get_by_role("button", name="Try again")).to_be_visible(timeout=PATIENCE_MS)

    preview.page.reload()
    shows(rewards, "available")
    apply(rewards, "12.50")

    shows(rewards, "$12.50 of rewards applied.")
    assert made_codes(demo) == 1


def test_a_code_that_the_checkout_refuses_is_given_free_and_explained(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview)
    preview.switch("An express wallet pays")

    apply(rewards, "12.50")

    shows(rewards, "The rewards could not be added to the cart.")
    preview.shows("total", "$139.00")
    eventually(lambda: live_codes(demo) == [], demo.said)
    assert balance(demo) == "25.00"


def test_a_code_that_was_ended_meanwhile_is_refused_by_shopify_and_the_order_goes_on(
    preview: PreviewPage, demo: Demo
) -> None:
    rewards = opened(preview)
    apply(rewards, "12.50")
    shows(rewards, "$12.50 of rewards applied.")
    (code,) = demo.state(demo.shopify)["codes"]
    assert demo.http.delete(f"{demo.shopify}/_sandbox/discounts/{code['code']}").status_code == 200

    preview.tap("Pay now")
    shows(preview.page.get_by_role("main"), "The order was not placed.")
    preview.tap("Pay now")

    expect(preview.page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)
    preview.shows("total", "$139.00")
    assert balance(demo) == "25.00"


def test_what_is_removed_can_be_applied_again_at_once(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview)
    apply(rewards, "12.50")
    shows(rewards, "$12.50 of rewards applied.")

    rewards.get_by_role("button", name="Remove").click()
    preview.shows("total", "$139.00")
    apply(rewards, "20.00")

    shows(rewards, "$20.00 of rewards applied.")
    assert live_codes(demo) == ["20.00"]


def test_what_is_applied_is_there_again_after_the_page_was_loaded_anew(preview: PreviewPage) -> None:
    rewards = opened(preview)
    apply(rewards, "12.50")
    shows(rewards, "$12.50 of rewards applied.")

    preview.page.reload()

    expect(rewards.get_by_role("button", name="Remove")).to_be_visible(timeout=PATIENCE_MS)
    preview.shows("total", "$126.50")


def test_a_proxy_that_is_down_shows_nothing_and_the_checkout_works(preview: PreviewPage, demo: Demo) -> None:
    rewards = opened(preview)
    preview.choose("Accident", "The proxy cannot be reached")
    preview.tap("Load the extension again")

    expect(rewards).to_be_empty(timeout=PATIENCE_MS)
    orders(preview)
    assert made_codes(demo) == 0


def test_a_guest_reads_one_sentence_and_can_order(preview: PreviewPage) -> None:
    rewards = opened(preview)
    preview.choose("Customer", "A guest")

    shows(rewards, "Sign in to see your rewards and use them here.")
    expect(rewards.get_by_role("button")).to_have_count(0)
    orders(preview)


def test_where_both_places_are_active_the_rewards_are_shown_once(preview: PreviewPage) -> None:
    opened(preview)
    preview.switch("The block is placed too")

    places = [preview.checkout(), preview.part(BLOCK)]
    eventually(lambda: sum(place.get_by_text(SHOWN).count() for place in places) == 1, lambda: "shown twice, or not")
    hides(places[1], SHOWN)


def test_the_checkout_speaks_the_buyers_language(preview: PreviewPage) -> None:
    rewards = opened(preview)
    preview.choose("Language", "Deutsch")
    shows(rewards, "25,00")
    expect(preview.page.frame_locator(".reductions iframe").locator("html")).to_have_attribute("lang", "de")
