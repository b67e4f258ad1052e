"""The shape of past sales on the wire."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, Self

from pydantic import Field

from proxy.domain.loyalty import Spent, Transaction, TransactionItem, Used
from proxy.domain.money import exponent
from proxy.web.wire import Out


class TransactionItemOut(Out):
    """One line of a past sale, `price` being of one piece; `returned` where goods came back."""

    name: str
    sku: str | None
    quantity: str
    price: str
    returned: bool

    @classmethod
    def of(cls, item: TransactionItem, currency: str | None) -> Self:
        """Write one line."""
        return cls(
            name=item.name,
            sku=item.sku,
            quantity=_count(item.quantity),
            price=_amount(item.price, currency),
            returned=item.returned,
        )


class UsedOut(Out):
    """What was redeemed: `value` of a reward, of points or of a credit; `count` of points or of a benefit's uses.

    `type` is Omneo's word: `reward`, `point`, `benefit` or `credit`.
    """

    type: str
    name: str | None
    value: str | None
    count: str | None

    @classmethod
    def of(cls, used: Used, currency: str | None) -> Self:
        """Write one thing."""
        return cls(
            type=used.type,
            name=used.name,
            value=None if used.value is None else _amount(used.value, currency),
            count=None if used.count is None else _count(used.count),
        )


class SpentOut(Out):
    """A redemption of a sale."""

    amount: str
    used: list[UsedOut]

    @classmethod
    def of(cls, spent: Spent, currency: str | None) -> Self:
        """Write one redemption."""
        return cls(amount=_amount(spent.total, currency), used=[UsedOut.of(used, currency) for used in spent.used])


class TransactionOut(Out):
    """A past sale of any channel; amounts in `currency`, null where Omneo names none.

    `returned`: goods came back, of the sale with the receipt `linked_receipt_ref` where that is known, and `total` is
    negative or nothing. `reversed` is what of `redemptions` was undone later.
    """

    id: int
    external_id: str | None
    receipt_ref: str | None
    linked_receipt_ref: str | None
    transacted_at: datetime | None
    location: str | None
    channels: list[str]
    total: str
    currency: str | None
    redemptions: list[SpentOut]
    reversed: list[SpentOut]
    void: bool
    returned: bool
    items: list[TransactionItemOut]

    @classmethod
    def of(cls, sale: Transaction) -> Self:
        """Write one sale."""
        return cls(
            id=sale.id,
            external_id=sale.external_id,
            receipt_ref=sale.receipt_ref,
            linked_receipt_ref=sale.linked_receipt_ref,
            transacted_at=sale.transacted_at,
            location=sale.location,
            channels=list(sale.systems),
            total=_amount(sale.total, sale.currency),
            currency=sale.currency,
            redemptions=[SpentOut.of(spent, sale.currency) for spent in sale.redemptions],
            reversed=[SpentOut.of(spent, sale.currency) for spent in sale.reversed],
            void=sale.void,
            returned=sale.returned,
            items=[TransactionItemOut.of(item, sale.currency) for item in sale.items],
        )


class HistoryOut(Out):
    """One page of sales, newest first."""

    status: Literal["active", "pending_profile"]
    transactions: list[TransactionOut] = Field(default_factory=list)
    page: int
    size: int
    total: int | None = None
    more: bool = False
    stale: bool = False


def _amount(amount: Decimal, currency: str | None) -> str:
    """Write an amount with its currency's decimals, or as Omneo has it where that would lose something."""
    try:
        whole = amount.quantize(Decimal(1).scaleb(-exponent(currency or "")))
    except InvalidOperation:  # beyond all amounts
        return str(amount)
    return str(whole if whole == amount else amount)


def _count(count: Decimal) -> str:
    return str(int(count) if count == count.to_integral_value() else count)
