"""The ledger's rows as they stand, read past the product."""

from typing import Any

import sqlalchemy as sa

from proxy.stores import schema as t
from proxy.stores.database import sqlalchemy_url


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
