"""Identities: the handle and identifier pairs by which other systems know a profile."""

from typing import Any

from proxy.sandbox.omneo.call import Answer, Call, data, gone
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import invalid, not_found
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import Identity
from proxy.sandbox.omneo.rules import check
from proxy.sandbox.omneo.shapes import profiles

RULES = {"handle": "string", "identifier": "string", "is_active": "boolean", "is_primary": "boolean"}


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/identities", listed, "read-identities"),
        Endpoint("GET", "/identities/search-profile/{identifier}", search_profiles, "read-identities"),
        Endpoint("GET", "/profiles/{profile}/identities", of_profile, "read-identities"),
        Endpoint("POST", "/profiles/{profile}/identities", create, "update-profiles"),
        Endpoint("GET", "/profiles/{profile}/identities/id/{identity}", read, "read-identities"),
        Endpoint("PUT", "/profiles/{profile}/identities/id/{identity}", update, "update-profiles"),
        Endpoint("DELETE", "/profiles/{profile}/identities/id/{identity}", delete, "update-profiles"),
        Endpoint("GET", "/profiles/{profile}/identities/{handle}", read, "read-identities"),
        Endpoint("PUT", "/profiles/{profile}/identities/{handle}", update, "update-profiles"),
        Endpoint("DELETE", "/profiles/{profile}/identities/{handle}", delete, "update-profiles"),
    ]


def guide_endpoints() -> list[Endpoint]:
    return [Endpoint("GET", "/identities/search", search_as_guides_say, "read-identities")]


def listed(call: Call) -> Answer:
    include = "profile" in (call.param("include") or "").split(",")
    return listing(call, call.state.identities.values(), lambda i: _shaped(call, i, include))


def search_profiles(call: Call) -> Answer:
    """List the profiles that carry an identifier under any handle."""
    wanted = call.path["identifier"]
    ids = dict.fromkeys(i.profile_id for i in call.state.identities.values() if i.identifier == wanted)
    return data([_profile(call, profile_id) for profile_id in ids])


def search_as_guides_say(call: Call) -> Answer:
    found = call.state.identity(call.param("handle") or "", call.param("identifier") or "")
    if found is None:
        raise not_found("Identity")
    return data(profiles.identity(found))


def of_profile(call: Call) -> Answer:
    """List a profile's identities, without pages."""
    profile = call.state.profile(call.path["profile"])
    rows = [i for i in call.state.identities.values() if i.profile_id == profile.id]
    return data([profiles.identity(i) for i in rows])


def create(call: Call) -> Answer:
    profile = call.state.profile(call.path["profile"])
    check(call.body, RULES | {"handle": "required|string", "identifier": "required|string"})
    refuse_taken(call, call.body["handle"], call.body["identifier"], None)
    row = add_identity(call, profile.id, call.body)
    return data(profiles.identity(row), 201)


def add_identity(call: Call, profile_id: str, body: dict[str, Any]) -> Identity:
    """Store an identity that is known to be free."""
    row = Identity(
        id=call.state.next_id("identity"),
        handle=body["handle"],
        identifier=body["identifier"],
        profile_id=profile_id,
        is_primary=bool(body.get("is_primary", False)),
        is_active=body.get("is_active") is not False,
        created_at=call.now,
        updated_at=call.now,
    )
    call.state.identities[row.id] = row
    call.emit("identity.created", profiles.identity(row))
    return row


def refuse_taken(call: Call, handle: str, identifier: str, but: Identity | None) -> None:
    """Refuse a pair that exists (assumption: 422; the guide says only that it is an error)."""
    if call.state.identity(handle, identifier) not in (None, but):
        raise invalid("identifier", "The identifier has already been taken.")


def read(call: Call) -> Answer:
    return data(profiles.identity(_found(call)))


def update(call: Call) -> Answer:
    row = _found(call)
    check(call.body, RULES)
    handle, identifier = call.body.get("handle") or row.handle, call.body.get("identifier") or row.identifier
    refuse_taken(call, handle, identifier, row)
    row.handle, row.identifier, row.updated_at = handle, identifier, call.now
    for name in ("is_active", "is_primary"):
        if call.body.get(name) is not None:
            setattr(row, name, bool(call.body[name]))
    return data(profiles.identity(row))


def delete(call: Call) -> Answer:
    del call.state.identities[_found(call).id]
    return gone()


def _found(call: Call) -> Identity:
    profile = call.state.profile(call.path["profile"])
    rows = [i for i in call.state.identities.values() if i.profile_id == profile.id]
    if "identity" in call.path:
        rows = [i for i in rows if i.id == call.id("identity", "Identity")]
    else:
        rows = [i for i in rows if i.handle == call.path["handle"]]
    if not rows:
        raise not_found("Identity")
    return max(rows, key=lambda i: (i.created_at, i.id))


def _shaped(call: Call, row: Identity, include_profile: bool) -> dict[str, Any]:
    more = {"profile": _profile(call, row.profile_id)} if include_profile else {}
    return profiles.identity(row) | more


def _profile(call: Call, profile_id: str) -> dict[str, Any]:
    return profiles.profile(call.state, call.config, call.state.profile(profile_id), call.now)
