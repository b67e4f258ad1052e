"""Admin API tokens: static, from client credentials, or from a rotating refresh pair.

Source: https://shopify.dev/docs/apps/build/dev-dashboard/get-api-access-tokens
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.outcome import Outcome, Refused, Unknown
from proxy.domain.shop import NOT_INSTALLED
from proxy.upstreams import exact_json
from proxy.upstreams.http import Call, Reply, Upstream
from proxy.upstreams.retry import Again, Retry, retrying

_PATH = "/admin/oauth/access_token"
# What an uninstall leads to; a refresh token is revoked with it.
_GONE = {"app_not_installed", "shop_not_permitted", "invalid_grant"}


class Tokens(Protocol):
    """Where a shop's token comes from. Both raise UpstreamUnavailable where none is to be had."""

    async def token(self) -> str:
        """Give a token that is valid as far as we know."""
        ...

    async def renew(self, refused: str, /) -> str:
        """Give another one than `refused`, which Shopify answered with 401; one fetch for however many ask."""
        ...


class StaticToken:
    """A token that never expires, of a custom app made before 2026."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    async def token(self) -> str:
        return self._token.get_secret_value()

    async def renew(self, _refused: str, /) -> str:
        """Fail: there is no other, and what ends it is the app's removal."""
        raise UpstreamUnavailable(reason=NOT_INSTALLED)


@dataclass(frozen=True, slots=True)
class _Issued:
    token: SecretStr
    expires_at: float
    refresh: SecretStr | None


class _Fetched:
    """A token that is fetched, kept until shortly before it expires, and fetched once for all who wait.

    The fetch runs to its end even if the caller that began it goes away: a rotated refresh token must not get lost.
    """

    def __init__(self, margin_s: float, monotonic: Callable[[], float]) -> None:
        self._margin_s = margin_s
        self._monotonic = monotonic
        self._issued: _Issued | None = None
        self._fetching: asyncio.Task[_Issued] | None = None

    async def token(self) -> str:
        issued = self._issued
        if issued is None or self._monotonic() >= issued.expires_at - self._margin_s:
            issued = await self._single()
        return issued.token.get_secret_value()

    async def renew(self, refused: str, /) -> str:
        issued = self._issued
        if issued is None or issued.token.get_secret_value() == refused:
            issued = await self._single()
        return issued.token.get_secret_value()

    async def _single(self) -> _Issued:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._refetch())
            # Without this an error that no caller waited for any more would be reported as never retrieved.
            self._fetching.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await asyncio.shield(self._fetching)

    async def _refetch(self) -> _Issued:
        self._issued = await self._fetch()
        return self._issued

    async def _fetch(self) -> _Issued:
        raise NotImplementedError


class ClientCredentials(_Fetched):
    """Tokens of 24 hours for an app and a shop of one organisation.

    Source: https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
    """

    def __init__(
        self,
        upstream: Upstream,
        client_id: str,
        client_secret: SecretStr,
        *,
        margin_s: float = 300.0,
        retry: Retry | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(margin_s, monotonic)
        self._endpoint = _Endpoint(upstream, client_id, client_secret, retry or Retry(), monotonic)

    async def _fetch(self) -> _Issued:
        return await self._endpoint.ask({"grant_type": "client_credentials"})


class RefreshPair(_Fetched):
    """Tokens of one hour with a refresh token that rotates; `save(access, refresh)` is awaited before either is used.

    `read` gives the refresh token anew for each fetch: other processes rotate it too, and one that is out of date is
    refused as if the app had been removed.
    A lost answer is asked for again: the previous refresh token works until its replacement was used.
    Source: https://shopify.dev/changelog/more-resilient-refreshes-for-expiring-offline-access-tokens
    """

    def __init__(
        self,
        upstream: Upstream,
        client_id: str,
        client_secret: SecretStr,
        read: Callable[[], Awaitable[SecretStr]],
        save: Callable[[SecretStr, SecretStr], Awaitable[None]],
        *,
        margin_s: float = 120.0,
        retry: Retry | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(margin_s, monotonic)
        self._endpoint = _Endpoint(upstream, client_id, client_secret, retry or Retry(), monotonic)
        self._read = read
        self._save = save

    async def _fetch(self) -> _Issued:
        try:
            refresh = await self._read()
        except Exception as error:
            raise UpstreamUnavailable(reason="shopify_token_unreadable", operation="token") from error
        grant = {"grant_type": "refresh_token", "refresh_token": refresh.get_secret_value()}
        issued = await self._endpoint.ask(grant)
        if issued.refresh is None:
            raise UpstreamUnavailable(reason="shopify_token_unreadable")
        try:
            await self._save(issued.token, issued.refresh)
        except Exception as error:
            raise UpstreamUnavailable(reason="shopify_token_not_saved", operation="token") from error
        return issued


class _Endpoint:
    """Shopify's token endpoint for one app and shop."""

    def __init__(
        self,
        upstream: Upstream,
        client_id: str,
        client_secret: SecretStr,
        retry: Retry,
        monotonic: Callable[[], float],
    ) -> None:
        self._upstream = upstream
        self._client_id = client_id
        self._client_secret = client_secret
        self._retry = retry
        self._monotonic = monotonic

    async def ask(self, grant: dict[str, str]) -> _Issued:
        who = {"client_id": self._client_id, "client_secret": self._client_secret.get_secret_value()}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        call = Call("token", "POST", _PATH, headers=headers, body=exact_json.write(grant | who))

        async def once(left_s: float) -> _Issued | UpstreamUnavailable | Again[_Issued | UpstreamUnavailable]:
            return self._outcome(await self._upstream.send(call, left_s))

        result: _Issued | UpstreamUnavailable = await retrying(self._retry, once)
        if isinstance(result, UpstreamUnavailable):
            raise result
        return result

    def _outcome(self, outcome: Outcome[Reply]) -> _Issued | UpstreamUnavailable | Again[_Issued | UpstreamUnavailable]:
        if isinstance(outcome, Refused | Unknown):
            return Again(UpstreamUnavailable(reason=outcome.reason, operation="token"))
        reply = outcome.value
        if not reply.ok:
            reason = NOT_INSTALLED if _error(reply) in _GONE else "shopify_token_refused"
            down = UpstreamUnavailable(reason=reason, status=reply.status, operation="token")
            return Again(down, reply.retry_after_s) if reply.status == 429 or reply.status >= 500 else down
        try:
            return self._issued(exact_json.read(reply.body))
        except (ValueError, KeyError, TypeError):
            return UpstreamUnavailable(reason="shopify_token_unreadable", operation="token")

    def _issued(self, answer: Any) -> _Issued:
        token, refresh = answer["access_token"], answer.get("refresh_token")
        if not isinstance(token, str) or not token:
            raise ValueError("no token")
        lasts_s = float(answer.get("expires_in") or 3600)
        return _Issued(SecretStr(token), self._monotonic() + lasts_s, SecretStr(refresh) if refresh else None)


def _error(reply: Reply) -> str | None:
    """Read why Shopify refuses, where it says so: 429 and faults of its own say nothing about us."""
    if not 400 <= reply.status < 500 or reply.status == 429:
        return None
    try:
        answer = exact_json.read(reply.body)
    except ValueError:
        return None
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, str) else None
