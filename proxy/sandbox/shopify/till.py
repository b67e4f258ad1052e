"""A till: carts with a register that are filled, parked, taken up again, sold or left."""

from collections.abc import Sequence

from proxy.sandbox.shopify.checkout import Checkout, Refused
from proxy.sandbox.shopify.model import Cart, Manual, Register
from proxy.sandbox.shopify.order import Order
from proxy.sandbox.shopify.store import Store


class Till:
    """Let a cashier do what the POS app and its Cart API do. It tells nobody: the sandbox does.

    No change says whether a discount took: the cart does. One code cannot be taken off, only all of them.
    Source: https://shopify.dev/docs/api/pos-ui-extensions/apis/cart-api
    """

    def __init__(self, store: Store, checkout: Checkout) -> None:
        self._store = store
        self._checkout = checkout

    def open(self, register: Register, lines: Sequence[tuple[int, int]] = (), customer_id: int | None = None) -> Cart:
        """Open a cart, empty or with lines of (variant id, quantity)."""
        self._known(register)
        store = self._store
        cart = Cart(store.token(), store.token(), [], register=register)
        self._checkout.set_lines(cart, lines)
        self._checkout.set_customer(cart, customer_id)
        store.till_carts[cart.token] = cart
        return cart

    def cart(self, token: str) -> Cart:
        cart = self._store.till_carts.get(token)
        if cart is None:
            raise Refused("cart_not_found", "there is no such cart", 404)
        return cart

    def live(self, token: str) -> Cart:
        """Find a cart that may be changed: neither parked nor sold."""
        cart = self.cart(token)
        if cart.order_id is not None:
            raise Refused("already_ordered", "this cart has become an order", 409)
        if cart.parked:
            raise Refused("cart_parked", "this cart is parked", 409)
        return cart

    def move(self, cart: Cart, register: Register) -> None:
        """Let another login, device or location go on with the cart."""
        self._known(register)
        cart.register = register

    def discount(self, cart: Cart, manual: Manual | None) -> None:
        """Put a custom discount on the cart in place of the one before, or take it off. One at a time."""
        cart.manual = manual

    def remove_discounts(self, cart: Cart) -> None:
        """Take the custom discount and every code off."""
        cart.manual = None
        self._checkout.set_codes(cart, [])

    def add_properties(self, cart: Cart, properties: dict[str, str]) -> None:
        """Add properties; they become the order's attributes."""
        cart.attributes |= properties

    def remove_properties(self, cart: Cart, keys: Sequence[str]) -> None:
        """Take properties off; one that is not there changes nothing."""
        cart.attributes = {key: value for key, value in cart.attributes.items() if key not in keys}

    def parked(self) -> list[Cart]:
        return [cart for cart in self._store.till_carts.values() if cart.parked]

    def park(self, token: str) -> Cart:
        """Put a cart aside; its codes stay on it, whatever becomes of them meanwhile."""
        cart = self.live(token)
        cart.parked = True
        return cart

    def take_up(self, token: str, register: Register | None) -> Cart:
        """Go on with a parked cart, at this register."""
        cart = self.cart(token)
        if not cart.parked:
            raise Refused("cart_not_parked", "this cart is not parked", 409)
        if register is not None:
            self.move(cart, register)
        cart.parked = False
        return cart

    def abandon(self, token: str) -> None:
        """Throw a cart away; nobody is told, as at a real till."""
        if self.cart(token).order_id is not None:
            raise Refused("already_ordered", "this cart has become an order", 409)
        del self._store.till_carts[token]

    def sell(self, cart: Cart) -> Order:
        """Ring up the cart; it is paid at once, and codes that do not apply are left out."""
        self.live(cart.token)
        if not cart.lines:
            raise Refused("no_lines", "a sale needs lines of at least one piece")
        return self._checkout.ring_up(cart)

    def _known(self, register: Register) -> None:
        if register.location_id not in self._store.locations:
            raise Refused("location_not_found", f"there is no location {register.location_id}")
