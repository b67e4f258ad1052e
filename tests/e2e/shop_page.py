"""The shop page as a shopper uses it."""

import re
from decimal import Decimal

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 25_000


class ShopPage:
    """Finds things by what a person reads: labels, roles and texts."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)

    @property
    def snippet(self) -> Locator:
        return self.page.get_by_role("region", name="Your rewards")

    @property
    def ledger(self) -> Locator:
        return self.page.get_by_role("region", name="The proxy’s ledger")

    @property
    def apply_button(self) -> Locator:
        return self.snippet.get_by_role("button", name="Apply", exact=True)

    @property
    def remove_button(self) -> Locator:
        return self.snippet.get_by_role("button", name="Remove")

    def sign_in(self, name: str) -> None:
        self.page.get_by_label("Signed in as").select_option(label=name)

    def shows_available(self, amount: str) -> None:
        expect(self.page.get_by_test_id("available")).to_have_text(f"${amount}", timeout=PATIENCE_MS)

    def enter(self, amount: str) -> None:
        self.snippet.get_by_label("Amount to use").fill(amount)

    def apply(self, amount: str) -> None:
        self.enter(amount)
        self.apply_button.click()
        self.shows_applied(amount)

    def shows_applied(self, amount: str) -> None:
        """The code is on the cart and took the money off."""
        expect(self.remove_button).to_be_enabled(timeout=PATIENCE_MS)
        expect(self.snippet.get_by_text("of rewards applied")).to_contain_text(f"${amount}", timeout=PATIENCE_MS)
        expect(self.page.get_by_test_id("discount")).to_have_text(f"−${amount}", timeout=PATIENCE_MS)

    def remove(self) -> None:
        self.remove_button.click()
        expect(self.apply_button).to_be_enabled(timeout=PATIENCE_MS)

    def place_order(self) -> None:
        self.page.get_by_role("button", name="Place order").click()
        expect(self.page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)

    def start_new_cart(self) -> None:
        self.page.get_by_role("button", name="Start a new cart").click()
        expect(self.page.get_by_role("button", name="Place order")).to_be_visible(timeout=PATIENCE_MS)

    def reaches(self, state: str) -> None:
        """Wait until the ledger shows the state as the present one."""
        step = self.ledger.locator("li[aria-current=step]")
        expect(step).to_contain_text(re.compile(f"^{state}"), timeout=PATIENCE_MS)

    def road(self) -> list[str]:
        """Return the steps that are lit, in order."""
        lit = self.ledger.locator("li[data-status=done], li[data-status=now]")
        return [str(step.get_attribute("data-step")) for step in lit.all()]

    def rows(self, region: str, caption: str) -> list[list[str]]:
        """Read a table on the right, newest first."""
        side = self.page.get_by_role("region", name=region)
        listing = side.locator("div.listing").filter(has=self.page.get_by_role("heading", name=caption, exact=True))
        return [row.locator("td").all_inner_texts() for row in listing.locator("tbody tr").all()]

    def total(self) -> Decimal:
        return Decimal((self.page.get_by_test_id("total").inner_text()).lstrip("$"))
