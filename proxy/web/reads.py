"""Routes that show a customer's own rewards, benefits and history."""

from starlette.responses import Response

from proxy.domain.ids import CustomerId
from proxy.domain.shop import Shop
from proxy.services.display import View
from proxy.web.body import paging
from proxy.web.callers import customer_caller
from proxy.web.state import ProxyRequest, Services, services
from proxy.web.wire import BenefitOut, BenefitsOut, HistoryOut, RewardsOut, TransactionOut

# Personal, so nothing between us and the customer may keep it.
_HEADERS = {"Cache-Control": "private, no-store"}


def show(body: bytes, status: int = 200) -> Response:
    """Answer with JSON that is ready."""
    return Response(body, status, _HEADERS, media_type="application/json")


async def get_rewards(request: ProxyRequest) -> Response:
    """`GET /v1/rewards`: balance, rewards by expiry, policy and the open redemption."""
    shop, caller = customer_caller(request)
    customer = caller.signed_in()
    found = services(request)

    async def load() -> bytes:
        return RewardsOut.of(shop, await found.rewards(shop, customer)).model_dump_json().encode()

    return show(await found.display.get(shop.domain, customer, View.REWARDS, load))


async def get_benefits(request: ProxyRequest) -> Response:
    """`GET /v1/benefits`: what can be redeemed now that is not dollars."""
    shop, caller = customer_caller(request)
    return show(await benefits_of(services(request), shop, caller.signed_in()))


async def get_history(request: ProxyRequest) -> Response:
    """`GET /v1/history`: sales of all channels, newest first, paged."""
    shop, caller = customer_caller(request)
    return show(await history_of(services(request), shop, caller.signed_in(), *paging(request)))


async def benefits_of(found: Services, shop: Shop, customer: CustomerId) -> bytes:
    """Give a customer's benefits as bytes."""

    async def load() -> bytes:
        benefits = await found.overviews.benefits(shop, customer)
        if benefits is None:
            return BenefitsOut(status="pending_profile").model_dump_json().encode()
        listed = [BenefitOut.of(benefit) for benefit in benefits.value]
        return BenefitsOut(status="active", benefits=listed, stale=benefits.stale).model_dump_json().encode()

    return await found.display.get(shop.domain, customer, View.BENEFITS, load)


async def history_of(found: Services, shop: Shop, customer: CustomerId, page: int, size: int) -> bytes:
    """Give one page of a customer's history as bytes."""

    async def load() -> bytes:
        history = await found.overviews.history(shop, customer, page, size)
        if history is None:
            return HistoryOut(status="pending_profile", page=page, size=size).model_dump_json().encode()
        return (
            HistoryOut(
                status="active",
                transactions=[TransactionOut.of(sale) for sale in history.value.items],
                page=page,
                size=size,
                total=history.value.total,
                more=history.value.more,
                stale=history.stale,
            )
            .model_dump_json()
            .encode()
        )

    return await found.display.get(shop.domain, customer, View.HISTORY, load, f"{page}/{size}")
