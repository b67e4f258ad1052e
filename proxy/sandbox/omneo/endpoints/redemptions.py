"""Redemptions: reading them and reversing them within the window."""

from datetime import timedelta
from typing import Any

from proxy.sandbox.omneo import booking, events
from proxy.sandbox.omneo.call import Answer, Call, data
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import Problem, not_found
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import ZERO, Redemption, RedemptionItem
from proxy.sandbox.omneo.shapes import redemptions


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/redemptions", listed, "read-redemptions"),
        Endpoint("GET", "/redemptions/{redemption}", read, "read-redemptions"),
        Endpoint("POST", "/redemptions/{redemption}/reversal", reverse, "return"),
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
    return listing(call, rows, lambda r: shaped(call, r), redemptions.redemption_filters)


def read(call: Call) -> Answer:
    redemption = found(call)
    if call.path.get("profile", redemption.profile_id) != redemption.profile_id:
        raise not_found("Redemption")
    return data(shaped(call, redemption))


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
    redemption = found(call)
    refuse_unless_redeem(call, redemption, "reversed")
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
        labels_of(redemption),
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


def refuse_unless_redeem(call: Call, redemption: Redemption, word: str) -> None:
    if redemption.type != "redeem":
        raise Problem(422, f"Only a redemption of type redeem can be {word}.")
    if any(r.type == "reversal" for r in call.state.undone_by(redemption)):
        raise Problem(422, "The redemption has already been reversed.")


def labels_of(redemption: Redemption) -> booking.Labels:
    return booking.Labels(
        redemption.location_id,
        redemption.transaction_external_id,
        redemption.transaction_receipt_ref,
        redemption.meta,
    )


def found(call: Call) -> Redemption:
    return call.state.redemption(call.id("redemption", "Redemption"))


def shaped(call: Call, row: Redemption) -> dict[str, Any]:
    return redemptions.redemption(call.state, row, call.now)
