"""`POST /admin/oauth/access_token`: client credentials, token exchange and refresh, and who holds which token."""

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse

from proxy.sandbox.shopify.store import Store

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105
OFFLINE = "urn:shopify:params:oauth:token-type:offline-access-token"
ONLINE = "urn:shopify:params:oauth:token-type:online-access-token"
LEEWAY_S = 10


class GrantRefused(Exception):
    """An OAuth error; `status` is the HTTP status."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.body = {"error": error, "error_description": description}
        self.status = status


@dataclass(slots=True)
class _Refresh:
    """A refresh token; `successor` is the one that replaced it, which when used retires this one."""

    expires_at: datetime
    predecessor: str | None = None
    used: bool = False


class Grants:
    """Issue and know access tokens, by the sandbox clock."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.reset()

    def reset(self) -> None:
        self._access: dict[str, datetime | None] = {}
        self._refresh: dict[str, _Refresh] = {}
        if self._store.config.static_token:
            self._access[self._store.config.static_token] = None
        self.scopes = self._store.config.scopes

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """Return what a token may do, None when it is unknown, expired or the app is gone."""
        if token not in self._access or not self._store.installed:
            return None
        expires_at = self._access[token]
        if expires_at is not None and expires_at <= self._store.clock.now():
            return None
        return frozenset(self.scopes)

    def revoke_all(self) -> None:
        """Make every token useless, as an uninstall or a new secret does."""
        self._access.clear()
        self._refresh.clear()

    async def endpoint(self, request: Request) -> JSONResponse:
        """Answer a token request, form or JSON."""
        try:
            return JSONResponse(self.grant(_fields(await request.body(), request.headers)))
        except GrantRefused as refused:
            return JSONResponse(refused.body, refused.status)

    def grant(self, given: dict[str, str]) -> dict[str, Any]:
        """Issue what is asked for. Raises GrantRefused."""
        self._check_client(given)
        if not self._store.installed:
            raise GrantRefused("app_not_installed", "The application is not installed on this shop.")
        kind = given.get("grant_type")
        if kind == "client_credentials":
            return self._issue(self._store.config.token_lifetime_s)
        if kind == EXCHANGE:
            return self._exchange(given)
        if kind == "refresh_token":
            return self._renew(given.get("refresh_token", ""))
        raise GrantRefused("unsupported_grant_type", "This grant type is not supported.")

    def _check_client(self, given: dict[str, str]) -> None:
        config = self._store.config
        secret = given.get("client_secret", "").encode()
        known = [s.encode() for s in (config.client_secret, config.old_client_secret) if s]
        right = sum(hmac.compare_digest(secret, s) for s in known) > 0
        if given.get("client_id") != config.client_id or not right:
            raise GrantRefused("invalid_client", "Client authentication failed.", 401)

    def _issue(self, lifetime_s: int) -> dict[str, Any]:
        token = f"shpat_{secrets.token_hex(16)}"
        self._access[token] = self._store.clock.now() + timedelta(seconds=lifetime_s)
        return {"access_token": token, "scope": ",".join(self.scopes), "expires_in": lifetime_s}

    def _exchange(self, given: dict[str, str]) -> dict[str, Any]:
        if given.get("subject_token_type") != ID_TOKEN:
            raise GrantRefused("invalid_request", "The subject token type is not supported.")
        wanted = given.get("requested_token_type")
        if wanted not in (OFFLINE, ONLINE):
            raise GrantRefused("invalid_request", "The requested token type is not supported.")
        self._check_subject(given.get("subject_token", ""))
        config = self._store.config
        if wanted == ONLINE:
            return self._issue(config.token_lifetime_s)
        if given.get("expiring") in ("1", "true"):
            return self._issue(config.offline_token_lifetime_s) | self._new_refresh(None)
        token = self._issue(0)
        self._access[token["access_token"]] = None
        del token["expires_in"]
        return token

    def _check_subject(self, token: str) -> None:
        # Only admin and POS tokens can be exchanged; those have a session id.
        config = self._store.config
        try:
            jwt.decode(
                token,
                config.client_secret,
                algorithms=["HS256"],
                audience=config.client_id,
                leeway=LEEWAY_S,
                options={"require": ["exp", "nbf", "dest", "sid"]},
            )
        except jwt.PyJWTError as error:
            raise GrantRefused("invalid_subject_token", "The subject token is not valid.") from error

    def _new_refresh(self, predecessor: str | None) -> dict[str, Any]:
        lifetime_s = self._store.config.refresh_token_lifetime_s
        token = f"shprt_{secrets.token_hex(16)}"
        expires_at = self._store.clock.now() + timedelta(seconds=lifetime_s)
        self._refresh[token] = _Refresh(expires_at, predecessor)
        return {"refresh_token": token, "refresh_token_expires_in": lifetime_s}

    def _renew(self, token: str) -> dict[str, Any]:
        """Give a new pair; the old refresh token works until the new one is used.

        Source: https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
        """
        known = self._refresh.get(token)
        if known is None or known.expires_at <= self._store.clock.now():
            raise GrantRefused("invalid_grant", "The refresh token is invalid or has expired.")
        if not known.used:
            known.used = True
            month = self._store.clock.now().astimezone(UTC) + timedelta(days=30)
            known.expires_at = min(known.expires_at, month)
            if known.predecessor is not None:
                self._refresh.pop(known.predecessor, None)
        return self._issue(self._store.config.offline_token_lifetime_s) | self._new_refresh(token)


def _fields(body: bytes, headers: Any) -> dict[str, str]:
    try:
        if "json" in headers.get("content-type", ""):
            given = json.loads(body)
            return {k: str(v) for k, v in given.items()} if isinstance(given, dict) else {}
        return {k: v[-1] for k, v in parse_qs(body.decode()).items()}
    except (ValueError, UnicodeDecodeError):
        return {}
