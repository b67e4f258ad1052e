"""Where Shopify, the ledger and Omneo disagree: the kinds of drift, what was found, and what was done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from proxy.domain.ids import CaptureId, OmneoRedemptionId, OrderId, ProfileId, RedemptionId, TransactionId
from proxy.domain.money import Money


class Drift(StrEnum):
    """Stable codes; README says of each what `--fix` does."""

    ORDER_NOT_CAPTURED = "order_not_captured"
    ORDER_NOT_RECORDED = "order_not_recorded"
    VALUE_NOT_RETURNED = "value_not_returned"
    CAPTURE_MISSING = "capture_missing"
    CAPTURE_UNKNOWN = "capture_unknown"
    CAPTURE_SURPLUS = "capture_surplus"
    AMOUNT_DIFFERS = "amount_differs"
    RETURN_MISSING = "return_missing"
    TRANSACTION_NOT_ATTACHED = "transaction_not_attached"
    HOLD_ENDED = "hold_ended"
    ALLOWANCE_DIFFERS = "allowance_differs"
    REDEMPTION_STUCK = "redemption_stuck"
    TASK_PARKED = "task_parked"
    TASK_LATE = "task_late"


EXPLAINED: dict[Drift, str] = {
    Drift.ORDER_NOT_CAPTURED: "an order used our code, but nothing was captured for it",
    Drift.ORDER_NOT_RECORDED: "an order is paid, but no transaction was written for it",
    Drift.VALUE_NOT_RETURNED: "goods came back, but not the value that was spent on them",
    Drift.CAPTURE_MISSING: "the ledger says captured, but Omneo has no such redemption",
    Drift.CAPTURE_UNKNOWN: "Omneo has a redemption under a label of ours that the ledger does not know",
    Drift.CAPTURE_SURPLUS: "Omneo has more than one redemption for one capture",
    Drift.AMOUNT_DIFFERS: "Omneo took another amount than the ledger says",
    Drift.RETURN_MISSING: "the ledger says given back, but Omneo has no such redemption",
    Drift.TRANSACTION_NOT_ATTACHED: "the transaction does not carry the redemption that was recorded on it",
    Drift.HOLD_ENDED: "a hold takes value although its redemption has ended",
    Drift.ALLOWANCE_DIFFERS: "a profile's allowance is not the sum of its holds",
    Drift.REDEMPTION_STUCK: "a redemption is in its state for longer than that can last",
    Drift.TASK_PARKED: "work is parked and waits for a person",
    Drift.TASK_LATE: "work is due and nobody does it",
}


class Cure(StrEnum):
    """What was done about a finding."""

    REPORTED = "reported"  # without --fix
    WISHED = "wished"  # the worker does what is missing
    ATTACHED = "attached"
    REVIEWED = "reviewed"  # a person decides: `proxy redemptions review`
    LEFT = "left"  # nothing that a machine may do, or it moved meanwhile

    @property
    def mended(self) -> bool:
        """Tell whether nothing is left for a person."""
        return self in (Cure.WISHED, Cure.ATTACHED)


@dataclass(frozen=True, slots=True)
class Work:
    """Names a task."""

    kind: str
    subject: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One disagreement. `work` is what would mend it, as would attaching `attach`; `facts` are for people."""

    drift: Drift
    redemptions: tuple[RedemptionId, ...] = ()
    order: OrderId | None = None
    work: Work | None = None
    attach: tuple[TransactionId, OmneoRedemptionId] | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def says(self) -> str:
        """Explain it in a sentence."""
        return EXPLAINED[self.drift]


@dataclass(frozen=True, slots=True)
class Treated:
    """A finding and what came of it."""

    finding: Finding
    cure: Cure


@dataclass(frozen=True, slots=True)
class Listed:
    """One redemption as Omneo lists it; `capture` is the capture of ours that its label or meta names."""

    id: OmneoRedemptionId
    type: str
    total: Decimal
    capture: CaptureId | None
    profile: ProfileId | None
    transaction: TransactionId | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Recorded:
    """A sale that the ledger says stands in Omneo with this redemption on it."""

    order: OrderId
    external_id: str
    transaction: TransactionId
    omneo: OmneoRedemptionId
    redemptions: tuple[RedemptionId, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """A giving back that the ledger says Omneo made, as its redemption `omneo`."""

    order: OrderId | None
    profile: ProfileId
    omneo: OmneoRedemptionId
    amount: Money
    redemptions: tuple[RedemptionId, ...]


@dataclass(frozen=True, slots=True)
class Uneven:
    """An allowance that is not the sum of its holds, in minor units, or in uses of a benefit that is not 0."""

    profile: ProfileId
    benefit: int
    allowance_minor: int
    rows_minor: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Work that is parked, or due without anybody doing it."""

    work: Work
    parked: bool
    due_ms: int
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What one comparison read and found."""

    since: datetime
    orders: int
    captures: int
    omneo_redemptions: int
    findings: tuple[Finding, ...]
