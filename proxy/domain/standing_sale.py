"""A sale that stands in Omneo, and how it is known to be an order's."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from proxy.domain.ids import OmneoRedemptionId, OrderId, ProfileId, ShopDomain, TransactionId, gid
from proxy.domain.order import Order

PLACEHOLDERS = ("order_id", "order_gid", "order_name", "order_number", "shop")
# A time may be read in the shop's zone instead of UTC (14 h at most), and a sale may be written the day after.
_NEAR = timedelta(hours=38)


@dataclass(frozen=True, slots=True)
class StandingSale:
    """A transaction as Omneo shows it; `order` is set on what this service wrote itself."""

    id: TransactionId
    external_id: str | None
    order_number: str | None
    receipt_ref: str | None
    profile: ProfileId | None
    redemption: OmneoRedemptionId | None
    total: Decimal
    transacted_at: datetime | None
    void: bool
    order: tuple[ShopDomain, OrderId] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """By what an order's sale is known. `certain` external ids can be no other order's, the rest may be."""

    order: tuple[ShopDomain, OrderId]
    external_ids: tuple[str, ...]
    certain: frozenset[str]
    numbers: tuple[str, ...]
    profile: ProfileId | None
    totals: frozenset[Decimal]
    times: tuple[datetime, ...]

    def is_certainly(self, sale: StandingSale) -> bool:
        """Tell whether the sale names the order so that no other can be meant."""
        return sale.external_id in self.certain or sale.order == self.order

    def may_be(self, sale: StandingSale) -> bool:
        """Tell whether a number that others use too names the order, and all that is known of the sale fits."""
        named = sale.external_id in self.external_ids or not {sale.order_number, sale.receipt_ref}.isdisjoint(
            self.numbers
        )
        at = sale.transacted_at
        return (
            named
            and not sale.void
            and sale.order is None
            and sale.profile == self.profile
            and sale.total in self.totals
            and at is not None
            and any(abs(at - time) <= _NEAR for time in self.times)
        )


def wanted(templates: Sequence[str], shop: ShopDomain, order: Order, profile: ProfileId | None) -> Wanted:
    """Say by what the order's sale is known, under external ids of these forms."""
    return Wanted(
        order=(shop, order.id),
        external_ids=tuple(dict.fromkeys(formed(template, shop, order) for template in templates)),
        certain=frozenset(formed(template, shop, order) for template in templates if is_unmistakable(template)),
        numbers=tuple(dict.fromkeys((order.name, order.name.lstrip("#"), _number(order.name)))),
        profile=profile,
        totals=frozenset({order.total.decimal, order.total_original.decimal}),
        times=(order.created_at, order.processed_at),
    )


def formed(template: str, shop: ShopDomain, order: Order) -> str:
    """Fill a template of an external id."""
    return template.format(
        order_id=order.id,
        order_gid=gid("Order", order.id),
        order_name=order.name,
        order_number=_number(order.name),
        shop=shop,
    )


def is_unmistakable(template: str) -> bool:
    """Tell whether ids of this form name one order in all shops: names and numbers begin anew in each."""
    by_id = "{order_id}" in template or "{order_gid}" in template
    by_name = "{order_name}" in template or "{order_number}" in template
    return by_id or (by_name and "{shop}" in template)


def check_template(template: str, allowed: Iterable[str] = PLACEHOLDERS) -> str:
    """Give back a template that names the order; raises ValueError for any other."""
    names = tuple(allowed)
    try:
        template.format(**dict.fromkeys(names, ""))
    except (KeyError, IndexError, ValueError, AttributeError):
        listed = ", ".join(f"{{{name}}}" for name in names[:-1])
        raise ValueError(f"may use {listed} and {{{names[-1]}}} only") from None
    if not any(f"{{{name}}}" in template for name in names if name != "shop"):
        raise ValueError("must name the order, or every sale would be the same one")
    return template


def choose(seen: Iterable[StandingSale], of: Wanted, redemption: OmneoRedemptionId | None) -> StandingSale | None:
    """Pick the order's sale: a certain one, else the only one that may be it and carries no other redemption."""
    sales = {sale.id: sale for sale in seen}
    certain = next((sale for sale in sales.values() if of.is_certainly(sale)), None)
    if certain is not None:
        return certain
    likely = [s for s in sales.values() if of.may_be(s) and s.redemption in (None, redemption)]
    return likely[0] if len(likely) == 1 else None


def _number(name: str) -> str:
    # A shop may set words before and after the number; the last run of digits is the number in the usual forms.
    digits = re.findall(r"[0-9]+", name)
    return digits[-1] if digits else name


def names_in(*fields: str | None) -> frozenset[str]:
    """List what may be an order's id or name in what a sale is called; a hint of which order to look at."""
    found = {part for field in fields if field for part in (field, *re.findall(r"[0-9]+", field))}
    return frozenset({*found, *(f"#{part}" for part in found)})
