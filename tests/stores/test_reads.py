"""What every order asks of the ledger is answered by an index, however long the ledger is."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.stores.ledger import CUSTOMER, SHOP, open_ledger, order_of
from tests.world.databases import Databases

pytestmark = pytest.mark.anyio


async def test_what_an_order_may_have_used_is_found_without_reading_all_of_its_shop(
    databases: Databases, tmp_path: Path
) -> None:
    asked: list[tuple[str, Any]] = []

    def keep(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if "FROM redemptions" in statement:
            asked.append((statement, parameters))

    async with open_ledger(databases.sqlite(tmp_path / "proxy.db")) as ledger:
        sa.event.listen(sa.Engine, "before_cursor_execute", keep)
        try:
            assert await ledger.redemptions.without_discount(SHOP, CUSTOMER, order_of("1")) == ()
        finally:
            sa.event.remove(sa.Engine, "before_cursor_execute", keep)
        plans = [
            await ledger.database.read(
                lambda unit, of=query: [  # type: ignore[misc]
                    row[3] for row in unit.conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {of[0]}", of[1])
                ]
            )
            for query in asked
        ]
    steps = [step for plan in plans for step in plan if " redemptions" in step]
    assert steps
    assert [step for step in steps if "(shop=?)" in step or step.startswith("SCAN")] == []
