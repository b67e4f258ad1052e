"""A cart as a client declares it: shown sums are computed from it, nothing is ever granted because of it."""

from collections.abc import Collection
from dataclasses import dataclass

from proxy.domain.errors import CurrencyMismatch
from proxy.domain.money import Money


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line; `product` is Shopify's number where the client names it, `price` that of one unit."""

    product: str | None
    quantity: int
    price: Money
    gift_card: bool = False


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines, the price of shipping where it is known, and the codes that are on the cart already."""

    lines: tuple[BasketLine, ...]
    shipping: Money | None = None
    codes: tuple[str, ...] = ()

    def eligible(self, currency: str, excluded: Collection[str]) -> Money:
        """Sum what may be discounted: no gift card, no excluded product, and never the shipping.

        Raises `CurrencyMismatch` for a cart that is priced in another currency than the shop's.
        """
        for price in [line.price for line in self.lines] + ([self.shipping] if self.shipping else []):
            if price.currency != currency:
                raise CurrencyMismatch(ours=currency, theirs=price.currency)
        counted = (line for line in self.lines if not line.gift_card and line.product not in excluded)
        return Money(sum(line.price.minor * line.quantity for line in counted), currency)
