"""The shapes of benefits, history and overview on the wire."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from proxy.domain.loyalty import Benefit, Tier, Transaction
from proxy.web.wire import BalanceOut, ExpiringOut, Out, RedemptionOut


class BenefitOut(Out):
    """An entitlement that is not dollars; `remaining` null means without limit."""

    id: int
    handle: str
    name: str
    type: str | None
    description: str | None
    terms: str | None
    expires_at: datetime | None
    remaining: int | None

    @classmethod
    def of(cls, benefit: Benefit) -> Self:
        """Write one benefit."""
        return cls(
            id=benefit.id,
            handle=benefit.handle,
            name=benefit.name,
            type=benefit.type,
            description=benefit.description,
            terms=benefit.terms,
            expires_at=benefit.expires_at,
            remaining=benefit.remaining,
        )


class BenefitsOut(Out):
    """What can be redeemed now."""

    status: Literal["active", "pending_profile"]
    benefits: list[BenefitOut] = Field(default_factory=list)
    stale: bool = False


class TransactionItemOut(Out):
    """One line of a past sale; quantity and price as Omneo keeps them."""

    name: str
    sku: str | None
    quantity: str
    price: str


class TransactionOut(Out):
    """A past sale of any channel; amounts in `currency`, null where Omneo names none."""

    id: int
    external_id: str | None
    receipt_ref: str | None
    transacted_at: datetime | None
    location: str | None
    channels: list[str]
    total: str
    currency: str | None
    redeemed: str | None
    void: bool
    items: list[TransactionItemOut]

    @classmethod
    def of(cls, sale: Transaction) -> Self:
        """Write one sale."""
        return cls(
            id=sale.id,
            external_id=sale.external_id,
            receipt_ref=sale.receipt_ref,
            transacted_at=sale.transacted_at,
            location=sale.location,
            channels=list(sale.systems),
            total=str(sale.total),
            currency=sale.currency,
            redeemed=None if sale.redeemed is None else str(sale.redeemed),
            void=sale.void,
            items=[
                TransactionItemOut(name=i.name, sku=i.sku, quantity=str(i.quantity), price=str(i.price))
                for i in sale.items
            ],
        )


class HistoryOut(Out):
    """One page of sales, newest first."""

    status: Literal["active", "pending_profile"]
    transactions: list[TransactionOut] = Field(default_factory=list)
    page: int
    size: int
    total: int | None = None
    more: bool = False
    stale: bool = False


class ProfileOut(Out):
    """Who a cashier is talking to; nothing here reaches further than a name."""

    first_name: str
    last_name: str
    type: str
    tier: str | None
    joined_at: datetime | None


class TierOut(Out):
    """Where the profile stands between two tiers, in the tenant's own points."""

    current: str | None
    next: str | None
    progress: str | None
    remaining: str | None

    @classmethod
    def of(cls, tier: Tier) -> Self:
        """Write the tier."""
        return cls(
            current=tier.current,
            next=tier.next,
            progress=None if tier.progress is None else str(tier.progress),
            remaining=None if tier.remaining is None else str(tier.remaining),
        )


class OverviewOut(Out):
    """A customer at a glance; a part that could not be read is null and named in `missing`."""

    status: Literal["active", "pending_profile"]
    profile: ProfileOut | None = None
    tier: TierOut | None = None
    balance: BalanceOut | None = None
    expiring_next: ExpiringOut | None = None
    benefits: int | None = None
    redemption: RedemptionOut | None = None
    missing: list[str] = Field(default_factory=list)
    stale: bool = False
