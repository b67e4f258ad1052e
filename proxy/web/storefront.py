"""The app proxy's root: a transient token for the theme, by the contract of Omneo's own app."""

from starlette.responses import Response

from proxy.auth.transient import TransientToken
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import CustomerId, ProfileId
from proxy.domain.loyalty import IdToken
from proxy.web.callers import storefront_caller
from proxy.web.reads import show
from proxy.web.state import ProxyRequest, ShopServices
from proxy.web.wire import OmneoTokenOut, TokenOut


async def get_token(request: ProxyRequest) -> Response:
    """`GET /storefront`: `{token, expiry}`; anonymous when nobody is logged in.

    Source: https://docs.omneo.io/dev-guides/extensions/shopify-authentication
    """
    site, caller = storefront_caller(request)
    profile = await profile_of(site, caller.customer) if caller.customer else None
    ours = site.transients.mint(caller.customer, profile)
    answer: TokenOut | OmneoTokenOut = TokenOut(token=ours.token, expiry=ours.expires_s)
    if site.id_tokens is not None:
        # An anonymous one would let the page make a second profile of a customer who is about to have one.
        pending = caller.customer is not None and profile is None
        answer = _beside(None if pending else await site.id_tokens.of(site.shop, profile), ours)
    response = show(answer.model_dump_json().encode())
    response.headers["x-omneo-tenant"] = site.shop.tenant
    response.headers["x-omneo-is-anon"] = "false" if caller.customer else "true"
    return response


async def profile_of(site: ShopServices, customer: CustomerId) -> ProfileId | None:
    """Give the profile's id for a token; None when it is not known now."""
    # The token is worth having without it: only Omneo's own clients read the profile's id.
    try:
        profile = await site.customers.find(site.shop, customer)
    except UpstreamUnavailable:
        return None
    return profile.id if profile else None


def _beside(omneos: IdToken | None, ours: TransientToken) -> OmneoTokenOut:
    # Ours is never put in the place of Omneo's: who reads `token` here asks Omneo itself, and Omneo refuses ours.
    return OmneoTokenOut(
        token=omneos.token if omneos else None,
        expiry=omneos.expires_s if omneos else None,
        proxy_token=ours.token,
        proxy_expiry=ours.expires_s,
    )
