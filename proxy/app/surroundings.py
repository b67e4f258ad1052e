"""Time, ids and a database that is at this release's schema."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import sqlalchemy as sa

from proxy.domain.errors import ProxyError
from proxy.identifiers import RandomIds, SystemClock
from proxy.ports import Clock, Ids
from proxy.stores.database import Database
from proxy.stores.schema import HEAD

P = TypeVar("P")


class SchemaMismatchError(Exception):
    """The database is not at the revision that this release was written for."""


class Around(Protocol):
    """Stands around the ledger's database and both upstreams."""

    def __call__(self, port: P, /) -> P:
        """Give what is used in this port's place."""
        ...


def nothing_around(port: P) -> P:
    """Use every port as it is."""
    return port


@dataclass(frozen=True, slots=True)
class World:
    """What tests replace: time, ids, PostgreSQL's clock and what is around ports; production takes the defaults."""

    clock: Clock
    ids: Ids
    shift_ms: Callable[[], int]
    around: Around = nothing_around


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
