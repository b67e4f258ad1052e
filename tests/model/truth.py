"""What really happened on the other two sides, summed from their own tables."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.shopify.order import Order


def minor(amount: Decimal) -> int:
    return int(amount * 100)


@dataclass(slots=True)
class Spending:
    """What Omneo has under one label: how often and how much was taken, and what came back how."""

    profile: str
    redeems: int = 0
    taken_minor: int = 0
    reversed_minor: int = 0
    returned_minor: int = 0
    reversals: int = 0

    @property
    def back_minor(self) -> int:
        return self.reversed_minor + self.returned_minor

    @property
    def net_minor(self) -> int:
        return self.taken_minor - self.back_minor


@dataclass(frozen=True, slots=True)
class OmneoTruth:
    """Omneo's tables by label and by profile; what carries no label was spent by another system."""

    spendings: dict[str, Spending]
    elsewhere_minor: dict[str, int]
    there_minor: dict[str, int]  # what could be spent now
    expired_minor: dict[str, int]  # what was left when it expired
    kept_minor: dict[str, int]  # both


def read_omneo(omneo: OmneoSandbox) -> OmneoTruth:
    """Sum what the tenant has."""
    state, now = omneo.state, omneo.clock.now()
    spendings: dict[str, Spending] = {}
    elsewhere: dict[str, int] = defaultdict(int)
    labels = {row.id: _label(row) for row in state.redemptions.values()}
    for row in state.redemptions.values():
        label = labels[row.source_id] if row.source_id is not None else labels[row.id]
        if label is None:
            elsewhere[row.profile_id] += minor(row.total) * (1 if row.type == "redeem" else -1)
            continue
        spending = spendings.setdefault(label, Spending(row.profile_id))
        total = minor(row.total)
        match row.type:
            case "redeem":
                spending.redeems, spending.taken_minor = spending.redeems + 1, spending.taken_minor + total
            case "reversal":
                spending.reversals, spending.reversed_minor = spending.reversals + 1, spending.reversed_minor + total
            case _:
                spending.returned_minor += total
    there: dict[str, int] = {}
    expired: dict[str, int] = {}
    for profile in state.profiles:
        rewards = state.rewards_of(profile)
        there[profile] = minor(state.reward_balance(profile, now))
        expired[profile] = sum(minor(r.value_remaining) for r in rewards if r.is_expired(now))
    kept = {profile: there[profile] + expired[profile] for profile in there}
    return OmneoTruth(spendings, elsewhere, there, expired, kept)


def _label(row: Any) -> str | None:
    label = row.transaction_external_id
    return label if label is not None and label.startswith("cap_") else None


@dataclass(frozen=True, slots=True)
class Use:
    """What an order says of one code: what it took off in all, and what of that stands on goods that were kept."""

    order: Order
    used_minor: int
    standing_minor: int

    @property
    def undone(self) -> bool:
        return self.order.cancelled_at is not None or not any(line.current_quantity for line in self.order.lines)


def use_of(order: Order, code: str) -> Use:
    """Read what a code did on an order; of a line the standing part is what its kept pieces carry, rounded up."""
    used = standing = 0
    for application in order.applications:
        if application.type != "discount_code" or application.label.casefold() != code.casefold():
            continue
        for line in order.lines:
            share = minor(line.allocations.get(application.index, Decimal(0)))
            used += share
            standing += -(-share * line.current_quantity // line.quantity)
    return Use(order, used, standing)
