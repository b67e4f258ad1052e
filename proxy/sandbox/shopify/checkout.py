"""Carts and checkouts: lines, customer, codes, and the order that comes out of them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from proxy.sandbox.shopify.model import Cart, CartLine, OrderLine, Transaction
from proxy.sandbox.shopify.money import ZERO, cents
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.pricing import Candidate, Quote, quote
from proxy.sandbox.shopify.store import Store


class Refused(Exception):
    """A buyer's wish that the shop does not grant; `status` is the HTTP status for it."""

    def __init__(self, code: str, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Checkout:
    """Let a buyer, or a cashier, fill carts and place orders. It tells nobody: the sandbox does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open(self, lines: Sequence[tuple[int, int]], customer_id: int | None = None) -> Cart:
        """Open a cart; each line is (variant id, quantity)."""
        store = self._store
        cart = Cart(store.token(), store.token(), [])
        self.set_lines(cart, lines)
        self.set_customer(cart, customer_id)
        store.carts[cart.token] = cart
        return cart

    def cart(self, token: str) -> Cart:
        cart = self._store.carts.get(token)
        if cart is None:
            raise Refused("cart_not_found", "there is no such cart", 404)
        return cart

    def set_lines(self, cart: Cart, lines: Sequence[tuple[int, int]]) -> None:
        store = self._store
        unknown = [variant for variant, _ in lines if variant not in store.variants]
        if unknown:
            raise Refused("variant_not_found", f"unknown variants {unknown}")
        if any(quantity < 1 for _, quantity in lines) or not (lines or cart.register):
            raise Refused("no_lines", "a cart needs lines of at least one piece")
        cart.lines = [CartLine(store.next_id(), store.variants[v], quantity) for v, quantity in lines]

    def set_customer(self, cart: Cart, customer_id: int | None) -> None:
        if customer_id is not None and customer_id not in self._store.customers:
            raise Refused("customer_not_found", f"there is no customer {customer_id}")
        cart.customer_id = customer_id

    def set_codes(self, cart: Cart, codes: Sequence[str]) -> Quote:
        """Replace the list of codes, as the Ajax and Storefront carts do. An empty list clears it."""
        by_fold = {code.strip().casefold(): code.strip() for code in reversed(codes) if code.strip()}
        cart.codes = list(reversed(by_fold.values()))
        cart.applied = {}
        return self.price(cart)

    def add_code(self, cart: Cart, code: str) -> Quote:
        return self.set_codes(cart, [*cart.codes, code])

    def remove_code(self, cart: Cart, code: str) -> Quote:
        return self.set_codes(cart, [c for c in cart.codes if c.casefold() != code.strip().casefold()])

    def price(self, cart: Cart) -> Quote:
        """Price the cart as the shop is now, and remember what the buyer was shown."""
        priced = self._quote(cart, honour=False)
        for outcome in priced.codes:
            discount = self._store.discount_by_code(outcome.code)
            if outcome.applicable and discount is not None:
                cart.applied[outcome.code] = discount
        return priced

    def peek(self, cart: Cart) -> Quote:
        """Price the cart without anybody being shown it."""
        return self._quote(cart, honour=False)

    def place(self, cart: Cart, *, paid: bool = True, honour: bool = False, drop_invalid: bool = False) -> Order:
        """Complete the checkout.

        A code that the buyer was shown as applied and that no longer applies refuses the order, unless
        `drop_invalid`. `honour` lets codes count as they were when applied, ended, used or deleted
        since: a checkout that was already open, or two completed at once. Source: assumption,
        undocumented.
        """
        if cart.order_id is not None:
            raise Refused("already_ordered", "this cart has become an order", 409)
        if not cart.lines:
            raise Refused("no_lines", "a checkout needs lines of at least one piece")
        priced = self._quote(cart, honour=honour)
        lost = [c.code for c in priced.codes if not c.applicable and c.code in cart.applied]
        if lost and not drop_invalid:
            cart.applied = {}
            raise Refused("discount_unavailable", f"no longer applicable: {', '.join(lost)}", 409)
        order = self._order(cart, priced)
        if paid:
            self.pay(order)
        return order

    def ring_up(self, cart: Cart) -> Order:
        """Complete a till's cart: paid at once, and without the codes that do not apply."""
        where = cart.register
        assert where is not None
        order = self._order(cart, self._quote(cart, honour=False))
        order.location_id, order.user_id, order.device_id = where.location_id, where.user_id, where.device_id
        self.pay(order)
        return order

    def pay(self, order: Order) -> None:
        """Take the payment that is still open."""
        if order.paid or order.cancelled_at:
            raise Refused("not_payable", "this order is paid or cancelled", 409)
        store = self._store
        now = store.now()
        order.transactions.append(
            Transaction(store.next_id(), "sale", "success", order.total, now, user_id=order.user_id)
        )
        order.updates.append(now)

    def shipping(self, cart: Cart) -> Decimal | None:
        """Give the price of shipping the cart; a till ships nothing."""
        return None if cart.register else self._store.config.shipping_price

    def _quote(self, cart: Cart, *, honour: bool) -> Quote:
        store = self._store
        candidates = []
        for code in cart.codes:
            seen = cart.applied.get(code) if honour else None
            discount = seen or store.discount_by_code(code)
            uses = store.uses(discount.id) if discount else 0
            own = store.uses(discount.id, cart.customer_id) if discount and cart.customer_id else 0
            candidates.append(Candidate(code, discount, uses, own, honoured=seen is not None))
        return quote(cart.lines, candidates, cart.customer_id, store.clock.now(), cart.manual, self.shipping(cart))

    def _order(self, cart: Cart, priced: Quote) -> Order:
        store, config, now = self._store, self._store.config, self._store.now()
        order_id, number = store.next_order()
        lines = [
            OrderLine(store.next_id(), line.variant, line.quantity, shares, self.tax(line, shares))
            for line, shares in zip(cart.lines, priced.allocations, strict=True)
        ]
        order = Order(
            id=order_id,
            number=number,
            created_at=now,
            customer=store.customers.get(cart.customer_id) if cart.customer_id else None,
            lines=lines,
            applications=list(priced.applications),
            source_name="pos" if cart.register else "web",
            checkout_token=cart.checkout_token,
            checkout_id=store.next_id(),
            cart_token=None if cart.register else cart.token,
            taxes_included=config.taxes_included,
            shipping_price=self.shipping(cart) or ZERO,
            shipping_allocations=priced.shipping_allocations,
            shipping_line_id=store.next_id(),
            currency=config.currency,
            presentment_currency=config.presentment_currency or config.currency,
            presentment_rate=config.presentment_rate,
            test=config.test_orders,
            attributes=dict(cart.attributes),
            updates=[now],
        )
        store.orders[order.id] = order
        cart.order_id = order.id
        cart.lines = [replace(line) for line in cart.lines]
        return order

    def tax(self, line: CartLine, shares: dict[int, Decimal]) -> Decimal:
        """Return the tax in, or on top of, a line's net price. Gift cards have none."""
        config = self._store.config
        if line.variant.gift_card:
            return ZERO
        net = line.total - sum(shares.values(), ZERO)
        rate = config.tax_rate
        return cents(net * rate / (1 + rate) if config.taxes_included else net * rate)
