"""A profile's past sales of all channels, with what each of them redeemed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from pydantic import Field

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import ProfileId, TransactionId
from proxy.domain.loyalty import Page, Spent, Transaction, TransactionItem, Used
from proxy.domain.transaction import REDEMPTIONS_NOTE
from proxy.upstreams.omneo_pages import Pages, Query
from proxy.upstreams.omneo_rows import each
from proxy.upstreams.omneo_wire import (
    ZERO,
    Amount,
    Code,
    Count,
    DefinitionWire,
    Fields,
    Flag,
    LooseStamp,
    NamedWire,
    Part,
    Parts,
    Texts,
    Wire,
)

# That lists take `sort` is known of their types, the form of its value is an assumption: undocumented. A tenant may
# ignore it, and then only what stands on one page is in order; or stumble over it, and is asked without.
# Source: github:omneo/omneo-sdk (`sort` beside `page` in the query types)
_NEWEST_FIRST: Final[Query] = (("sort", "-transacted_at"),)
_STUMBLED: Final = frozenset({400, 422, 500})
_ID: Final = re.compile("[1-9][0-9]{0,17}", re.ASCII)
_LONGEST_NOTE: Final = 500
_MOST_OTHERS: Final = 100
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class SubjectWire(Wire):
    """What an item was taken from; of a reward and a benefit the definition says what it is called."""

    definition: Part[DefinitionWire] = None


class UsedWire(Wire):
    type: str | None = None
    value: Amount = None
    count: Amount = None
    type_attributes: Part[SubjectWire] = None

    def domain(self) -> Used:
        of = (self.type_attributes and self.type_attributes.definition) or DefinitionWire()
        return Used(self.type or "", of.name or of.handle, self.value, self.count)


class SpentWire(Wire):
    id: Count = None
    total: Amount = None
    items: Parts[UsedWire] = Field(default_factory=list)

    def domain(self) -> Spent:
        return Spent(abs(self.total or ZERO), tuple(item.domain() for item in self.items))


class ItemWire(Wire):
    name: str | None = None
    sku: str | None = None
    product_variant_sku: str | None = None
    quantity: Amount = None
    price_sell: Amount = None
    price_current: Amount = None
    is_return: Flag = None

    def domain(self) -> TransactionItem:
        price = self.price_current if self.price_sell is None else self.price_sell
        quantity = Decimal(1) if self.quantity is None else self.quantity
        sku = self.product_variant_sku or self.sku
        return TransactionItem(self.name or "", sku, quantity, price or ZERO, bool(self.is_return) or quantity < 0)


class SaleWire(Wire):
    """A transaction with all that is shown of it; what the ledger reads of one has a shape of its own."""

    id: int
    external_id: str | None = None
    receipt_ref: str | None = None
    linked_receipt_ref: str | None = None
    transacted_at: LooseStamp = None
    location: Part[NamedWire] = None
    systems: Texts = Field(default_factory=list)
    total: Amount = None
    currency: Code = None
    redemption: Part[SpentWire] = None
    reversed_redemptions: Parts[SpentWire] = Field(default_factory=list)
    is_void: Flag = None
    items: Parts[ItemWire] = Field(default_factory=list)
    meta: Fields = None

    def others(self) -> list[int]:
        """List the redemptions of this sale beside the one that it carries, as we note them when we write one."""
        noted = str((self.meta or {}).get(REDEMPTIONS_NOTE) or "")[:_LONGEST_NOTE].split(",")
        carried = self.redemption.id if self.redemption else None
        return [int(one) for one in noted if _ID.fullmatch(one) and int(one) != carried]

    def domain(self, others: Mapping[int, Spent]) -> Transaction:
        carried = (self.redemption.domain(),) if self.redemption else ()
        return Transaction(
            id=TransactionId(self.id),
            external_id=self.external_id,
            receipt_ref=self.receipt_ref,
            linked_receipt_ref=self.linked_receipt_ref,
            transacted_at=self.transacted_at,
            location=self.location.name if self.location else None,
            systems=tuple(self.systems),
            total=self.total or ZERO,
            currency=self.currency,
            redemptions=(*carried, *(others[one] for one in self.others() if one in others)),
            reversed=tuple(undone.domain() for undone in self.reversed_redemptions),
            void=bool(self.is_void),
            items=tuple(item.domain() for item in self.items),
        )


class History:
    """Reads sales by page, newest first as far as the tenant lets it."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._order = _NEWEST_FIRST

    async def page(self, profile: ProfileId, number: int, size: int) -> Page[Transaction]:
        """Read one page; what stands on it is put in order here, whatever the tenant made of `sort`."""
        path = f"/profiles/{quote(profile, safe='')}/transactions"
        try:
            found = await self._pages.one("transactions", path, number, size, self._order)
        except UpstreamUnavailable as error:
            if not self._order or error.details.get("status") not in _STUMBLED:
                raise
            found = await self._pages.one("transactions", path, number, size)
            self._order = ()  # for good: without it the same was answered
        rows = each(SaleWire, found.rows)
        others = await self._spent(profile, sorted({one for row in rows for one in row.others()}))
        return Page(_newest_first(row.domain(others) for row in rows), number, size, found.total, found.more)

    async def _spent(self, profile: ProfileId, ids: Sequence[int]) -> Mapping[int, Spent]:
        """Read redemptions of this profile by their ids, which are matched here: the filter may be ignored."""
        if not ids:
            return {}
        path = f"/profiles/{quote(profile, safe='')}/redemptions"
        query = (("filter[id][in]", ",".join(map(str, ids[-_MOST_OTHERS:]))),)
        found = await self._pages.one("redemptions", path, 1, _MOST_OTHERS, query)
        return {row.id: row.domain() for row in each(SpentWire, found.rows) if row.id is not None and row.id in ids}


def _newest_first(sales: Iterable[Transaction]) -> tuple[Transaction, ...]:
    return tuple(sorted(sales, key=lambda sale: (sale.transacted_at or _NEVER, sale.id), reverse=True))
