"""What has to be true when everything has come to its end: the ledger against the tables of both sandboxes."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from proxy.domain.redemption import OPEN, State
from proxy.sandbox import seed
from proxy.sandbox.shopify.money import share
from tests.races.fleet import Fleet
from tests.races.shoppers import Shoppers
from tests.world.rows import LedgerRows

ENDED = {State.RELEASED, State.RECORDED, State.RETURNED}
# A key whose process was killed is free after 20 s, and the hold that it left is taken back after 40 s.
DRAIN_S = 180.0
SECOND_LOOK_S = 1.0


class Ledger(LedgerRows):
    """The rows, and which of them are open."""

    def open(self) -> list[Any]:
        """List what a customer may still take back."""
        return [row for row in self.redemptions.values() if row.state in OPEN and row.parent_id is None]


class Truth:
    """Every way in which the ledger and the other two sides disagree, in words."""

    def __init__(self, fleet: Fleet) -> None:
        self._omneo, self._shopify = fleet.omneo.state, fleet.shopify.state
        self._ledger = Ledger(fleet.database_url)
        self.problems = [
            *self._unended(),
            *self._holds(),
            *self._captures(),
            *(problem for order in self._shopify.orders.values() for problem in self._order(order)),
            *self._wallets(),
            *self._sales(),
            *self._codes(),
        ]

    def _unended(self) -> Iterator[str]:
        for row in self._ledger.redemptions.values():
            if row.state not in ENDED:
                yield f"{row.id} is {row.state}: {row.reason}"
        yield from (f"work is left: {task}" for task in self._ledger.tasks if not self._is_later(task))

    def _is_later(self, task: Any) -> bool:
        """Tell what is due by right: the next sweep, the end of a hold's time, the last looks after a second send."""
        if task.kind == "sweep" and not task.parked:
            return True
        if task.parked or task.attempts or task.due_ms < time.time() * 1000:
            return False
        if task.kind == "redemption":
            return bool(self._ledger.redemptions[task.subject].state in ENDED)
        return any(c.order_id == task.subject and c.sends > 1 for c in self._ledger.captures)

    def _holds(self) -> Iterator[str]:
        for row in self._ledger.allowances:
            held = sum(r.held_minor for r in self._ledger.redemptions.values() if r.profile_id == row.profile_id)
            if row.held_minor != held or held:
                yield f"the allowance of {row.profile_id} holds {row.held_minor}, its rows {held}"

    def _captures(self) -> Iterator[str]:
        """One redemption in Omneo for each capture, under its label, with its id and amount; no other one of ours."""
        taken = Counter((r.transaction_external_id, r.id, _minor(r.total)) for r in self._of("redeem"))
        due = Counter((c.id, c.omneo_redemption_id, c.captured_minor) for c in self._ledger.captures)
        yield from (f"Omneo has taken {label}, which no capture says" for label in taken - due)
        yield from (f"{capture} was not taken in Omneo" for capture in due - taken)

    def _order(self, order: Any) -> Iterator[str]:
        """What an order still takes off is what its customer has spent on it, to the cent."""
        captures = [c for c in self._ledger.captures if c.order_id == str(order.id)]
        ids = {c.omneo_redemption_id for c in captures}
        back = sum(_minor(r.total) for r in self._of("return", "reversal") if r.source_id in ids)
        if back != sum(c.returned_minor for c in captures):
            yield f"order {order.id} gave back {back}, the ledger says {captures}"
        spent = sum(c.captured_minor for c in captures) - back
        if spent != _standing(order):
            yield f"order {order.id} has spent {spent} where {_standing(order)} is due"

    def _wallets(self) -> Iterator[str]:
        """Each customer's rewards are what they were, less what was spent, plus what came back."""
        now = self._shopify.clock.now()
        for customer in (seed.ADA, seed.BENEDIKT):
            assert customer.profile_id is not None
            mine = {id(r) for r in self._omneo.redemptions.values() if r.profile_id == customer.profile_id}
            spent = sum((abs(r.total) for r in self._of("redeem") if id(r) in mine), Decimal(0))
            back = sum((abs(r.total) for r in self._of("return", "reversal") if id(r) in mine), Decimal(0))
            due = sum((reward.amount for reward in customer.rewards), Decimal(0)) - spent + back
            if self._omneo.reward_balance(customer.profile_id, now) != due:
                yield f"the wallet of {customer.id} is not {due} after spending {spent} and getting back {back}"

    def _sales(self) -> Iterator[str]:
        """Each order that was paid and kept stands in Omneo once, and carries what was spent on it."""
        sales = Counter(
            (sale.external_id, sale.redemption_id)
            for sale in self._omneo.transactions.values()
            if not str(sale.external_id).startswith("earlier-")
        )
        due: Counter[Any] = Counter()
        for order in self._shopify.orders.values():
            if order.paid and order.cancelled_at is None:
                spent = [c.omneo_redemption_id for c in self._ledger.captures if c.order_id == str(order.id)]
                due[str(order.id), spent[0] if spent else None] += 1
        if sales != due or {row.order_id for row in self._ledger.records} != {order for order, _ in due}:
            yield f"Omneo has the sales {sales}, the orders are {due}, the records {self._ledger.records}"

    def _codes(self) -> Iterator[str]:
        """Every code that is out there has been used, and is known."""
        known = {row.code: row for row in self._ledger.redemptions.values() if row.parent_id is None}
        for discount in self._shopify.discounts.values():
            row = known.get(discount.code)
            if row is None or row.state == State.RELEASED:
                yield f"the code of {row or discount} is still there"

    def _of(self, *kinds: str) -> list[Any]:
        return [r for r in self._omneo.redemptions.values() if r.type in kinds]


def _standing(order: Any) -> int:
    """Sum what our codes take off the goods that are kept; whole lines go back, so that no cent is divided."""
    if order.cancelled_at is not None:
        return 0
    ours = {a.index for a in order.applications if a.type == "discount_code"}
    taken = [(line, amount) for line in order.lines for index, amount in line.allocations.items() if index in ours]
    return sum(_minor(amount - share(amount, line.returned, line.quantity)) for line, amount in taken)


def _minor(amount: Decimal) -> int:
    return int(abs(amount) * 100)


async def settle(fleet: Fleet, *crowd: Shoppers) -> None:
    """Let everything come to its end and stay there; what is still open is taken back, as a customer would."""
    for shoppers in crowd:
        shoppers.pay_all()
    by_customer = {str(shoppers.customer): shoppers for shoppers in crowd}
    loop = asyncio.get_running_loop()
    ends, clean = loop.time() + DRAIN_S, 0
    while clean < 2:
        for row in Ledger(fleet.database_url).open():
            await by_customer[row.customer_id].remove(row.id)
        problems = Truth(fleet).problems
        clean = 0 if problems else clean + 1
        if problems and loop.time() > ends:
            raise AssertionError("\n".join([*problems, fleet.log()]))
        await asyncio.sleep(SECOND_LOOK_S)


def answered_as_it_is(fleet: Fleet, shoppers: Shoppers) -> None:
    """Every 201 exists, and each key has one redemption for good."""
    rows = Ledger(fleet.database_url).redemptions
    more_than_one = {key: ids for key, ids in shoppers.granted.items() if len(ids) > 1}
    assert not more_than_one
    lost = {redemption for ids in shoppers.granted.values() for redemption in ids} - set(rows)
    assert not lost


def faults(fleet: Fleet) -> Counter[tuple[int, Any]]:
    """Count what was answered with 5xx."""
    return Counter((a.status, a.body.get("code")) for a in fleet.answers if a.is_fault)
