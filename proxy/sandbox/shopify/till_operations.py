"""What a cashier does, as JSON under `/_sandbox/pos`: the calls of POS's Cart API, parking, and sales."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from proxy.sandbox.shopify.model import Cart, Manual, Register
from proxy.sandbox.shopify.payload import order_payload
from proxy.sandbox.shopify.state_view import till_cart_view
from proxy.sandbox.shopify.wishes import Operation, body, lines

if TYPE_CHECKING:
    from proxy.sandbox.shopify.sandbox import ShopifySandbox


def till_operations(sandbox: "ShopifySandbox") -> list[Operation]:
    till = _Till(sandbox)
    return [
        ("POST", "/pos/carts", till.open),
        ("GET", "/pos/carts", till.parked),
        ("GET", "/pos/carts/{token}", till.read),
        ("DELETE", "/pos/carts/{token}", till.abandon),
        ("POST", "/pos/carts/{token}/register", till.move),
        ("POST", "/pos/carts/{token}/lines", till.lines),
        ("POST", "/pos/carts/{token}/customer", till.customer),
        ("POST", "/pos/carts/{token}/codes", till.add_code),
        ("POST", "/pos/carts/{token}/discount", till.discount),
        ("DELETE", "/pos/carts/{token}/discounts", till.remove_discounts),
        ("POST", "/pos/carts/{token}/properties", till.properties),
        ("POST", "/pos/carts/{token}/properties/remove", till.remove_properties),
        ("POST", "/pos/carts/{token}/park", till.park),
        ("POST", "/pos/carts/{token}/resume", till.resume),
        ("POST", "/pos/carts/{token}/sale", till.sell),
        ("POST", "/pos/sales", till.sell_at_once),
    ]


class _Till:
    def __init__(self, sandbox: "ShopifySandbox") -> None:
        self._sandbox = sandbox
        self._till = sandbox.till

    def _live(self, request: Request) -> Cart:
        return self._till.live(request.path_params["token"])

    def _answer(self, cart: Cart, status: int = 200) -> JSONResponse:
        return JSONResponse(self._view(cart), status)

    def _view(self, cart: Cart) -> dict[str, Any]:
        return till_cart_view(self._sandbox.state, self._sandbox.checkout, cart)

    async def open(self, request: Request) -> JSONResponse:
        given = await body(request)
        cart = self._till.open(_register(given), lines(given.get("lines", [])), given.get("customer_id"))
        return self._answer(cart, 201)

    async def parked(self, _: Request) -> JSONResponse:
        return JSONResponse({"carts": [self._view(cart) for cart in self._till.parked()]})

    async def read(self, request: Request) -> JSONResponse:
        return self._answer(self._till.cart(request.path_params["token"]))

    async def abandon(self, request: Request) -> JSONResponse:
        self._till.abandon(request.path_params["token"])
        return JSONResponse({"abandoned": request.path_params["token"]})

    async def move(self, request: Request) -> JSONResponse:
        cart = self._live(request)
        self._till.move(cart, _register(await body(request)))
        return self._answer(cart)

    async def lines(self, request: Request) -> JSONResponse:
        cart, given = self._live(request), await body(request)
        self._sandbox.checkout.set_lines(cart, lines(given["lines"]))
        return self._answer(cart)

    async def customer(self, request: Request) -> JSONResponse:
        """`setCustomer`; null takes the customer off."""
        cart, given = self._live(request), await body(request)
        self._sandbox.checkout.set_customer(cart, given["customer_id"])
        return self._answer(cart)

    async def add_code(self, request: Request) -> JSONResponse:
        """`addCartCodeDiscount`."""
        cart, given = self._live(request), await body(request)
        self._sandbox.checkout.add_code(cart, str(given["code"]))
        return self._answer(cart)

    async def discount(self, request: Request) -> JSONResponse:
        """`applyCartDiscount` with `{title, amount}` or `{title, percentage}`, a tenth being "0.1"."""
        cart, given = self._live(request), await body(request)
        self._till.discount(cart, _manual(given))
        return self._answer(cart)

    async def remove_discounts(self, request: Request) -> JSONResponse:
        """`removeAllDiscounts`."""
        cart = self._live(request)
        self._till.remove_discounts(cart)
        return self._answer(cart)

    async def properties(self, request: Request) -> JSONResponse:
        """`addCartProperties`."""
        cart, given = self._live(request), await body(request)
        self._till.add_properties(cart, {str(k): str(v) for k, v in given.items()})
        return self._answer(cart)

    async def remove_properties(self, request: Request) -> JSONResponse:
        """`removeCartProperties` with `{keys}`."""
        cart, given = self._live(request), await body(request)
        self._till.remove_properties(cart, [str(key) for key in given["keys"]])
        return self._answer(cart)

    async def park(self, request: Request) -> JSONResponse:
        return self._answer(self._till.park(request.path_params["token"]))

    async def resume(self, request: Request) -> JSONResponse:
        given = await body(request)
        return self._answer(self._till.take_up(request.path_params["token"], _register(given) if given else None))

    async def sell(self, request: Request) -> JSONResponse:
        order = self._sandbox.ring_up(self._live(request))
        return JSONResponse(order_payload(self._sandbox.state, order), 201)

    async def sell_at_once(self, request: Request) -> JSONResponse:
        given = await body(request)
        manual = given.get("discount")
        order = self._sandbox.pos_sale(
            lines(given["lines"]),
            location_id=given["location_id"],
            user_id=given.get("user_id"),
            device_id=given.get("device_id"),
            customer_id=given.get("customer_id"),
            codes=given.get("codes", []),
            manual=_manual(manual) if manual else None,
            attributes=given.get("attributes"),
        )
        return JSONResponse(order_payload(self._sandbox.state, order), 201)


def _register(given: dict[str, Any]) -> Register:
    return Register(int(given["location_id"]), given.get("user_id"), given.get("device_id"))


def _manual(given: dict[str, Any]) -> Manual:
    amount, percentage = given.get("amount"), given.get("percentage")
    return Manual(
        given["title"],
        Decimal(str(amount)) if amount is not None else None,
        Decimal(str(percentage)) if percentage is not None else None,
    )
