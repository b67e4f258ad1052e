"""What a shop makes of its tenant's benefits: Omneo says that somebody has one, and not what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from proxy.domain.caller import Surface
from proxy.domain.effect import Effect
from proxy.domain.loyalty import Benefit


class Inapplicable(StrEnum):
    """Why a benefit is shown and cannot be used here; clients translate it."""

    UNMAPPED = "unmapped"  # the shop says nothing of it
    OTHER_SURFACE = "other_surface"  # what the shop says is for another surface
    NO_CODE = "no_code"  # it is to use a code that neither shop nor Omneo names
    NO_PRICE = "no_price"  # its product is gone, or costs nothing
    IN_USE = "in_use"  # the customer's carts hold every use that is left
    UNAVAILABLE = "unavailable"  # what is needed to tell could not be read; asking again may help


@dataclass(frozen=True, slots=True)
class BenefitRule:
    """One entry: by what it knows its benefits, what they do at Shopify, and where.

    Exactly one of handle, tag and meta is set; a key without a value is met by any. The amount of a free product is
    not known yet.
    """

    name: str
    effect: Effect
    surfaces: frozenset[Surface]
    handle: str | None = None
    tag: str | None = None
    meta: tuple[str, str | None] | None = None

    def is_of(self, benefit: Benefit) -> bool:
        """Tell whether it is an entry for this benefit, exactly as written."""
        if self.handle is not None:
            return benefit.handle == self.handle
        if self.tag is not None:
            return self.tag in benefit.tags
        assert self.meta is not None
        key, wanted = self.meta
        return any(k == key and wanted in (None, v) for k, v in benefit.meta)


def rule_for(rules: Sequence[BenefitRule], benefit: Benefit, surface: Surface) -> BenefitRule | Inapplicable:
    """Give the first entry for this benefit on this surface, or why there is none."""
    of_it = [rule for rule in rules if rule.is_of(benefit)]
    if not of_it:
        return Inapplicable.UNMAPPED
    return next((rule for rule in of_it if surface in rule.surfaces), Inapplicable.OTHER_SURFACE)
