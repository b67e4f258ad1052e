"""The shapes of redemptions on the wire: wishes of customers and tills, and where each is."""

from typing import Annotated, Any, Final, Self

from pydantic import ConfigDict, Field, model_validator

from proxy.domain.benefit import uses
from proxy.domain.contradiction import UNTOLD
from proxy.domain.errors import InvalidRequest
from proxy.domain.money import Money
from proxy.domain.redemption import JournalEntry, Redemption, iso
from proxy.web.wire import Declared, In, MoneyIn, MoneyOut, Out, Reason, Text

CART_ATTRIBUTE: Final = "_redemption_"  # hidden from buyers by its underscore; one for each redemption on the cart


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
            history = [JournalOut(at=iso(e.at_ms), state=e.state, note=_told(e.note) or e.state) for e in journal]
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
            reason=_told(redemption.reason),
            order_id=redemption.order,
            history=history,
        )


def _told(reason: str | None) -> str | None:
    return None if reason in UNTOLD else reason
