"""The shapes on the wire; `/openapi.json` is made of these."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from proxy.domain.allowance import Reward
from proxy.domain.money import Money
from proxy.domain.redemption import JournalEntry, Redemption, iso
from proxy.domain.shop import Shop
from proxy.services.rewards import Wallet

Text = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x20-\x7e]+$")]
Declared = Annotated[Text, Field(max_length=64)]  # as long as the ledger's columns for ids that a till declares


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class In(BaseModel):
    """A request body; fields that we do not know are refused, so that a typo is not silently ignored.

    Strict: a "yes" is no truth value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)


class MoneyIn(In):
    """Shopify's MoneyV2."""

    amount: Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$", examples=["12.50"])]
    currencyCode: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["AUD"])]

    def money(self) -> Money:
        """Read it exactly."""
        return Money.parse(self.amount, self.currencyCode)


class RedeemIn(In):
    """A wish to redeem. `cart` is the checkout or cart token: on the same one a new amount replaces the old."""

    amount: MoneyIn
    cart: Text | None = None
    take_over: bool = False


class PosRedeemIn(RedeemIn):
    """A wish at a till; location, staff and device are kept as declared."""

    customer_id: Annotated[str, Field(pattern=r"^(gid://shopify/Customer/)?[1-9][0-9]{0,19}$")]
    location_id: Declared | None = None
    staff_id: Declared | None = None
    device_id: Text | None = None


class MoneyOut(Out):
    """Shopify's MoneyV2."""

    amount: str
    currencyCode: str

    @classmethod
    def of(cls, money: Money) -> Self:
        """Write it exactly."""
        return cls(**money.wire())


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


class JournalOut(Out):
    """One move of a redemption."""

    at: str
    state: str
    note: str


class RedemptionOut(Out):
    """A redemption; `code` is there only while it can be used."""

    id: str
    state: str
    amount: MoneyOut
    captured: MoneyOut
    code: str | None
    surface: str
    created_at: str
    expires_at: str
    reason: str | None
    order_id: str | None
    history: list[JournalOut] | None = None

    @classmethod
    def of(cls, redemption: Redemption, journal: tuple[JournalEntry, ...] | None = None) -> Self:
        """Write the redemption as it is now."""
        history = None
        if journal is not None:
            history = [JournalOut(at=iso(entry.at_ms), state=entry.state, note=entry.note) for entry in journal]
        return cls(
            id=redemption.id,
            state=redemption.state,
            amount=MoneyOut.of(redemption.amount),
            captured=MoneyOut.of(redemption.captured),
            code=redemption.code if redemption.usable else None,
            surface=redemption.place.surface,
            created_at=iso(redemption.created_ms),
            expires_at=iso(redemption.ends_ms),
            reason=redemption.reason,
            order_id=redemption.order,
            history=history,
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
    """A customer's rewards; with `status` `pending_profile` Omneo does not know the customer yet: ask again."""

    status: Literal["active", "pending_profile"]
    balance: BalanceOut | None = None
    rewards: list[RewardOut] = Field(default_factory=list)
    expiring_next: ExpiringOut | None = None
    policy: PolicyOut
    redemption: RedemptionOut | None = None
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
            expiring_next=expiring_out(shop, wallet),
            policy=policy,
            redemption=RedemptionOut.of(wallet.redemption) if wallet.redemption else None,
            as_of=wallet.as_of,
            stale=wallet.stale,
        )


class TokenOut(Out):
    """What the theme gets; `expiry` is Unix seconds."""

    token: str
    expiry: int


class OmneoTokenOut(Out):
    """What the theme gets where Omneo's own tokens are handed out: Omneo's, if it gave one, with ours beside it."""

    token: str | None
    expiry: int | None
    proxy_token: str
    proxy_expiry: int


class ExchangedOut(Out):
    """A token for a signed customer id; Omneo's guide reads it at the top and its component below `data`."""

    class Data(Out):
        token: str
        exp: int

    token: str
    data: Data

    @classmethod
    def of(cls, token: str, expires_s: int) -> Self:
        """Write it for both."""
        return cls(token=token, data=cls.Data(token=token, exp=expires_s))


class ProblemOut(Out):
    """RFC 9457 problem details, plus a stable `code` and whether trying again may help."""

    type: str
    title: str
    status: int
    code: str
    retryable: bool


def balance_out(wallet: Wallet) -> BalanceOut:
    """Write the balance."""
    return BalanceOut(
        available=MoneyOut.of(wallet.available), held=MoneyOut.of(wallet.held), total=MoneyOut.of(wallet.total)
    )


def expiring_out(shop: Shop, wallet: Wallet) -> ExpiringOut | None:
    """Write what expires next."""
    reward = wallet.expiring_next
    if reward is None:
        return None
    return ExpiringOut(amount=MoneyOut.of(Money.floor(reward.remaining, shop.currency)), expires_at=reward.expires_at)
