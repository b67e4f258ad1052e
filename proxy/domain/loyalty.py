"""What Omneo tells of a person: profile, tier, benefits and transactions, as far as we show them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final, Generic, TypeVar

from proxy.domain.ids import ProfileId

T = TypeVar("T")

PAGE_SIZE: Final = 10  # of a history, unless the caller wants another


@dataclass(frozen=True, slots=True)
class Profile:
    """A person in Omneo. `type` is Omneo's profile_type; only `active` and `pending` profiles may redeem."""

    id: ProfileId
    first_name: str
    last_name: str
    type: str
    tier: str | None
    joined_at: datetime | None

    @property
    def may_redeem(self) -> bool:
        """Tell whether value may leave this profile. Source: assumption, undocumented."""
        return self.type in ("active", "pending", "")


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token of Omneo's own ID API: whoever holds it may redeem at Omneo itself, past our holds."""

    token: str = field(repr=False)
    expires_s: int


@dataclass(frozen=True, slots=True)
class Tier:
    """Where the profile stands between two tiers, in the tenant's tier points."""

    current: str | None
    next: str | None
    progress: Decimal | None
    remaining: Decimal | None


@dataclass(frozen=True, slots=True)
class Benefit:
    """An entitlement that is not dollars; `remaining` is None where uses are unlimited."""

    id: int
    handle: str
    name: str
    type: str | None
    description: str | None
    terms: str | None
    expires_at: datetime | None
    remaining: int | None
    redeemable: bool


@dataclass(frozen=True, slots=True)
class TransactionItem:
    """One line of a past sale."""

    name: str
    sku: str | None
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Transaction:
    """A past sale of any channel, as Omneo keeps it."""

    id: int
    external_id: str | None
    receipt_ref: str | None
    transacted_at: datetime | None
    location: str | None
    systems: tuple[str, ...]
    total: Decimal
    currency: str | None
    redeemed: Decimal | None
    void: bool
    items: tuple[TransactionItem, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `total` is None where Omneo names none."""

    items: tuple[T, ...]
    page: int
    size: int
    total: int | None
    more: bool
