"""Routes that show a customer's own rewards and history."""

from starlette.responses import Response

from proxy.domain.ids import CustomerId
from proxy.services.display import Shown, View, page_key
from proxy.web.body import paging
from proxy.web.callers import customer_caller
from proxy.web.state import ProxyRequest, ShopServices
from proxy.web.wire_benefits import BenefitsOut
from proxy.web.wire_history import HistoryOut, TransactionOut
from proxy.web.wire_profile import OverviewOut, StandingOut
from proxy.web.wire_rewards import RewardsOut


class Json(Response):
    """JSON that is ready; personal, so nothing between us and the customer may keep it.

    The headers are written here because Starlette's general way costs as much as the rest of a warm read.
    """

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"cache-control", b"private, no-store"),
        ]


def show(body: bytes, status: int = 200) -> Response:
    """Answer with JSON that is ready."""
    return Json(body, status)


def shown(answer: RewardsOut | BenefitsOut | HistoryOut | OverviewOut | StandingOut, *, whole: bool = True) -> Shown:
    """Write an answer once for all who ask; one that says "not yet", or lacks what matters, is not kept."""
    return Shown(answer.model_dump_json().encode(), lasting=whole and answer.status != "pending_profile")


async def get_rewards(request: ProxyRequest) -> Response:
    """`GET /v1/rewards`: balance, rewards by expiry, policy and what is open."""
    site, caller = customer_caller(request)
    shop, customer = site.shop, caller.signed_in()
    warm = site.display.ready(shop.domain, customer, View.REWARDS)
    if warm is not None:
        return Json(warm)

    async def load() -> Shown:
        return shown(RewardsOut.of(shop, await site.rewards(shop, customer)))

    return show(await site.display.get(shop.domain, customer, View.REWARDS, load))


async def get_tier(request: ProxyRequest) -> Response:
    """`GET /v1/tier`: where the customer stands between two tiers."""
    site, caller = customer_caller(request)
    shop, customer = site.shop, caller.signed_in()

    async def load() -> Shown:
        return shown(StandingOut.of(await site.overviews.tier(shop, customer)))

    return show(await site.display.get(shop.domain, customer, View.TIER, load))


async def get_history(request: ProxyRequest) -> Response:
    """`GET /v1/history`: sales of all channels, newest first, paged."""
    site, caller = customer_caller(request)
    return show(await history_of(site, caller.signed_in(), *paging(request)))


async def history_of(site: ShopServices, customer: CustomerId, page: int, size: int) -> bytes:
    """Give one page of a customer's history as bytes."""

    async def load() -> Shown:
        history = await site.overviews.history(site.shop, customer, page, size)
        if history is None:
            return shown(HistoryOut(status="pending_profile", page=page, size=size))
        return shown(
            HistoryOut(
                status="active",
                transactions=[TransactionOut.of(sale) for sale in history.value.items],
                page=page,
                size=size,
                total=history.value.total,
                more=history.value.more,
                stale=history.stale,
            )
        )

    return await site.display.get(site.shop.domain, customer, View.HISTORY, load, page_key(page, size))
