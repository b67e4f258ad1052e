"""What an order uses of a redemption, in the redemption's own unit, and how much of that still stands."""

from proxy.domain.effect import EffectKind
from proxy.domain.ids import fold
from proxy.domain.money import Money
from proxy.domain.order import Order
from proxy.domain.redemption import Redemption


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
    if redemption.benefit.effect.kind is EffectKind.RECORD or code is None:
        return redemption.amount if order.names(redemption.id) else nothing
    carried = any(fold(each) == fold(code) for each in order.codes)
    return redemption.amount if carried and order.applied(code) else nothing
