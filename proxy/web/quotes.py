"""Routes that say what could be redeemed, for customers and at tills, without holding anything."""

from dataclasses import replace

from starlette.responses import Response

from proxy.domain.caller import Caller
from proxy.domain.ids import CustomerId, parse_customer
from proxy.domain.quote import QuoteWish
from proxy.domain.redemption import Place
from proxy.web.body import read
from proxy.web.callers import customer_caller, staff_caller
from proxy.web.last_known import telling_last_known
from proxy.web.reads import show
from proxy.web.redemptions import at_till, place_of
from proxy.web.state import ProxyRequest, ShopServices, services
from proxy.web.wire_quote import PosQuoteIn, QuoteIn, QuoteOut


async def post_quote(request: ProxyRequest) -> Response:
    """`POST /v1/redemptions/quote`: what a redemption of this cart would be granted or refused."""
    site, caller = customer_caller(request)
    customer = caller.signed_in()
    body, _ = await read(request, QuoteIn)
    await _count(request, caller, customer, body)
    return await _quoted(site, _wish(customer, Place(caller.surface, body.cart.token), body))


async def post_pos_quote(request: ProxyRequest) -> Response:
    """`POST /v1/pos/redemptions/quote`: the same at a till, by its rules."""
    site, caller = staff_caller(request)
    body, _ = await read(request, PosQuoteIn)
    customer = parse_customer(body.customer_id)
    await _count(request, caller, customer, body)
    wish = _wish(customer, place_of(caller, body, body.cart.token), body)
    return await _quoted(site, replace(wish, till=at_till(caller, body)))


async def _count(request: ProxyRequest, caller: Caller, customer: CustomerId, body: QuoteIn) -> None:
    # Benefits are read from Omneo each time, and a code that nobody asked about before from Shopify: as dear as a
    # redemption, and bounded with them.
    if body.cart.codes or body.benefits:
        await services(request).limits.write(caller, customer)


def _wish(customer: CustomerId, place: Place, body: QuoteIn) -> QuoteWish:
    return QuoteWish(
        customer=customer,
        place=place,
        basket=body.cart.basket(),
        amount=body.amount.money() if body.amount is not None else None,
        benefits=body.wanted(),
        take_over=body.take_over,
    )


async def _quoted(site: ShopServices, wish: QuoteWish) -> Response:
    async with telling_last_known(site, wish.customer):
        quote = await site.tills.quote(site.shop, wish)
    return show(QuoteOut.of(quote).model_dump_json().encode())
