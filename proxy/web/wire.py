"""The shapes on the wire; `/openapi.json` is made of these."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from proxy.domain.allowance import Reward
from proxy.domain.benefit import uses
from proxy.domain.errors import InvalidRequest
from proxy.domain.money import Money
from proxy.domain.redemption import JournalEntry, Redemption, iso
from proxy.domain.shop import Shop
from proxy.services.rewards import Wallet

Text = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x20-\x7e]+$")]
Declared = Annotated[Text, Field(max_length=64)]  # as long as the ledger's columns for ids that a till declares

# Kept for ever with the move, and never shown to customers.
Reason = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


CART_ATTRIBUTE: Final = "_redemption_"  # hidden from buyers by its underscore; one for each redemption on the cart


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True)


class In(BaseModel):
    """A request body; fields that we do not know are refused, so that a typo is not silently ignored.

    Strict: a "yes" is no truth value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, str_strip_whitespace=True)

    # Fields that an older release did not know: left out where they are empty, so that a request that is repeated
    # while releases change is the same request.
    later: ClassVar[frozenset[str]] = frozenset()

    def said(self) -> dict[str, Any]:
        """Give what it says, to compare it with what the same key said before."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value or name not in self.later}


class MoneyIn(In):
    """Shopify's MoneyV2."""

    amount: Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$", examples=["12.50"])]
    currencyCode: Annotated[str, Field(pattern=r"^[A-Z]{3}$", examples=["AUD"])]

    def money(self) -> Money:
        """Read it exactly."""
        return Money.parse(self.amount, self.currencyCode)


def _only(name: str) -> dict[str, Any]:
    return {"required": [name], "properties": {name: {"type": "object"}}}


class BenefitIn(In):
    """Uses of a benefit, by its id as `GET /v1/benefits` gives it."""

    id: Annotated[int, Field(ge=1, le=2**53)]
    uses: Annotated[int, Field(ge=1, le=100)] = 1


class RedeemIn(In):
    """A wish to redeem an amount, or a benefit: one of both.

    `cart` is the checkout or cart token: on the same one a new amount, or the same benefit again, replaces the old.
    """

    model_config = ConfigDict(json_schema_extra={"oneOf": [_only(name) for name in ("amount", "benefit")]})

    later = frozenset({"benefit"})

    amount: MoneyIn | None = None
    benefit: BenefitIn | None = None
    cart: Text | None = None
    take_over: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.amount is None) == (self.benefit is None):
            raise InvalidRequest("amount or benefit: one of both is needed.", field="amount")
        return self

    def wanted(self) -> Money:
        """Give the amount, or the number of uses."""
        if self.amount is not None:
            return self.amount.money()
        assert self.benefit is not None, "one of both is there"
        return uses(self.benefit.uses)


class PosDeclaredIn(In):
    """Who is on the cart, and where; location, staff and device are kept as declared."""

    customer_id: Annotated[str, Field(pattern=r"^(gid://shopify/Customer/)?[1-9][0-9]{0,19}$")]
    location_id: Declared | None = None
    staff_id: Declared | None = None
    device_id: Text | None = None
    reason: Reason | None = None


class PosRedeemIn(PosDeclaredIn, RedeemIn):
    """A wish at a till; `approval` is what a colleague granted after `approval_required`."""

    later = frozenset({"benefit", "reason", "approval"})

    approval: Annotated[str, Field(pattern=r"^apr_[0-9a-f]{32}$")] | None = None


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


class BenefitUseOut(Out):
    """Of which benefit it is, and how many uses are wanted and were captured."""

    id: int
    handle: str
    gives: str
    uses: int
    captured: int
    returned: int


class CartAttributeOut(Out):
    """What a cart has to carry, so that its order is known to have used what has no code of its own."""

    key: str
    value: str


class RedemptionOut(Out):
    """A redemption, of an amount or of a benefit; `code` and `cart_attribute` are there only while they can be used."""

    id: str
    state: str
    amount: MoneyOut | None
    captured: MoneyOut | None
    benefit: BenefitUseOut | None
    code: str | None
    cart_attribute: CartAttributeOut | None
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
        benefit = redemption.benefit
        attribute = CartAttributeOut(key=f"{CART_ATTRIBUTE}{redemption.id[-8:]}", value=redemption.id)
        return cls(
            id=redemption.id,
            state=redemption.state,
            amount=MoneyOut.of(redemption.amount) if benefit is None else None,
            captured=MoneyOut.of(redemption.captured) if benefit is None else None,
            benefit=BenefitUseOut(
                id=benefit.id,
                handle=benefit.handle,
                gives=benefit.effect.kind,
                uses=redemption.amount.minor,
                captured=redemption.captured.minor,
                returned=redemption.returned.minor,
            )
            if benefit is not None
            else None,
            code=redemption.cart_code if redemption.usable else None,
            cart_attribute=attribute if redemption.usable and redemption.cart_code is None else None,
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
            expiring_next=expiring_out(wallet),
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


def expiring_out(wallet: Wallet) -> ExpiringOut | None:
    """Write what expires next."""
    expiring = wallet.expiring_next
    if expiring is None:
        return None
    return ExpiringOut(amount=MoneyOut.of(expiring.amount), expires_at=expiring.expires_at)
