"""What really happened on the other two sides, summed from their own tables."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from proxy.sandbox.omneo import OmneoSandbox


def minor(amount: Decimal) -> int:
    return int(amount * 100)


@dataclass(slots=True)
class Spending:
    """What Omneo has under one label: how often and how much was taken, and what came back how.

    Of benefits it counts uses where it otherwise counts cents; `uses` has what of each is still taken, by its id.
    """

    profile: str
    of_money: bool = False
    uses: Counter[int] = field(default_factory=Counter)
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
class Entitlement:
    """A benefit as Omneo has it: how often it was given to be used, is left, can be used now, and was used elsewhere.

    `given` and `left` are None where there is no limit.
    """

    profile: str
    given: int | None
    left: int | None
    there: int
    elsewhere: int

    @property
    def expired(self) -> int:
        """What was left when it ended."""
        return 0 if self.left is None else self.left - self.there


@dataclass(frozen=True, slots=True)
class OmneoTruth:
    """Omneo's tables by label and by profile; what carries no label was spent by another system."""

    spendings: dict[str, Spending]
    entitlements: dict[int, Entitlement]
    elsewhere_minor: dict[str, int]
    there_minor: dict[str, int]  # what could be spent now
    expired_minor: dict[str, int]  # what was left when it expired
    kept_minor: dict[str, int]  # both


def read_omneo(omneo: OmneoSandbox) -> OmneoTruth:
    """Sum what the tenant has."""
    state, now = omneo.state, omneo.clock.now()
    spendings: dict[str, Spending] = {}
    elsewhere: dict[str, int] = defaultdict(int)
    used_elsewhere: Counter[int] = Counter()
    labels = {row.id: _label(row) for row in state.redemptions.values()}
    for row in state.redemptions.values():
        label = labels[row.source_id] if row.source_id is not None else labels[row.id]
        sign, uses = (1 if row.type == "redeem" else -1), _uses(row)
        if label is None:
            elsewhere[row.profile_id] += minor(row.total) * sign
            used_elsewhere.update({benefit: count * sign for benefit, count in uses.items()})
            continue
        _count(spendings.setdefault(label, Spending(row.profile_id)), row, uses, sign)
    there: dict[str, int] = {}
    expired: dict[str, int] = {}
    for profile in state.profiles:
        rewards = state.rewards_of(profile)
        there[profile] = minor(state.reward_balance(profile, now))
        expired[profile] = sum(minor(r.value_remaining) for r in rewards if r.is_expired(now))
    kept = {profile: there[profile] + expired[profile] for profile in there}
    entitlements = {each.id: _entitlement(omneo, each, used_elsewhere[each.id]) for each in state.benefits.values()}
    return OmneoTruth(spendings, entitlements, elsewhere, there, expired, kept)


def _uses(row: Any) -> Counter[int]:
    """Count the uses of each benefit in a redemption."""
    uses: Counter[int] = Counter()
    for item in row.items:
        if item.type == "benefit":
            uses[item.subject_id] += item.count
    return uses


def _count(spending: Spending, row: Any, uses: Counter[int], sign: int) -> None:
    units = minor(row.total) + uses.total()
    spending.of_money = spending.of_money or row.total > 0
    spending.uses.update({benefit: count * sign for benefit, count in uses.items()})
    match row.type:
        case "redeem":
            spending.redeems, spending.taken_minor = spending.redeems + 1, spending.taken_minor + units
        case "reversal":
            spending.reversals, spending.reversed_minor = spending.reversals + 1, spending.reversed_minor + units
        case _:
            spending.returned_minor += units


def _entitlement(omneo: OmneoSandbox, benefit: Any, elsewhere: int) -> Entitlement:
    given = omneo.state.entry("benefit_definitions", benefit.definition_id).fields["max_redemptions"]
    left = benefit.redemptions_remaining
    there = (left or 0) if omneo.state.is_redeemable(benefit, omneo.clock.now()) else 0
    return Entitlement(benefit.profile_id, None if given is None else int(given), left, there, elsewhere)


def _label(row: Any) -> str | None:
    label = row.transaction_external_id
    return label if label is not None and label.startswith("cap_") else None
