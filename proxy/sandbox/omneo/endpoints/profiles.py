"""Profiles: finding, creating, changing, merging, and the sums over a profile's sales."""

import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any

from proxy.sandbox.omneo import events
from proxy.sandbox.omneo.call import Answer, Call, data, gone
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.endpoints.identities import add_identity, refuse_taken
from proxy.sandbox.omneo.problems import Problem, invalid, not_found
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import Profile
from proxy.sandbox.omneo.rules import check
from proxy.sandbox.omneo.shapes import profiles
from proxy.sandbox.omneo.times import stamp

TYPES = ("temporary", "dependant", "incomplete", "pending", "system", "active", "deleted")
SETTABLE = (
    *("title", "first_name", "last_name", "email", "mobile_phone", "secondary_phone", "gender", "company"),
    *("birth_day", "birth_month", "birth_year", "occupation", "avatar_url", "currency", "profile_type"),
    *("joined_at", "joined_location_id", "preferred_location_id", "external_id", "tags"),
)
RULES = {"email": "string", "first_name": "string", "last_name": "string", "mobile_phone": "string"}


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("POST", "/profiles/search-id", search, "read-profiles"),
        Endpoint("POST", "/profiles/exists", exists, "read-profiles"),
        Endpoint("POST", "/profiles/availability", availability, "read-profiles"),
        Endpoint("POST", "/profiles/merge", merge, "update-profiles"),
        Endpoint("POST", "/profiles/batch", batch, "update-profiles"),
        Endpoint("POST", "/profiles/batch.json", batch, "update-profiles"),
        Endpoint("POST", "/profiles/sync", sync, "update-profiles"),
        Endpoint("GET", "/profiles", listed, "read-profiles"),
        Endpoint("POST", "/profiles", create, "create-profiles"),
        Endpoint("GET", "/profiles/{profile}", read, "read-profiles"),
        Endpoint("PUT", "/profiles/{profile}", update, "update-profiles"),
        Endpoint("DELETE", "/profiles/{profile}", delete, "update-profiles"),
        Endpoint("DELETE", "/profiles/{profile}/purge", delete, "update-profiles"),
        Endpoint("GET", "/profiles/{profile}/resync", read, "read-profiles"),
        Endpoint("PUT", "/profiles/{profile}/update-type", update, "update-profiles", me=False),
        Endpoint("GET", "/profiles/{profile}/aggregations", aggregations, "read-profiles"),
        Endpoint("GET", "/profiles/{profile}/aggregations/calculate", aggregations, "read-profiles"),
        Endpoint("GET", "/profiles/{profile}/attributes/comms", comms, "read-profiles"),
        Endpoint("PUT", "/profiles/{profile}/attributes/comms", set_comms, "update-profiles"),
    ]


def search(call: Call) -> Answer:
    """Resolve an identity; the type `profile_id` takes Omneo's own id.

    Source: https://docs.omneo.io/reference/searchbyid
    """
    return data(_shaped(call, _searched(call)))


def exists(call: Call) -> Answer:
    return data({"id": _searched(call).id})


def _searched(call: Call) -> Profile:
    check(call.body, {"type": "required|string", "id": "required|string"})
    row = call.state.find_profile(call.body["type"], call.body["id"])
    if row is None:
        raise not_found("Profile")
    return row


def availability(call: Call) -> Answer:
    email, phone = call.body.get("email"), call.body.get("mobile_phone")
    by_phone = _by_phone(call, str(phone)) if phone else None
    by_email = call.state.profile_by_email(str(email)) if email else None
    return data({"email": _free(email, by_email), "mobile_phone": _free(phone, by_phone)})


def _free(asked: object, row: Profile | None) -> dict[str, Any] | None:
    return {"available": row is None, "profile": {"id": row.id} if row else None} if asked else None


def listed(call: Call) -> Answer:
    return listing(call, call.state.profiles.values(), lambda p: _shaped(call, p))


def read(call: Call) -> Answer:
    return data(_shaped(call, call.state.profile(call.path["profile"])))


def create(call: Call) -> Answer:
    required = {name: f"required|{rule}" for name, rule in RULES.items() if name != "mobile_phone"}
    check(call.body, RULES | required)
    _refuse_twin(call, None)
    wanted = _identities(call)
    for identity in wanted:
        check(identity, {"handle": "required|string", "identifier": "required|string"})
        refuse_taken(call, identity["handle"], identity["identifier"], None)
    blank = dict.fromkeys(SETTABLE) | {"tags": [], "profile_type": "active", "joined_at": stamp(call.now)}
    row = Profile(str(uuid.uuid4()), blank | _given(call), call.now, call.now)
    call.state.profiles[row.id] = row
    _take_comms(call, row)
    for identity in wanted:
        add_identity(call, row.id, identity)
    events.profile_changed(call, "profile.created", row)
    return data(_shaped(call, row), 201)


def update(call: Call) -> Answer:
    row = call.state.profile(call.path["profile"])
    check(call.body, RULES)
    _refuse_twin(call, row)
    row.fields.update(_given(call))
    _take_comms(call, row)
    row.updated_at = call.now
    events.profile_changed(call, "profile.updated", row)
    return data(_shaped(call, row))


