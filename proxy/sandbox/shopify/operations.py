"""What buyers, cashiers and staff do, as a small JSON API under `/_sandbox`."""

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from proxy.sandbox import seed
from proxy.sandbox.shopify.model import Cart
from proxy.sandbox.shopify.payload import order_payload
from proxy.sandbox.shopify.payload_refund import refund_payload
from proxy.sandbox.shopify.state_view import cart_view, code_view
from proxy.sandbox.shopify.till_operations import till_operations
from proxy.sandbox.shopify.wishes import Operation, body, flag, lines, plainly

if TYPE_CHECKING:
    from proxy.sandbox.shopify.sandbox import ShopifySandbox


def operation_routes(sandbox: "ShopifySandbox") -> list[Route]:
    """Return the routes that join the control endpoint."""
    carts, orders, shop = _Carts(sandbox), _Orders(sandbox), _Shop(sandbox)
    table: list[Operation] = [
        ("GET", "/catalog", shop.catalog),
        ("GET", "/tokens", shop.token),
        ("POST", "/settings", shop.settings),
        ("POST", "/app/{action}", shop.installation),
        ("POST", "/compliance", shop.compliance),
        ("POST", "/customers/{id:int}/{topic}", shop.customer),
        ("POST", "/discounts", shop.create_discount),
        ("POST", "/discounts/{code}", shop.edit_discount),
        ("DELETE", "/discounts/{code}", shop.delete_discount),
        ("POST", "/carts", carts.open),
        ("GET", "/carts/{token}", carts.read),
        ("POST", "/carts/{token}/lines", carts.lines),
        ("POST", "/carts/{token}/customer", carts.customer),
        ("POST", "/carts/{token}/attributes", carts.attributes),
        ("POST", "/carts/{token}/codes", carts.codes),
        ("POST", "/carts/{token}/order", carts.order),
        ("GET", "/orders/{id:int}", orders.read),
        ("POST", "/orders/{id:int}/pay", orders.pay),
        ("POST", "/orders/{id:int}/customer", orders.customer),
        ("POST", "/orders/{id:int}/cancel", orders.cancel),
        ("POST", "/orders/{id:int}/refund", orders.refund),
    ]
    joined = [*table, *till_operations(sandbox)]
    return [Route(path, plainly(handler), methods=[method]) for method, path, handler in joined]


class _Carts:
    def __init__(self, sandbox: "ShopifySandbox") -> None:
        self._sandbox = sandbox

    def _answer(self, cart: Cart, status: int = 200) -> JSONResponse:
        return JSONResponse(cart_view(self._sandbox.state, self._sandbox.checkout, cart), status)

    def _cart(self, request: Request) -> Cart:
        return self._sandbox.checkout.cart(request.path_params["token"])

    async def open(self, request: Request) -> JSONResponse:
        given = await body(request)
        cart = self._sandbox.open_cart(lines(given["lines"]), given.get("customer_id"), given.get("attributes"))
        self._sandbox.checkout.set_codes(cart, given.get("codes", []))
        return self._answer(cart, 201)

    async def read(self, request: Request) -> JSONResponse:
        return self._answer(self._cart(request))

    async def lines(self, request: Request) -> JSONResponse:
        cart, given = self._cart(request), await body(request)
        self._sandbox.checkout.set_lines(cart, lines(given["lines"]))
        return self._answer(cart)

    async def customer(self, request: Request) -> JSONResponse:
        cart, given = self._cart(request), await body(request)
        self._sandbox.checkout.set_customer(cart, given["customer_id"])
        return self._answer(cart)

    async def attributes(self, request: Request) -> JSONResponse:
        cart, given = self._cart(request), await body(request)
        cart.attributes = {str(k): str(v) for k, v in given["attributes"].items()}
        return self._answer(cart)

    async def codes(self, request: Request) -> JSONResponse:
        """`{"codes": []}` replaces the list; `{"add": code}` and `{"remove": code}` change it."""
        cart, given, checkout = self._cart(request), await body(request), self._sandbox.checkout
        if "codes" in given:
            checkout.set_codes(cart, [str(code) for code in given["codes"]])
        elif "add" in given:
            checkout.add_code(cart, str(given["add"]))
        else:
            checkout.remove_code(cart, str(given["remove"]))
        return self._answer(cart)

    async def order(self, request: Request) -> JSONResponse:
        cart, given = self._cart(request), await body(request)
        order = self._sandbox.place_order(
            cart,
            paid=flag(given, "paid", True),
            honour=flag(given, "honour"),
            drop_invalid=flag(given, "drop_invalid"),
        )
        return JSONResponse(order_payload(self._sandbox.state, order), 201)


