"""The days of logins and devices at tills: what they have redeemed, and the turn that whoever adds to it takes."""

from collections.abc import Collection, Iterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from proxy.domain.ids import OrderId, RedemptionId, ShopDomain, StaffId
from proxy.domain.money import Money
from proxy.domain.staff import DAY, Bounded, Day, TillBounds
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.till_schema import till_sales, till_turns

_DAY_MS: Final = int(DAY.total_seconds() * 1000)
_KEPT_MS: Final = 2 * _DAY_MS


class Tills:
    """Reads of a till's day, and who rang a sale up."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def days(
        self, shop: ShopDomain, bounds: TillBounds, currency: str, replaced: Collection[RedemptionId]
    ) -> tuple[Day, ...]:
        """Give what is left of each limit that binds the till; what the wish would replace makes room."""
        return await self._database.read(lambda unit: tuple(days(unit, shop, bounds, currency, replaced)))

    async def rang_up(self, shop: ShopDomain, order: OrderId) -> StaffId | None:
        """Give the login that rang an order up, where a webhook told it."""
        c = till_sales.c
        query = sa.select(c.login).where(c.shop == shop, c.order_id == order)
        login = await self._database.read(lambda unit: unit.conn.scalar(query))
        return StaffId(login) if login is not None else None

    async def forget(self) -> None:
        """Drop the turns of those who have not redeemed for two days."""
        await self._database.write(
            lambda unit: unit.run(till_turns.delete().where(till_turns.c.taken_ms < unit.now_ms - _KEPT_MS)).rowcount
        )


def take_turns(unit: Unit, shop: str, bounds: TillBounds) -> None:
    """Wait until nobody else adds to these days: what is summed after this stays the sum until the unit ends."""
    insert = postgresql.insert if unit.conn.dialect.name == "postgresql" else sqlite.insert
    for kind, name, _ in _bounded(bounds):
        turn = insert(till_turns).values(shop=shop, kind=kind, name=name, taken_ms=unit.now_ms)
        unit.run(turn.on_conflict_do_update(index_elements=till_turns.primary_key, set_={"taken_ms": unit.now_ms}))


def days(unit: Unit, shop: str, bounds: TillBounds, currency: str, replaced: Collection[RedemptionId]) -> Iterator[Day]:
    """Give what is left of each limit that binds the till."""
    r = t.redemptions.c
    column = {Bounded.DEVICE: r.device, Bounded.LOGIN: r.login}
    # Open and spent alike, less what came back: a release or a return makes room again.
    stands = sa.func.coalesce(sa.func.sum(r.held_minor + r.captured_minor - r.returned_minor), 0)
    for whose, name, limit in _bounded(bounds):
        query = sa.select(stands).where(r.shop == shop, column[whose] == name, r.created_ms > unit.now_ms - _DAY_MS)
        used = int(unit.conn.scalar(query.where(r.id.not_in(replaced), r.currency == currency)) or 0)
        yield Day(whose, limit, Money(max(0, limit.minor - used), currency))


def rang_up(unit: Unit, shop: str, order: str, login: str) -> None:
    """Keep who rang an order up; what was told first stays."""
    unit.insert_new(till_sales, {"shop": shop, "order_id": order, "login": login, "told_ms": unit.now_ms})


def forget_sales(unit: Unit, keep_ms: int) -> None:
    """Drop what was told longer ago."""
    unit.run(till_sales.delete().where(till_sales.c.told_ms < unit.now_ms - keep_ms))


def _bounded(bounds: TillBounds) -> Iterator[tuple[Bounded, str, Money]]:
    # Always in this order, so that two who wait for each other's turns do not.
    if bounds.device is not None and bounds.device_daily is not None:
        yield Bounded.DEVICE, bounds.device, bounds.device_daily
    if bounds.login_daily is not None:
        yield Bounded.LOGIN, bounds.login, bounds.login_daily
