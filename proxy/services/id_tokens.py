"""Omneo's own ID tokens for the theme, where a shop hands them out."""

from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import IdToken
from proxy.domain.shop import Shop
from proxy.ports import Cache, Clock, OmneoIdTokens, Telemetry

# One that ends while the page loads helps nobody.
MARGIN_S = 60


class IdTokens:
    """Mints a token and keeps it until shortly before it ends; `cache` must be this process's own."""

    def __init__(self, omneo: OmneoIdTokens, cache: Cache[IdToken], clock: Clock, telemetry: Telemetry) -> None:
        self._omneo = omneo
        self._cache = cache
        self._clock = clock
        self._telemetry = telemetry

    async def of(self, shop: Shop, profile: ProfileId | None) -> IdToken | None:
        """Give the profile's token, an anonymous one without a profile; None when Omneo gives none now."""
        try:
            found = (await self._cache.get((shop.tenant, profile), lambda: self._omneo.mint(profile))).value
        except (UpstreamUnavailable, NotFound) as error:
            reason = str(error.details.get("reason"))
        else:
            if found.expires_s > self._clock.now().timestamp():
                return found
            reason = "expired"
        self._telemetry.tell(Happening.ID_TOKEN_MISSING, shop=shop.domain, reason=reason)
        return None
