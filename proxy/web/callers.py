"""From a request to its proven caller; each function accepts one kind of surface only."""

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache

from proxy.auth.session_token import bearer
from proxy.auth.shops import by_audience, by_dest, by_shop
from proxy.domain.caller import Caller
from proxy.domain.ids import ShopDomain
from proxy.web.headers import proof
from proxy.web.state import ProxyRequest, Services, ShopServices, services


def customer_caller(request: ProxyRequest) -> tuple[ShopServices, Caller]:
    """Prove a checkout, customer-account or transient token; a POS token is refused."""
    found = services(request)
    token = bearer(proof(request, b"authorization", "authorization"))
    if _names_a_key(token):
        site = _only(found.shops) or by_audience(token, found.shops)
        return site, _counted(found, site.transients.verify(token))
    site = _only(found.shops) or by_dest(token, found.shops)
    return site, _counted(found, site.sessions.verify_customer(token))


def reading_caller(request: ProxyRequest) -> tuple[ShopServices, Caller]:
    """Prove a transient token of any purpose, anonymous ones too; Shopify's tokens are refused."""
    found = services(request)
    token = bearer(proof(request, b"authorization", "authorization"))
    site = _only(found.shops) or by_audience(token, found.shops)
    return site, _counted(found, site.transients.verify_reader(token))


def signed_caller(request: ProxyRequest, customer: str, signature: str) -> tuple[ShopServices, Caller]:
    """Prove a customer's id that a theme signed; the shop is the one whose secret did."""
    found = services(request)
    caller = found.signed_customers.verify(customer, signature)
    return found.shops[caller.shop], _counted(found, caller)


def staff_caller(request: ProxyRequest) -> tuple[ShopServices, Caller]:
    """Prove a POS token; a customer's token is refused."""
    found = services(request)
    token = bearer(proof(request, b"authorization", "authorization"))
    site = _only(found.shops) or by_dest(token, found.shops)
    return site, _counted(found, site.sessions.verify_staff(token))


def storefront_caller(request: ProxyRequest) -> tuple[ShopServices, Caller]:
    """Prove a query that Shopify's app proxy signed."""
    query: bytes = request.scope["query_string"]
    found = services(request)
    site = by_shop(query, found.shops)
    return site, _counted(found, site.app_proxy.verify(query))


def _counted(found: Services, caller: Caller) -> Caller:
    # Here, so that no route can forget it; and after the proof, so that nobody counts against somebody else.
    found.limits.request(caller)
    return caller


def _only(shops: Mapping[ShopDomain, ShopServices]) -> ShopServices | None:
    # One shop is the common case, and then the choice costs no decoding of an unproven token.
    return next(iter(shops.values())) if len(shops) == 1 else None


def _names_a_key(token: str) -> bool:
    """Tell our own tokens from Shopify's, which name no key; a wrong guess only meets the stricter verifier."""
    return _head_names_a_key(token.partition(".")[0])


@lru_cache(maxsize=64)  # each issuer writes the same head over and over
def _head_names_a_key(head: str) -> bool:
    try:
        return b'"kid"' in base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (binascii.Error, ValueError):
        return False
