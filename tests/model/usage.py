"""What an order says of one redemption, read from the shop's own tables."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from proxy.sandbox.shopify.order import Order
from tests.model.truth import minor


@dataclass(frozen=True, slots=True)
class Usage:
    """What an order takes of a redemption, in its own unit, and what that took off the goods and still stands there.

    `goods_minor` is 0 where nothing of it is on the goods: a free shipping, a coffee.
    """

    order: Order
    taken: int
    goods_minor: int
    standing_minor: int

    @property
    def undone(self) -> bool:
        return self.order.cancelled_at is not None or not any(line.current_quantity for line in self.order.lines)

    def stays(self, spent: int, basis: int) -> int:
        """Give what of this much spent has not come back, where `basis` is what it was spent for."""
        if self.undone:
            return 0
        return -(-spent * self.standing_minor // basis) if basis else spent


def usage_of(order: Order, row: Any) -> Usage:
    """Read it: by the code on the cart, which may be ours or the retailer's, or by the cart's attribute.

    Of a benefit it is all that was wished for or nothing.
    """
    code = cart_code(row)
    used, standing = _taken_off(order, code) if code is not None else (0, 0)
    if row.benefit_id == 0:
        return Usage(order, used, used, standing)
    if code is None:
        applied = any(row.id in value.split() for value in order.attributes.values())
    else:
        applied = used + _off_shipping(order, code) > 0
    return Usage(order, row.amount_minor if applied else 0, used, standing)


def cart_code(row: Any) -> str | None:
    """Give the code that brings a redemption onto a cart."""
    if row.benefit_id == 0:
        return str(row.code)
    effect = json.loads(row.effect)
    match effect["kind"]:
        case "record":
            return None
        case "code":
            return str(effect["shared_code"])
        case _:
            return str(row.code)


def of_its_own(row: Any) -> bool:
    """Tell whether only this redemption has the code: whoever uses it, used this."""
    return cart_code(row) == row.code


def is_holder(order: Order, row: Any) -> bool:
    """Tell whether it is an order of the customer who holds it; of nobody else's order it can be known."""
    return order.customer is not None and str(order.customer.id) == row.customer_id


def lived(row: Any, order: Order) -> bool:
    """Tell whether the holder's order was placed while a redemption that is over by now could be used."""
    placed_ms = order.created_at.timestamp() * 1000
    return is_holder(order, row) and row.created_ms <= placed_ms < (row.deactivated_ms or 0)


def _taken_off(order: Order, code: str) -> tuple[int, int]:
    """Sum what a code took off goods, and what of it stands on those that were kept, rounded up for each line."""
    used = standing = 0
    for index in _applications(order, code):
        for line in order.lines:
            share = minor(line.allocations.get(index, Decimal(0)))
            used += share
            standing += -(-share * line.current_quantity // line.quantity)
    return used, standing


def _off_shipping(order: Order, code: str) -> int:
    return sum(minor(order.shipping_allocations.get(index, Decimal(0))) for index in _applications(order, code))


def _applications(order: Order, code: str) -> list[int]:
    return [
        application.index
        for application in order.applications
        if application.type == "discount_code" and application.label.casefold() == code.casefold()
    ]
