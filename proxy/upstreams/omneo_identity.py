"""The ways besides search-id in which a tenant may tell who an identity is."""

from typing import Any

from pydantic import ValidationError

from proxy.domain.errors import NotFound
from proxy.domain.ids import ProfileId
from proxy.upstreams.omneo_call import Ask, OmneoCalls
from proxy.upstreams.omneo_pages import Pages, row_of
from proxy.upstreams.omneo_wire import IdentityWire

LOOKUPS = ("search-id", "identities-filter", "identities-search")


async def find_profile_id(
    calls: OmneoCalls, pages: Pages, lookup: str, handle: str, identifier: str
) -> ProfileId | None:
    """Look the identity up by `lookup`; both routes are matched in our code as well.

    Source: https://docs.omneo.io/dev-guides/profiles/working-with-identities for `identities-search`,
    github:omneo/omneo-sdk (identities) for `identities-filter`.
    """
    try:
        if lookup == "identities-filter":
            query = (("filter[handle]", handle), ("filter[identifier]", identifier), ("include", "profile"))
            rows = await pages.all("identities", "/identities", query)
            return next((found for row in rows if (found := _matching(row, handle, identifier))), None)
        if lookup == "identities-search":
            named = (("handle", handle), ("identifier", identifier))
            return _named(row_of(await calls.read(Ask("identity_search", "GET", "/identities/search", named))))
    except NotFound:
        return None
    raise ValueError(f"unknown identity lookup: {lookup}")


def _matching(row: Any, handle: str, identifier: str) -> ProfileId | None:
    try:
        identity = IdentityWire.model_validate(row)
    except ValidationError:
        return None
    same = identity.handle == handle and identity.identifier == identifier and identity.is_active is not False
    return ProfileId(identity.profile_id) if same and identity.profile_id else None


def _named(row: Any) -> ProfileId | None:
    """Read a profile's id from an answer whose shape is undocumented: the id itself, an identity or a profile."""
    if isinstance(row, str):
        return ProfileId(row)
    if not isinstance(row, dict):
        return None
    found = row.get("profile_id") or row.get("id")
    return ProfileId(found) if isinstance(found, str) else None
