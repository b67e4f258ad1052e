"""Sales, and what recording them came to."""

from decimal import Decimal
from typing import Any

from proxy.domain.ids import TransactionId
from proxy.domain.order import Order
from proxy.domain.redemption import Redemption
from proxy.domain.shop import Shop, TransactionMode
from proxy.domain.standing_sale import StandingSale
from proxy.domain.work import Verdict
from tests.services.alone import Alone, shop_of

OWN = shop_of(transaction_mode=TransactionMode.OWN)
SALE = StandingSale(
    id=TransactionId(5),
    external_id="1",
    order_number=None,
    receipt_ref=None,
    profile=None,
    redemption=None,
    total=Decimal(0),
    transacted_at=None,
    void=False,
    order=None,
)


async def recorded(alone: Alone, order: Order, *answers: Any, shop: Shop = OWN) -> Verdict:
    alone.omneo.answers[:] = answers
    return await alone.record(shop, order)


async def spent(alone: Alone, minor: int = 500) -> Redemption:
    row = await alone.captured(minor)
    alone.told.lines.clear()
    return row


def told(alone: Alone, name: str) -> list[dict[str, object]]:
    return [fields for happening, fields in alone.told.lines if happening == name]
