"""Benefits at the sandbox's till: what each gives on the cart, what cannot be used, and what Omneo knows of it."""

from decimal import Decimal

from playwright.sync_api import Locator, expect

from tests.e2e.demo import Demo, eventually
from tests.e2e.test_till import order
from tests.e2e.till_page import PATIENCE_MS, TillPage

BENEDIKT = 1002


def card(till: TillPage, handle: str) -> Locator:
    return till.tab("Benefits").locator(f"[data-benefit={handle}]")


def use(till: TillPage, handle: str) -> None:
    card(till, handle).get_by_role("button", name="Use").click()


def redeemed(demo: Demo) -> list[tuple[str, Decimal, int]]:
    """Return what Omneo knows: the type, the money and the uses of each redemption."""
    rows = demo.profile(BENEDIKT)["redemptions"]
    return sorted((r["type"], Decimal(r["total"]), sum(i["count"] or 0 for i in r["items"])) for r in rows)


def served(till: TillPage) -> None:
    till.fill_cart()
    till.choose("Benedikt Åström")
    till.shows_available("50.00")


def test_a_percentage_and_an_amount_are_taken_off_one_sale_and_both_come_back_with_it(
    till: TillPage, demo: Demo
) -> None:
    served(till)
    expect(card(till, "birthday-10")).to_contain_text("10 % off")
    use(till, "birthday-10")
    till.shows_total("125.10")

    till.tab("Redeem")
    till.enter("7.35")
    till.redeem_button.click()
    till.shows_total("117.75")
    expect(till.on_cart).to_have_count(2)
    till.charge()

    expect(till.cart.locator("[data-state=recorded]")).to_have_count(2, timeout=PATIENCE_MS)
    assert order(demo)["total_price"] == "117.75"
    spent = [("redeem", Decimal("0.00"), 1), ("redeem", Decimal("7.35"), 0)]
    assert redeemed(demo) == spent

    till.take_back(Linen_shirt=1, Wool_socks=2, Canvas_tote=1)

    undone = [("reversal", Decimal("0.00"), 1), ("reversal", Decimal("7.35"), 0)]
    eventually(lambda: redeemed(demo) == spent + undone, demo.said)
    till.shows_available("50.00")


def test_something_to_hand_over_takes_nothing_off_and_the_order_carries_it(till: TillPage, demo: Demo) -> None:
    served(till)
    use(till, "coffee")
    expect(till.on_cart).to_contain_text("nothing comes off", timeout=PATIENCE_MS)
    till.shows_total("139.00")

    till.charge()

    till.reaches("recorded")
    assert redeemed(demo) == [("redeem", Decimal("0.00"), 1)]
    assert len(order(demo)["note_attributes"]) == 1


def test_what_is_removed_leaves_nothing_on_the_cart(till: TillPage, demo: Demo) -> None:
    served(till)
    use(till, "coffee")
    till.on_cart.get_by_role("button", name="Remove").click()
    expect(till.on_cart).to_have_count(0, timeout=PATIENCE_MS)

    till.charge()

    eventually(lambda: order(demo)["financial_status"] == "paid", demo.said)
    assert order(demo)["note_attributes"] == []
    assert redeemed(demo) == []


def test_what_cannot_be_used_here_says_why(till: TillPage) -> None:
    served(till)

    for handle, reason in (("free-alterations", "unmapped"), ("free-shipping", "other surface")):
        expect(card(till, handle)).to_contain_text(f"Not now: {reason}", timeout=PATIENCE_MS)
        expect(card(till, handle).get_by_role("button", name="Use")).to_be_disabled()
    expect(card(till, "spring-gift")).to_have_count(0)


def test_what_is_on_offer_is_claimed_and_is_the_customers_then(till: TillPage, demo: Demo) -> None:
    served(till)
    till.tab("Benefits").get_by_role("button", name="Claim Welcome tote").dblclick()

    expect(till.message).to_have_text("Welcome tote: claimed.", timeout=PATIENCE_MS)
    expect(card(till, "welcome-tote")).to_contain_text("Welcome tote", timeout=PATIENCE_MS)
    expect(till.loyalty.get_by_role("button", name="Claim Welcome tote")).to_have_count(0, timeout=PATIENCE_MS)
    claimed = [b for b in demo.profile(BENEDIKT)["benefits"] if b["handle"] == "welcome-tote"]
    assert len(claimed) == 1
