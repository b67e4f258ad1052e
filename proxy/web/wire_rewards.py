"""The shapes of balance and rewards on the wire."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from proxy.domain.allowance import Reward
from proxy.domain.money import Money
from proxy.domain.shop import Shop
from proxy.services.rewards import Wallet
from proxy.web.wire import MoneyOut, Out
from proxy.web.wire_redemption import RedemptionOut


class RewardOut(Out):
    """One reward; `remaining` is what is left of `initial`."""

    id: int
    name: str
    initial: MoneyOut
    remaining: MoneyOut
    issued_at: datetime | None
    expires_at: datetime | None
    state: Literal["active", "used", "expired"]

    @classmethod
    def of(cls, reward: Reward, currency: str) -> Self:
        """Write one reward."""
        return cls.model_validate(
            {
                "id": reward.id,
                "name": reward.name,
                "initial": Money.floor(reward.initial, currency).wire(),
                "remaining": Money.floor(reward.remaining, currency).wire(),
                "issued_at": reward.issued_at,
                "expires_at": reward.expires_at,
                "state": reward.state,
            }
        )


class BalanceOut(Out):
    """What a redemption made now could take (`available`), what open holds take, and the whole."""

    available: MoneyOut
    held: MoneyOut
    total: MoneyOut


class ExpiringOut(Out):
    """What is lost next."""

    amount: MoneyOut
    expires_at: datetime | None


class PolicyOut(Out):
    """What the retailer allows."""

    minimum: MoneyOut
    minimum_spend: MoneyOut | None


class RewardsOut(Out):
    """A customer's rewards; with `status` `pending_profile` Omneo does not know the customer yet: ask again.

    `redemption` is the amount that is open, `redemptions` all that is, benefits too.
    """

    status: Literal["active", "pending_profile"]
    balance: BalanceOut | None = None
    rewards: list[RewardOut] = Field(default_factory=list)
    expiring_next: ExpiringOut | None = None
    policy: PolicyOut
    redemption: RedemptionOut | None = None
    redemptions: list[RedemptionOut] = Field(default_factory=list)
    as_of: datetime | None = None
    stale: bool = False
    retry_after_s: int | None = None

    @classmethod
    def of(cls, shop: Shop, wallet: Wallet | None) -> Self:
        """Write the wallet."""
        policy = PolicyOut(
            minimum=MoneyOut.of(shop.policy.minimum),
            minimum_spend=MoneyOut.of(shop.policy.minimum_spend) if shop.policy.minimum_spend else None,
        )
        if wallet is None:
            return cls(status="pending_profile", policy=policy, retry_after_s=5)
        return cls(
            status="active",
            balance=balance_out(wallet),
            rewards=[RewardOut.of(reward, shop.currency) for reward in wallet.rewards],
            expiring_next=expiring_out(wallet),
            policy=policy,
            redemption=RedemptionOut.of(wallet.redemption) if wallet.redemption else None,
            redemptions=[RedemptionOut.of(each) for each in wallet.redemptions],
            as_of=wallet.as_of,
            stale=wallet.stale,
        )


def balance_out(wallet: Wallet) -> BalanceOut:
    """Write the balance."""
    return BalanceOut(
        available=MoneyOut.of(wallet.available), held=MoneyOut.of(wallet.held), total=MoneyOut.of(wallet.total)
    )


def expiring_out(wallet: Wallet) -> ExpiringOut | None:
    """Write what expires next."""
    expiring = wallet.expiring_next
    if expiring is None:
        return None
    return ExpiringOut(amount=MoneyOut.of(expiring.amount), expires_at=expiring.expires_at)
