"""The one comparison at the end of every story: the ledger against what the sandboxes know to be true."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from proxy.domain.give_back import GiveBackState
from proxy.domain.money import USES
from proxy.domain.redemption import State
from proxy.sandbox import seed
from proxy.sandbox.shopify.money import share
from tests.failure.stage import Stage
from tests.failure.wishes import Wish
from tests.prove.tally import Tally
from tests.world.rows import LedgerRows

_TERMINAL = {State.RELEASED, State.RECORDED, State.RETURNED, State.REVIEW}


class Comparison:
    """Every way in which the two disagree, in words and in minor units."""

    def __init__(self, shop: Stage, reviews: frozenset[str]) -> None:
        self._shop = shop
        self._ledger = LedgerRows(shop.database_url)
        self._reviews = reviews
        self.tally = Tally(
            kills=len(shop.proxy.kills()),
            duplicates=shop.duplicates(),
            faults=shop.faults_struck(),
            reviews=self._in_review(),
        )
        self.problems = [
            *self._stuck(),
            *self._holds(),
            *self._unlabelled(),
            *(problem for order in shop.shopify.state.orders.values() for problem in self._order(order)),
            *self._wallet(),
            *self._entitlements(),
            *self._sales(),
            *self._discounts(),
        ]

    def _in_review(self) -> int:
        return sum(row.state == State.REVIEW for row in self._ledger.redemptions.values())

    def _stuck(self) -> Iterator[str]:
        for row in self._ledger.redemptions.values():
            if row.state not in _TERMINAL:
                self.tally.stuck += 1
                yield f"{row.id} is {row.state} for ever"
            elif row.state == State.REVIEW and row.reason not in self._reviews:
                self.tally.stuck += 1
                yield f"{row.id} is in review for {row.reason}"
        for task in self._ledger.tasks:
            if task.kind != "sweep":
                self.tally.stuck += 1
                yield f"work is left: {task}"

    def _holds(self) -> Iterator[str]:
        """What is held is the sum of the rows, and only a person's decision is still waited for."""
        for row in self._ledger.allowances:
            of = (row.profile_id, row.benefit_id)
            rows = [r for r in self._ledger.redemptions.values() if (r.profile_id, r.benefit_id) == of]
            if row.held_minor != sum(r.held_minor for r in rows if r.state == State.REVIEW):
                self.tally.stuck += 1
                yield f"the allowance holds {row.held_minor} for {rows}"

    def _unlabelled(self) -> Iterator[str]:
        """One redemption in Omneo for each capture, with its label, its id and its amount; none without a capture."""
        labels = {capture.id: capture for capture in self._ledger.captures}
        ours = [r for r in self._omneo("redeem") if r.transaction_external_id is not None]
        for redeemed in ours:
            if redeemed.transaction_external_id not in labels:
                self.tally.lost_minor += _minor(redeemed.total)
                yield f"nobody knows of {redeemed}"
        for capture in labels.values():
            mine = {r.id: r for r in ours if r.transaction_external_id == capture.id}
            kept = mine.pop(capture.omneo_redemption_id, None)
            if (_units(kept, capture.currency) if kept else 0) != capture.captured_minor:
                yield f"{capture} is {kept}"
            if capture.order_id is None:
                yield from self._kept(f"{capture.id} without an order", self._spent([capture], capture.currency), 0)
            for surplus in mine.values():
                if _units(surplus, capture.currency) != self._back({surplus.id}, capture.currency):
                    yield f"{surplus} is there beside {kept}"

    def _order(self, order: Any) -> Iterator[str]:
        """What an order's discounts still take off is what its customer has spent: to the cent, and to the use."""
        for currency, standing in ((seed.CURRENCY, self._standing(order)), (USES, self._uses_standing(order))):
            captures = [c for c in self._ledger.captures if c.order_id == str(order.id) and c.currency == currency]
            labels = {c.id for c in captures}
            lines = [line.redemption_id for line in self._ledger.lines if line.capture_id in labels]
            short = sum(self._ledger.redemptions[line].shortfall_minor for line in lines) if currency != USES else 0
            undecided = sum(
                row.amount_minor
                for row in self._ledger.give_backs
                if row.capture_id in labels and row.state == GiveBackState.REVIEW
            )
            what = f"order {order.id} in {currency}"
            yield from self._kept(what, self._spent(captures, currency), standing - short + undecided)
            back = self._back({c.omneo_redemption_id for c in captures}, currency)
            if back + undecided != sum(c.returned_minor for c in captures):
                yield f"{what} gave back {back} and {undecided}, its captures say {captures}"

    def _kept(self, what: str, spent: int, due: int) -> Iterator[str]:
        self.tally.lost_minor += max(0, spent - due)
        self.tally.doubled_minor += max(0, due - spent)
        if spent != due:
            yield f"{what} has spent {spent} where {due} is due"

    def _spent(self, captures: list[Any], currency: str) -> int:
        """Sum what Omneo has taken under these labels and not given back, in one unit."""
        labels = {capture.id for capture in captures}
        mine = [r for r in self._omneo("redeem") if r.transaction_external_id in labels]
        return sum(_units(r, currency) for r in mine) - self._back({r.id for r in mine}, currency)

    def _back(self, redemptions: set[int], currency: str) -> int:
        undone = [r for r in self._omneo("return", "reversal") if r.source_id in redemptions]
        return sum(_units(r, currency) for r in undone)

    def _standing(self, order: Any) -> int:
        """Sum what our codes take off the goods that the customer keeps, where the value behind them is money."""
        rows = [row for row in self._ledger.redemptions.values() if row.benefit_id == 0]
        return sum(self._on_goods(order, code) for code in {row.code_folded for row in rows})

    def _uses_standing(self, order: Any) -> int:
        """Count the uses of which anything stands on goods that are kept; of what has no code, on any.

        What was short was not taken, and does not come back.
        """
        rows = [row for row in self._ledger.redemptions.values() if row.benefit_id and row.order_id == str(order.id)]
        kept = order.cancelled_at is None and any(line.current_quantity for line in order.lines)
        named = {name for value in order.attributes.values() for name in value.split()}
        return sum(
            row.amount_minor - row.shortfall_minor
            for row in rows
            if self._on_goods(order, row.code_folded) or (row.id in named and kept)
        )

    def _on_goods(self, order: Any, code: str) -> int:
        ours = {a.index for a in order.applications if a.type == "discount_code" and a.label.casefold() == code}
        if order.cancelled_at is not None:
            return 0
        taken = [(line, amount) for line in order.lines for index, amount in line.allocations.items() if index in ours]
        return sum(_minor(amount - share(amount, line.returned, line.quantity)) for line, amount in taken)

    def _wallet(self) -> Iterator[str]:
        """The customer's rewards are what they were, less what was spent, plus what came back."""
        now = self._shop.clock.now()
        present = self._shop.omneo.state.find_profile("shopify", str(seed.ADA.id))
        assert present is not None
        mine = self._shop.omneo.state.rewards_of(present.id)
        left = sum((r.value_remaining for r in mine if r.is_active(now)), Decimal(0))
        spent = sum((r.total for r in self._omneo("redeem")), Decimal(0))
        back = sum((abs(r.total) for r in self._omneo("return", "reversal")), Decimal(0))
        if left != Decimal(25) - spent + back:
            yield f"the wallet has {left} after spending {spent} and getting back {back}"

    def _entitlements(self) -> Iterator[str]:
        """Of each benefit is left what was given, less what was used, plus what came back."""
        state = self._shop.omneo.state
        for benefit in state.benefits.values():
            given = state.entry("benefit_definitions", benefit.definition_id).fields["max_redemptions"]
            used, back = (self._uses(benefit.id, *kinds) for kinds in (("redeem",), ("return", "reversal")))
            if given is not None and benefit.redemptions_remaining != int(given) - used + back:
                yield f"{benefit} after {used} uses of which {back} came back"

    def _uses(self, benefit: int, *kinds: str) -> int:
        items = [item for row in self._omneo(*kinds) for item in row.items]
        return sum(item.count for item in items if item.type == "benefit" and item.subject_id == benefit)

    def _sales(self) -> Iterator[str]:
        """Each order that was paid and kept stands in Omneo once, and carries what was spent on it: money first."""
        sales = {
            sale.id: sale
            for sale in self._shop.omneo.state.transactions.values()
            if not str(sale.external_id).startswith("earlier-")
        }
        records = {row.order_id: row for row in self._ledger.records}
        due = {str(o.id) for o in self._shop.shopify.state.orders.values() if o.paid and o.cancelled_at is None}
        if set(records) != due or {row.transaction_id for row in records.values()} != set(sales):
            yield f"sales {sales}, records {records}, orders {due}"
            return
        for order, row in records.items():
            mine = [c for c in self._ledger.captures if c.order_id == order and c.omneo_redemption_id is not None]
            spent = {c.omneo_redemption_id for c in mine if c.currency != USES or all(o.currency == USES for o in mine)}
            if {sales[row.transaction_id].redemption_id} - {None} != spent:
                yield f"the sale of order {order} carries {sales[row.transaction_id]}, spent was {spent}"

    def _discounts(self) -> Iterator[str]:
        """No code is out there that the ledger does not know, or that it has let go of."""
        rows = {row.code: row for row in self._ledger.redemptions.values() if row.parent_id is None}
        codes = [discount.code for discount in self._shop.shopify.state.discounts.values()]
        for code in codes:
            if code not in rows or rows[code].state == State.RELEASED or codes.count(code) > 1:
                self.tally.stuck += 1
                yield f"the code of {rows.get(code)} is still there"

    def _omneo(self, *kinds: str) -> list[Any]:
        return [r for r in self._shop.omneo.state.redemptions.values() if r.type in kinds]


