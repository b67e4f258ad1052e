"""Benefits that a customer may claim: the definitions on offer, claiming, and claiming with redemption."""

from typing import Any

from proxy.sandbox.omneo import catalogue, events, kinds
from proxy.sandbox.omneo.call import Answer, Call, data
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.endpoints.benefits import issue, redeem_one, shaped
from proxy.sandbox.omneo.problems import Problem, invalid, not_found
from proxy.sandbox.omneo.records import Benefit, Entry
from proxy.sandbox.omneo.rules import check
from proxy.sandbox.omneo.shapes.incentives import benefit_definition
from proxy.sandbox.omneo.times import parsed


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/profiles/{profile}/benefits/claimable", claimable, "read-benefits"),
        Endpoint("GET", "/profiles/{profile}/benefits/viewable", viewable, "read-benefits"),
        Endpoint("POST", "/profiles/{profile}/benefits/claim", claim, "create-benefits"),
        Endpoint("POST", "/profiles/{profile}/benefits/claim-redeem", claim_redeem, "redeem-benefits"),
        Endpoint("GET", "/benefits/definitions/handle/{handle}", by_handle, "read-benefit-definitions"),
        Endpoint("POST", "/benefits/definitions/{entry}/clone", clone),
    ]


def claimable(call: Call) -> Answer:
    profile = call.state.profile(call.path["profile"])
    rows = call.state.catalogues["benefit_definitions"].values()
    return data([benefit_definition(e) for e in rows if _refusal(call, profile.id, e) is None])


def viewable(call: Call) -> Answer:
    call.state.profile(call.path["profile"])
    rows = call.state.catalogues["benefit_definitions"].values()
    return data([benefit_definition(e) for e in rows if _on_offer(e) and _holds(e.fields["view_condition"])])


def claim(call: Call) -> Answer:
    """Issue a benefit by its definition's handle.

    Source: https://docs.omneo.io/api-reference/profile-benefit/claim-benefit
    """
    benefit = _claimed(call)
    return data(shaped(call, benefit), 201)


def claim_redeem(call: Call) -> Answer:
    """Claim and redeem at once, or do neither."""
    benefit = _claimed(call)
    try:
        return redeem_one(call, benefit, 1)
    except Problem:
        del call.state.benefits[benefit.id]
        raise


def _claimed(call: Call) -> Benefit:
    profile = call.state.profile(call.path["profile"])
    check(call.body, {"definition": "required|string", "timezone": "string", "external_id": "string"})
    definition = call.state.entry_by("benefit_definitions", "handle", call.body["definition"])
    if definition is None:
        raise invalid("definition", "The selected definition is invalid.")
    refusal = _refusal(call, profile.id, definition)
    if refusal:
        raise invalid("definition", refusal)
    benefit = issue(call, profile.id, definition)
    benefit.claimed_at = call.now
    events.benefit_changed(call, "benefit.created", benefit)
    events.balance_changed(call, profile.id)
    return benefit


def _refusal(call: Call, profile_id: str, definition: Entry) -> str | None:
    fields = definition.fields
    start, end = fields["claim_period_start_at"], fields["claim_period_end_at"]
    if not (_on_offer(definition) and fields["is_claimable"] and _holds(fields["claim_condition"])):
        return "The benefit is not claimable."
    if start and call.now < parsed(start, "UTC", "claim_period_start_at"):
        return "The claim period has not started."
    if end and call.now >= parsed(end, "UTC", "claim_period_end_at"):
        return "The claim period has ended."
    limit = fields["max_global_redemptions"]
    if limit is not None and int(fields["total_global_redemptions"] or 0) >= int(limit):
        return "The benefit is used up."
    owned = any(b.definition_id == definition.id for b in call.state.benefits_of(profile_id))
    return "The benefit has already been claimed." if owned and not fields["is_reclaimable"] else None


def _on_offer(definition: Entry) -> bool:
    return bool(definition.fields["is_published"]) and not definition.fields["is_archived"]


def _holds(condition: Any) -> bool:
    """Evaluate the one JSON Logic rule that a constant can be written with; others count as true."""
    if isinstance(condition, dict) and set(condition) == {"!!"}:
        operand = condition["!!"]
        return bool(operand[0] if isinstance(operand, list) and operand else operand)
    return True


def by_handle(call: Call) -> Answer:
    found = call.state.entry_by("benefit_definitions", "handle", call.path["handle"])
    if found is None:
        raise not_found("BenefitDefinition")
    return data(benefit_definition(found))


def clone(call: Call) -> Answer:
    source = call.state.entry("benefit_definitions", call.id("entry", "BenefitDefinition"))
    check(call.body, {"handle": "required|string", "name": "string"})
    if call.state.entry_by("benefit_definitions", "handle", call.body["handle"]):
        raise invalid("handle", "The handle has already been taken.")
    fields = source.fields | {"handle": call.body["handle"], "total_global_redemptions": 0}
    name = call.body.get("name")
    row = catalogue.add(call.state, kinds.benefit_definitions(), fields | ({"name": name} if name else {}), call.now)
    return data(benefit_definition(row), 201)
