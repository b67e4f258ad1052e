"""Routes that redeem, show and release a redemption, for customers and at tills."""

from starlette.responses import Response

from proxy.domain.caller import Caller, Surface
from proxy.domain.errors import NotFound
from proxy.domain.hold import ClaimKey, Wish
from proxy.domain.ids import parse_customer, parse_redemption
from proxy.domain.redemption import Place, Redemption
from proxy.domain.staff import AtTill, parse_approval
from proxy.services.redeem import Placed
from proxy.web.body import idempotency_key, read
from proxy.web.callers import customer_caller, staff_caller
from proxy.web.last_known import telling_last_known
from proxy.web.reads import show
from proxy.web.state import ProxyRequest, ShopServices, services
from proxy.web.wire_redemption import PosDeclaredIn, PosRedeemIn, RedeemIn, RedemptionOut


async def post_redemption(request: ProxyRequest) -> Response:
    """`POST /v1/redemptions`: set value aside and give the code that takes it off the cart."""
    site, caller = customer_caller(request)
    customer = caller.signed_in()
    key = idempotency_key(request)
    body, digest = await read(request, RedeemIn)
    await services(request).limits.write(caller, customer)
    wish = Wish(
        customer=customer,
        actor=caller.actor,
        place=Place(caller.surface, body.cart),
        amount=body.wanted(),
        benefit=body.benefit.id if body.benefit else None,
        key=ClaimKey(caller.shop, caller.surface, customer, "redemptions", key),
        body_hash=digest,
        take_over=body.take_over,
    )
    return await _redeemed(site, wish)


async def post_pos_redemption(request: ProxyRequest) -> Response:
    """`POST /v1/pos/redemptions`: the same at a till, for the customer on the cart."""
    site, caller = staff_caller(request)
    key = idempotency_key(request)
    body, digest = await read(request, PosRedeemIn)
    customer = parse_customer(body.customer_id)
    await services(request).limits.write(caller, customer)
    wish = Wish(
        customer=customer,
        actor=caller.actor,
        place=place_of(caller, body, body.cart),
        amount=body.wanted(),
        benefit=body.benefit.id if body.benefit else None,
        # At a till the one who repeats is the device, whoever is being served.
        key=ClaimKey(caller.shop, Surface.POS, f"{caller.staff}/{body.device_id or ''}", "redemptions", key),
        body_hash=digest,
        take_over=body.take_over,
        till=at_till(caller, body, body.approval),
    )
    return await _redeemed(site, wish)


async def get_redemption(request: ProxyRequest) -> Response:
    """`GET /v1/redemptions/{id}`: where it is, and every move that brought it there."""
    _, caller = customer_caller(request)
    return await _shown(request, await _own(request, caller))


async def get_pos_redemption(request: ProxyRequest) -> Response:
    """`GET /v1/pos/redemptions/{id}`: the same at a till."""
    _, caller = staff_caller(request)
    return await _shown(request, await _of_till(request, caller))


async def delete_redemption(request: ProxyRequest) -> Response:
    """`DELETE /v1/redemptions/{id}`: take it back; repeating it changes nothing."""
    site, caller = customer_caller(request)
    await services(request).limits.write(caller, caller.signed_in())
    return await _release(site, await _own(request, caller), caller)


async def delete_pos_redemption(request: ProxyRequest) -> Response:
    """`DELETE /v1/pos/redemptions/{id}`: the same at a till."""
    site, caller = staff_caller(request)
    limits = services(request).limits
    await limits.write(caller)
    redemption = await _of_till(request, caller)
    await limits.customer(redemption.shop, redemption.customer)
    return await _release(site, redemption, caller)


def place_of(caller: Caller, body: PosDeclaredIn, cart: str | None) -> Place:
    """Give where a till says that it is; without a member of staff it is its login."""
    return Place(Surface.POS, cart, body.location_id, body.staff_id or caller.staff, body.device_id)


def at_till(caller: Caller, body: PosDeclaredIn, approval: str | None = None) -> AtTill:
    """Give the login that was proven, with what it says beside the wish."""
    assert caller.staff is not None
    return AtTill(caller.staff, body.reason, parse_approval(approval) if approval is not None else None)


async def _redeemed(site: ShopServices, wish: Wish) -> Response:
    async with telling_last_known(site, wish.customer):
        return _placed(await site.redeem(site.shop, wish))


async def _release(site: ShopServices, redemption: Redemption, caller: Caller) -> Response:
    released = await site.release(site.shop, redemption, "removed", caller.actor)
    site.wake()
    return show(RedemptionOut.of(released).model_dump_json().encode())


async def _shown(request: ProxyRequest, redemption: Redemption) -> Response:
    journal = await services(request).redemptions.journal(redemption.id)
    return show(RedemptionOut.of(redemption, journal).model_dump_json().encode())


async def _own(request: ProxyRequest, caller: Caller) -> Redemption:
    """Give the caller's own redemption; somebody else's is not told from one that does not exist."""
    customer = caller.signed_in()
    redemption = await services(request).redemptions.get(parse_redemption(request.path_params["id"]))
    if redemption is None or redemption.shop != caller.shop or redemption.customer != customer:
        raise NotFound()
    return redemption


async def _of_till(request: ProxyRequest, caller: Caller) -> Redemption:
    redemption = await services(request).redemptions.get(parse_redemption(request.path_params["id"]))
    if redemption is None or redemption.shop != caller.shop or redemption.place.surface is not Surface.POS:
        raise NotFound()
    return redemption


def _placed(placed: Placed) -> Response:
    response = show(RedemptionOut.of(placed.redemption).model_dump_json().encode(), 201)
    if placed.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
