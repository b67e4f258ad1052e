"""The shapes of a person on the wire: at a glance, and as whoever carries a code."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from proxy.domain.loyalty import Profile, Tier
from proxy.ports import Cached
from proxy.services.look_up import Found
from proxy.services.overview import Overview
from proxy.web.wire import In, Out
from proxy.web.wire_redemption import RedemptionOut
from proxy.web.wire_rewards import BalanceOut, ExpiringOut, balance_out, expiring_out


class ProfileOut(Out):
    """Who a cashier is talking to; nothing here reaches further than a name."""

    first_name: str
    last_name: str
    type: str
    tier: str | None
    joined_at: datetime | None

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Write the person."""
        return cls(
            first_name=profile.first_name,
            last_name=profile.last_name,
            type=profile.type,
            tier=profile.tier,
            joined_at=profile.joined_at,
        )


class TierOut(Out):
    """Where the profile stands between two tiers, in the tenant's own points.

    `progress` and `remaining` lead to the next tier, the other two say what keeps the present one.
    """

    current: str | None
    next: str | None
    progress: str | None
    remaining: str | None
    current_progress: str | None
    current_remaining: str | None

    @classmethod
    def of(cls, tier: Tier) -> Self:
        """Write the tier."""
        return cls(
            current=tier.current,
            next=tier.next,
            progress=None if tier.progress is None else str(tier.progress),
            remaining=None if tier.remaining is None else str(tier.remaining),
            current_progress=None if tier.current_progress is None else str(tier.current_progress),
            current_remaining=None if tier.current_remaining is None else str(tier.current_remaining),
        )


class StandingOut(Out):
    """A customer's tier, null where Omneo has none for them; one who is `pending_profile` Omneo does not know yet."""

    status: Literal["active", "pending_profile"]
    tier: TierOut | None = None
    stale: bool = False

    @classmethod
    def of(cls, tier: Cached[Tier | None] | None) -> Self:
        """Write what was found."""
        if tier is None:
            return cls(status="pending_profile")
        return cls(status="active", tier=TierOut.of(tier.value) if tier.value else None, stale=tier.stale)


Status = Literal["active", "profile_inactive", "profile_deleted"]


class OverviewOut(Out):
    """A customer at a glance; a part that could not be read is null and named in `missing`.

    `as_of` is when the balance was read: what a till remembers has that age. Omneo does not know a `pending_profile`
    yet, a `profile_inactive` may not redeem (`type` says what it is), and of a `profile_deleted` nothing is shown.
    `redemption` is the amount that is open, `redemptions` all that is, benefits too; without a balance neither is told.
    """

    status: Literal[Status, "pending_profile"]
    profile: ProfileOut | None = None
    tier: TierOut | None = None
    balance: BalanceOut | None = None
    expiring_next: ExpiringOut | None = None
    benefits: int | None = None
    redemption: RedemptionOut | None = None
    redemptions: list[RedemptionOut] = Field(default_factory=list)
    missing: list[str] = Field(default_factory=list)
    as_of: datetime | None = None
    stale: bool = False

    @classmethod
    def of(cls, overview: Overview | None) -> Self:
        """Write what was found."""
        if overview is None:
            return cls(status="pending_profile")
        profile, wallet = overview.profile, overview.wallet
        return cls(
            status=_status(profile),
            profile=None if profile.deleted else ProfileOut.of(profile),
            tier=TierOut.of(overview.tier) if overview.tier else None,
            balance=balance_out(wallet) if wallet else None,
            expiring_next=expiring_out(wallet) if wallet else None,
            benefits=overview.benefits,
            redemption=RedemptionOut.of(wallet.redemption) if wallet and wallet.redemption else None,
            redemptions=[RedemptionOut.of(each) for each in wallet.redemptions] if wallet else [],
            missing=list(overview.missing),
            as_of=wallet.as_of if wallet else None,
            stale=overview.stale,
        )


class LookupIn(In):
    """A code as it was scanned or typed, and under which of the shop's handles to look; without one, under each."""

    code: Annotated[str, Field(min_length=1, max_length=256, examples=["M-1001"])]
    handle: Annotated[str, Field(min_length=1, max_length=64)] | None = None


class LookupOut(Out):
    """Who carries a code. `customer_id` is Shopify's, for the cart; it is null where the shop has no such customer.

    `no_customer`: the profile is fine but nobody in this shop. `profile_unknown`: nobody carries that code.
    """

    status: Literal[Status, "no_customer", "profile_unknown"]
    customer_id: str | None = None
    profile: ProfileOut | None = None

    @classmethod
    def of(cls, found: Found | None) -> Self:
        """Write who it is."""
        if found is None:
            return cls(status="profile_unknown")
        profile, status = found.profile, _status(found.profile)
        alone = status == "active" and found.customer is None
        return cls(
            status="no_customer" if alone else status,
            customer_id=found.customer,
            profile=None if profile.deleted else ProfileOut.of(profile),
        )


def _status(profile: Profile) -> Status:
    if profile.deleted:
        return "profile_deleted"
    return "active" if profile.may_redeem else "profile_inactive"