def delete(call: Call) -> Answer:
    row = call.state.profile(call.path["profile"])
    events.profile_changed(call, "profile.deleted", row)
    _forget(call, row)
    return gone()


def merge(call: Call) -> Answer:
    """Move everything of one profile to another; the first is gone afterwards.

    Assumptions, undocumented: a read of the first answers 404 from then on, and the context of `profile.merged` is the
    profile that was kept, so that only `merged_from` of its identities tells who is gone.
    Source: https://docs.omneo.io/api-reference/profile-identity/overview (`merged_from`).
    """
    check(
        call.body,
        {"source_profile_id": "required|string", "destination_profile_id": "required|string"},
    )
    source = call.state.profile(call.body["source_profile_id"])
    target = call.state.profile(call.body["destination_profile_id"])
    if source is target:
        raise invalid("destination_profile_id", "The profiles must be different.")
    state = call.state
    owned = (state.rewards, state.points, state.benefits, state.redemptions, state.transactions)
    for table in owned:
        for held in table.values():
            if held.profile_id == source.id:
                held.profile_id = target.id
    for identity in state.identities.values():
        if identity.profile_id == source.id:
            identity.profile_id, identity.merged_from = target.id, source.id
    _forget(call, source)
    events.profile_changed(call, "profile.merged", target)
    events.balance_changed(call, target.id)
    return data(_shaped(call, target))


def sync(_: Call) -> Answer:
    """Accept the request to emit everything again; it is no upsert, whatever one guide says."""
    return data({"message": "Sync queued."})


def batch(call: Call) -> Answer:
    """Upsert profiles by e-mail address or an identity handle; only webhooks tell what became of each.

    Source: https://docs.omneo.io/api-reference/profile/batch-profiles
    """
    check(call.body, {"match_criteria": "required|string", "profiles": "required|array"})
    criteria = call.body["match_criteria"]
    for body in call.body["profiles"]:
        one = replace(call, body=body if isinstance(body, dict) else {}, path={})
        row = _matched(one, criteria)
        # A profile that is refused is dropped in silence, as a queue would (assumption: undocumented).
        with suppress(Problem):
            if row is None:
                create(one)
            else:
                one.path["profile"] = row.id
                update(one)
    return data({"message": "Batch queued.", "batch_id": str(uuid.uuid4())})


def _matched(call: Call, criteria: str) -> Profile | None:
    if criteria == "email":
        return call.state.profile_by_email(str(call.body.get("email") or ""))
    with suppress(Problem):
        pairs = [(i.get("handle"), i.get("identifier")) for i in _identities(call)]
        for handle, identifier in pairs:
            if handle == criteria:
                return call.state.find_profile(criteria, str(identifier))
    return None


def aggregations(call: Call) -> Answer:
    row = call.state.profile(call.path["profile"])
    return data(profiles.aggregations(call.state, row, call.now))


def comms(call: Call) -> Answer:
    return data(profiles.comms(call.state.profile(call.path["profile"])))


def set_comms(call: Call) -> Answer:
    row = call.state.profile(call.path["profile"])
    row.comms.update(call.body)
    row.updated_at = call.now
    events.profile_changed(call, "profile.updated", row)
    return data(profiles.comms(row))


def _given(call: Call) -> dict[str, Any]:
    given = {name: call.body[name] for name in SETTABLE if name in call.body}
    if given.get("profile_type") not in (None, *TYPES):
        raise invalid("profile_type", "The selected profile type is invalid.")
    return given


def _identities(call: Call) -> list[dict[str, Any]]:
    given = call.body.get("identities") or []
    if not isinstance(given, list) or not all(isinstance(i, dict) for i in given):
        raise invalid("identities", "The identities must be an array.")
    return given


def _take_comms(call: Call, row: Profile) -> None:
    attributes = call.body.get("attributes")
    nested = attributes.get("comms") if isinstance(attributes, dict) else None
    for given in (nested, call.body.get("comms_attributes")):
        if isinstance(given, dict):
            row.comms.update(given)


def _refuse_twin(call: Call, row: Profile | None) -> None:
    email, phone = call.body.get("email"), call.body.get("mobile_phone")
    if email and call.state.profile_by_email(email) not in (None, row):
        raise invalid("email", "The email has already been taken.")
    if phone and _by_phone(call, phone) not in (None, row):
        raise invalid("mobile_phone", "The phone number exists")


def _by_phone(call: Call, phone: str) -> Profile | None:
    rows = call.state.profiles.values()
    return next((p for p in rows if p.fields.get("mobile_phone") == phone), None)


def _forget(call: Call, row: Profile) -> None:
    del call.state.profiles[row.id]
    for identity in [i for i in call.state.identities.values() if i.profile_id == row.id]:
        del call.state.identities[identity.id]


def _shaped(call: Call, row: Profile) -> dict[str, Any]:
    return profiles.profile(call.state, call.config, row, call.now)
