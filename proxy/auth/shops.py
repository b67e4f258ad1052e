"""Which shop's verifier to ask, from what a request claims; the claim proves nothing until that verifier agrees."""

from collections.abc import Mapping
from typing import TypeVar

from proxy.auth.query import parse
from proxy.auth.token import opened, well_formed
from proxy.domain.errors import Unauthenticated
from proxy.domain.ids import ShopDomain

V = TypeVar("V")


def by_dest(token: str, verifiers: Mapping[ShopDomain, V]) -> V:
    """Choose by a session token's `dest`."""
    return _pick(_claim(token, "dest"), verifiers)


def by_audience(token: str, verifiers: Mapping[ShopDomain, V]) -> V:
    """Choose by the `aud` of a transient token."""
    return _pick(_claim(token, "aud"), verifiers)


def by_shop(query_string: bytes, verifiers: Mapping[ShopDomain, V]) -> V:
    """Choose by the `shop` of an app-proxy query."""
    named = [value for name, value in parse(query_string) if name == b"shop"]
    if len(named) != 1:
        raise Unauthenticated("shop_repeated" if named else "shop_missing")
    return _pick(named[0].decode("latin-1"), verifiers)


def by_header(domain: bytes | None, verifiers: Mapping[ShopDomain, V]) -> V:
    """Choose by a webhook's `X-Shopify-Shop-Domain`.

    Shops that share an app share its secret, so there the body's proof does not reach this choice.
    """
    if domain is None:
        raise Unauthenticated("shop_missing")
    return _pick(domain.decode("latin-1"), verifiers)


def _claim(token: str, name: str) -> str:
    found = opened(well_formed(token), None)
    value = found[1].get(name) if found else None
    if not isinstance(value, str):
        raise Unauthenticated("token_malformed")
    return value.removeprefix("https://")


def _pick(domain: str, verifiers: Mapping[ShopDomain, V]) -> V:
    verifier = verifiers.get(ShopDomain(domain))
    if verifier is None:
        raise Unauthenticated("shop_unknown")
    return verifier
