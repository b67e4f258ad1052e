"""A quote: what is asked about, and what would be granted."""

from dataclasses import dataclass
from typing import Literal

from proxy.domain.basket import Basket
from proxy.domain.errors import ProxyError
from proxy.domain.ids import CustomerId
from proxy.domain.money import Money
from proxy.domain.redemption import Place
from proxy.domain.staff import AtTill


@dataclass(frozen=True, slots=True)
class WantedBenefit:
    """A benefit by Omneo's id, and how many uses of it."""

    id: int
    uses: int


@dataclass(frozen=True, slots=True)
class QuoteWish:
    """What is asked about; without an amount, about as much as possible."""

    customer: CustomerId
    place: Place
    basket: Basket
    amount: Money | None = None
    benefits: tuple[WantedBenefit, ...] = ()
    take_over: bool = False
    till: AtTill | None = None


@dataclass(frozen=True, slots=True)
class QuoteVerdict:
    """Whether the amount, or a benefit, would be held now; if not, the stable code of why and the numbers behind it."""

    of: Literal["amount", "benefit"]
    benefit: int | None
    allowed: bool
    code: str | None
    facts: dict[str, object]

    @classmethod
    def on_amount(cls, refusal: ProxyError | None) -> "QuoteVerdict":
        """Write what a refusal says."""
        if refusal is None:
            return cls("amount", None, True, None, {})
        return cls("amount", None, False, refusal.code, refusal.facts())

    @classmethod
    def on_benefit(cls, benefit: int, refusal: ProxyError | None) -> "QuoteVerdict":
        """Write what a refusal says of a benefit."""
        if refusal is None:
            return cls("benefit", benefit, True, None, {})
        return cls("benefit", benefit, False, refusal.code, refusal.facts())


@dataclass(frozen=True, slots=True)
class Quote:
    """The verdicts, and the amounts that would be granted: at most, and for what was asked."""

    verdicts: tuple[QuoteVerdict, ...]
    maximum: Money
    suggested: Money
    eligible: Money
    total: Money
    held: Money
    available: Money
