"""Proof that Shopify forwarded a storefront request, and for which customer."""

import re
from collections import Counter
from collections.abc import Callable

from proxy.auth.mac import Mac
from proxy.auth.query import canonical, parse
from proxy.domain.caller import Caller, Surface
from proxy.domain.errors import Unauthenticated
from proxy.domain.ids import CustomerId, ShopDomain
from proxy.domain.shop import Shop

# Shopify mandates no window; its libraries use 90 s and its security probe expects 120 s to be refused.
# Source: https://shopify.dev/docs/apps/build/security/app-security-checks
WINDOW_S = 90

_PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        b"signature": rb"[0-9a-f]{64}",
        b"shop": rb"[a-z0-9][a-z0-9-]*\.myshopify\.com",
        b"timestamp": rb"[1-9][0-9]{8,10}",
        b"path_prefix": rb"/(?:a|apps|community|tools)/[A-Za-z0-9_-]{1,30}",
        b"logged_in_customer_id": rb"(?:[1-9][0-9]{0,19})?",
    }.items()
}
_SIGNED_TOKENS = tuple(name + b"=" for name in _PATTERNS if name != b"signature")


def expected_signature(query: bytes, secret: str) -> str:
    """Compute the `signature` that Shopify gives these parameters; says nothing about who is calling.

    Source: https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies
    """
    return Mac([secret]).digests(_signed(parse(query)))[0].hex()


class AppProxyVerifier:
    """Verifies the queries that Shopify's app proxy signs for one shop.

    The signature covers neither method, path nor body, and is good for any of them while its window lasts. Of the
    query only the reserved parameters are proven: a visitor's own may have been cut otherwise, so never read them.
    """

    def __init__(self, shop: Shop, now_s: Callable[[], float]) -> None:
        self._domain: ShopDomain = shop.domain
        self._expected_shop = shop.domain.encode()
        self._mac = Mac(shop.client_secrets)
        self._now_s = now_s

    def verify(self, query_string: bytes) -> Caller:
        """Prove the raw query of a request; a visitor who is not logged in has no customer.

        Raises `Unauthenticated` only. Neither log nor echo the query: its signature works for anyone.
        """
        pairs = parse(query_string)
        values = _reserved(pairs)
        signed = _signed(pairs)
        if not self._mac.proves(signed, bytes.fromhex(values[b"signature"].decode())):
            raise Unauthenticated("signature_wrong")
        # One MAC fits every ascending way to cut the signed bytes into name=value pieces, and a visitor chooses some
        # of these bytes. When each reserved token occurs once, a re-cut must use the genuine occurrence, whose value
        # the strict patterns keep from growing, and the ascending order from shrinking.
        if any(signed.count(token) != 1 for token in _SIGNED_TOKENS):
            raise Unauthenticated("query_ambiguous")
        if abs(self._now_s() - int(values[b"timestamp"])) > WINDOW_S:
            raise Unauthenticated("timestamp_outside_window")
        if values[b"shop"] != self._expected_shop:
            raise Unauthenticated("shop_foreign")
        customer = values[b"logged_in_customer_id"].decode()
        return Caller(self._domain, Surface.STOREFRONT, CustomerId(customer) if customer else None)


def _reserved(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    times = Counter(name for name, _ in pairs)
    values = dict(pairs)
    for name, pattern in _PATTERNS.items():
        if times[name] != 1:
            raise Unauthenticated(f"{name.decode()}_{'repeated' if times[name] else 'missing'}")
        if not pattern.fullmatch(values[name]):
            raise Unauthenticated(f"{name.decode()}_malformed")
    return values


def _signed(pairs: list[tuple[bytes, bytes]]) -> bytes:
    return canonical(pair for pair in pairs if pair[0] != b"signature")