class _Orders:
    def __init__(self, sandbox: "ShopifySandbox") -> None:
        self._sandbox = sandbox

    def _answer(self, order_id: int) -> JSONResponse:
        order = self._sandbox.order(order_id)
        return JSONResponse(order_payload(self._sandbox.state, order))

    async def read(self, request: Request) -> JSONResponse:
        return self._answer(request.path_params["id"])

    async def pay(self, request: Request) -> JSONResponse:
        self._sandbox.mark_paid(request.path_params["id"])
        return self._answer(request.path_params["id"])

    async def customer(self, request: Request) -> JSONResponse:
        self._sandbox.attach_customer(request.path_params["id"], (await body(request))["customer_id"])
        return self._answer(request.path_params["id"])

    async def cancel(self, request: Request) -> JSONResponse:
        given = await body(request)
        reason, pay_back = given.get("reason", "customer"), flag(given, "refund", True)
        self._sandbox.cancel(request.path_params["id"], reason, pay_back=pay_back)
        return self._answer(request.path_params["id"])

    async def refund(self, request: Request) -> JSONResponse:
        """`{"lines": [{"line_id", "quantity"}]}`; without lines, all that is left."""
        given, order_id = await body(request), request.path_params["id"]
        wanted = lines(given["lines"], "line_id") if given.get("lines") is not None else None
        by = {name: given.get(name) for name in ("note", "user_id", "location_id")}
        refund = self._sandbox.refund(order_id, wanted, **by)
        return JSONResponse(refund_payload(self._sandbox.state, self._sandbox.order(order_id), refund), 201)


class _Shop:
    def __init__(self, sandbox: "ShopifySandbox") -> None:
        self._sandbox = sandbox

    async def catalog(self, _: Request) -> JSONResponse:
        state = self._sandbox.state
        variants = [
            {
                "variant_id": v.id,
                "product_id": v.product_id,
                "title": v.title,
                "price": str(v.price),
                "sku": v.sku,
                "gift_card": v.gift_card,
            }
            for v in state.variants.values()
        ]
        customers = [
            {"id": c.id, "first_name": c.first_name, "last_name": c.last_name} for c in state.customers.values()
        ]
        locations = [{"id": place.id, "name": place.name} for place in state.locations.values()]
        staff = [{"id": login.id, "name": login.name} for login in seed.STAFF]
        devices = [{"id": device.id, "name": device.name} for device in seed.DEVICES]
        found = {"variants": variants, "customers": customers, "locations": locations}
        return JSONResponse(found | {"staff": staff, "devices": devices})

    async def token(self, request: Request) -> JSONResponse:
        asked = request.query_params
        wanted: dict[str, Any] = {k: int(asked[k]) for k in ("customer_id", "user_id") if asked.get(k)}
        if "offset_s" in asked:
            wanted["offset_s"] = float(asked["offset_s"])
        if "iss" in asked:
            wanted["iss"] = asked["iss"] not in ("0", "false")
        return JSONResponse({"token": self._sandbox.id_token(asked.get("surface", "checkout"), **wanted)})

    async def settings(self, request: Request) -> JSONResponse:
        """Switch the lags of search and usage count, the granted scopes and the app's URL."""
        given, sandbox = await body(request), self._sandbox
        sandbox.state.search_lag_s = float(given.get("search_lag_s", sandbox.state.search_lag_s))
        lag_s = float(given.get("usage_count_lag_s", sandbox.state.usage_count_lag_s))
        sandbox.state.usage_count_lag_s = lag_s
        if "scopes" in given:
            sandbox.grant_scopes(given["scopes"])
        if "proxy_url" in given:
            sandbox.set_proxy_url(given["proxy_url"])
        return JSONResponse(
            {
                "search_lag_s": sandbox.state.search_lag_s,
                "usage_count_lag_s": lag_s,
                "scopes": list(sandbox.grants.scopes),
                "proxy_url": sandbox.webhooks.proxy_url,
            }
        )

    async def installation(self, request: Request) -> JSONResponse:
        actions = {"uninstall": self._sandbox.uninstall, "install": self._sandbox.install}
        actions[request.path_params["action"]]()
        return JSONResponse({"installed": self._sandbox.state.installed})

    async def compliance(self, request: Request) -> JSONResponse:
        given = await body(request)
        self._sandbox.compliance(given["topic"], given.get("customer_id"))
        return JSONResponse({"sent": given["topic"]})

    async def customer(self, request: Request) -> JSONResponse:
        """`create`, `update`, or `merge` with `{"into": id}`."""
        customer_id, topic = request.path_params["id"], request.path_params["topic"]
        if topic == "merge":
            self._sandbox.merge_customers(int((await body(request))["into"]), customer_id)
        elif topic in ("create", "update"):
            self._sandbox.webhooks.customer(self._sandbox.state.customers[customer_id], f"customers/{topic}")
        else:
            raise ValueError(f"unknown topic {topic}")
        return JSONResponse({"sent": f"customers/{topic}"})

    async def create_discount(self, request: Request) -> JSONResponse:
        discount = self._sandbox.staff_create(await body(request))
        return JSONResponse(code_view(self._sandbox.state, discount), 201)

    async def edit_discount(self, request: Request) -> JSONResponse:
        discount = self._sandbox.staff_edit(request.path_params["code"], await body(request))
        return JSONResponse(code_view(self._sandbox.state, discount))

    async def delete_discount(self, request: Request) -> JSONResponse:
        self._sandbox.staff_delete(request.path_params["code"])
        return JSONResponse({"deleted": request.path_params["code"]})
