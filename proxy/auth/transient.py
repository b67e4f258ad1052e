"""Our own short-lived token, with which a theme speaks for the customer whom the app proxy proved."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Final

import jwt

from proxy.auth.token import Verified, VerifiedTokens, Window, opened
from proxy.domain.caller import Caller, Surface
from proxy.domain.errors import Unauthenticated
from proxy.domain.ids import CustomerId, ProfileId, ShopDomain

ISSUER: Final = "omneo-redemption-proxy"
# Omneo's clients expect the claim in an anonymous token too, and there it is this text.
NO_PROFILE: Final = "null"

_REMEMBERED: Final = 10_000
_MIN_KEY_BYTES: Final = 32  # RFC 7518 §3.2: HS256 wants a key as long as its hash
_CUSTOMER: Final = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)


class Purpose(StrEnum):
    """What a token is good for: all of a customer's routes, or nothing but reading through the gateway."""

    STOREFRONT = "storefront"
    READING = "reading"


@dataclass(frozen=True, slots=True)
class TransientKey:
    """A key of our own; taking it out of the settings revokes every token that it signed."""

    kid: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.kid or len(self.secret.encode()) < _MIN_KEY_BYTES:
            raise ValueError(f"a transient key needs a kid and at least {_MIN_KEY_BYTES} bytes of secret")


@dataclass(frozen=True, slots=True)
class TransientToken:
    """What the theme gets."""

    token: str = field(repr=False)
    expires_s: int


class TransientTokens:
    """Mints with the first key and verifies with all, for one shop. Not for several threads at once."""

    def __init__(
        self,
        shop: ShopDomain,
        keys: Sequence[TransientKey],
        now_s: Callable[[], float],
        new_id: Callable[[], str],
        lifetime_s: int,
        remembered: int = _REMEMBERED,
    ) -> None:
        self._keys = {key.kid: key for key in keys}
        if not keys or len(self._keys) != len(keys):
            raise ValueError("at least one transient key is needed, each with a kid of its own")
        self._shop = shop
        self._current = keys[0]
        self._now_s = now_s
        self._new_id = new_id
        self._lifetime_s = lifetime_s
        # One memory each: what is proven for one purpose is not proven for all.
        self._verified = VerifiedTokens(partial(self._prove, (Purpose.STOREFRONT,)), now_s, remembered)
        self._readers = VerifiedTokens(partial(self._prove, tuple(Purpose)), now_s, remembered)

    def mint(
        self,
        customer: CustomerId | None,
        profile: ProfileId | None = None,
        purpose: Purpose = Purpose.STOREFRONT,
    ) -> TransientToken:
        """Issue a token; a customer may have no profile yet, a visitor who is not logged in has neither.

        `pid` and `exp` are what Omneo's clients read. Source: https://docs.omneo.io/dev-guides/frontend/omneo-id
        """
        if customer is None and profile is not None:
            raise ValueError("a profile needs a customer")
        now = int(self._now_s())
        claims = {
            "iss": ISSUER,
            "aud": self._shop,
            "pid": profile or NO_PROFILE,
            "purpose": purpose.value,
            "iat": now,
            "nbf": now,
            "exp": now + self._lifetime_s,
            "jti": self._new_id(),
        }
        if customer is not None:
            claims["sub"] = customer
        key = self._current
        token = jwt.encode(claims, key.secret, algorithm="HS256", headers={"kid": key.kid})
        return TransientToken(token, now + self._lifetime_s)

    def verify(self, token: str) -> Caller:
        """Prove a token of ours; an anonymous one gives a caller without a customer."""
        return self._verified.verify(token)

    def verify_reader(self, token: str) -> Caller:
        """Prove a token of ours that may read through the gateway, whatever else it may do."""
        return self._readers.verify(token)

    def _prove(self, purposes: Sequence[str], token: str) -> Verified:
        named = opened(token, None)
        key = self._keys.get(named[0].get("kid", "")) if named else None
        if key is None:
            raise Unauthenticated("token_key_unknown")
        found = opened(token, key.secret)
        if found is None:
            raise Unauthenticated("token_signature_wrong")
        claims = found[1]
        window = Window.of(claims)
        if claims.get("iss") != ISSUER or claims.get("purpose") not in purposes:
            raise Unauthenticated("token_purpose_foreign")
        if claims.get("aud") != self._shop:
            raise Unauthenticated("token_audience_foreign")
        profile, customer = claims.get("pid"), claims.get("sub")
        if not isinstance(profile, str) or not profile:
            raise Unauthenticated("token_malformed")
        if "sub" not in claims:
            if profile != NO_PROFILE:
                raise Unauthenticated("token_malformed")
            return Verified(Caller(self._shop, Surface.STOREFRONT), window)
        if not isinstance(customer, str) or not _CUSTOMER.fullmatch(customer):
            raise Unauthenticated("token_malformed")
        return Verified(Caller(self._shop, Surface.STOREFRONT, CustomerId(customer)), window)
