"""What the simulated tenant stores; money is Decimal with two places, times are aware UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

ZERO = Decimal("0.00")


@dataclass(slots=True)
class Entry:
    """A row of a catalogue (definitions, webhooks, locations): its fields are as the wire has them."""

    id: int
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class Identity:
    id: int
    handle: str
    identifier: str
    profile_id: str
    is_primary: bool
    is_active: bool
    created_at: datetime
    updated_at: datetime
    merged_from: str | None = None


@dataclass(slots=True)
class Profile:
    id: str
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    comms: dict[str, Any] = field(default_factory=dict)
    tier: str | None = None
    tier_since: datetime | None = None


@dataclass(slots=True)
class Reward:
    id: int
    profile_id: str
    definition_id: int
    value_initial: Decimal
    value_remaining: Decimal
    issued_at: datetime
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime
    timezone: str = "UTC"
    external_id: str | None = None
    meta: Any = None
    source_id: int | None = None
    source_type: str | None = None
    extended_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def is_active(self, now: datetime) -> bool:
        return not self.is_expired(now) and self.value_remaining > 0


@dataclass(slots=True)
class Points:
    """A batch of points as it was issued."""

    id: int
    profile_id: str
    initial: int
    remaining: int
    issued_at: datetime
    created_at: datetime
    updated_at: datetime
    meta: Any = None


@dataclass(slots=True)
class Benefit:
    id: int
    profile_id: str
    definition_id: int
    issued_at: datetime
    expires_at: datetime | None
    redemptions_remaining: int | None
    created_at: datetime
    updated_at: datetime
    timezone: str = "UTC"
    external_id: str | None = None
    claimed_at: datetime | None = None
    extended_at: datetime | None = None
    value: Decimal | None = None
    meta: Any = None
    redeem_code_pos: str | None = None
    redeem_code_online: str | None = None

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at


@dataclass(frozen=True, slots=True)
class RedemptionItem:
    """A part of a redemption: `value` is money, `count` uses of a benefit or a number of points."""

    id: int
    type: str
    subject_id: int
    value: Decimal | None
    count: int | None
    created_at: datetime


@dataclass(slots=True)
class Redemption:
    """What was spent, given back or undone; `source_id` is the redemption that a return or reversal is of."""

    id: int
    profile_id: str
    type: str
    total: Decimal
    items: tuple[RedemptionItem, ...]
    created_at: datetime
    updated_at: datetime
    visible_at: datetime
    meta: Any = None
    location_id: int | None = None
    transaction_external_id: str | None = None
    transaction_receipt_ref: str | None = None
    transaction_id: int | None = None
    source_id: int | None = None


@dataclass(slots=True)
class Transaction:
    id: int
    external_id: str | None
    profile_id: str | None
    redemption_id: int | None
    location_id: int | None
    total: Decimal
    transacted_at: datetime
    timezone: str
    items: list[dict[str, Any]]
    fields: dict[str, Any]
    created_at: datetime
    updated_at: datetime