async def agrees(shop: Stage, reviews: frozenset[str]) -> Tally:
    """Let everything come to its end, then compare; raises an AssertionError that lists what disagrees."""
    await shop.drained()
    unequal = [problem for wish in list(shop.wishes) if (problem := await _answered_otherwise(shop, wish))]
    comparison = Comparison(shop, reviews)
    if unequal or comparison.problems:
        raise DisagreementError(comparison.tally, [*unequal, *comparison.problems], shop.log())
    return comparison.tally


class DisagreementError(AssertionError):
    """What the ledger says is not what is true."""

    def __init__(self, tally: Tally, problems: list[str], log: str) -> None:
        super().__init__("\n".join([*problems, log]))
        self.tally = tally


async def _answered_otherwise(shop: Stage, wish: Wish) -> str | None:
    """Whoever asks again with the same key gets the same redemption, or the same refusal."""
    again = await shop.wish_again(wish.body, wish.key)
    same = "code" if wish.status >= 400 else "id"
    return f"{wish} was answered again with {again}" if again.answer.get(same) != wish.answer[same] else None


def _units(redemption: Any, currency: str) -> int:
    """Count what a redemption moved: uses of benefits, or cents."""
    if currency != USES:
        return _minor(abs(redemption.total))
    return sum(item.count for item in redemption.items if item.type == "benefit")


def _minor(amount: Decimal) -> int:
    return int(amount * 100)
