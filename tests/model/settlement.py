"""What must hold once faults have stopped and all work is done: the three sides say the same."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from proxy.domain.redemption import MOVES, State
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.shopify.order import Order
from tests.model.ledger_view import LedgerView
from tests.model.truth import OmneoTruth, Spending
from tests.model.usage import Usage, cart_code, is_holder, lived, of_its_own, usage_of

# Every reason for which a person may have to decide, and what of the truth it leaves open.
OPEN_POINTS: Final[Mapping[str, frozenset[str]]] = {
    "shortfall": frozenset(),
    "redeem_refused": frozenset(),
    "redeem_unknown": frozenset({"spent"}),
    "profile_gone": frozenset({"spent"}),
    "other_customer": frozenset(),
    "used_by_unknown_order": frozenset(),
    "order_unreadable": frozenset({"back"}),
    "reversal_undecided": frozenset({"back"}),
    "give_back_unknown": frozenset({"back"}),
    "return_refused": frozenset(),
    "redeem_found": frozenset({"spent"}),
    "shop_closed": frozenset({"spent"}),
    "redacted": frozenset({"back"}),
    "not_a_pos_sale": frozenset(),
    "location_mismatch": frozenset(),
    "staff_mismatch": frozenset(),
}
_TERMINAL = {"released", "recorded", "returned", "review"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; `kind` is `lost`, `doubled`, `stuck` or `wrong`."""

    kind: str
    minor: int
    says: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """The three sides at rest. `given_minor` is what each profile had at first and was given since.

    `handed_over` are the orders that went to another customer: who had them when they were settled is not known.
    """

    view: LedgerView
    truth: OmneoTruth
    orders: Mapping[str, Mapping[int, Order]]
    own_transactions: frozenset[str]
    given_minor: Mapping[str, int]
    handed_over: Set[tuple[str, int]]

    def findings(self, omneo: OmneoSandbox, journal: Mapping[str, list[tuple[str, str]]]) -> list[Finding]:
        """List every difference."""
        return [
            *self._rows(),
            *self._work(),
            *self._spendings(),
            *self._balances(),
            *self._entitlements(),
            *(found for shop, orders in self.orders.items() for o in orders.values() for found in self._order(shop, o)),
            *self._transactions(omneo),
            *_moves(journal),
        ]

    def _rows(self) -> Iterator[Finding]:
        for row in self.view.redemptions.values():
            if row.state == "review":
                if row.reason not in OPEN_POINTS:
                    yield Finding("wrong", 0, f"nobody knows the reason {row.reason} of {row.id}")
            elif row.state == "captured":
                order = self.orders[row.shop][int(row.order_id)]
                recordable = row.shop in self.own_transactions and order.paid and order.cancelled_at is None
                if recordable and not self._recorded(row.shop, row.order_id):
                    yield Finding("stuck", row.captured_minor, f"{row.id} is captured, paid and not recorded")
            elif row.state not in _TERMINAL:
                yield Finding("stuck", row.held_minor, f"{row.id} is still {row.state}")
            if row.state == "released" and row.captured_minor > row.returned_minor:
                yield Finding("lost", row.captured_minor - row.returned_minor, f"{row.id} is released and captured")

    def _work(self) -> Iterator[Finding]:
        for task in self.view.tasks:
            if task.kind == "sweep" or (task.parked and task.last_error == "order_unreadable"):
                continue
            yield Finding("stuck", 0, f"work is left: {task.kind} {task.subject} {task.last_error}")
        for capture in self.view.captures.values():
            if capture.state in ("intended", "sent"):
                yield Finding("stuck", capture.asked_minor, f"capture {capture.id} is {capture.state}")
            for back in self.view.give_backs[capture.id]:
                if back.state in ("intended", "sent"):
                    yield Finding("stuck", back.amount_minor, f"give-back {back.id} is {back.state}")

    def _spendings(self) -> Iterator[Finding]:
        for capture in self.view.captures.values():
            spending = self.truth.spendings.get(capture.id) or Spending(capture.profile_id)
            backs = self.view.give_backs[capture.id]
            done = sum(back.amount_minor for back in backs if back.state == "done")
            undecided = sum(back.amount_minor for back in backs if back.state == "review")
            points = self._open_points(capture.id)
            if "spent" not in points:
                yield from _differ("taken", capture.captured_minor, spending.taken_minor, capture.id)
            if "back" not in points:
                yield from _differ("given back", spending.back_minor, done, capture.id)
            elif not done <= spending.back_minor <= done + undecided:
                yield Finding("doubled", spending.back_minor - done, f"{capture.id}: more came back than was tried")

    def _open_points(self, capture: str) -> frozenset[str]:
        rows = [self.view.redemptions[line.redemption_id] for line in self.view.lines[capture]]
        return frozenset().union(*(OPEN_POINTS.get(row.reason or "", frozenset()) for row in rows))

    def _balances(self) -> Iterator[Finding]:
        net: dict[str, int] = defaultdict(int)
        for spending in self.truth.spendings.values():
            net[spending.profile] += 0 if spending.uses else spending.net_minor
        for profile, kept in self.truth.kept_minor.items():
            due = self.given_minor[profile] - self.truth.elsewhere_minor[profile] - net[profile]
            yield from _differ("kept", kept, due, profile)

    def _entitlements(self) -> Iterator[Finding]:
        """What is left of a benefit is what was given, less what was used and not given back."""
        for benefit, entitlement in self.truth.entitlements.items():
            if entitlement.given is None or entitlement.left is None:
                continue
            ours = sum(spending.uses[benefit] for spending in self.truth.spendings.values())
            due = entitlement.given - entitlement.elsewhere - ours
            yield from _differ("uses left", entitlement.left, due, f"benefit {benefit}")

    def _order(self, shop: str, order: Order) -> Iterator[Finding]:
        parents = [row for row in self.view.redemptions.values() if row.shop == shop and row.parent_id is None]
        shared: dict[str, list[Any]] = defaultdict(list)
        for parent in parents:
            if of_its_own(parent):
                yield from self._own(order, parent)
            else:
                # A code stands on an order once, of however many benefits it is.
                shared[cart_code(parent) or parent.id].append(parent)
        for rows in shared.values():
            yield from self._shared(order, rows)

    def _own(self, order: Order, parent: Any) -> Iterator[Finding]:
        """Of a code that one redemption alone has."""
        usage, spent = usage_of(order, parent), self._spent(order, parent)
        if order.test or not usage.taken or (order.cancelled_at and not spent):
            if spent:
                yield Finding("doubled", spent[0].captured_minor, f"{order.name} spends nothing, yet {spent}")
        elif len(spent) != 1:
            yield Finding("lost", usage.taken, f"{order.name} used {parent.id} and was captured as {spent}")
        else:
            yield from self._share(usage, spent[0])

    def _shared(self, order: Order, rows: list[Any]) -> Iterator[Finding]:
        """Of what has no code of its own: its holder's order uses one of these redemptions, and no other order does."""
        usages = {row.id: usage_of(order, row) for row in rows}
        spent = [row for row in rows if row.order_id == str(order.id) and self.view.line_of(row.id) is not None]
        handed_over = (rows[0].shop, order.id) in self.handed_over
        strange = [row for row in spent if not usages[row.id].taken or not (handed_over or is_holder(order, row))]
        if len(spent) > 1 or strange or (order.test and spent):
            yield Finding("doubled", spent[0].captured_minor, f"{order.name} uses one of them at most: {spent}")
            return
        for row in spent:
            yield from self._share(usages[row.id], row)
        if spent or order.test or order.cancelled_at or handed_over:
            return
        for row in rows:
            if row.state == "released" and usages[row.id].taken and lived(row, order):
                yield Finding("lost", row.amount_minor, f"{order.name} used {row.id}, which was released")

    def _spent(self, order: Order, parent: Any) -> list[Any]:
        """List the redemption and its children as far as the order has spent them."""
        return [
            row
            for row in self.view.redemptions.values()
            if parent.id in (row.id, row.parent_id)
            and row.order_id == str(order.id)
            and self.view.line_of(row.id) is not None
        ]

    def _share(self, usage: Usage, row: Any) -> Iterator[Finding]:
        line = self.view.line_of(row.id)
        assert line is not None
        asked = min(usage.taken, row.amount_minor)
        spent = min(row.captured_minor, line.asked_minor)  # what was captured early beyond that comes back
        yield from _differ(f"used on {usage.order.name}", asked, spent + row.shortfall_minor, row.id)
        basis = usage.goods_minor if row.benefit_id else max(usage.goods_minor, line.asked_minor)
        due = row.captured_minor - usage.stays(spent, basis)
        if "back" in OPEN_POINTS.get(row.reason or "", frozenset()) or row.reason == "return_refused":
            tried = self._tried_minor(row.id)
            if tried > due:
                yield Finding("doubled", tried - due, f"{tried} was tried to give back where {due} is due, {row.id}")
            return
        yield from _differ(f"given back of {usage.order.name}", due, row.returned_minor, row.id)

    def _tried_minor(self, redemption: str) -> int:
        """Sum a redemption's shares of every giving back, whatever came of it."""
        backs = [back for backs in self.view.give_backs.values() for back in backs]
        return sum(json.loads(back.parts).get(redemption, 0) for back in backs)

    def _transactions(self, omneo: OmneoSandbox) -> Iterator[Finding]:
        for shop in self.own_transactions:
            for order in self.orders[shop].values():
                written = [t for t in omneo.state.transactions.values() if t.external_id == str(order.id)]
                if len(written) > 1:
                    yield Finding("doubled", 0, f"{order.name} is {len(written)} transactions")
                if bool(written) != self._recorded(shop, str(order.id)):
                    yield Finding("wrong", 0, f"record and transaction of {order.name} differ")
                if order.paid and not order.cancelled_at and not order.test and not written:
                    yield Finding("lost", 0, f"{order.name} is paid and no transaction")

    def _recorded(self, shop: str, order: str) -> bool:
        return any(row.shop == shop and row.order_id == order for row in self.view.records)


def _differ(what: str, due: int, found: int, where: str) -> Iterator[Finding]:
    if due != found:
        kind = "doubled" if found > due else "lost"
        yield Finding(kind, abs(found - due), f"{what}: {found} where {due} is due, {where}")


def _moves(journal: Mapping[str, list[tuple[str, str]]]) -> Iterator[Finding]:
    for redemption, moves in journal.items():
        for (before, _), (after, note) in pairwise(moves):
            if before != after and State(after) not in MOVES[State(before)]:
                yield Finding("wrong", 0, f"{redemption} went from {before} to {after} by {note}")
