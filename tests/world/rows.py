"""The ledger's rows as they stand, read past the product."""

import re
from typing import Any

import sqlalchemy as sa

from proxy.stores import schema as t
from proxy.stores.database import sqlalchemy_url
from tests.world.world import World


class LedgerRows:
    """The rows as they stand, read past the product."""

    def __init__(self, url: str) -> None:
        engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.pool.NullPool)
        with engine.connect() as conn:
            read = {name: list(conn.execute(sa.select(table))) for name, table in t.metadata.tables.items()}
        self.redemptions: dict[str, Any] = {row.id: row for row in read["redemptions"]}
        self.captures = read["captures"]
        self.lines = read["capture_lines"]
        self.give_backs = read["give_backs"]
        self.records = read["records"]
        self.allowances = read["allowances"]
        self.tasks = read["tasks"]
        self.privacy_requests = read["privacy_requests"]
        self.closed_shops = read["closed_shops"]


def places(url: str, *texts: str) -> list[str]:
    """Say in which columns of which tables any of these stands, as a value or as a part of one; every table is read."""
    wanted = re.compile("|".join(rf"(?<![0-9A-Za-z#]){re.escape(text)}(?![0-9A-Za-z])" for text in texts))
    return sorted({place for place, value in _cells(url) if wanted.search(str(value))})


def every_value(url: str) -> list[object]:
    """Give whatever stands in any column of any table."""
    return [value for _, value in _cells(url)]


def _cells(url: str) -> list[tuple[str, object]]:
    engine = sa.create_engine(sqlalchemy_url(url), poolclass=sa.pool.NullPool)
    with engine.connect() as conn:
        # The names are the database's own: a table that the code does not know is read as well.
        tables = [sa.Table(name, sa.MetaData(), autoload_with=conn) for name in sa.inspect(conn).get_table_names()]
        rows = [(table.name, row._mapping) for table in tables for row in conn.execute(sa.select(table))]
    return [(f"{table}.{column}", value) for table, row in rows for column, value in row.items()]


async def nothing_to_settle(world: World) -> None:
    """Wait until Shopify has told all that it has to tell, and every order of it is settled."""
    await world.shopify.deliveries.idle(10)

    async def settled() -> bool:
        return not [task for task in LedgerRows(world.settings.database_url).tasks if task.kind == "order"]

    await world.eventually(settled)
