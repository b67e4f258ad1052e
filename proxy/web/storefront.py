"""The app proxy's root: a transient token for the theme, by the contract of Omneo's own app."""

from starlette.responses import Response

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.shop import Shop
from proxy.web.callers import storefront_caller
from proxy.web.reads import show
from proxy.web.state import ProxyRequest, Services, services
from proxy.web.wire import TokenOut


async def get_token(request: ProxyRequest) -> Response:
    """`GET /storefront`: `{token, expiry}`; anonymous when nobody is logged in.

    Source: https://docs.omneo.io/dev-guides/extensions/shopify-authentication
    """
    shop, caller = storefront_caller(request)
    found = services(request)
    profile = await _profile(found, shop, caller.customer) if caller.customer else None
    minted = found.verifiers.transients[shop.domain].mint(caller.customer, profile)
    response = show(TokenOut(token=minted.token, expiry=minted.expires_s).model_dump_json().encode())
    response.headers["x-omneo-tenant"] = shop.tenant
    response.headers["x-omneo-is-anon"] = "false" if caller.customer else "true"
    return response


async def _profile(found: Services, shop: Shop, customer: CustomerId) -> ProfileId | None:
    # The token is worth having without it: only Omneo's own clients read the profile's id.
    try:
        profile = await found.customers.find(shop, customer)
    except UpstreamUnavailable:
        return None
    return profile.id if profile else None
