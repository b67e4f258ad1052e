"""The till as a cashier uses it."""

from playwright.sync_api import Locator, Page, expect

PATIENCE_MS = 25_000


class TillPage:
    """Finds things by what a person reads: labels, roles and texts."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.set_default_timeout(PATIENCE_MS)
        page.goto(f"{url}/till")
        self.shows_total("0.00")

    @property
    def cart(self) -> Locator:
        return self.page.get_by_role("region", name="Cart")

    @property
    def loyalty(self) -> Locator:
        return self.page.get_by_role("region", name="Loyalty")

    @property
    def redeem_button(self) -> Locator:
        return self.loyalty.get_by_role("button", name="Redeem", exact=True)

    @property
    def message(self) -> Locator:
        return self.loyalty.locator("#message")

    @property
    def notice(self) -> Locator:
        return self.loyalty.get_by_role("alert")

    @property
    def on_cart(self) -> Locator:
        return self.loyalty.get_by_role("list", name="On this cart").get_by_role("listitem")

    def stand(self, location: str, staff: str, device: str) -> None:
        """Declare where the till is, who is signed in and which device it is."""
        for label, option in (("Location", location), ("Staff", staff), ("Device", device)):
            self.page.get_by_label(label).select_option(label=option)

    def add(self, *titles: str) -> None:
        for title in titles:
            self.cart.get_by_role("group", name="Products").get_by_role("button", name=title).click()

    def fill_cart(self) -> None:
        """A shirt, two pairs of socks and a tote: 139.00."""
        self.add("Linen shirt", "Wool socks", "Wool socks", "Canvas tote")
        self.shows_total("139.00")

    def choose(self, name: str) -> None:
        people = self.loyalty.get_by_role("list", name="Customers")
        people.get_by_role("button", name=name).click()
        expect(self.loyalty.get_by_role("heading", name=name)).to_be_visible(timeout=PATIENCE_MS)

    def change(self) -> None:
        self.loyalty.get_by_role("button", name="Change").click()
        expect(self.loyalty.get_by_role("heading", name="Who is at the till?")).to_be_visible(timeout=PATIENCE_MS)

    def tab(self, name: str) -> Locator:
        """Open a tab and give its panel."""
        self.loyalty.get_by_role("tab", name=name).click()
        return self.loyalty.get_by_role("tabpanel", name=name)

    def enter(self, amount: str) -> None:
        self.loyalty.get_by_label("Amount").fill(amount)

    def press(self, keys: str) -> None:
        pad = self.loyalty.get_by_role("group", name="Keypad")
        for key in keys:
            pad.get_by_role("button", name="Point" if key == "." else key, exact=True).click()

    def redeem(self, amount: str) -> None:
        self.enter(amount)
        self.redeem_button.click()
        self.shows_off(amount)

    def charge(self) -> None:
        self.cart.get_by_role("button", name="Charge").click()
        expect(self.cart.get_by_role("heading", name="Sold:")).to_be_visible(timeout=PATIENCE_MS)

    def take_back(self, **pieces: int) -> None:
        """Return so many pieces of each title; underscores are spaces."""
        for title, count in pieces.items():
            more = self.cart.get_by_role("button", name=f"One more of {title.replace('_', ' ')} back")
            for _ in range(count):
                more.click()
        self.cart.get_by_role("button", name="Return").click()
        expect(self.cart.get_by_text("paid back; rewards come back by themselves.")).to_be_visible(timeout=PATIENCE_MS)

    def reaches(self, state: str) -> None:
        """Wait until the receipt shows how far the reward on the sale has come."""
        step = self.cart.get_by_role("list", name="Rewards on this sale").locator("li[aria-current=step]")
        expect(step).to_have_text(state, timeout=PATIENCE_MS)

    def shows_available(self, amount: str) -> None:
        expect(self.page.get_by_test_id("available")).to_have_text(f"${amount}", timeout=PATIENCE_MS)

    def shows_total(self, amount: str) -> None:
        expect(self.page.get_by_test_id("total")).to_have_text(f"${amount}", timeout=PATIENCE_MS)

    def shows_off(self, amount: str) -> None:
        expect(self.on_cart).to_contain_text(f"${amount} off", timeout=PATIENCE_MS)
        expect(self.page.get_by_test_id("discount")).to_have_text(f"−${amount}", timeout=PATIENCE_MS)
        expect(self.redeem_button).to_be_enabled(timeout=PATIENCE_MS)

    def scan(self, code: str) -> None:
        """Type a code as a scanner does, with the Enter at its end."""
        field = self.loyalty.get_by_label("Member code, scanned or typed")
        field.fill(code)
        field.press("Enter")
