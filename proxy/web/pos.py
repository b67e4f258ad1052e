"""Routes that show a cashier the customer on the cart."""

from starlette.responses import Response

from proxy.domain.ids import parse_customer
from proxy.domain.shop import Shop
from proxy.services.display import Shown, View
from proxy.services.overview import Overview
from proxy.web.body import paging
from proxy.web.callers import staff_caller
from proxy.web.reads import benefits_of, history_of, show, shown
from proxy.web.state import ProxyRequest
from proxy.web.wire import RedemptionOut, balance_out, expiring_out
from proxy.web.wire_reads import OverviewOut, ProfileOut, TierOut


async def get_customer(request: ProxyRequest) -> Response:
    """`GET /v1/pos/customers/{id}`: profile, tier, balance and number of benefits in one call."""
    site, _ = staff_caller(request)
    shop, customer = site.shop, parse_customer(request.path_params["id"])

    async def load() -> Shown:
        return shown(_written(shop, await site.overviews.overview(shop, customer)))

    return show(await site.display.get(shop.domain, customer, View.OVERVIEW, load))


async def get_customer_benefits(request: ProxyRequest) -> Response:
    """`GET /v1/pos/customers/{id}/benefits`: as the customer sees them."""
    site, _ = staff_caller(request)
    return show(await benefits_of(site, parse_customer(request.path_params["id"])))


async def get_customer_history(request: ProxyRequest) -> Response:
    """`GET /v1/pos/customers/{id}/history`: as the customer sees it."""
    site, _ = staff_caller(request)
    customer = parse_customer(request.path_params["id"])
    return show(await history_of(site, customer, *paging(request)))


def _written(shop: Shop, overview: Overview | None) -> OverviewOut:
    if overview is None:
        return OverviewOut(status="pending_profile")
    profile, wallet = overview.profile, overview.wallet
    return OverviewOut(
        status="active",
        profile=ProfileOut(
            first_name=profile.first_name,
            last_name=profile.last_name,
            type=profile.type,
            tier=profile.tier,
            joined_at=profile.joined_at,
        ),
        tier=TierOut.of(overview.tier) if overview.tier else None,
        balance=balance_out(wallet) if wallet else None,
        expiring_next=expiring_out(shop, wallet) if wallet else None,
        benefits=overview.benefits,
        redemption=RedemptionOut.of(wallet.redemption) if wallet and wallet.redemption else None,
        missing=list(overview.missing),
        stale=wallet.stale if wallet else False,
    )
