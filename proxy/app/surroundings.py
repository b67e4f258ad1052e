"""Time, ids and a database that is at this release's schema."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from proxy.domain.errors import ProxyError
from proxy.identifiers import RandomIds, SystemClock
from proxy.ports import Clock, Ids
from proxy.stores.database import Database
from proxy.stores.schema import HEAD


class SchemaMismatchError(Exception):
    """The database is not at the revision that this release was written for."""


@dataclass(frozen=True, slots=True)
class World:
    """What tests replace: time, ids and PostgreSQL's clock; production takes the defaults."""

    clock: Clock
    ids: Ids
    shift_ms: Callable[[], int]


def real_world() -> World:
    """Give the machine's clock and random ids."""
    return World(SystemClock(), RandomIds(), lambda: 0)


async def check_schema(database: Database) -> None:
    try:
        found = await database.read(lambda unit: unit.conn.scalar(sa.text("SELECT version_num FROM alembic_version")))
    except (sa.exc.SQLAlchemyError, ProxyError):
        found = None
    if found != HEAD:
        raise SchemaMismatchError(
            f"the database is at {found or 'no schema'}, this release needs {HEAD}: proxy migrate"
        )


def now_ms(clock: Clock) -> Callable[[], int]:
    return lambda: int(clock.now().timestamp() * 1000)
