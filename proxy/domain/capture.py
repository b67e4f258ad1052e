"""A capture: one order's spending in Omneo, with one line per redemption of ours."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

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
from proxy.domain.money import Money


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
    """Omneo's answer to a redeem, or one that a look found; `balance_after` where it was told."""

    id: OmneoRedemptionId
    type: str
    total: Decimal
    label: str | None
    capture: str | None
    balance_after: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Redeem:
    """What Omneo is told to take. `label` is the transaction_external_id by which a look finds it again."""

    profile: ProfileId
    amount: Money
    strategies: tuple[str, ...]
    label: str
    receipt_ref: str
    capture: CaptureId
    location: str | None = None
    strict: bool = True


@dataclass(frozen=True, slots=True)
class GiveBack:
    """What Omneo is told to give back of a redemption; `label` and `row` find it again before any retry."""

    redemption: OmneoRedemptionId
    amount: Money
    label: str
    row: str
