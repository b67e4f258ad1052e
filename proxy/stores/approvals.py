"""Approvals by a second login: asked for, granted by somebody else, and used once by the unit that holds."""

from typing import Any

import sqlalchemy as sa

from proxy.domain.hold import HoldWish, Unapproved
from proxy.domain.ids import CustomerId, RedemptionId, ShopDomain, StaffId
from proxy.domain.money import Money
from proxy.domain.redemption import State
from proxy.domain.staff import Approval, ApprovalId, ApprovalState, ApprovalWish, TillBounds
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.till_schema import approvals

_KEPT_MS = 24 * 3600 * 1000  # after its end, so that a till can be told what became of it


class Approvals:
    """The approvals of all shops."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, new: ApprovalId, wish: ApprovalWish, lifetime_ms: int) -> Approval:
        """Give the approval that is open for this very wish, or keep a new one under the id."""
        return await self._database.write(lambda unit: _ask(unit, new, wish, lifetime_ms))

    async def get(self, shop: ShopDomain, approval: ApprovalId) -> Approval | None:
        """Read one of this shop."""
        return await self._database.read(lambda unit: _get(unit, shop, approval))

    async def grant(self, shop: ShopDomain, approval: ApprovalId, by: StaffId) -> bool:
        """Have another login than the one that asked agree; false if there is nothing open that it may grant."""
        c = approvals.c
        return await self._database.write(
            lambda unit: (
                unit.run(
                    approvals.update()
                    .where(c.id == approval, c.shop == shop, c.login != by, c.expires_ms > unit.now_ms)
                    .where(c.granted_by.is_(None), c.used_by.is_(None))
                    .values(granted_by=by)
                ).rowcount
                == 1
            )
        )

    async def forget(self) -> None:
        """Drop those that ended a day ago: what they allowed stands in the journal."""
        await self._database.write(
            lambda unit: unit.run(approvals.delete().where(approvals.c.expires_ms < unit.now_ms - _KEPT_MS)).rowcount
        )


def use(unit: Unit, wish: HoldWish, till: TillBounds) -> str | Unapproved:
    """Use the approval for this hold and give who granted it; the row count decides between two who try."""
    c = approvals.c
    mine = sa.and_(
        c.id == till.approval,
        c.shop == wish.shop,
        c.customer_id == wish.customer,
        c.currency == wish.amount.currency,
        c.amount_minor == wish.amount.minor,
        c.login == till.login,
    )
    granted = unit.run(
        approvals.update()
        .where(mine, c.granted_by.is_not(None), c.expires_ms > unit.now_ms, _unspent())
        .values(used_by=wish.id)
        .returning(c.granted_by)
    ).one_or_none()
    if granted is not None:
        return str(granted.granted_by)
    waits = sa.select(c.id).where(mine, c.granted_by.is_(None), c.expires_ms > unit.now_ms)
    return Unapproved(pending=unit.conn.scalar(waits) is not None)


def _unspent() -> sa.ColumnElement[bool]:
    """Form what is true until a hold has used it that came to a discount: one that Shopify refused used nothing."""
    r, c = t.redemptions.c, approvals.c
    in_vain = sa.exists().where(r.id == c.used_by, r.state == State.RELEASED, r.discount_id.is_(None))
    return sa.or_(c.used_by.is_(None), in_vain)


def _ask(unit: Unit, new: ApprovalId, wish: ApprovalWish, lifetime_ms: int) -> Approval:
    c = approvals.c
    same = (
        *(c.shop == wish.shop, c.customer_id == wish.customer, c.login == wish.login),
        *(c.currency == wish.amount.currency, c.amount_minor == wish.amount.minor),
    )
    # Two at once may each make one; each is good for one redemption, and needs its own grant.
    row = unit.run(
        approvals.select().where(*same, c.used_by.is_(None), c.expires_ms > unit.now_ms).order_by(c.created_ms).limit(1)
    ).one_or_none()
    if row is not None:
        return _approval(unit, row)
    unit.run(
        approvals.insert().values(
            id=new,
            shop=wish.shop,
            customer_id=wish.customer,
            currency=wish.amount.currency,
            amount_minor=wish.amount.minor,
            login=wish.login,
            created_ms=unit.now_ms,
            expires_ms=unit.now_ms + lifetime_ms,
        )
    )
    made = _get(unit, wish.shop, new)
    assert made is not None
    return made


def _get(unit: Unit, shop: str, approval: str) -> Approval | None:
    row = unit.run(approvals.select().where(approvals.c.id == approval, approvals.c.shop == shop)).one_or_none()
    return _approval(unit, row) if row is not None else None


def _approval(unit: Unit, row: Any) -> Approval:
    state = ApprovalState.GRANTED if row.granted_by is not None else ApprovalState.PENDING
    if row.used_by is not None:
        state = ApprovalState.USED
    elif row.expires_ms <= unit.now_ms:
        state = ApprovalState.EXPIRED
    return Approval(
        id=ApprovalId(row.id),
        wish=ApprovalWish(
            ShopDomain(row.shop),
            CustomerId(row.customer_id),
            Money(row.amount_minor, row.currency),
            StaffId(row.login),
        ),
        state=state,
        granted_by=StaffId(row.granted_by) if row.granted_by is not None else None,
        used_by=RedemptionId(row.used_by) if row.used_by is not None else None,
        expires_ms=row.expires_ms,
    )
