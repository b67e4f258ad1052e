"""Omneo's ID API, as far as we use it: it mints tokens with which a customer's own client asks Omneo itself."""

from typing import Any

import jwt

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import IdToken
from proxy.upstreams.http import Upstream
from proxy.upstreams.omneo_call import Ask, OmneoCalls, Token
from proxy.upstreams.omneo_pages import row_of
from proxy.upstreams.retry import Retry

_ANONYMOUS = "null"
_MAX_CHARS = 8192


class OmneoId:
    """Mints ID tokens; `upstream` points at the ID API's base, `https://api.{tenant}.getomneo.com/id/api/v1`.

    Source: https://docs.omneo.io/dev-guides/frontend/omneo-id
    """

    def __init__(self, upstream: Upstream, token: Token, retry: Retry | None = None) -> None:
        self._calls = OmneoCalls(upstream, token, retry or Retry())

    async def mint(self, profile: ProfileId | None) -> IdToken:
        """Mint a token that names this profile; one that names another is refused as unreadable."""
        body = {} if profile is None else {"id": profile}
        found = row_of(await self._calls.read(Ask("mint_id_token", "POST", "/auth/token", body=body)))
        minted = _token(found)
        if minted is None or minted[1].get("pid") != (profile or _ANONYMOUS):
            raise UpstreamUnavailable(upstream="omneo", reason="unreadable", operation="mint_id_token")
        token, claims = minted
        # By type, not isinstance: true is an int to Python.
        ends = [value for value in (found.get("exp"), claims.get("exp")) if type(value) is int]
        if not ends:
            raise UpstreamUnavailable(upstream="omneo", reason="without_expiry", operation="mint_id_token")
        return IdToken(token, min(ends))


def _token(found: Any) -> tuple[str, dict[str, Any]] | None:
    token = found.get("token") if isinstance(found, dict) else None
    if not isinstance(token, str) or len(token) > _MAX_CHARS:
        return None
    try:
        # The key is Omneo's alone; what the token says is compared, never trusted.
        return token, jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return None
