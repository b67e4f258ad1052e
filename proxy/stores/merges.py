"""Two customers of Shopify become one: what the one who is gone redeemed belongs to the other."""

import sqlalchemy as sa

from proxy.domain.ids import Merge, ShopDomain
from proxy.domain.redemption import State
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Unit


def hand_over(unit: Unit, shop: ShopDomain, merge: Merge) -> None:
    """Move redemptions of every state: orders move too, and are refunded long after they were captured."""
    c = t.redemptions.c
    theirs = (
        sa.select(c.id, c.state).where(c.shop == shop, c.customer_id == merge.gone).order_by(c.id).with_for_update()
    )
    for row in unit.run(theirs).all():
        unit.run(t.redemptions.update().where(c.id == row.id).values(customer_id=merge.kept))
        # Without facts: the entries before and after this one say who it was and who it is.
        rows.note(unit, row.id, State(row.state), "customer_merged")
