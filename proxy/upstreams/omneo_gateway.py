"""Omneo's answers about one profile, byte for byte as they came."""

from urllib.parse import quote

from proxy.domain.errors import InvalidRequest, NotFound, UpstreamUnavailable
from proxy.domain.gateway import ProfileRead, Query, is_of
from proxy.domain.ids import ProfileId
from proxy.upstreams.http import Upstream
from proxy.upstreams.omneo_call import Ask, OmneoCalls, Token
from proxy.upstreams.retry import Retry

_BAD_QUERY = frozenset({400, 422})


class OmneoProfiles:
    """Reads of one tenant's profiles for its customers; `upstream` points at the server API's base."""

    def __init__(self, upstream: Upstream, token: Token, retry: Retry | None = None) -> None:
        self._calls = OmneoCalls(upstream, token, retry or Retry())

    async def read(self, profile: ProfileId, read: ProfileRead, query: Query) -> bytes:
        """Give the body as it came. Raises NotFound, also for an answer that is not about this profile."""
        path = f"/profiles/{quote(profile, safe='')}{read.rest}"
        try:
            body, answer = await self._calls.read_as_sent(Ask(f"gateway_{read.name}", "GET", path, query))
        except UpstreamUnavailable as error:
            if error.details.get("status") in _BAD_QUERY:
                raise InvalidRequest("Omneo does not accept these parameters.") from None
            raise
        if answer is None:
            raise UpstreamUnavailable(upstream="omneo", reason="unreadable", operation=read.name)
        if not is_of(answer, profile, read):
            raise NotFound(reason="of_another_profile", operation=read.name)
        return body
