"""What the shapes on the wire have in common; `/openapi.json` is made of them."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from proxy.domain.money import Money

Text = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[\x20-\x7e]+$")]
Declared = Annotated[Text, Field(max_length=64)]  # as long as the ledger's columns for ids that a till declares

# Kept for ever with the move, and never shown to customers.
Reason = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Out(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, json_schema_serialization_defaults_required=True)


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


class MoneyOut(Out):
    """Shopify's MoneyV2."""

    amount: str
    currencyCode: str

    @classmethod
    def of(cls, money: Money) -> Self:
        """Write it exactly."""
        return cls(**money.wire())


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
