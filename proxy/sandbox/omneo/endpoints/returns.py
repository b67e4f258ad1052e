"""Returns: money comes back as a new reward, a benefit gets its uses back, at any time after the sale."""

from datetime import timedelta
from decimal import Decimal

from proxy.sandbox.omneo import booking, events
from proxy.sandbox.omneo.call import Answer, Call, data
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.endpoints.redeem import is_named
from proxy.sandbox.omneo.endpoints.redemptions import found, labels_of, refuse_unless_redeem, shaped
from proxy.sandbox.omneo.problems import Problem, invalid
from proxy.sandbox.omneo.records import ZERO, Redemption, RedemptionItem, Reward
from proxy.sandbox.omneo.rules import check, integer, money_or_none
from proxy.sandbox.omneo.shapes import redemptions
from proxy.sandbox.omneo.state import OmneoState

Uses = dict[int, int]


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("POST", "/redemptions/{redemption}/return", give_back, "return"),
        Endpoint("POST", "/redemptions/{redemption}/benefit/return", give_benefit_back, "return"),
    ]


def give_back(call: Call) -> Answer:
    """Return the amount, the benefits or both that are named; without either, all that is left of both.

    That naming one leaves the other alone is an assumption: undocumented.
    Source: https://docs.omneo.io/api-reference/return-strategy/add-reward-or-point-return
    """
    redemption = found(call)
    check(call.body, booking.BODY_RULES)
    refuse_unless_redeem(call, redemption, "returned")
    labels = _labels(call, redemption)
    amount, uses = _amount(call, redemption), _uses(call, redemption)
    if not amount and not uses:
        raise invalid("amount", "There is nothing left to return.")
    reward = _minted(call, redemption, amount) if amount else None
    items = (booking.item(call, "reward", reward.id, amount, None),) if reward else ()
    row = booking.store(
        call, redemption.profile_id, "return", amount, items + _restored(call, uses), labels, redemption.id
    )
    if reward:
        reward.source_id = row.id
    events.redemption_made(call, row)
    return data(redemptions.successful(call.state, call.config, row, call.now), 201)


def give_benefit_back(call: Call) -> Answer:
    """Give uses of a redemption's benefit back, all that are left or `count`.

    Of several benefits the first that has uses left is meant (assumption: undocumented).
    Source: https://docs.omneo.io/api-reference/benefit-redeem/add-benefit-return
    """
    redemption = found(call)
    refuse_unless_redeem(call, redemption, "returned")
    left = _uses_left(call.state, redemption)
    if not left:
        raise Problem(422, "The redemption has no benefit to return.")
    benefit, most = next(((b, n) for b, n in left.items() if n), next(iter(left.items())))
    wanted = call.body.get("count")
    count = most if wanted in (None, "") else integer(wanted, "count")
    if not 0 < count <= most:
        raise invalid("count", "The count exceeds what can be returned.")
    items = _restored(call, {benefit: count})
    row = booking.store(call, redemption.profile_id, "return", ZERO, items, labels_of(redemption), redemption.id)
    events.redemption_made(call, row)
    return data(shaped(call, row), 201)


def _amount(call: Call, redemption: Redemption) -> Decimal:
    returned = [r.total for r in call.state.undone_by(redemption) if r.type == "return"]
    left = redemption.total - sum(returned, ZERO)
    asked = money_or_none(call.body.get("amount"), "amount")
    if asked is None:
        return ZERO if call.body.get("benefits") else left
    if asked <= 0:
        raise invalid("amount", "The amount is too small.")
    if asked > left:
        raise invalid("amount", "The amount exceeds what can be returned.")
    return asked


def _uses(call: Call, redemption: Redemption) -> Uses:
    left, wanted = _uses_left(call.state, redemption), call.body.get("benefits")
    if not wanted:
        named = call.body.get("amount") not in (None, "")
        return {} if named else {benefit: count for benefit, count in left.items() if count}
    uses: Uses = {}
    for i, wish in enumerate(wanted if isinstance(wanted, list) else [None]):
        if not isinstance(wish, dict):
            raise invalid(f"benefits.{i}", f"The benefits.{i} must be an array.")
        benefit = next((b for b in left if is_named(call, call.state.benefits[b], wish)), None)
        if benefit is None or benefit in uses:
            raise invalid(f"benefits.{i}.id", f"The selected benefits.{i}.id is invalid.")
        quantity = wish.get("quantity")
        uses[benefit] = 1 if quantity in (None, "") else integer(quantity, f"benefits.{i}.quantity")
        if not 0 < uses[benefit] <= left[benefit]:
            raise invalid(f"benefits.{i}.quantity", "The quantity exceeds what can be returned.")
    return uses


def _uses_left(state: OmneoState, redemption: Redemption) -> Uses:
    """Count what can still be returned of each benefit that the redemption used and that still exists."""
    left = {i.subject_id: i.count or 0 for i in redemption.items if i.type == "benefit"}
    for item in (item for row in state.undone_by(redemption) for item in row.items if item.type == "benefit"):
        left[item.subject_id] -= item.count or 0
    return {benefit: count for benefit, count in left.items() if benefit in state.benefits}


def _restored(call: Call, uses: Uses) -> tuple[RedemptionItem, ...]:
    for benefit, count in uses.items():
        booking.use(call, call.state.benefits[benefit], -count)
    return tuple(booking.item(call, "benefit", benefit, None, count) for benefit, count in uses.items())


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


def _labels(call: Call, redemption: Redemption) -> booking.Labels:
    own, original = booking.labels(call), labels_of(redemption)
    return booking.Labels(
        own.location_id or original.location_id,
        own.transaction_external_id or original.transaction_external_id,
        own.transaction_receipt_ref or original.transaction_receipt_ref,
        own.meta,
    )
