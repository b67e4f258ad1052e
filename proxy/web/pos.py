"""Routes that show a cashier the customer on the cart."""

from starlette.responses import Response

from proxy.domain.ids import parse_customer
from proxy.services.display import Shown, View
from proxy.web.body import paging
from proxy.web.callers import staff_caller
from proxy.web.reads import history_of, show, shown
from proxy.web.state import ProxyRequest
from proxy.web.wire_profile import OverviewOut


async def get_customer(request: ProxyRequest) -> Response:
    """`GET /v1/pos/customers/{id}`: profile, tier, balance and number of benefits in one call."""
    site, _ = staff_caller(request)
    shop, customer = site.shop, parse_customer(request.path_params["id"])

    async def load() -> Shown:
        overview = await site.overviews.overview(shop, customer)
        # Nobody waits ten seconds for a balance that may be there again in one.
        whole = overview is None or "balance" not in overview.missing
        return shown(OverviewOut.of(overview), whole=whole)

    return show(await site.display.get(shop.domain, customer, View.OVERVIEW, load))


async def get_customer_history(request: ProxyRequest) -> Response:
    """`GET /v1/pos/customers/{id}/history`: as the customer sees it."""
    site, _ = staff_caller(request)
    customer = parse_customer(request.path_params["id"])
    return show(await history_of(site, customer, *paging(request)))
