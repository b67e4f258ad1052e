"""Uses of a benefit: what the ledger holds, captures and gives back where it is not dollars."""

from dataclasses import dataclass
from typing import Final

from proxy.domain.effect import Effect, EffectKind
from proxy.domain.ids import Code
from proxy.domain.money import USES, Money

UNLIMITED: Final = 1_000_000  # uses of a benefit that names no number, so that one arithmetic serves both


@dataclass(frozen=True, slots=True)
class BenefitUse:
    """Which benefit of the profile is used, and what that does at Shopify; kept with the hold as it was then."""

    id: int
    handle: str
    effect: Effect

    def code(self, own: Code) -> str | None:
        """Give the code that a cart needs: our own, the one that the retailer has made, or none."""
        if self.effect.kind is EffectKind.CODE:
            return self.effect.shared_code
        return own if self.effect.makes_code else None


def uses(count: int) -> Money:
    """Count uses as the ledger counts money, in a unit of their own."""
    return Money(count, USES)
