"""A sale as we write it to Omneo."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from proxy.domain.ids import OmneoRedemptionId, TransactionId
from proxy.domain.money import Money

# Where a sale that we write names all of its redemptions, for it can carry one: their ids, with commas between them.
REDEMPTIONS_NOTE: Final = "omneo_redemptions"


@dataclass(frozen=True, slots=True)
class RecordedSale:
    """An order's sale that stands in Omneo, as the ledger knows; `omneo_redemption` is what it carries of ours."""

    transaction: TransactionId
    external_id: str
    omneo_redemption: OmneoRedemptionId | None


@dataclass(frozen=True, slots=True)
class TransactionLine:
    """One line of the sale: unit prices before and after discount, and the discounts with their reasons."""

    name: str
    sku: str | None
    variant_external_id: str | None
    external_id: str
    quantity: int
    price_original: Money
    price_current: Money
    price_sell: Money
    tax: Money
    discounts: tuple[tuple[Money, str], ...]


@dataclass(frozen=True, slots=True)
class TransactionWrite:
    """A sale as we write it to Omneo; amounts in shop money, `transacted_at` in UTC."""

    external_id: str
    receipt_ref: str
    profile: str | None
    profile_handle: str | None  # None: `profile` is Omneo's own id
    omneo_redemption: OmneoRedemptionId | None
    total: Money
    total_original: Money
    transacted_at: datetime
    location: str | None
    systems: tuple[str, ...]
    items: tuple[TransactionLine, ...]
    meta: dict[str, str]
