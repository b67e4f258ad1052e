"""What an order's present state says is to be given back, and the rows that do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from proxy.domain.capture import Capture, CaptureLine
from proxy.domain.ids import CaptureId, OmneoRedemptionId, RedemptionId, fold
from proxy.domain.money import Money
from proxy.domain.order import Order, OrderLine
from proxy.domain.redemption import Redemption
from proxy.domain.shop import GiveBackPolicy


class GiveBackKind(StrEnum):
    """How Omneo is told: `reversal` undoes the whole within ten minutes, `return` mints a new reward at any time."""

    REVERSAL = "reversal"
    RETURN = "return"


class GiveBackState(StrEnum):
    """How far the giving back has come."""

    INTENDED = "intended"
    SENT = "sent"
    DONE = "done"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class GiveBackRow:
    """One giving back of one capture; `parts` is each redemption's share of `amount`. Times in Unix ms.

    `target` is the Omneo redemption that it undoes where that is not the capture's own: one too many, nobody's share.

    `unknowns` counts lost answers: after one, a refusal says nothing about what happened before. `final_refusals` are
    those that trying again does not mend; throttling and lost connections are not among them.
    """

    id: str
    capture: CaptureId
    kind: GiveBackKind
    state: GiveBackState
    amount: Money
    parts: Mapping[RedemptionId, Money]
    sends: int
    sent_ms: int | None
    unknowns: int
    final_refusals: int
    omneo_redemption: OmneoRedemptionId | None
    target: OmneoRedemptionId | None = None


def due(
    order: Order, capture: Capture, redemptions: Mapping[RedemptionId, Redemption], policy: GiveBackPolicy
) -> dict[RedemptionId, Money]:
    """Give what each redemption of the capture has still coming back; empty when nothing has.

    Cumulative, from the order as it is now: an event that comes twice, late or not at all changes nothing.
    What was captured early beyond what the order discounts comes back under every policy.
    """
    returned = {line.redemption: _target(order, line, redemptions[line.redemption], policy) for line in capture.lines}
    owed = {line.redemption: returned[line.redemption] - line.returned for line in capture.lines}
    return {redemption: money for redemption, money in owed.items() if money.minor > 0}


def _target(order: Order, line: CaptureLine, redemption: Redemption, policy: GiveBackPolicy) -> Money:
    nothing = Money.zero(line.captured.currency)
    undone = order.cancelled or order.voided or not any(each.current_quantity for each in order.lines)
    unused = line.captured - line.asked if line.captured > line.asked else nothing
    if policy is GiveBackPolicy.NONE:
        return unused
    if undone:
        return line.captured
    spent = line.captured - unused
    return unused + _pro_rata(order, line, spent, redemption) if policy is GiveBackPolicy.PRO_RATA else unused


def _pro_rata(order: Order, line: CaptureLine, spent: Money, redemption: Redemption) -> Money:
    """Give the exact share of the value that the order spent which stands on returned units.

    What stays is rounded up, so the customer's last return gets the remainder and the sum is exact. Where the order was
    edited so that less is discounted than was captured, the difference comes back too.

    A use is whole: it comes back when nothing is left of what it took off. Where it took nothing off the goods, it
    comes back with the whole order.
    """
    code = redemption.cart_code or redemption.code
    used = order.discounted(code).minor
    stays = sum(_standing(each, code) for each in order.lines)
    basis = max(used, line.asked.minor) if redemption.benefit is None else used
    if basis == 0:
        return Money.zero(spent.currency)
    kept = -(-spent.minor * stays // basis)
    return Money(max(0, spent.minor - kept), spent.currency)


def _standing(line: OrderLine, code: str) -> int:
    """Give the part of the line's discount, in minor units, that stands on units which are not returned.

    Allocations include refunded and removed units; `current_quantity` does not.
    Source: https://shopify.dev/docs/api/admin-graphql/latest/objects/LineItem
    """
    taken = sum(a.amount.minor for a in line.allocations if a.code is not None and fold(a.code) == fold(code))
    if line.quantity <= 0:
        return taken
    returned = max(0, line.quantity - line.current_quantity)
    return taken - taken * returned // line.quantity
