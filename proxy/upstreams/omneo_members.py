"""Who an identity is, by whichever lookups the tenant has, and what else the profile is called."""

from typing import Any
from urllib.parse import quote

from pydantic import ValidationError

from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.ids import ProfileId
from proxy.domain.member import Identity, Member
from proxy.upstreams.omneo_call import Ask, OmneoCalls
from proxy.upstreams.omneo_identity import find_profile_id
from proxy.upstreams.omneo_pages import Pages, row_of
from proxy.upstreams.omneo_rows import read
from proxy.upstreams.omneo_wire import IdentityWire, ProfileWire


class Members:
    """Finds profiles by identity; `lookups` are tried in order."""

    def __init__(self, calls: OmneoCalls, pages: Pages, lookups: tuple[str, ...]) -> None:
        self._calls = calls
        self._pages = pages
        self._lookups = lookups

    async def find(self, handle: str, identifier: str) -> Member | None:
        """Find who this identity is; None when none of the lookups knows it."""
        *earlier, last = self._lookups
        for lookup in earlier:
            try:
                found = await self._look_up(lookup, handle, identifier)
            except UpstreamUnavailable as error:
                if error.details.get("status") != 405:
                    raise
                continue  # this tenant has no such route
            if found is not None:
                return found
        return await self._look_up(last, handle, identifier)

    async def read(self, profile: ProfileId) -> Member:
        """Read one profile. Raises NotFound."""
        row = row_of(await self._calls.read(Ask("profile", "GET", f"/profiles/{quote(profile, safe='')}")))
        if row is None:
            raise NotFound(upstream="omneo", operation="profile")
        return _member(row)

    async def identities(self, profile: ProfileId) -> tuple[Identity, ...]:
        """List all identities of a profile; a tenant without that list tells none.

        Source: https://docs.omneo.io/api-reference/profile-identity/overview
        """
        try:
            return _identities(
                await self._pages.all("profile_identities", f"/profiles/{quote(profile, safe='')}/identities")
            )
        except NotFound:
            return ()

    async def _look_up(self, lookup: str, handle: str, identifier: str) -> Member | None:
        if lookup == "search-id":
            ask = Ask("search_profile", "POST", "/profiles/search-id", body={"type": handle, "id": identifier})
            try:
                row = row_of(await self._calls.read(ask))
            except NotFound:
                return None
            return _member(row) if row is not None else None
        profile = await find_profile_id(self._calls, self._pages, lookup, handle, identifier)
        return await self.read(profile) if profile is not None else None


def _member(row: Any) -> Member:
    return Member(read(ProfileWire, row).domain(), _identities(row.get("identities")))


def _identities(rows: object) -> tuple[Identity, ...]:
    """Read those that can be read: they are an addition, and a profile is worth more than all of its names."""
    found = (_identity(row) for row in rows) if isinstance(rows, list) else ()
    return tuple(identity for identity in found if identity is not None)


def _identity(row: Any) -> Identity | None:
    try:
        wire = IdentityWire.model_validate(row)
    except ValidationError:
        return None
    if not wire.handle or not wire.identifier:
        return None
    return Identity(wire.id or 0, wire.handle, wire.identifier, wire.is_active is not False, wire.created_at)
