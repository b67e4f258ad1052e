"""What the ledger knows of orders that were seen, and which of them it has still to settle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from proxy.domain.ids import OrderId, RedemptionId, fold
from proxy.domain.order import OrderSighting
from proxy.domain.shop import Shop, TransactionMode

_UNDONE = frozenset({"REFUNDED", "PARTIALLY_REFUNDED", "VOIDED"})
# Shopify's clock and the ledger's may differ; where value may be owed, looking once more is the cheaper mistake.
_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a shop's orders were seen; `began` is when the first sweep was."""

    began: datetime
    seen_until: datetime


@dataclass(frozen=True, slots=True)
class Known:
    """The ledger's side of some orders.

    `ours` is our redemption of each code, folded; `decided` is when a capture of a redemption by an order was last
    moved, for captures that need no more work of ours; `recorded` are the orders that stand in Omneo.
    """

    ours: Mapping[str, RedemptionId]
    decided: Mapping[tuple[RedemptionId, OrderId], datetime]
    recorded: frozenset[OrderId]

    def redemptions(self, seen: OrderSighting) -> tuple[RedemptionId, ...]:
        """Give the redemptions whose codes the order carries."""
        return tuple(self.ours[fold(code)] for code in seen.codes if fold(code) in self.ours)

    def uncaptured(self, seen: OrderSighting) -> tuple[RedemptionId, ...]:
        """Give those of them that the order has not captured; a cancelled order captures nothing."""
        if seen.cancelled:
            return ()
        return tuple(r for r in self.redemptions(seen) if (r, seen.id) not in self.decided)

    def changed(self, seen: OrderSighting) -> bool:
        """Tell whether the order changed after what it captured was last looked at: it may owe value back.

        Whatever it captured counts: a benefit that has no code of its own is on no order by one.
        """
        undone = seen.cancelled or seen.financial_status in _UNDONE
        changed_at = seen.updated_at + (_SKEW if undone else timedelta(0))
        return any(at < changed_at for (_, order), at in self.decided.items() if order == seen.id)

    def unrecorded(self, seen: OrderSighting, shop: Shop, began: datetime) -> bool:
        """Tell whether the order is a sale that we are to write and did not; older ones are not ours."""
        ours_to_write = shop.transaction_mode is TransactionMode.OWN and seen.created_at >= began
        return ours_to_write and seen.paid and not seen.cancelled and seen.id not in self.recorded


def counts(seen: OrderSighting, shop: Shop) -> bool:
    """Tell whether the order concerns the ledger at all."""
    return shop.test_shop or not seen.test
