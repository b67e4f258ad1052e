"""Redemptions: reading them, reversing them within the window, returning them later."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from proxy.sandbox.omneo import booking, events
from proxy.sandbox.omneo.call import Answer, Call, data
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import Problem, invalid, not_found
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import ZERO, Redemption, RedemptionItem, Reward
from proxy.sandbox.omneo.rules import check, integer, money_or_none
from proxy.sandbox.omneo.shapes import redemptions
from proxy.sandbox.omneo.state import OmneoState


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/redemptions", listed, "read-redemptions"),
        Endpoint("GET", "/redemptions/{redemption}", read, "read-redemptions"),
        Endpoint("POST", "/redemptions/{redemption}/reversal", reverse, "return"),
        Endpoint("POST", "/redemptions/{redemption}/return", give_back, "return"),
        Endpoint("POST", "/redemptions/{redemption}/benefit/return", give_benefit_back, "return"),
        Endpoint("GET", "/profiles/{profile}/redemptions", listed, "read-redemptions"),
        Endpoint("GET", "/profiles/{profile}/redemptions/{redemption}", read, "read-redemptions"),
        Endpoint("GET", "/profiles/{profile}/redemptions/{type}/{subject}/count", count, "read-redemptions"),
    ]


def listed(call: Call) -> Answer:
    """List redemptions, of one profile when the path names it, without those not visible yet."""
    rows = list(call.state.redemptions.values())
    if "profile" in call.path:
        profile = call.state.profile(call.path["profile"])
        rows = [r for r in rows if r.profile_id == profile.id]
    fresh_from = call.now - timedelta(seconds=call.invisible_s)
    hides = call.invisible_s > 0
    rows = [r for r in rows if r.visible_at <= call.now and not (hides and r.created_at > fresh_from)]
    for name in ("has_benefit", "has_reward", "has_point", "has_credit"):
        bare = call.param(name)
        if bare is not None:
            call.query.append((f"filter[{name}]", bare))
    return listing(call, rows, lambda r: _shaped(call, r), redemptions.redemption_filters)


def read(call: Call) -> Answer:
    redemption = _found(call)
    if call.path.get("profile", redemption.profile_id) != redemption.profile_id:
        raise not_found("Redemption")
    return data(_shaped(call, redemption))


def count(call: Call) -> Answer:
    """Count how often one reward, benefit or other was redeemed."""
    profile = call.state.profile(call.path["profile"])
    subject = call.id("subject", "Redemption")
    found = [
        item
        for redemption in call.state.redemptions.values()
        if redemption.profile_id == profile.id and redemption.type == "redeem"
        for item in redemption.items
        if item.type == call.path["type"] and item.subject_id == subject
    ]
    return data({"count": len(found)})


def reverse(call: Call) -> Answer:
    """Restore exactly what a redemption consumed, once, within the window.

    Refused after any return (assumption: undocumented).
    Source: https://docs.omneo.io/api-reference/return-strategy/add-redemption-reversal
    """
    redemption = _found(call)
    _refuse_unless_redeem(call, redemption, "reversed")
    if call.state.undone_by(redemption):
        raise Problem(422, "The redemption has already been returned.")
    if call.now - redemption.created_at > timedelta(seconds=call.config.reversal_window_s):
        raise Problem(422, "The redemption can no longer be reversed.")
    items = []
    for part in redemption.items:
        _restore(call, part)
        items.append(booking.item(call, part.type, part.subject_id, part.value, part.count))
    # A reversal has no body of its own; it carries the labels of what it undoes (assumption).
    row = booking.store(
        call,
        redemption.profile_id,
        "reversal",
        redemption.total,
        tuple(items),
        _labels_of(redemption),
        redemption.id,
    )
    events.redemption_made(call, row)
    return data(redemptions.successful(call.state, call.config, row, call.now), 201)


def _restore(call: Call, part: RedemptionItem) -> None:
    state = call.state
    if part.type == "reward" and part.subject_id in state.rewards:
        reward = state.rewards[part.subject_id]
        reward.value_remaining += part.value or ZERO
        reward.updated_at = call.now
    elif part.type == "point" and part.subject_id in state.points:
        batch = state.points[part.subject_id]
        batch.remaining += part.count or 0
        batch.updated_at = call.now
    elif part.type == "benefit" and part.subject_id in state.benefits:
        booking.use(call, state.benefits[part.subject_id], -(part.count or 0))


def give_back(call: Call) -> Answer:
    """Mint a new reward for all that was not returned yet, or for the amount asked for.

    Source: https://docs.omneo.io/api-reference/return-strategy/add-reward-or-point-return
    """
    redemption = _found(call)
    check(call.body, booking.BODY_RULES)
    _refuse_unless_redeem(call, redemption, "returned")
    left = redemption.total - _returned(call.state, redemption)
    asked = money_or_none(call.body.get("amount"), "amount")
    amount = left if asked is None else asked
    if amount <= 0:
        raise invalid("amount", "There is nothing left to return." if asked is None else "The amount is too small.")
    if amount > left:
        raise invalid("amount", "The amount exceeds what can be returned.")
    labels = _labels_for_return(call, redemption)
    reward = _minted(call, redemption, amount)
    items = (booking.item(call, "reward", reward.id, amount, None),)
    row = booking.store(call, redemption.profile_id, "return", amount, items, labels, redemption.id)
    reward.source_id = row.id
    events.redemption_made(call, row)
    return data(redemptions.successful(call.state, call.config, row, call.now), 201)


def _minted(call: Call, redemption: Redemption, amount: Decimal) -> Reward:
    definition = call.state.entry_by("reward_definitions", "handle", "returned-value")
    assert definition is not None
    reward = Reward(
        id=call.state.next_id("reward"),
        profile_id=redemption.profile_id,
        definition_id=definition.id,
        value_initial=amount,
        value_remaining=amount,
        issued_at=call.now,
        expires_at=call.now + timedelta(days=call.config.return_expiry_days),
        created_at=call.now,
        updated_at=call.now,
        source_type="redemption",
    )
    call.state.rewards[reward.id] = reward
    return reward


def give_benefit_back(call: Call) -> Answer:
    """Give uses of a redemption's benefit back, all that are left or `count`.

    Source: https://docs.omneo.io/api-reference/benefit-redeem/add-benefit-return
    """
    redemption = _found(call)
    _refuse_unless_redeem(call, redemption, "returned")
    part = next((i for i in redemption.items if i.type == "benefit"), None)
    benefit = call.state.benefits.get(part.subject_id) if part else None
    if part is None or benefit is None:
        raise Problem(422, "The redemption has no benefit to return.")
    returned = sum(i.count or 0 for r in call.state.undone_by(redemption) for i in r.items if i.type == "benefit")
    left = (part.count or 0) - returned
    wanted = call.body.get("count")
    uses = left if wanted in (None, "") else integer(wanted, "count")
    if not 0 < uses <= left:
        raise invalid("count", "The count exceeds what can be returned.")
    booking.use(call, benefit, -uses)
    items = (booking.item(call, "benefit", benefit.id, None, uses),)
    row = booking.store(call, redemption.profile_id, "return", ZERO, items, _labels_of(redemption), redemption.id)
    events.redemption_made(call, row)
    return data(_shaped(call, row), 201)


def _returned(state: OmneoState, redemption: Redemption) -> Decimal:
    return sum((r.total for r in state.undone_by(redemption) if r.type == "return"), ZERO)


def _refuse_unless_redeem(call: Call, redemption: Redemption, word: str) -> None:
    if redemption.type != "redeem":
        raise Problem(422, f"Only a redemption of type redeem can be {word}.")
    if any(r.type == "reversal" for r in call.state.undone_by(redemption)):
        raise Problem(422, "The redemption has already been reversed.")


def _labels_of(redemption: Redemption) -> booking.Labels:
    return booking.Labels(
        redemption.location_id,
        redemption.transaction_external_id,
        redemption.transaction_receipt_ref,
        redemption.meta,
    )


def _labels_for_return(call: Call, redemption: Redemption) -> booking.Labels:
    own, original = booking.labels(call), _labels_of(redemption)
    return booking.Labels(
        own.location_id or original.location_id,
        own.transaction_external_id or original.transaction_external_id,
        own.transaction_receipt_ref or original.transaction_receipt_ref,
        own.meta,
    )


def _found(call: Call) -> Redemption:
    return call.state.redemption(call.id("redemption", "Redemption"))


def _shaped(call: Call, row: Redemption) -> dict[str, Any]:
    return redemptions.redemption(call.state, row, call.now)
