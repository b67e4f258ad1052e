"""Routes that show and claim benefits, for customers and at tills."""

import hashlib

from starlette.responses import Response

from proxy.domain.caller import Surface
from proxy.domain.hold import ClaimKey
from proxy.domain.ids import CustomerId, parse_customer
from proxy.services.claim_benefit import ClaimWish
from proxy.services.display import Shown, View
from proxy.web.body import idempotency_key, read
from proxy.web.callers import customer_caller, staff_caller
from proxy.web.reads import show, shown
from proxy.web.state import ProxyRequest, ShopServices, services
from proxy.web.wire_benefits import BenefitOut, BenefitsOut, ClaimIn, ClaimOut, PosClaimIn

_ROUTE = "claims"


async def get_benefits(request: ProxyRequest) -> Response:
    """`GET /v1/benefits`: what can be redeemed now that is not dollars, and what may be claimed."""
    site, caller = customer_caller(request)
    return show(await _shown(site, caller.signed_in(), caller.surface))


async def get_customer_benefits(request: ProxyRequest) -> Response:
    """`GET /v1/pos/customers/{id}/benefits`: the same for the customer on the cart, as a till may use it."""
    site, _ = staff_caller(request)
    return show(await _shown(site, parse_customer(request.path_params["id"]), Surface.POS))


async def post_claim(request: ProxyRequest) -> Response:
    """`POST /v1/benefits/claims`: have Omneo give the customer a benefit that is on offer."""
    site, caller = customer_caller(request)
    customer = caller.signed_in()
    key = idempotency_key(request)
    body, digest = await read(request, ClaimIn)
    await services(request).limits.write(caller, customer)
    scope = ClaimKey(caller.shop, caller.surface, customer, _ROUTE, key)
    return await _claimed(site, ClaimWish(customer, body.definition, scope, digest), caller.surface)


async def post_customer_claim(request: ProxyRequest) -> Response:
    """`POST /v1/pos/customers/{id}/benefits/claims`: the same at a till, for the customer on the cart."""
    site, caller = staff_caller(request)
    customer = parse_customer(request.path_params["id"])
    key = idempotency_key(request)
    body, digest = await read(request, PosClaimIn)
    await services(request).limits.write(caller, customer)
    scope = ClaimKey(caller.shop, Surface.POS, f"{caller.staff}/{body.device_id or ''}", _ROUTE, key)
    # The same key for another customer is another request, although its body says the same.
    asked = hashlib.sha256(f"{customer} {digest}".encode()).hexdigest()
    return await _claimed(site, ClaimWish(customer, body.definition, scope, asked), Surface.POS)


async def _shown(site: ShopServices, customer: CustomerId, surface: Surface) -> bytes:
    shop = site.shop

    async def load() -> Shown:
        return shown(BenefitsOut.of(await site.benefits(shop, customer, surface), surface))

    return await site.display.get(shop.domain, customer, View.BENEFITS, load, surface)


async def _claimed(site: ShopServices, wish: ClaimWish, surface: Surface) -> Response:
    claimed = await site.claim_benefit(site.shop, wish)
    benefit = await site.benefits.show(site.shop, claimed.benefit, surface)
    response = show(ClaimOut(benefit=BenefitOut.of(benefit, surface)).model_dump_json().encode(), 201)
    if claimed.replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response
