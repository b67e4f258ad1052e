"""Carts and orders: what buyers and staff do with what they were given."""

from contextlib import suppress
from dataclasses import dataclass, field

from proxy.sandbox import seed
from proxy.sandbox.shopify.checkout import Refused
from proxy.sandbox.shopify.model import Cart
from proxy.sandbox.shopify.order import Order
from tests.model.people import Asked, People
from tests.model.stage import Stage

CARTS = (
    [(seed.LINEN_SHIRT.variant_id, 1), (seed.WOOL_SOCKS.variant_id, 2)],
    [(seed.WOOL_SOCKS.variant_id, 1)],  # less than many a code is worth
    [(seed.WOOL_SOCKS.variant_id, 3), (seed.CANVAS_TOTE.variant_id, 1)],
)
KINDS = ("paid", "unpaid", "till", "test")
CHANGES = ("pay", "cancel", "cancel_unpaid", "refund", "refund_all", "hand_over")
_MATES = 4  # beside one: more codes than five a cart does not take


@dataclass(slots=True)
class Sales:
    """Every cart that is still open and every order, the oldest first."""

    stage: Stage
    people: People
    orders: list[tuple[str, Order]] = field(default_factory=list)
    carts: list[tuple[str, Cart]] = field(default_factory=list)
    handed_over: set[tuple[str, int]] = field(default_factory=set)

    def buy(self, asked: Asked, lines: int, kind: str, *, together: bool) -> None:
        """Place an order with what was asked for, or with all that this customer has on the same cart."""
        shop, basket = self.stage.shops[asked.shop], self._basket(asked, together=together)
        codes, attributes = _codes(basket), _attributes(basket)
        if kind == "till":
            order = shop.pos_sale(
                CARTS[lines % 3],
                # Now and then elsewhere than declared, or by somebody else.
                location_id=seed.LOCATIONS[lines // 10].id,
                user_id=seed.STAFF[lines // 11].id,
                customer_id=asked.customer,
                codes=codes,
                attributes=attributes,
            )
        else:
            cart = shop.open_cart(CARTS[lines % 3], asked.customer, attributes)
            shop.checkout.set_codes(cart, codes)
            order = shop.place_order(cart, paid=kind != "unpaid", drop_invalid=True)
            order.test = kind == "test"
        self.orders.append((asked.shop, order))

    def open(self, asked: Asked, lines: int, *, together: bool) -> None:
        """Fill a cart and leave it: by the time of its order its codes may be over, and honoured all the same."""
        shop, basket = self.stage.shops[asked.shop], self._basket(asked, together=together)
        cart = shop.open_cart(CARTS[lines % 3], asked.customer, _attributes(basket))
        shop.checkout.set_codes(cart, _codes(basket))
        self.carts.append((asked.shop, cart))

    def complete(self, *, honour: bool) -> None:
        """Place the order of the oldest open cart."""
        domain, cart = self.carts.pop(0)
        order = self.stage.shops[domain].place_order(cart, honour=honour, drop_invalid=True)
        self.orders.append((domain, order))

    def change(self, pick: int, kind: str, line: int, pieces: int, customer: int) -> None:
        """Do what staff do with an order; what the shop refuses changes nothing."""
        domain, order = self.orders[-1 - pick % len(self.orders)]
        shop = self.stage.shops[domain]
        left = [(each.id, each.current_quantity) for each in order.lines if each.current_quantity]
        with suppress(Refused):
            match kind:
                case "pay":
                    shop.mark_paid(order.id)
                case "cancel" | "cancel_unpaid":
                    shop.cancel(order.id, pay_back=kind == "cancel")
                case "refund":
                    shop.refund(order.id, [(order.lines[line % len(order.lines)].id, pieces)])
                case "refund_all":
                    shop.refund(order.id, left)
                case _:
                    shop.attach_customer(order.id, customer)
                    self.handed_over.add((domain, order.id))

    def _basket(self, asked: Asked, *, together: bool) -> list[Asked]:
        beside = [
            each
            for each in self.people.asked
            if each is not asked and each.id is not None and each.where == asked.where and together
        ]
        return [asked, *beside[-_MATES:]]


def _codes(basket: list[Asked]) -> list[str]:
    return list(dict.fromkeys(asked.code for asked in basket if asked.code is not None))


def _attributes(basket: list[Asked]) -> dict[str, str]:
    return {key: value for asked in basket for key, value in asked.attribute.items()}
