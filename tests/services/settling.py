"""Orders that use codes, and their settlement."""

from dataclasses import replace
from typing import Any

from proxy.domain.order import Allocation, Order, OrderLine
from proxy.domain.redemption import Redemption
from proxy.domain.shop import Shop
from proxy.domain.work import Verdict
from tests.services.alone import Alone
from tests.services.scripts import bought
from tests.stores.ledger import aud


def using(number: str, *uses: tuple[Redemption, int], **changes: Any) -> Order:
    """An order of one line that the codes of these redemptions took so much off."""
    taken = tuple(Allocation(row.code, None, aud(minor)) for row, minor in uses)
    line = OrderLine("1", "Thing", None, None, 1, 1, aud(5000), aud(0), taken)
    codes = tuple(row.code for row, _ in uses)
    return replace(bought(number), lines=(line,), **{"codes": codes, **changes})


async def settled(alone: Alone, order: Order, *answers: Any, shop: Shop | None = None) -> Verdict:
    alone.shopify.orders[order.id] = order
    alone.omneo.answers[:] = answers
    return await alone.settle()(shop or alone.shop, order.id)
