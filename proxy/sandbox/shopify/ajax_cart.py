"""The storefront's Ajax cart: one per visitor, by cookie, with the codes and attributes that themes write.

Source: https://shopify.dev/docs/api/ajax/reference/cart
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import InvalidOperation
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from proxy.sandbox.shopify.ajax_view import ajax_cart, ajax_line, line_key
from proxy.sandbox.shopify.app_proxy import visitor
from proxy.sandbox.shopify.checkout import Checkout
from proxy.sandbox.shopify.model import Cart, CartLine
from proxy.sandbox.shopify.store import Store
from proxy.sandbox.shopify.wishes import body

COOKIE = "cart"
WEEKS_2_S = 14 * 86400
Change = Callable[[Cart, dict[str, Any]], Awaitable[Any]]


class _Refused(Exception):
    """What the Ajax API answers to a wish that it does not grant."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def ajax_routes(store: Store, checkout: Checkout) -> list[Route]:
    """Return the cart's routes, with and without a locale before them."""
    cart = _AjaxCart(store, checkout)
    table = [
        ("GET", "/cart.js", cart.read),
        ("POST", "/cart/add.js", cart.changing(cart.add)),
        ("POST", "/cart/change.js", cart.changing(cart.change)),
        ("POST", "/cart/update.js", cart.changing(cart.update)),
        ("POST", "/cart/clear.js", cart.changing(cart.clear)),
    ]
    return [
        Route(prefix + path, handler, methods=[method])
        for prefix in ("", "/{locale}")
        for method, path, handler in table
    ]


class _AjaxCart:
    def __init__(self, store: Store, checkout: Checkout) -> None:
        self._store = store
        self._checkout = checkout

    async def read(self, request: Request) -> Response:
        cart = self._of(request)
        return self._answer(cart, self._shown(cart))

    def changing(self, change: Change) -> Callable[[Request], Awaitable[Response]]:
        """Wrap a change so that its refusals are answered as the Ajax API words them."""

        async def handle(request: Request) -> Response:
            cart = self._of(request)
            # Only now: who looks around without buying leaves no cart behind.
            self._store.carts[cart.token] = cart
            try:
                return self._answer(cart, await change(cart, await body(request)))
            except _Refused as refused:
                return _problem(refused.status, refused.description)
            except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
                return _problem(400, repr(error))

        return handle

    async def add(self, cart: Cart, given: dict[str, Any]) -> Any:
        """`{"items": [{"id", "quantity"}]}`, or one of them by itself; answers what was added, not the cart."""
        wanted = [(int(one["id"]), int(one.get("quantity", 1))) for one in given.get("items", [given])]
        if any(variant not in self._store.variants for variant, _ in wanted):
            raise _Refused(404, "Cannot find variant")
        for variant, quantity in wanted:
            there = next((line for line in cart.lines if line.variant.id == variant), None)
            self._set(cart, variant, quantity + (there.quantity if there else 0))
        added = self._lines(cart, {variant for variant, _ in wanted})
        return {"items": added} if "items" in given else added[0]

    async def change(self, cart: Cart, given: dict[str, Any]) -> Any:
        """One line, by its key or variant in `id` or by its place in `line`; quantity 0 takes it off."""
        if "line" in given:
            place = int(given["line"]) - 1
            line = cart.lines[place] if 0 <= place < len(cart.lines) else None
        else:
            line = self._line(cart, str(given.get("id", "")))
        if line is None:
            raise _Refused(400, "no valid id or line parameter")
        self._set(cart, line.variant.id, int(given["quantity"]))
        return self._shown(cart)

    async def update(self, cart: Cart, given: dict[str, Any]) -> Any:
        """`updates`, `note`, `attributes` and `discount`, as many of them as there are.

        Attributes join those that are there, an empty value takes one off (assumption: undocumented);
        `discount` replaces every code: "A,B", and "" takes all off.
        Source: https://shopify.dev/changelog/cart-ajax-api-discounts-support-on-cartupdatejs
        """
        updates = given.get("updates") or {}
        if isinstance(updates, list):
            updates = {line_key(line): quantity for line, quantity in zip(cart.lines, updates, strict=False)}
        for key, quantity in updates.items():
            line = self._line(cart, str(key))
            if line is None and int(str(key)) not in self._store.variants:
                raise _Refused(404, "Cannot find variant")
            self._set(cart, line.variant.id if line else int(key), int(quantity))
        if "note" in given:
            cart.note = str(given["note"]) or None
        joined = cart.attributes | {str(k): str(v or "") for k, v in (given.get("attributes") or {}).items()}
        cart.attributes = {key: value for key, value in joined.items() if value}
        if "discount" in given:
            self._checkout.set_codes(cart, str(given["discount"]).split(","))
        return self._shown(cart)

    async def clear(self, cart: Cart, _: dict[str, Any]) -> Any:
        cart.lines = []
        return self._shown(cart)

    def _of(self, request: Request) -> Cart:
        """Find the visitor's cart; whoever has none, or has bought theirs, gets an empty one."""
        store = self._store
        cart = store.carts.get(request.cookies.get(COOKIE, "").partition("?")[0])
        if cart is None or cart.order_id is not None:
            cart = Cart(store.token(), store.token(), [])
        # The cart belongs to whoever is signed in now.
        cart.customer_id = visitor(store, request)
        return cart

    def _set(self, cart: Cart, variant: int, quantity: int) -> None:
        """Give a variant's line this many pieces; lines that stay keep their keys."""
        lines = [replace(line, quantity=quantity) if line.variant.id == variant else line for line in cart.lines]
        if all(line.variant.id != variant for line in lines):
            lines.append(CartLine(self._store.next_id(), self._store.variants[variant], quantity))
        cart.lines = [line for line in lines if line.quantity > 0]

    def _line(self, cart: Cart, key: str) -> CartLine | None:
        return next((line for line in cart.lines if key in (line_key(line), str(line.variant.id))), None)

    def _lines(self, cart: Cart, variants: set[int]) -> list[Any]:
        priced = self._checkout.price(cart)
        shares = zip(cart.lines, priced.allocations, strict=True)
        return [ajax_line(self._store, line, priced, own) for line, own in shares if line.variant.id in variants]

    def _shown(self, cart: Cart) -> dict[str, Any]:
        return ajax_cart(self._store, cart, self._checkout.price(cart))

    def _answer(self, cart: Cart, shown: Any) -> Response:
        response = JSONResponse(shown, headers={"Cache-Control": "no-store"})
        response.set_cookie(COOKIE, cart.token, max_age=WEEKS_2_S, samesite="lax")
        return response


def _problem(status: int, description: str) -> Response:
    return JSONResponse({"status": status, "message": "Cart Error", "description": description}, status)
