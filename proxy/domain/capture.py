"""A capture: one order's spending in Omneo, with one line per redemption of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from proxy.domain.benefit import uses
from proxy.domain.ids import (
    CaptureId,
    OmneoRedemptionId,
    OrderId,
    ProfileId,
    RedemptionId,
    ShopDomain,
    TenantName,
    is_gone,
)
from proxy.domain.money import USES, Money


class CaptureState(StrEnum):
    """How far the spending in Omneo has come."""

    INTENDED = "intended"  # committed here, never sent
    SENT = "sent"  # sent, the answer is not committed: look before sending again
    DONE = "done"
    VOID = "void"  # an early one that took nothing
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class CaptureLine:
    """A redemption's part; `asked` is what Shopify really discounted, never more than was held.

    `returned` counts what was given up without an answer as well: whether it came back is for a person to find out.
    Until an order has used what was captured early, `asked` is all of it.
    """

    redemption: RedemptionId
    asked: Money
    captured: Money
    returned: Money


@dataclass(frozen=True, slots=True)
class Capture:
    """One row. `asked` is what Omneo is told to redeem next; times in Unix ms.

    `order` is none while an early one waits for its order.
    """

    id: CaptureId
    shop: ShopDomain
    tenant: TenantName
    profile: ProfileId
    order: OrderId | None
    order_name: str
    location: str | None
    state: CaptureState
    asked: Money
    captured: Money
    returned: Money
    sends: int
    sent_ms: int | None
    refusals: int
    final_refusals: int
    refused_ms: int | None
    omneo_redemption: OmneoRedemptionId | None
    lines: tuple[CaptureLine, ...]

    @property
    def of_uses(self) -> bool:
        """Tell whether it takes uses of benefits; money is never in one capture with them."""
        return self.asked.currency == USES

    @property
    def redacted(self) -> bool:
        """Tell whether its person was taken out: Omneo cannot be asked about it any more."""
        return is_gone(self.profile)

    @property
    def unknowns(self) -> int:
        """How many sends have an outcome that nobody knows."""
        return self.sends - self.refusals

    @property
    def wanted(self) -> Money:
        """What the order's discounts took off."""
        return sum((line.asked for line in self.lines), Money.zero(self.asked.currency))


@dataclass(frozen=True, slots=True)
class OmneoRedemption:
    """Omneo's answer to a redeem, or one that a look found; `balance_after` where it was told.

    `uses` has the uses of each benefit, by its id; the documented answer to a write does not tell them, a list does.
    """

    id: OmneoRedemptionId
    type: str
    total: Decimal
    label: str | None
    capture: str | None
    balance_after: Decimal | None = None
    uses: Mapping[int, int] = field(default_factory=dict)

    def taken(self, unit: str) -> Money:
        """Count what it took in the ledger's unit: uses, or the total rounded down to money."""
        return uses(sum(self.uses.values())) if unit == USES else Money.floor(self.total, unit)

    def exact(self, asked: Money) -> bool:
        """Tell whether it took what was asked for."""
        return self.taken(asked.currency) == asked if asked.currency == USES else self.total == asked.decimal


@dataclass(frozen=True, slots=True)
class Taken:
    """What Omneo took for a capture: a total, shared among the lines in their order, or each line's part by itself.

    `ceiling` is the balance that the answer told, in minor units, and for how many ms it bounds new readings.
    """

    total: Money
    parts: Mapping[RedemptionId, Money] | None = None
    ceiling: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Redeem:
    """What Omneo is told to take: an amount, or uses of benefits.

    `label` is the transaction_external_id by which a look finds it again.
    """

    profile: ProfileId
    amount: Money
    strategies: tuple[str, ...]
    label: str
    receipt_ref: str
    capture: CaptureId
    location: str | None = None
    strict: bool = True
    benefits: tuple["UsedBenefit", ...] = ()


@dataclass(frozen=True, slots=True)
class UsedBenefit:
    """So many uses of a benefit, as Omneo is told of them."""

    id: int
    handle: str
    count: int


@dataclass(frozen=True, slots=True)
class GiveBack:
    """What Omneo is told to give back of a redemption; `label` and `row` find it again before any retry."""

    redemption: OmneoRedemptionId
    amount: Money
    label: str
    row: str
    benefits: tuple[UsedBenefit, ...] = ()
