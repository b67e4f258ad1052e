"""What every signed token has to satisfy, whoever issued it: HS256, bounded size, a time window."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from cachetools import LRUCache
from jwt import PyJWS, PyJWTError

from proxy.domain.caller import Caller
from proxy.domain.errors import Unauthenticated

Claims = dict[str, Any]

MAX_TOKEN_CHARS = 8192
# What Shopify's own libraries allow for clocks that differ, in both directions.
LEEWAY_S = 10

# No padding and no other alphabet: each token has one spelling, so that the cache cannot be filled with variants.
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_BEARER = re.compile(rb"(?i:bearer) +([A-Za-z0-9._~+/=-]+)")


def bearer(header: bytes | None) -> str:
    """Take the token out of an `Authorization` header; the scheme's case does not matter (RFC 9110 §11.1)."""
    if header is None:
        raise Unauthenticated("authorization_missing")
    match = _BEARER.fullmatch(header) if len(header) <= MAX_TOKEN_CHARS + len(b"Bearer ") else None
    if match is None:
        raise Unauthenticated("authorization_malformed")
    return match[1].decode()


def opened(token: str, key: str | None) -> tuple[dict[str, Any], Claims] | None:
    """Give header and claims when the key signed them; without a key, unverified and good for nothing but a choice."""
    options: Any = {"verify_signature": key is not None}
    try:
        parts = PyJWS(["HS256"]).decode_complete(token, key or "", ["HS256"], options)
        claims = json.loads(parts["payload"], object_pairs_hook=_named_once)
    except (PyJWTError, ValueError, RecursionError):
        return None
    return (parts["header"], claims) if isinstance(claims, dict) else None


def _named_once(pairs: list[tuple[str, Any]]) -> Claims:
    named = dict(pairs)
    if len(named) != len(pairs):
        # Whoever reads the first sees another claim than whoever reads the last (RFC 7519 §4).
        raise ValueError("a claim is repeated")
    return named


def well_formed(token: str) -> str:
    """Refuse what cannot be a token before anything is computed from it."""
    if len(token) > MAX_TOKEN_CHARS:
        raise Unauthenticated("token_too_long")
    if not _FORM.fullmatch(token):
        raise Unauthenticated("token_malformed")
    return token


@dataclass(frozen=True, slots=True)
class Window:
    """When a token is good, in Unix seconds."""

    starts_s: int
    ends_s: int

    @classmethod
    def of(cls, claims: Claims) -> Self:
        """Read `exp`, `nbf` and, when present, `iat`; whole numbers only."""
        times = [claims.get("exp"), claims.get("nbf"), claims.get("iat", 0)]
        # By type, not isinstance: true is an int to Python.
        if any(type(time) is not int for time in times):
            raise Unauthenticated("token_times_missing")
        ends, not_before, issued = times
        return cls(max(not_before, issued), ends)

    def check(self, now_s: float) -> None:
        """Refuse outside of the window, with the leeway on both sides."""
        if self.ends_s <= now_s - LEEWAY_S:
            raise Unauthenticated("token_expired")
        if self.starts_s > now_s + LEEWAY_S:
            raise Unauthenticated("token_not_yet_valid")


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom a token proves and how long."""

    caller: Caller
    window: Window


class VerifiedTokens:
    """Remembers tokens that one rule has proven, by their SHA-256; the clock is asked each time.

    Source: measured: clients repeat a token for up to five minutes, and decoding costs three times the rest of a read.
    """

    def __init__(self, prove: Callable[[str], Verified], now_s: Callable[[], float], size: int) -> None:
        self._prove = prove
        self._now_s = now_s
        self._seen: LRUCache[bytes, Verified] = LRUCache(size)

    def verify(self, token: str) -> Caller:
        """Prove the token, or remember that it was proven; refusals are not remembered."""
        key = sha256(well_formed(token).encode()).digest()
        verified = self._seen.get(key)
        if verified is None:
            verified = self._prove(token)
            verified.window.check(self._now_s())
            self._seen[key] = verified
            return verified.caller
        try:
            verified.window.check(self._now_s())
        except Unauthenticated:
            self._seen.pop(key, None)
            raise
        return verified.caller

    def __len__(self) -> int:
        return len(self._seen)
