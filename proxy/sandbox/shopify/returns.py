"""Giving an order's money back: refunds of lines and the cancellation of the whole."""

from collections.abc import Sequence
from decimal import Decimal

from proxy.sandbox.shopify.checkout import Refused
from proxy.sandbox.shopify.model import OrderLine, Refund, RefundLine, Transaction
from proxy.sandbox.shopify.money import ZERO
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.store import Store

REASONS = ("customer", "declined", "fraud", "inventory", "other", "staff")


def refund(
    store: Store,
    order: Order,
    lines: Sequence[tuple[int, int]] | None = None,
    note: str | None = None,
    user_id: int | None = None,
    location_id: int | None = None,
) -> Refund:
    """Take lines back, each (line id, quantity), or all that is left; a discount's share stays with the shop.

    `location_id` is where they are handed in, by default where they were sold.
    """
    if location_id is not None and location_id not in store.locations:
        raise Refused("location_not_found", f"there is no location {location_id}")
    left = [(line.id, line.current_quantity) for line in order.lines if line.current_quantity]
    wanted = left if lines is None else lines
    if order.cancelled_at or not order.paid:
        raise Refused("not_refundable", "only a paid, live order can be refunded", 409)
    return _refund(store, order, wanted, "return", note, user_id, pay_back=True, location_id=location_id)


def cancel(store: Store, order: Order, reason: str = "customer", *, pay_back: bool = True) -> Refund | None:
    """Cancel the whole order; what was paid is paid back unless told otherwise. Codes stay used.

    Source: https://shopify.dev/docs/api/admin-graphql/latest/mutations/orderCancel
    """
    if order.cancelled_at is not None:
        raise Refused("already_cancelled", "this order is cancelled", 409)
    if reason not in REASONS:
        raise Refused("unknown_reason", f"a reason is one of {', '.join(REASONS)}")
    left = [(line.id, line.current_quantity) for line in order.lines if line.current_quantity]
    given_back = None
    if left:
        given_back = _refund(store, order, left, "cancel", None, None, pay_back=pay_back and order.paid)
    order.cancelled_at = store.now()
    order.cancel_reason = reason
    order.updates.append(order.cancelled_at)
    if not order.paid:
        order.transactions.append(Transaction(store.next_id(), "void", "success", ZERO, order.cancelled_at))
    return given_back


def _refund(
    store: Store,
    order: Order,
    wanted: Sequence[tuple[int, int]],
    restock: str,
    note: str | None,
    user_id: int | None,
    *,
    pay_back: bool,
    location_id: int | None = None,
) -> Refund:
    by_id = {line.id: line for line in order.lines}
    totals: dict[int, int] = {}
    for line_id, quantity in wanted:
        totals[line_id] = totals.get(line_id, 0) + quantity
    for line_id, quantity in totals.items():
        if line_id not in by_id or not 0 < quantity <= by_id[line_id].current_quantity:
            raise Refused("not_refundable", f"line {line_id} has not {quantity} pieces left")
    if not totals:
        raise Refused("not_refundable", "nothing is left to refund", 409)
    now = store.now()
    taken = tuple(_take_back(store, by_id[i], quantity, restock) for i, quantity in totals.items())
    amount = sum((line.subtotal for line in taken), ZERO)
    if not order.taxes_included:
        amount += sum((line.tax for line in taken), ZERO)
    if all(line.current_quantity == 0 for line in order.lines):
        amount += order.shipping_net
    given_back = Refund(
        id=store.next_id(),
        created_at=now,
        note=note,
        user_id=user_id,
        lines=taken,
        transactions=_payment(store, order, min(amount, order.received - order.refunded)) if pay_back else (),
        location_id=location_id or order.location_id,
    )
    order.refunds.append(given_back)
    order.transactions.extend(given_back.transactions)
    order.updates.append(now)
    return given_back


def _payment(store: Store, order: Order, amount: Decimal) -> tuple[Transaction, ...]:
    parent = next((t.id for t in order.transactions if t.kind == "sale"), None)
    if amount <= 0:
        return ()
    return (Transaction(store.next_id(), "refund", "success", amount, store.now(), parent),)


def _take_back(store: Store, line: OrderLine, quantity: int, restock: str) -> RefundLine:
    net, tax = line.current_net, line.current_tax
    line.returned += quantity
    subtotal, returned_tax = net - line.current_net, tax - line.current_tax
    return RefundLine(store.next_id(), line, quantity, subtotal, returned_tax, restock)
