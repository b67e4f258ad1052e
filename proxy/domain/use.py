"""What an order uses of a redemption, in the redemption's own unit, and how much of that still stands."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from proxy.domain.ids import fold
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.redemption import Redemption

_CLOCKS: Final = timedelta(seconds=60)  # Shopify's clock may be behind ours


def used(order: Order, redemption: Redemption) -> Money:
    """Give what the order uses of it: money by what the code took off, uses of a benefit all or none.

    What has no code of its own is known by the holder's order: by the code that all customers have, or by the cart's
    attribute that names it.
    """
    if redemption.benefit is None:
        return order.discounted(redemption.code)
    nothing = Money.zero(redemption.amount.currency)
    if redemption.has_discount:
        return redemption.amount if order.applied(redemption.code) else nothing
    if order.customer != redemption.customer:
        return nothing
    code = redemption.cart_code
    if code is None:
        return redemption.amount if redemption.id in order.named else nothing
    carried = any(fold(each) == fold(code) for each in order.codes)
    return redemption.amount if carried and order.applied(code) else nothing


def used_without_discount(order: Order, known: Iterable[Redemption]) -> tuple[Redemption, ...]:
    """Choose what the order uses of redemptions that have no discount of their own.

    A code that all customers have stands on it once, whoever holds how often, and a thing is handed over once, however
    many attributes were left on the cart: it uses the one that it has already, else the newest that was held when it
    was placed. An older order that carries the code must not take what was held since.
    """
    found: dict[str | int, Redemption] = {}
    taken: set[str | int] = set()
    for redemption in sorted(known, key=lambda each: each.created_ms, reverse=True):
        assert redemption.benefit is not None, "money has a discount"
        name = fold(redemption.cart_code) if redemption.cart_code is not None else redemption.benefit.id
        if redemption.order == order.id:
            taken.add(name)
        if used(order, redemption) and (redemption.order == order.id or _was_held(redemption, order)):
            found.setdefault(name, redemption)
    return tuple(each for name, each in found.items() if each.order == order.id or name not in taken)


def _was_held(redemption: Redemption, order: Order) -> bool:
    return redemption.created_ms <= (order.created_at + _CLOCKS).timestamp() * 1000
