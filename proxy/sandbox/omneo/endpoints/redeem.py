"""Redeem: spend rewards, points and benefits in one redemption."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Any

from proxy.sandbox.omneo import booking, events
from proxy.sandbox.omneo.call import Answer, Call, data
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import invalid
from proxy.sandbox.omneo.records import ZERO, Benefit, Points, Redemption, Reward
from proxy.sandbox.omneo.rules import check, integer, money_or_none
from proxy.sandbox.omneo.shapes import redemptions
from proxy.sandbox.omneo.shapes.incentives import point_dollars

STRATEGIES = ("points", "rewards", "benefits", "credits")


@dataclass(frozen=True, slots=True)
class Take:
    """One part of a redemption that has not been made yet."""

    type: str
    subject: Reward | Points | Benefit
    value: Decimal | None
    count: int | None


def endpoints() -> list[Endpoint]:
    return [Endpoint("POST", "/profiles/{profile}/redeem", redeem, "redeem-strategy")]


def guide_endpoints() -> list[Endpoint]:
    return [Endpoint("POST", "/profiles/{profile}/redemptions", redeem, "redeem-strategy")]


def redeem(call: Call) -> Answer:
    """Spend up to the amount by the strategies in order; nothing recognises a call made twice.

    A short redemption is silent unless `strict`; none at all is refused always (assumption: undocumented).
    """
    profile = call.state.profile(call.path["profile"])
    check(call.body, booking.BODY_RULES)
    currency = call.body.get("currency")
    if currency not in (None, "", call.config.currency):
        raise invalid("currency", "The selected currency is invalid.")
    strategies = _strategies(call)
    benefits = _benefit_takes(call, profile.id) if "benefits" in strategies else []
    amount = _amount(call, only_benefits=bool(benefits))
    takes = benefits + _money_takes(call, profile.id, strategies, amount)
    short = amount - sum((t.value for t in takes if t.value is not None), ZERO)
    if short > 0:
        _refuse_if_short(call, nothing=short == amount)
    labels = booking.labels(call)
    redemption = spend(call, profile.id, takes, labels)
    events.redemption_made(call, redemption)
    return data(redemptions.successful(call.state, call.config, redemption, call.now), 201)


def _strategies(call: Call) -> list[str]:
    named = call.body.get("strategies")
    if not named:
        return (["benefits"] if call.body.get("benefits") else []) + list(call.config.default_strategies)
    for i, name in enumerate(named if isinstance(named, list) else [None]):
        if name not in STRATEGIES:
            raise invalid(f"strategies.{i}", f"The selected strategies.{i} is invalid.")
    return list(dict.fromkeys(named))


def _amount(call: Call, only_benefits: bool) -> Decimal:
    amount = money_or_none(call.body.get("amount"), "amount")
    if amount is None:
        if only_benefits:
            return ZERO
        raise invalid("amount", "The amount field is required.")
    if amount <= 0:
        raise invalid("amount", "The amount must be greater than 0.")
    return amount


def _refuse_if_short(call: Call, nothing: bool) -> None:
    strict = call.config.strict_supported and call.body.get("strict") in (True, 1, "1")
    if nothing or strict or not call.config.partial_redemption:
        raise invalid("amount", "The amount exceeds the available balance.")


def _money_takes(call: Call, profile_id: str, strategies: list[str], amount: Decimal) -> list[Take]:
    plans: dict[str, Callable[[Call, str, Decimal], list[Take]]] = {"rewards": _rewards, "points": _points}
    takes: list[Take] = []
    for strategy in strategies:
        left = amount - sum((t.value for t in takes if t.value is not None), ZERO)
        if strategy in plans and left > 0:
            takes += plans[strategy](call, profile_id, left)
    return takes


def _rewards(call: Call, profile_id: str, amount: Decimal) -> list[Take]:
    takes = []
    for reward in call.state.spendable_rewards(profile_id, call.now):
        value = min(amount, reward.value_remaining)
        if value > 0:
            takes.append(Take("reward", reward, value, None))
            amount -= value
    return takes


def _points(call: Call, profile_id: str, amount: Decimal) -> list[Take]:
    takes = []
    for batch in call.state.points_of(profile_id):
        value = min(amount, point_dollars(batch.remaining, call.config))
        if value > 0:
            count = int((value / call.config.point_value).to_integral_value(rounding=ROUND_UP))
            takes.append(Take("point", batch, value, count))
            amount -= value
    return takes


def _benefit_takes(call: Call, profile_id: str) -> list[Take]:
    takes: list[Take] = []
    planned: Counter[int] = Counter()
    wanted = call.body.get("benefits") or []
    for i, wish in enumerate(wanted if isinstance(wanted, list) else [None]):
        if not isinstance(wish, dict):
            raise invalid(f"benefits.{i}", f"The benefits.{i} must be an array.")
        benefit = _owned(call, profile_id, wish)
        quantity = wish.get("quantity")
        count = 1 if quantity in (None, "") else integer(quantity, f"benefits.{i}.quantity")
        if benefit is None or any(t.subject is benefit for t in takes):
            raise invalid(f"benefits.{i}.id", f"The selected benefits.{i}.id is invalid.")
        refuse_unless_redeemable(call, benefit, count, f"benefits.{i}.quantity", planned[benefit.definition_id])
        planned[benefit.definition_id] += count
        takes.append(Take("benefit", benefit, None, count))
    return takes


def _owned(call: Call, profile_id: str, wish: dict[str, Any]) -> Benefit | None:
    """Find the benefit by the id; by a handle alone, the first that can be redeemed."""
    named = [b for b in call.state.benefits_of(profile_id) if is_named(call, b, wish)]
    if wish.get("id") in (None, ""):
        named = [b for b in named if call.state.is_redeemable(b, call.now)]
    return named[0] if named else None


def is_named(call: Call, benefit: Benefit, wish: dict[str, Any]) -> bool:
    """Tell whether the benefit has the id and the handle of a wish, which has to give one of the two."""
    handle = call.state.entry("benefit_definitions", benefit.definition_id).fields["handle"]
    pairs = ((wish.get("id"), str(benefit.id)), (wish.get("handle"), handle))
    given = [str(wanted) == own for wanted, own in pairs if wanted not in (None, "")]
    return bool(given) and all(given)


def refuse_unless_redeemable(call: Call, benefit: Benefit, count: int, field: str, planned: int = 0) -> None:
    """Refuse what is expired, not issued yet, used up, or asked for more often than it may be used.

    `planned` uses of the same definition come off what is left over all customers.
    """
    left, everywhere = benefit.redemptions_remaining, call.state.global_remaining(benefit)
    enough = (left is None or left >= count) and (everywhere is None or everywhere - planned >= count)
    if count < 1 or not enough or not call.state.is_redeemable(benefit, call.now):
        raise invalid(field, "The benefit is not redeemable.")


def spend(call: Call, profile_id: str, takes: list[Take], labels: booking.Labels) -> Redemption:
    """Take what was planned and store the redemption; by now nothing can be refused."""
    items = []
    for take in takes:
        _consume(call, take)
        items.append(booking.item(call, take.type, take.subject.id, take.value, take.count))
    total = sum((t.value for t in takes if t.value is not None), ZERO)
    return booking.store(call, profile_id, "redeem", total, tuple(items), labels)


def _consume(call: Call, take: Take) -> None:
    subject = take.subject
    subject.updated_at = call.now
    if isinstance(subject, Reward):
        assert take.value is not None
        subject.value_remaining -= take.value
    elif isinstance(subject, Points):
        assert take.count is not None
        subject.remaining -= take.count
    else:
        booking.use(call, subject, take.count or 1)
