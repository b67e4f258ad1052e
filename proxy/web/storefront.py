"""The app proxy's root: a transient token for the theme, by the contract of Omneo's own app."""

from starlette.responses import Response

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import CustomerId, ProfileId
from proxy.web.callers import storefront_caller
from proxy.web.reads import show
from proxy.web.state import ProxyRequest, ShopServices
from proxy.web.wire import TokenOut


async def get_token(request: ProxyRequest) -> Response:
    """`GET /storefront`: `{token, expiry}`; anonymous when nobody is logged in.

    Source: https://docs.omneo.io/dev-guides/extensions/shopify-authentication
    """
    site, caller = storefront_caller(request)
    profile = await _profile(site, caller.customer) if caller.customer else None
    minted = site.transients.mint(caller.customer, profile)
    response = show(TokenOut(token=minted.token, expiry=minted.expires_s).model_dump_json().encode())
    response.headers["x-omneo-tenant"] = site.shop.tenant
    response.headers["x-omneo-is-anon"] = "false" if caller.customer else "true"
    return response


async def _profile(site: ShopServices, customer: CustomerId) -> ProfileId | None:
    # The token is worth having without it: only Omneo's own clients read the profile's id.
    try:
        profile = await site.customers.find(site.shop, customer)
    except UpstreamUnavailable:
        return None
    return profile.id if profile else None
