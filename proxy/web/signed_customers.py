"""The older way to a token: a page carries the customer's id, signed in Liquid, and changes it for a token."""

from typing import Annotated

from pydantic import ConfigDict, Field
from starlette.responses import Response

from proxy.auth.transient import Purpose
from proxy.domain.errors import NotFound
from proxy.web.body import read
from proxy.web.callers import signed_caller
from proxy.web.reads import show
from proxy.web.state import ProxyRequest, services
from proxy.web.storefront import profile_of
from proxy.web.wire import ExchangedOut, In


class SignedCustomerIn(In):
    """A customer's id, as text or as Liquid's number, and its signature."""

    model_config = ConfigDict(strict=False, coerce_numbers_to_str=True)

    id: Annotated[str, Field(max_length=20)]
    signature: Annotated[str, Field(max_length=64)]


async def post_signed_customer(request: ProxyRequest) -> Response:
    """`POST /shopify/api/v1/auth/token`: a token that reads and does not redeem; 404 while no shop has a secret.

    Source: https://docs.omneo.io/dev-guides/extensions/shopify-proxy
    """
    if not services(request).signed_customers:
        raise NotFound()
    body, _ = await read(request, SignedCustomerIn)
    site, caller = signed_caller(request, body.id, body.signature)
    customer = caller.signed_in()
    minted = site.transients.mint(customer, await profile_of(site, customer), Purpose.READING)
    return show(ExchangedOut.of(minted.token, minted.expires_s).model_dump_json().encode())
