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

    @property
    def deleted(self) -> bool:
        """Tell whether the person is gone from Omneo although the profile can still be read."""
        return self.type == "deleted"


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token of Omneo's own ID API: whoever holds it may redeem at Omneo itself, past our holds."""

    token: str = field(repr=False)
    expires_s: int


@dataclass(frozen=True, slots=True)
class Tier:
    """Where the profile stands between two tiers, in the tenant's tier points.

    `progress` and `remaining` are of the next tier, the other two of keeping the present one.
    """

    current: str | None
    next: str | None
    progress: Decimal | None
    remaining: Decimal | None
    current_progress: Decimal | None = None
    current_remaining: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Benefit:
    """An entitlement that is not dollars; `remaining` is None where uses are unlimited.

    Tags and meta are its definition's; `external_id` is the label of whoever had it issued.
    """

    id: int
    handle: str
    name: str
    type: str | None
    description: str | None
    terms: str | None
    expires_at: datetime | None
    remaining: int | None
    redeemable: bool
    external_id: str | None = None
    tags: tuple[str, ...] = ()
    meta: tuple[tuple[str, str], ...] = ()
    value: Decimal | None = None
    code_online: str | None = None
    code_pos: str | None = None
    instructions_online: str | None = None
    instructions_store: str | None = None


@dataclass(frozen=True, slots=True)
class Claimable:
    """A benefit on offer: nothing of it is the customer's until it is claimed by its handle."""

    handle: str
    name: str
    description: str | None
    terms: str | None
    claim_until: datetime | None


@dataclass(frozen=True, slots=True)
class TransactionItem:
    """One line of a past sale; `price` is of one piece."""

    name: str
    sku: str | None
    quantity: Decimal
    price: Decimal
    returned: bool


@dataclass(frozen=True, slots=True)
class Used:
    """One thing of a redemption, `type` being Omneo's word; `value` is money, `count` points or a benefit's uses."""

    type: str
    name: str | None
    value: Decimal | None
    count: Decimal | None


@dataclass(frozen=True, slots=True)
class Spent:
    """A redemption as its sale shows it."""

    total: Decimal
    used: tuple[Used, ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A past sale or return of any channel, as Omneo keeps it; `reversed` is what was undone later."""

    id: int
    external_id: str | None
    receipt_ref: str | None
    linked_receipt_ref: str | None
    transacted_at: datetime | None
    location: str | None
    systems: tuple[str, ...]
    total: Decimal
    currency: str | None
    redemptions: tuple[Spent, ...]
    reversed: tuple[Spent, ...]
    void: bool
    items: tuple[TransactionItem, ...]

    @property
    def returned(self) -> bool:
        """Tell whether goods came back and none went: what was paid with value alone has a total of nothing."""
        return self.total < 0 or (bool(self.items) and all(item.returned for item in self.items))


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `total` is None where Omneo names none."""

    items: tuple[T, ...]
    page: int
    size: int
    total: int | None
    more: bool
