"""What somebody may do at any moment, chosen by numbers among what is there, the newest first."""

from dataclasses import dataclass

from tests.model.entitlements import HANDLES
from tests.model.people import CUSTOMERS, Act, Asked, Entitled, People
from tests.model.stage import Node, Stage

KINDS = ("wish", "use", "work", "deliver", "remove", "again")
AMOUNTS = (1250, 2500, 700, 100)
_CARTS = (None, "cart-1", "cart-2")


@dataclass(frozen=True, slots=True)
class Acts:
    """Forms acts; `customers` are those who take part, and `benefits` whether any are used."""

    stage: Stage
    people: People
    customers: tuple[int, ...]
    benefits: bool

    def among(self, customer: int) -> int:
        """Give the customer, or who stands for them where they do not take part."""
        return customer if customer in self.customers else self.customers[0]

    def known(self, pick: int) -> Asked | None:
        """Choose a wish that was answered with a redemption."""
        known = [asked for asked in self.people.asked if asked.id is not None]
        return known[-1 - pick % len(known)] if known else None

    def at_shop(self, shop: str, pick: int) -> Node:
        mine = [each for each in self.stage.nodes if each.shop == shop]
        return mine[pick % len(mine)]

    def wish(self, at: int, who: int, wanted: int | Entitled, cart: int, *, till: bool, over: bool) -> Act:
        """Wish for cents, or for uses of a benefit; at a till or online, with or without taking over."""
        node, surface = self.stage.nodes[at], "pos" if till else "checkout"
        asked = self.people.wish(node, surface, self.among(who), wanted, _CARTS[cart % 3], take_over=over)
        return self.people.ask(node, asked)

    def use(self, at: int, who: int, handle: str, pick: int, uses: int, cart: int, *, till: bool, over: bool) -> Act:
        """Wish for uses of one of the benefits of a kind."""
        wanted = self.people.entitled(self.among(who), handle, pick, uses)
        return self.wish(at, who, wanted, cart, till=till, over=over)

    async def approved(self, at: int, who: int, amount: int, cart: int) -> None:
        """Wish at a till, and again with a colleague where one is needed."""
        node, colleagues = self.stage.nodes[at], self.people.colleagues
        await self.wish(at, who, amount, cart, till=True, over=True)
        approval = colleagues.known(node.shop, self.among(who))
        if self.people.asked[-1].id is None and approval is not None:
            await colleagues.grant(node, approval)
            await self.wish(at, who, amount, cart, till=True, over=True)

    async def approve_and_wish(self, at: int, pick: int, cart: int, login: int) -> None:
        """Grant one of the approvals that were asked for, and wish at that shop's till for what it says."""
        approval, permit = self.people.colleagues.chosen(pick)
        node = self.at_shop(permit.shop, at)
        await self.people.colleagues.grant(node, approval, login)
        asked = self.people.wish(node, "pos", int(permit.customer), permit.minor, _CARTS[cart % 3], take_over=True)
        await self.people.ask(node, asked)

    def any(self, kind: str, at: int, pick: int) -> Act | None:
        """Form one of any kind; None where there is nothing to do it with."""
        who, cart, over = CUSTOMERS[pick % 2], pick // 2, pick > 9
        match kind if self.benefits or kind != "use" else "wish":
            case "wish":
                return self.wish(at, who, AMOUNTS[pick % 3], cart, till=False, over=over)
            case "use":
                return self.use(at, who, HANDLES[pick // 2], 0, 1 + pick % 3, cart, till=False, over=over)
            case "work":
                return self.stage.work(self.stage.nodes[at], 1 + pick)
            case "deliver" if self.people.mail:
                domain, delivery = self.people.mail[pick % len(self.people.mail)]
                return self.people.deliver(self.at_shop(domain, at), delivery)
        asked = self.known(pick)
        if asked is None:
            return None
        here = self.at_shop(asked.shop, at)
        return self.people.remove(here, asked) if kind == "remove" else self.people.ask(here, asked)
