"""Routes that show benefits, to customers and at tills."""

from starlette.responses import Response

from proxy.domain.caller import Surface
from proxy.domain.ids import CustomerId, parse_customer
from proxy.services.display import Shown, View
from proxy.web.callers import customer_caller, staff_caller
from proxy.web.reads import show, shown
from proxy.web.state import ProxyRequest, ShopServices
from proxy.web.wire_benefits import BenefitsOut


async def get_benefits(request: ProxyRequest) -> Response:
    """`GET /v1/benefits`: what can be redeemed now that is not dollars, and what may be claimed."""
    site, caller = customer_caller(request)
    return show(await _shown(site, caller.signed_in(), caller.surface))


async def get_customer_benefits(request: ProxyRequest) -> Response:
    """`GET /v1/pos/customers/{id}/benefits`: the same for the customer on the cart, as a till may use it."""
    site, _ = staff_caller(request)
    return show(await _shown(site, parse_customer(request.path_params["id"]), Surface.POS))


async def _shown(site: ShopServices, customer: CustomerId, surface: Surface) -> bytes:
    shop = site.shop

    async def load() -> Shown:
        return shown(BenefitsOut.of(await site.benefits(shop, customer, surface), surface))

    return await site.display.get(shop.domain, customer, View.BENEFITS, load, surface)
