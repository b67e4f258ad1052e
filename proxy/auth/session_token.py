"""Proof by the tokens that Shopify gives to UI extensions: a customer's, or a device login's at POS."""

import re
from collections.abc import Callable
from typing import Final

from proxy.auth.token import Claims, Verified, VerifiedTokens, Window, bearer, opened
from proxy.domain.caller import Caller, Surface
from proxy.domain.errors import Unauthenticated
from proxy.domain.ids import CustomerId, StaffId
from proxy.domain.shop import Shop

__all__ = ["SessionTokenVerifier", "bearer"]

# A customer's token lives 5 minutes and a device's 1: this holds the callers of five busy minutes in a few MB.
_REMEMBERED: Final = 10_000
_CUSTOMER: Final = re.compile(r"gid://shopify/Customer/([1-9][0-9]{0,19})", re.ASCII)
_USER: Final = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)


class SessionTokenVerifier:
    """Verifies one shop's tokens, by surface: one key signs them all, so only the claims tell them apart.

    `iss` does not: checkout tokens carry it in practice. `jti` is no nonce: clients repeat a token while it is good.
    Not for several threads at once. Source: https://shopify.dev/docs/apps/build/authentication-authorization/id-tokens
    """

    def __init__(self, shop: Shop, now_s: Callable[[], float], remembered: int = _REMEMBERED) -> None:
        if not shop.client_secrets or not all(shop.client_secrets):
            raise ValueError("at least one secret is needed and none may be empty")
        self._shop = shop
        # One memory a surface: what one rule has proven says nothing to the other.
        self._customers = VerifiedTokens(self._prove_customer, now_s, remembered)
        self._staff = VerifiedTokens(self._prove_staff, now_s, remembered)

    def verify_customer(self, token: str) -> Caller:
        """Prove a checkout or customer-account token; without `sub` the caller is a guest.

        `sub` is absent when nobody is logged in, and also when the app may not read customers.
        Source: https://shopify.dev/docs/api/checkout-ui-extensions/latest/target-apis/platform-apis/session-token-api
        """
        return self._customers.verify(token)

    def verify_staff(self, token: str) -> Caller:
        """Prove a POS token: the shop and the login of the device, not who stands at the till.

        Source: https://shopify.dev/docs/apps/build/pos/communicate-with-server
        """
        return self._staff.verify(token)

    def _prove_customer(self, token: str) -> Verified:
        claims, window = self._claims(token)
        if "sid" in claims:
            raise Unauthenticated("token_of_another_surface")
        customer = None
        if "sub" in claims:
            match = _CUSTOMER.fullmatch(claims["sub"]) if isinstance(claims["sub"], str) else None
            if match is None:
                raise Unauthenticated("token_of_another_surface")
            customer = CustomerId(match[1])
        return Verified(Caller(self._shop.domain, Surface.CHECKOUT, customer), window)

    def _prove_staff(self, token: str) -> Verified:
        claims, window = self._claims(token)
        sid, sub = claims.get("sid"), claims.get("sub")
        if not isinstance(sid, str) or not sid or not claims["dest"].startswith("https://"):
            raise Unauthenticated("token_of_another_surface")
        if not isinstance(sub, str) or not _USER.fullmatch(sub):
            raise Unauthenticated("token_of_another_surface")
        return Verified(Caller(self._shop.domain, Surface.POS, staff=StaffId(sub)), window)

    def _claims(self, token: str) -> tuple[Claims, Window]:
        """Check all that holds on every surface."""
        found = next(filter(None, (opened(token, secret) for secret in self._shop.client_secrets)), None)
        if found is None:
            raise Unauthenticated("token_signature_wrong")
        claims = found[1]
        window = Window.of(claims)
        # A list would be legal in a JWT, but Shopify issues none.
        if claims.get("aud") != self._shop.client_id:
            raise Unauthenticated("token_audience_foreign")
        # Checkout and customer accounts say the bare host, POS the URL.
        dest = claims.get("dest")
        if not isinstance(dest, str) or dest.removeprefix("https://") != self._shop.domain:
            raise Unauthenticated("token_shop_foreign")
        if "iss" in claims and not self._ours(claims["iss"]):
            raise Unauthenticated("token_issuer_foreign")
        if not isinstance(claims.get("jti", ""), str):
            raise Unauthenticated("token_malformed")
        return claims, window

    def _ours(self, issuer: object) -> bool:
        return isinstance(issuer, str) and issuer.removeprefix("https://").split("/", 1)[0] == self._shop.domain
