"""The work that the ledger still has to do, read past the product."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from proxy.stores import schema as t
from proxy.stores.database import sqlalchemy_url

# A sweep of tomorrow is nothing to wait for.
_SOON_MS = 3_600_000


@dataclass(slots=True)
class Work:
    """The tasks of one database, asked for anew each time."""

    url: str
    engine: sa.Engine = field(init=False)

    def __post_init__(self) -> None:
        # A file is opened anew each time, so that a process which died is the last that had it open.
        pool = {"poolclass": sa.pool.NullPool} if self.url.startswith("sqlite") else {"pool_size": 1}
        self.engine = sa.create_engine(sqlalchemy_url(self.url), **pool)

    def left(self) -> Sequence[Any]:
        """List what is left to do, without what comes again and again."""
        return [task for task in self._tasks() if task.kind != "sweep"]

    def idle_ms(self, now_ms: int) -> int:
        """Tell for how long nothing will happen by itself; 0 where something is in hand or due."""
        waiting = [task for task in self._tasks() if not task.parked and task.due_ms < now_ms + _SOON_MS]
        if not waiting or any(task.lease_until_ms > now_ms for task in waiting):
            return 0
        return max(0, min(task.due_ms for task in waiting) - now_ms)

    def close(self) -> None:
        self.engine.dispose()

    def _tasks(self) -> Sequence[Any]:
        with self.engine.connect() as conn:
            return conn.execute(sa.select(t.tasks)).all()
