"""Balances, rewards and points of a profile, and the tenant-wide writes of them."""

from typing import Any

from proxy.sandbox.omneo import events, issuing
from proxy.sandbox.omneo.call import Answer, Call, data, gone
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import invalid, not_found
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import Entry, Points, Reward
from proxy.sandbox.omneo.rules import check, integer, money
from proxy.sandbox.omneo.shapes import incentives
from proxy.sandbox.omneo.times import parsed


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/profiles/{profile}/balances", balances, "read-profiles"),
        Endpoint("GET", "/profiles/{profile}/rewards", listed, "read-rewards"),
        Endpoint("GET", "/profiles/{profile}/rewards/{reward}", read, "read-rewards"),
        Endpoint("DELETE", "/profiles/{profile}/rewards/{reward}", delete, me=False),
        Endpoint("GET", "/profiles/{profile}/points", listed_points, "read-points"),
        Endpoint("GET", "/rewards", listed, "read-rewards"),
        Endpoint("POST", "/rewards", create),
        Endpoint("GET", "/rewards/{reward}", read, "read-rewards"),
        Endpoint("PUT", "/rewards/{reward}", update),
        Endpoint("DELETE", "/rewards/{reward}", delete),
        Endpoint("GET", "/points", listed_points, "read-points"),
        Endpoint("POST", "/points", create_points),
    ]


def balances(call: Call) -> Answer:
    profile = call.state.profile(call.path["profile"])
    return data(incentives.balances(call.state, call.config, profile.id, call.now))


def listed(call: Call) -> Answer:
    rows = list(call.state.rewards.values())
    if "profile" in call.path:
        rows = call.state.rewards_of(call.state.profile(call.path["profile"]).id)
    return listing(call, rows, lambda r: _shaped(call, r), incentives.reward_filters)


def read(call: Call) -> Answer:
    return data(_shaped(call, _found(call)))


def create(call: Call) -> Answer:
    """Issue a reward by a definition's id or handle."""
    check(
        call.body,
        {
            "profile_id": "required|string",
            "timezone": "required|string",
            "value_initial": "numeric",
            "value_remaining": "numeric",
            "external_id": "string",
        },
    )
    if call.body["profile_id"] not in call.state.profiles:
        raise invalid("profile_id", "The selected profile id is invalid.")
    definition = _definition(call)
    issued_at, expires_at = issuing.dates(call, definition)
    initial = money(call.body.get("value_initial", definition.fields["value"]), "value_initial")
    reward = Reward(
        id=call.state.next_id("reward"),
        profile_id=call.body["profile_id"],
        definition_id=definition.id,
        value_initial=initial,
        value_remaining=money(call.body.get("value_remaining", initial), "value_remaining"),
        issued_at=issued_at,
        expires_at=expires_at,
        created_at=call.now,
        updated_at=call.now,
        timezone=call.body["timezone"],
        external_id=call.body.get("external_id"),
        meta=call.body.get("meta"),
    )
    call.state.rewards[reward.id] = reward
    return _told(call, "reward.created", reward, 201)


def update(call: Call) -> Answer:
    reward = _found(call)
    check(call.body, {"value_initial": "numeric", "value_remaining": "numeric"})
    changes: dict[str, Any] = {
        name: money(call.body[name], name)
        for name in ("value_initial", "value_remaining")
        if call.body.get(name) is not None
    }
    if call.body.get("expires_at"):
        changes["expires_at"] = parsed(call.body["expires_at"], reward.timezone, "expires_at")
    if "meta" in call.body:
        changes["meta"] = call.body["meta"]
    for name, value in changes.items():
        setattr(reward, name, value)
    reward.updated_at = call.now
    return _told(call, "reward.updated", reward, 200)


def delete(call: Call) -> Answer:
    reward = _found(call)
    _told(call, "reward.deleted", reward, 200)
    del call.state.rewards[reward.id]
    return gone()


def listed_points(call: Call) -> Answer:
    rows = list(call.state.points.values())
    if "profile" in call.path:
        rows = call.state.points_of(call.state.profile(call.path["profile"]).id)
    return listing(call, rows, incentives.points)


def create_points(call: Call) -> Answer:
    check(call.body, {"profile_id": "required|string", "value": "required|integer"})
    if call.body["profile_id"] not in call.state.profiles:
        raise invalid("profile_id", "The selected profile id is invalid.")
    value = integer(call.body["value"], "value")
    batch = Points(
        call.state.next_id("points"),
        call.body["profile_id"],
        value,
        value,
        call.now,
        call.now,
        call.now,
        call.body.get("meta"),
    )
    call.state.points[batch.id] = batch
    events.balance_changed(call, batch.profile_id)
    return data(incentives.points(batch), 201)


def _definition(call: Call) -> Entry:
    by_id, by_handle = call.body.get("reward_definition_id"), call.body.get("reward_definition_handle")
    if by_id not in (None, ""):
        found = call.state.catalogues["reward_definitions"].get(integer(by_id, "reward_definition_id"))
    else:
        found = call.state.entry_by("reward_definitions", "handle", by_handle) if by_handle else None
    if found is None:
        raise invalid("reward_definition_id", "The selected reward definition id is invalid.")
    return found


def _found(call: Call) -> Reward:
    reward = call.state.rewards.get(call.id("reward", "Reward"))
    if reward is None or call.path.get("profile", reward.profile_id) != reward.profile_id:
        raise not_found("Reward")
    return reward


def _shaped(call: Call, row: Reward) -> dict[str, Any]:
    return incentives.reward(call.state, row, call.now)


def _told(call: Call, event: str, row: Reward, status: int) -> Answer:
    events.reward_changed(call, event, row)
    events.balance_changed(call, row.profile_id)
    return data(_shaped(call, row), status)
