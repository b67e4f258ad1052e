"""Tiers of a profile, and the lists that a sandbox profile has but keeps empty."""

from proxy.sandbox.omneo import events
from proxy.sandbox.omneo.call import Answer, Call, data
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import invalid
from proxy.sandbox.omneo.query import paged
from proxy.sandbox.omneo.rules import check
from proxy.sandbox.omneo.shapes import profiles

EMPTY = ("credits", "orders", "connections", "interactions", "addresses", "regions", "achievements", "lists")


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/profiles/{profile}/tiers", progress, "read-profiles"),
        Endpoint("GET", "/profiles/{profile}/tiers/calculate", progress, "read-profiles"),
        Endpoint("POST", "/profiles/{profile}/tiers/assign", assign, "update-profiles"),
        Endpoint("GET", "/profiles/{profile}/tiers/points", empty, "read-profiles"),
        Endpoint("GET", "/tiers/points", nothing),
        *(Endpoint("GET", f"/profiles/{{profile}}/{name}", empty, "read-profiles") for name in EMPTY),
    ]


def progress(call: Call) -> Answer:
    """Answer one object, not a list, as the SDK reads it."""
    row = call.state.profile(call.path["profile"])
    return data(profiles.tier_progress(call.state, row, call.now))


def assign(call: Call) -> Answer:
    row = call.state.profile(call.path["profile"])
    check(call.body, {"tier": "required|string"})
    if call.state.entry_by("tier_definitions", "handle", call.body["tier"]) is None:
        raise invalid("tier", "The selected tier is invalid.")
    row.tier, row.tier_since, row.updated_at = call.body["tier"], call.now, call.now
    events.profile_changed(call, "profile.updated", row)
    return progress(call)


def empty(call: Call) -> Answer:
    call.state.profile(call.path["profile"])
    return paged(call, [])


def nothing(call: Call) -> Answer:
    return paged(call, [])
