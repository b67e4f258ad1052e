"""From a request to its proven caller; each function accepts one kind of surface only."""

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache
from typing import TypeVar

from proxy.auth.session_token import bearer
from proxy.auth.shops import by_audience, by_dest, by_shop
from proxy.domain.caller import Caller
from proxy.domain.ids import ShopDomain
from proxy.domain.shop import Shop
from proxy.web.state import ProxyRequest, services

V = TypeVar("V")


def customer_caller(request: ProxyRequest) -> tuple[Shop, Caller]:
    """Prove a checkout, customer-account or transient token; a POS token is refused."""
    found = services(request)
    token = bearer(_header(request, b"authorization"))
    verifiers = found.verifiers
    if _names_a_key(token):
        transient = _only(verifiers.transients) or by_audience(token, verifiers.transients)
        caller = transient.verify(token)
    else:
        session = _only(verifiers.sessions) or by_dest(token, verifiers.sessions)
        caller = session.verify_customer(token)
    return found.shops[caller.shop], caller


def staff_caller(request: ProxyRequest) -> tuple[Shop, Caller]:
    """Prove a POS token; a customer's token is refused."""
    found = services(request)
    token = bearer(_header(request, b"authorization"))
    session = _only(found.verifiers.sessions) or by_dest(token, found.verifiers.sessions)
    caller = session.verify_staff(token)
    return found.shops[caller.shop], caller


def storefront_caller(request: ProxyRequest) -> tuple[Shop, Caller]:
    """Prove a query that Shopify's app proxy signed."""
    found = services(request)
    query: bytes = request.scope["query_string"]
    caller = by_shop(query, found.verifiers.app_proxies).verify(query)
    return found.shops[caller.shop], caller


def _header(request: ProxyRequest, name: bytes) -> bytes | None:
    for key, value in request.scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def _only(verifiers: Mapping[ShopDomain, V]) -> V | None:
    # One shop is the common case, and then the choice costs no decoding of an unproven token.
    return next(iter(verifiers.values())) if len(verifiers) == 1 else None


def _names_a_key(token: str) -> bool:
    """Tell our own tokens from Shopify's, which name no key; a wrong guess only meets the stricter verifier."""
    return _head_names_a_key(token.partition(".")[0])


@lru_cache(maxsize=64)  # each issuer writes the same head over and over
def _head_names_a_key(head: str) -> bool:
    try:
        return b'"kid"' in base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (binascii.Error, ValueError):
        return False
