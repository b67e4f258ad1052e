"""The shapes of quotes and approvals on the wire."""

from typing import Annotated, Literal, Self

from pydantic import Field

from proxy.domain.basket import Basket, BasketLine
from proxy.domain.quote import Quote, QuoteVerdict, WantedBenefit
from proxy.domain.redemption import iso
from proxy.domain.refusals import AboveShare, BelowMinimumSpend
from proxy.domain.staff import Approval
from proxy.web.wire import In, MoneyIn, MoneyOut, Out, Text
from proxy.web.wire_redemption import BenefitIn, PosDeclaredIn
from proxy.web.wire_rewards import BalanceOut

_PRODUCT = "gid://shopify/Product/"
ProductId = Annotated[str, Field(pattern=r"^(gid://shopify/Product/)?[1-9][0-9]{0,19}$")]
VariantId = Annotated[str, Field(pattern=r"^(gid://shopify/ProductVariant/)?[1-9][0-9]{0,19}$")]
Code = Annotated[str, Field(min_length=1, max_length=255)]  # as long as Shopify's
Whole = Annotated[int, Field(ge=1, le=100_000)]
_ONLY_QUOTED = (BelowMinimumSpend, AboveShare)
_CODES = " ".join(
    ["That of the refusal of a redemption, or", *(f"`{error.code}`: {error.message}" for error in _ONLY_QUOTED)]
)


class CartLineIn(In):
    """A line of the cart; `price` is that of one unit, before discounts."""

    product_id: ProductId | None = None
    variant_id: VariantId | None = None
    quantity: Whole
    price: MoneyIn
    gift_card: bool = False

    def line(self) -> BasketLine:
        """Read it exactly."""
        product = self.product_id.removeprefix(_PRODUCT) if self.product_id is not None else None
        return BasketLine(product, self.quantity, self.price.money(), self.gift_card)


class CartIn(In):
    """A cart as the client sees it; `token` is what a redemption calls `cart`."""

    token: Text | None = None
    lines: Annotated[list[CartLineIn], Field(max_length=250)]
    shipping: MoneyIn | None = None
    codes: Annotated[list[Code], Field(max_length=10)] = Field(default_factory=list)

    def basket(self) -> Basket:
        """Read it exactly."""
        shipping = self.shipping.money() if self.shipping is not None else None
        return Basket(tuple(line.line() for line in self.lines), shipping, tuple(self.codes))


class QuoteIn(In):
    """A question about a redemption; without an amount, about as much as possible."""

    cart: CartIn
    amount: MoneyIn | None = None
    benefits: Annotated[list[BenefitIn], Field(max_length=10)] = Field(default_factory=list)
    take_over: bool = False

    def wanted(self) -> tuple[WantedBenefit, ...]:
        """Read the benefits."""
        return tuple(WantedBenefit(benefit.id, benefit.uses) for benefit in self.benefits)


class PosQuoteIn(PosDeclaredIn, QuoteIn):
    """The same at a till, for the customer on the cart."""


class VerdictOut(Out):
    """Whether it would be held now; `code` says why not, and `facts` has the numbers behind it."""

    of: Literal["amount", "benefit"]
    benefit: int | None
    allowed: bool
    code: Annotated[str | None, Field(description=_CODES)]
    facts: dict[str, object]

    @classmethod
    def written(cls, verdict: QuoteVerdict) -> Self:
        """Write one verdict."""
        return cls(
            of=verdict.of,
            benefit=verdict.benefit,
            allowed=verdict.allowed,
            code=verdict.code,
            facts=verdict.facts,
        )


class QuoteOut(Out):
    """What would be granted now, here; nothing is held by it, so the next moment may be different."""

    verdicts: list[VerdictOut]
    maximum: MoneyOut
    suggested: MoneyOut
    eligible_subtotal: MoneyOut
    balance: BalanceOut

    @classmethod
    def of(cls, quote: Quote) -> Self:
        """Write the quote."""
        return cls(
            verdicts=[VerdictOut.written(verdict) for verdict in quote.verdicts],
            maximum=MoneyOut.of(quote.maximum),
            suggested=MoneyOut.of(quote.suggested),
            eligible_subtotal=MoneyOut.of(quote.eligible),
            balance=BalanceOut(
                available=MoneyOut.of(quote.available), held=MoneyOut.of(quote.held), total=MoneyOut.of(quote.total)
            ),
        )


class ApprovalOut(Out):
    """An approval: for whom and for how much, who asked for it, and where it is."""

    id: str
    state: Literal["pending", "granted", "expired", "used"]
    customer_id: str
    amount: MoneyOut
    requested_by: str
    granted_by: str | None
    expires_at: str

    @classmethod
    def of(cls, approval: Approval) -> Self:
        """Write it as it is now."""
        return cls(
            id=approval.id,
            state=approval.state.value,
            customer_id=approval.wish.customer,
            amount=MoneyOut.of(approval.wish.amount),
            requested_by=approval.wish.login,
            granted_by=approval.granted_by,
            expires_at=iso(approval.expires_ms),
        )
