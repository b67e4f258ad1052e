"""Whom a new hold meets: the open redemption that it replaces, and ended ones whose holds pass over to it."""

from typing import Protocol

import sqlalchemy as sa

from proxy.domain.benefit import BenefitUse
from proxy.domain.ids import ProfileId, ShopDomain, TenantName
from proxy.domain.redemption import OPEN, Place, Redemption, State
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Unit


class Asking(Protocol):
    """Where a hold is wanted, as a wish for it and a question about it both say."""

    @property
    def shop(self) -> ShopDomain: ...
    @property
    def tenant(self) -> TenantName: ...
    @property
    def profile(self) -> ProfileId: ...
    @property
    def place(self) -> Place: ...
    @property
    def take_over(self) -> bool: ...
    @property
    def early(self) -> bool: ...
    @property
    def benefit(self) -> BenefitUse | None: ...


def benefit_of(asking: Asking) -> int:
    """Give the benefit as a key has it: 0 is the balance."""
    return asking.benefit.id if asking.benefit is not None else 0


def occupant_of(unit: Unit, asking: Asking) -> Redemption | None:
    """Find what is open of the same balance, or of the same benefit; there is one at most."""
    c = t.redemptions.c
    row = unit.run(
        t.redemptions.select().where(_same(asking), c.state.in_(list(OPEN)), c.parent_id.is_(None))
    ).one_or_none()
    return rows.redemption(row) if row else None


def passes_over(asking: Asking, occupant: Redemption) -> bool:
    """Tell whether a hold here may replace what is open: the same cart of the shop, or taken over by wish."""
    return occupant.shop == asking.shop and (asking.take_over or occupant.place.same_cart(asking.place))


def hold_passes_over(asking: Asking, occupant: Redemption) -> bool:
    """Tell whether what it holds does too: what is spent in Omneo at once is not there to be passed on."""
    return passes_over(asking, occupant) and not (occupant.early or asking.early)


def inheritable(unit: Unit, asking: Asking, *, lock: bool) -> list[sa.Row[tuple[str, int]]]:
    """List deactivated predecessors: their codes no longer work, but an order may have come just before."""
    # What is spent at once is not liable together with an order that may have come just before.
    if asking.early or (asking.place.cart is None and not asking.take_over):
        return []
    c = t.redemptions.c
    query = (
        sa.select(c.id, c.held_minor)
        .where(_same(asking), c.state == State.RELEASING)
        # Another shop's order may have come just before, and two shops cannot share what was held for one of them.
        .where(c.shop == asking.shop)
        # What may be spent in Omneo already, captured early, is not there to be passed on.
        .where(c.deactivated_ms.is_not(None), c.use_seen.is_(False), c.held_minor > 0, c.early.is_(False))
        .order_by(c.created_ms.desc())
    )
    if lock:
        query = query.with_for_update()
    if not asking.take_over:
        query = query.where(c.surface == asking.place.surface, c.cart == asking.place.cart)
    return list(unit.run(query).all())


def _same(asking: Asking) -> sa.ColumnElement[bool]:
    c = t.redemptions.c
    return sa.and_(c.tenant == asking.tenant, c.profile_id == asking.profile, c.benefit_id == benefit_of(asking))
