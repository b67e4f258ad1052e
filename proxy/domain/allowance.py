"""What a profile may still spend: a reading of Omneo's balance, and what of it a hold may take."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from proxy.domain.errors import CurrencyMismatch, InsufficientBalance, RewardsExpire
from proxy.domain.money import Money
from proxy.domain.shop import Spendable


@dataclass(frozen=True, slots=True)
class Reward:
    """One dollar-off reward of a profile; `expires_at` is None where it never expires."""

    id: int
    name: str
    initial: Decimal
    remaining: Decimal
    issued_at: datetime | None
    expires_at: datetime | None
    active: bool
    expired: bool

    @property
    def state(self) -> str:
        """Omneo has no status field, so it is derived: `active`, `used` or `expired`."""
        if self.expired:
            return "expired"
        return "active" if self.active and self.remaining > 0 else "used"


@dataclass(frozen=True, slots=True)
class Balance:
    """Omneo's balances in major units of `currency`; None means the tenant names no currency."""

    rewards: Decimal
    points: Decimal
    points_value: Decimal
    combined: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """Balance and rewards, with the allowance's epoch as it was *before* they were asked for."""

    balance: Balance
    rewards: tuple[Reward, ...]
    epoch: int
    read_at: datetime

    def total(self, spendable: Spendable, currency: str) -> Money:
        """Give the whole balance that the policy lets a customer redeem, holds not taken off."""
        if self.balance.currency not in (None, currency):
            raise CurrencyMismatch(ours=currency, theirs=self.balance.currency)
        of = self.balance.rewards if spendable is Spendable.REWARDS else self.balance.combined
        return Money.floor(max(of, Decimal(0)), currency)

    def spendable(self, spendable: Spendable, currency: str, outlives: datetime) -> Money:
        """Give what a hold may take: rewards that expire before `outlives` might be gone when the order comes."""
        total = self.total(spendable, currency)
        lost = sum(
            (r.remaining for r in self.rewards if r.state == "active" and _expires_before(r, outlives)), Decimal(0)
        )
        lasting = max(Decimal(0), total.decimal - lost)
        return Money.floor(lasting, currency)

    def expiring(self, spendable: Spendable, currency: str, outlives: datetime) -> Money:
        """Give what that leaves out of the whole."""
        return self.total(spendable, currency) - self.spendable(spendable, currency, outlives)


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds take from a profile now, and the bound that the last capture's answer still sets, in minor units."""

    held_minor: int
    ceiling_minor: int | None

    def left(self, spendable: Money) -> Money:
        """Give what a new hold could take."""
        of = spendable.minor if self.ceiling_minor is None else min(spendable.minor, self.ceiling_minor)
        return Money(max(0, of - self.held_minor), spendable.currency)


def short_of(amount: Money, available: Money, expiring: Money) -> InsufficientBalance | RewardsExpire | None:
    """Say why an amount is more than is available, where it is; `expiring` is what ends too soon to count."""
    if amount <= available:
        return None
    if amount <= available + expiring:
        return RewardsExpire(available=available.wire(), expiring=expiring.wire())
    return InsufficientBalance(available=available.wire())


def _expires_before(reward: Reward, when: datetime) -> bool:
    return reward.expires_at is not None and reward.expires_at <= when
