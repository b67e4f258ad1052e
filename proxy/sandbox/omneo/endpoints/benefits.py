"""Benefits of a profile: reading and redeeming them, and the tenant-wide writes."""

from typing import Any

from proxy.sandbox.omneo import booking, events, issuing
from proxy.sandbox.omneo.call import Answer, Call, data, gone
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.endpoints.redeem import Take, refuse_unless_redeemable, spend
from proxy.sandbox.omneo.problems import invalid, not_found
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import Benefit, Entry
from proxy.sandbox.omneo.rules import check, integer, money_or_none
from proxy.sandbox.omneo.shapes import incentives, redemptions
from proxy.sandbox.omneo.times import parsed, zone


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/profiles/{profile}/redeemable_benefits", redeemable, "read-benefits"),
        Endpoint("GET", "/profiles/{profile}/benefits", listed, "read-benefits"),
        Endpoint("GET", "/profiles/{profile}/benefits/{benefit}", read, "read-benefits"),
        Endpoint("PUT", "/profiles/{profile}/benefits/{benefit}", update, me=False),
        Endpoint("DELETE", "/profiles/{profile}/benefits/{benefit}", delete, me=False),
        Endpoint("POST", "/profiles/{profile}/benefits/{benefit}/redeem", redeem, "redeem-benefits"),
        Endpoint("GET", "/benefits", listed, "read-benefits"),
        Endpoint("POST", "/benefits", create, "create-benefits"),
        Endpoint("POST", "/benefits/extend", extend),
        Endpoint("GET", "/benefits/{benefit}", read, "read-benefits"),
        Endpoint("PUT", "/benefits/{benefit}", update),
        Endpoint("DELETE", "/benefits/{benefit}", delete),
    ]


def guide_endpoints() -> list[Endpoint]:
    return [Endpoint("POST", "/profiles/{profile}/benefits/{benefit}/redemptions", redeem, "redeem-benefits")]


def listed(call: Call) -> Answer:
    return listing(call, _rows(call), lambda b: shaped(call, b), incentives.benefit_filters)


def redeemable(call: Call) -> Answer:
    rows = [b for b in _rows(call) if call.state.is_redeemable(b, call.now)]
    return listing(call, rows, lambda b: shaped(call, b), incentives.benefit_filters)


def read(call: Call) -> Answer:
    return data(shaped(call, found(call)))


def redeem(call: Call) -> Answer:
    """Use a benefit `count` times, once by default; the answer is the whole redemption.

    Source: https://docs.omneo.io/api-reference/benefit-redeem/add-benefit-redemption
    """
    benefit = found(call)
    wanted = call.body.get("count")
    count = 1 if wanted in (None, "") else integer(wanted, "count")
    return redeem_one(call, benefit, count)


def redeem_one(call: Call, benefit: Benefit, count: int) -> Answer:
    """Redeem a benefit that is known to be the profile's."""
    refuse_unless_redeemable(call, benefit, count, "benefit")
    take = Take("benefit", benefit, None, count)
    redemption = spend(call, benefit.profile_id, [take], booking.Labels())
    events.redemption_made(call, redemption)
    return data(redemptions.redemption(call.state, redemption, call.now), 201)


def create(call: Call) -> Answer:
    check(
        call.body,
        {
            "profile_id": "required|string",
            "benefit_definition_id": "required|integer",
            "timezone": "required|string",
            "external_id": "string",
            "value": "numeric",
        },
    )
    if call.body["profile_id"] not in call.state.profiles:
        raise invalid("profile_id", "The selected profile id is invalid.")
    number = integer(call.body["benefit_definition_id"], "benefit_definition_id")
    definition = call.state.catalogues["benefit_definitions"].get(number)
    if definition is None:
        raise invalid("benefit_definition_id", "The selected benefit definition id is invalid.")
    benefit = issue(call, call.body["profile_id"], definition)
    return _told(call, "benefit.created", benefit, 201)


def issue(call: Call, profile_id: str, definition: Entry) -> Benefit:
    """Store a benefit of a definition, dated and labelled by the body. Raises Problem 422."""
    timezone = str(call.body.get("timezone") or "UTC")
    zone(timezone)
    issued_at, expires_at = issuing.dates(call, definition)
    value = money_or_none(call.body.get("value", definition.fields.get("value")), "value")
    benefit = Benefit(
        id=call.state.next_id("benefit"),
        profile_id=profile_id,
        definition_id=definition.id,
        issued_at=issued_at,
        expires_at=expires_at,
        redemptions_remaining=_uses(definition),
        created_at=call.now,
        updated_at=call.now,
        timezone=timezone,
        external_id=call.body.get("external_id"),
        value=value,
        meta=call.body.get("meta"),
    )
    call.state.benefits[benefit.id] = benefit
    return benefit


def _uses(definition: Entry) -> int | None:
    limit = definition.fields.get("max_redemptions")
    return None if limit is None else int(limit)


def update(call: Call) -> Answer:
    benefit = found(call)
    changes: dict[str, Any] = {
        name: call.body[name]
        for name in ("external_id", "meta", "redeem_code_online", "redeem_code_pos")
        if name in call.body
    }
    if "value" in call.body:
        changes["value"] = money_or_none(call.body["value"], "value")
    if call.body.get("expires_at"):
        changes["expires_at"] = parsed(call.body["expires_at"], benefit.timezone, "expires_at")
    for name, value in changes.items():
        setattr(benefit, name, value)
    benefit.updated_at = call.now
    return _told(call, "benefit.updated", benefit, 200)


def extend(call: Call) -> Answer:
    """Move the end of several benefits of one profile to a date, or by days."""
    check(call.body, {"ids": "required|array", "profile_id": "required|string", "extend_days": "integer"})
    rows = [b for b in call.state.benefits.values() if b.id in call.body["ids"]]
    if not rows or any(b.profile_id != call.body["profile_id"] for b in rows):
        raise invalid("ids", "The selected ids is invalid.")
    ends = [issuing.extended(call, b.expires_at, b.timezone) for b in rows]
    for benefit, end in zip(rows, ends, strict=True):
        benefit.expires_at, benefit.extended_at, benefit.updated_at = end, call.now, call.now
        events.benefit_changed(call, "benefit.updated", benefit)
    return data([shaped(call, b) for b in rows])


def delete(call: Call) -> Answer:
    benefit = found(call)
    _told(call, "benefit.deleted", benefit, 200)
    del call.state.benefits[benefit.id]
    return gone()


def found(call: Call) -> Benefit:
    """Find the benefit of the path, which must be the profile's. Raises Problem 404."""
    benefit = call.state.benefits.get(call.id("benefit", "Benefit"))
    if "profile" in call.path:
        call.state.profile(call.path["profile"])
    if benefit is None or call.path.get("profile", benefit.profile_id) != benefit.profile_id:
        raise not_found("Benefit")
    return benefit


def shaped(call: Call, row: Benefit) -> dict[str, Any]:
    return incentives.benefit(call.state, row, call.now)


def _rows(call: Call) -> list[Benefit]:
    if "profile" in call.path:
        return call.state.benefits_of(call.state.profile(call.path["profile"]).id)
    return list(call.state.benefits.values())


def _told(call: Call, event: str, row: Benefit, status: int) -> Answer:
    events.benefit_changed(call, event, row)
    events.balance_changed(call, row.profile_id)
    return data(shaped(call, row), status)
